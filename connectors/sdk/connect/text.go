package connect

import (
	"math"
	"strconv"
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
		return AppendFloat(dst, v.Float(), 32)
	case KindFloat64:
		return AppendFloat(dst, v.Float(), 64)
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
		return AppendDecimalString(dst, v)
	case KindTime:
		return v.Time().AppendFormat(dst, "Mon Jan 02 15:04:05 UTC 2006")
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

// AppendFloat appends f as Float.toString (bits 32) or Double.toString (bits 64) of Java 19 and later does: the shortest digits
// that read back, at least one after the point, and exponents from 10^7 upwards and below 10^-3. Java 17 prints some floats
// with a digit more.
func AppendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case f != f: //nolint:staticcheck // NaN test
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	start := len(dst)
	if abs := math.Abs(f); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		for _, c := range dst[start:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	return appendExponent(dst, f, bits)
}

// appendExponent appends d.dddE±n. Java wants two digits at least and, where one would do, takes the two that are nearest:
// 4.9E-324, although 5E-324 reads back as well.
func appendExponent(dst []byte, f float64, bits int) []byte {
	var buf [32]byte
	e := strconv.AppendFloat(buf[:0], f, 'e', -1, bits)
	if e[1] == 'e' || e[0] == '-' && e[2] == 'e' {
		e = strconv.AppendFloat(buf[:0], f, 'e', 1, bits)
	}
	for i, c := range e {
		if c != 'e' {
			continue
		}
		dst = append(append(dst, e[:i]...), 'E')
		exp := e[i+1:]
		if exp[0] == '-' {
			dst = append(dst, '-')
		}
		exp = exp[1:]
		for len(exp) > 1 && exp[0] == '0' {
			exp = exp[1:]
		}
		return append(dst, exp...)
	}
	return dst
}

// AppendDecimalString appends the decimal v as java.math.BigDecimal.toString does: plain when the scale is not negative and
// the number not below 10^-6, else d.dddE±n.
func AppendDecimalString(dst []byte, v Value) []byte {
	var buf [24]byte
	digits := buf[:0]
	if n, ok := v.Unscaled64(); ok {
		digits = strconv.AppendInt(digits, n, 10)
	} else {
		digits = v.Unscaled().Append(digits, 10)
	}
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	scale := int64(v.aux)
	exponent := int64(len(digits)-1) - scale
	if scale >= 0 && exponent >= -6 {
		return appendPlain(dst, digits, int(scale))
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(append(dst, '.'), digits[1:]...)
	}
	if exponent == 0 {
		return dst
	}
	dst = append(dst, 'E')
	if exponent > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, exponent, 10)
}

// AppendDecimalPlain appends the decimal v as java.math.BigDecimal.toPlainString does: without exponent.
func AppendDecimalPlain(dst []byte, v Value) []byte {
	digits := v.Unscaled().Append(nil, 10)
	if v.aux >= 0 {
		if digits[0] == '-' {
			dst, digits = append(dst, '-'), digits[1:]
		}
		return appendPlain(dst, digits, int(v.aux))
	}
	dst = append(dst, digits...)
	if len(digits) == 1 && digits[0] == '0' {
		return dst
	}
	for range -int64(v.aux) {
		dst = append(dst, '0')
	}
	return dst
}

func appendPlain(dst, digits []byte, scale int) []byte {
	if scale == 0 {
		return append(dst, digits...)
	}
	if whole := len(digits) - scale; whole > 0 {
		return append(append(append(dst, digits[:whole]...), '.'), digits[whole:]...)
	}
	dst = append(dst, "0."...)
	for range scale - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
