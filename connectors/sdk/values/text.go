package values

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

const millisPerDay = 24 * 60 * 60 * 1000

// AppendText appends v as text that ParseString reads (kafka-connect: Values.convertToString): a string as it is, bytes in
// base64, an array as [1,2], a map as {"a":1}, a struct as a map of its fields with defaults, all without blanks. Strings
// and bytes inside of these are quoted. Instants are written in UTC and by their value, not their schema: before the
// second day of 1970 as a time of day, at midnight as a date, otherwise as a timestamp. It does not allocate beyond
// growing dst, except for decimals beyond 64 bits.
func AppendText(dst []byte, v connect.Value) []byte { return appendText(dst, v, false) }

func appendText(dst []byte, v connect.Value, embedded bool) []byte {
	switch v.Kind() {
	case connect.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return strconv.AppendInt(dst, v.Int(), 10)
	case connect.KindFloat32:
		return javatext.AppendFloat(dst, v.Float32())
	case connect.KindFloat64:
		return javatext.AppendDouble(dst, v.Float())
	case connect.KindDecimal:
		return appendDecimal(dst, v)
	case connect.KindString:
		if embedded {
			return appendQuoted(dst, v.Str())
		}
		return append(dst, v.Str()...)
	case connect.KindBytes:
		if embedded {
			return append(base64.StdEncoding.AppendEncode(append(dst, '"'), v.Bytes()), '"')
		}
		return base64.StdEncoding.AppendEncode(dst, v.Bytes())
	case connect.KindArray:
		return appendArray(dst, v.Array())
	case connect.KindMap:
		return appendMap(dst, v.Map())
	case connect.KindStruct:
		return appendStruct(dst, v.Struct())
	case connect.KindTime:
		return appendInstant(dst, v.Millis())
	}
	return append(dst, "null"...)
}

func appendDecimal(dst []byte, v connect.Value) []byte {
	if n, ok := v.Unscaled64(); ok {
		return javatext.AppendDecimal64(dst, n, v.Scale())
	}
	return javatext.AppendDecimal(dst, v.Unscaled(), v.Scale())
}

func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		i := strings.IndexAny(s, `\"`)
		if i < 0 {
			return append(append(dst, s...), '"')
		}
		dst = append(append(dst, s[:i]...), '\\', s[i])
		s = s[i+1:]
	}
}

func appendArray(dst []byte, elems []connect.Value) []byte {
	dst = append(dst, '[')
	for i := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, elems[i], true)
	}
	return append(dst, ']')
}

func appendMap(dst []byte, m connect.Map) []byte {
	dst = append(dst, '{')
	for i := range m.Len() {
		if i > 0 {
			dst = append(dst, ',')
		}
		k, v := m.Entry(i)
		dst = appendText(append(appendText(dst, k, true), ':'), v, true)
	}
	return append(dst, '}')
}

func appendStruct(dst []byte, s connect.Struct) []byte {
	dst = append(dst, '{')
	for i, f := range s.Schema().Fields() {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(append(appendQuoted(dst, f.Name), ':'), s.FieldOrDefault(i), true)
	}
	return append(dst, '}')
}

func appendInstant(dst []byte, millis int64) []byte {
	switch {
	case millis < millisPerDay:
		return javatext.AppendISOTime(dst, millis)
	case millis%millisPerDay == 0:
		return javatext.AppendISODate(dst, millis)
	}
	return javatext.AppendISOTimestamp(dst, millis)
}
