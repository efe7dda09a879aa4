package connect

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// String returns the text that Java's String.valueOf gives for the object behind v: see AppendString.
func (v Value) String() string { return string(v.AppendString(nil)) }

// AppendString appends the text that Java's String.valueOf gives for the object behind v: `null`, `1.0E10`, `[1, 2]`,
// `{a=1}`, `Struct{a=1}`, `Thu Jan 01 00:00:00 UTC 1970`. Bytes have no text of their own in Java, only an identity such
// as `[B@1b6d3586`; here they read `[B@` and their length in hexadecimal. Maps keep their order.
func (v Value) AppendString(dst []byte) []byte {
	switch v.kind {
	case KindNull:
		return append(dst, "null"...)
	case KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case KindInt8, KindInt16, KindInt32, KindInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case KindFloat32:
		return javatext.AppendFloat(dst, v.Float32())
	case KindFloat64:
		return javatext.AppendDouble(dst, v.Float())
	case KindString:
		return append(dst, v.Str()...)
	case KindBytes:
		return strconv.AppendUint(append(dst, "[B@"...), v.num, 16)
	case KindArray:
		return appendArray(dst, v.Array())
	case KindMap:
		return appendMap(dst, v.Map())
	case KindStruct:
		return v.Struct().AppendString(dst)
	case KindDecimal:
		return appendDecimal(dst, v)
	case KindTime:
		return javatext.AppendDate(dst, v.Millis())
	}
	return dst
}

func appendArray(dst []byte, elems []Value) []byte {
	dst = append(dst, '[')
	for i := range elems {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = elems[i].AppendString(dst)
	}
	return append(dst, ']')
}

func appendMap(dst []byte, m Map) []byte {
	dst = append(dst, '{')
	for i := range m.Len() {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		k, v := m.Entry(i)
		dst = v.AppendString(append(k.AppendString(dst), '='))
	}
	return append(dst, '}')
}

// String returns `Struct{a=1,b=x}`: the fields that are not null, without defaults.
func (s Struct) String() string { return string(s.AppendString(nil)) }

// AppendString appends what String returns.
func (s Struct) AppendString(dst []byte) []byte {
	dst = append(dst, "Struct{"...)
	first := true
	for i, f := range s.Schema().fields {
		v := s.window[i+1]
		if v.kind == KindNull {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = v.AppendString(append(append(dst, f.Name...), '='))
	}
	return append(dst, '}')
}

// String returns `Schema{name:TYPE}`, `Schema{TYPE}` when there is no name, and `null` for no schema.
func (s *Schema) String() string {
	switch {
	case s == nil:
		return "null"
	case s.hasName:
		return "Schema{" + s.name + ":" + s.typ.String() + "}"
	}
	return "Schema{" + s.typ.String() + "}"
}

func (s *Schema) parametersText() string {
	if !s.hasParams {
		return "null"
	}
	text := "{"
	for i, p := range s.params {
		if i > 0 {
			text += ", "
		}
		text += p.Key + "=" + p.Value
	}
	return text + "}"
}

func appendDecimal(dst []byte, v Value) []byte {
	if n, ok := v.Unscaled64(); ok {
		return javatext.AppendDecimal64(dst, n, v.aux)
	}
	return javatext.AppendDecimal(dst, v.Unscaled(), v.aux)
}
