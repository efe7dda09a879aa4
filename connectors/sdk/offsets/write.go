package offsets

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// AppendKey appends the key of the record that holds the offset of p; a nil p is the null partition. The entries keep their
// order. It fails as Validate does.
func AppendKey(dst []byte, connector string, p *connect.SourcePartition) ([]byte, error) {
	partition := connect.Null()
	if p != nil {
		partition = p.Value()
	}
	if err := Validate(partition); err != nil {
		return nil, err
	}
	dst = AppendString(append(dst, '['), connector)
	dst = appendMap(append(dst, ','), partition)
	return append(dst, ']'), nil
}

// AppendValue appends the value of an offset's record. A null offset gives nil: the tombstone that resets it. It fails as
// Validate does.
func AppendValue(dst []byte, offset connect.Value) ([]byte, error) {
	if err := Validate(offset); err != nil {
		return nil, err
	}
	if offset.IsNull() {
		return nil, nil
	}
	if dst == nil {
		dst = make([]byte, 0, 64)
	}
	return appendMap(dst, offset), nil
}

// Validate reports whether v may be a source partition or a source offset: a map from strings to numbers, booleans, strings,
// bytes or nulls, or null itself. The error is of class DataException with Kafka Connect's text (OffsetUtils).
func Validate(v connect.Value) error {
	if v.IsNull() {
		return nil
	}
	if v.Kind() != connect.KindMap {
		return connect.DataError("Offsets must be specified as a Map")
	}
	m := v.Map()
	for i := range m.Len() {
		key, value := m.Entry(i)
		if key.Kind() != connect.KindString {
			return connect.DataError("Offsets may only use String keys")
		}
		if what := unfit(value.Kind()); what != "" {
			return connect.DataErrorf("Offsets may only contain primitive types as values, but field %s contains %s", key.Str(), what)
		}
	}
	return nil
}

// unfit names what is no primitive, as Java does; it is empty for what is one.
func unfit(k connect.Kind) string {
	switch k {
	case connect.KindArray:
		return "ARRAY"
	case connect.KindMap:
		return "MAP"
	case connect.KindStruct:
		return "STRUCT"
	case connect.KindDecimal:
		return "class java.math.BigDecimal"
	case connect.KindTime:
		return "class java.util.Date"
	}
	return ""
}

// appendMap appends a validated map or null.
func appendMap(dst []byte, v connect.Value) []byte {
	if v.IsNull() {
		return append(dst, "null"...)
	}
	m := v.Map()
	dst = append(dst, '{')
	for i := range m.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		key, value := m.Entry(i)
		dst = append(AppendString(dst, key.Str()), ':')
		dst = appendPrimitive(dst, value)
	}
	return append(dst, '}')
}

func appendPrimitive(dst []byte, v connect.Value) []byte {
	switch v.Kind() {
	case connect.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case connect.KindFloat32:
		return appendFloat(dst, v.Float(), func(dst []byte) []byte { return javatext.AppendFloat(dst, v.Float32()) })
	case connect.KindFloat64:
		return appendFloat(dst, v.Float(), func(dst []byte) []byte { return javatext.AppendDouble(dst, v.Float()) })
	case connect.KindString:
		return AppendString(dst, v.Str())
	case connect.KindBytes:
		dst = base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes())
		return append(dst, '"')
	}
	return append(dst, "null"...)
}

// appendFloat puts quotes around what JSON has no number for, as Jackson does.
func appendFloat(dst []byte, f float64, text func([]byte) []byte) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(text(append(dst, '"')), '"')
	}
	return text(dst)
}
