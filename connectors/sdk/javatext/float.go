package javatext

import (
	"math"
	"strconv"
)

// AppendDouble appends Double.toString(f): plain notation with at least one digit after the point for magnitudes from
// 10^-3 up to but not including 10^7, otherwise scientific notation such as 1.0E10; NaN, Infinity, -Infinity and -0.0
// by name.
func AppendDouble(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	if abs >= 1e-3 && abs < 1e7 {
		// Decimals of up to 15 digits all read as different doubles. If abs rounds to six places and that decimal reads
		// as abs, it is therefore the shortest one, give or take trailing zeros. Both operands of the division are
		// exact, so it rounds as a parser would.
		if n := uint64(abs*1e6 + 0.5); float64(n)/1e6 == abs {
			return appendFixed(appendSign(dst, f < 0), n, 1e5)
		}
	}
	return appendFloat(dst, f, 64)
}

// AppendFloat appends Float.toString(f); see AppendDouble.
func AppendFloat(dst []byte, f float32) []byte {
	abs := f
	if f < 0 {
		abs = -f
	}
	if abs >= 1e-3 && abs < 100 {
		// As in AppendDouble: floats tell all decimals of six digits apart, so n must stay below 10^6.
		if n := uint32(abs*1e4 + 0.5); n < 1e6 && float32(n)/1e4 == abs {
			return appendFixed(appendSign(dst, f < 0), uint64(n), 1e3)
		}
	}
	return appendFloat(dst, float64(f), 32)
}

func appendSign(dst []byte, negative bool) []byte {
	if negative {
		return append(dst, '-')
	}
	return dst
}

// appendFixed appends n / (10·tenth) without trailing zeros but with at least one digit after the point.
func appendFixed(dst []byte, n, tenth uint64) []byte {
	whole, part := n/(10*tenth), n%(10*tenth)
	dst = strconv.AppendUint(dst, whole, 10)
	dst = append(dst, '.', byte('0'+part/tenth))
	for part %= tenth; part != 0; part %= tenth {
		tenth /= 10
		dst = append(dst, byte('0'+part/tenth))
	}
	return dst
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 0):
		return append(appendSign(dst, f < 0), "Infinity"...)
	}
	dst = appendSign(dst, math.Signbit(f))
	if f == 0 {
		return append(dst, "0.0"...)
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], math.Abs(f), 'e', -1, bits)
	if text[1] == 'e' { // Java wants two digits, and then the closest two: 4.9E-324, not 5.0E-324
		text = strconv.AppendFloat(buf[:0], math.Abs(f), 'e', 1, bits)
	}
	return appendJavaNotation(dst, text)
}

// appendJavaNotation turns d.ddde±xx into Java's notation.
func appendJavaNotation(dst, text []byte) []byte {
	digits, exp := splitScientific(text)
	switch {
	case exp < -3 || exp >= 7:
		dst = append(dst, digits[0], '.')
		dst = append(dst, digits[1:]...)
		dst = append(dst, 'E')
		return strconv.AppendInt(dst, int64(exp), 10)
	case exp < 0:
		dst = append(dst, '0', '.')
		for i := exp; i < -1; i++ {
			dst = append(dst, '0')
		}
		if len(digits) == 2 && digits[1] == '0' {
			digits = digits[:1]
		}
		return append(dst, digits...)
	}
	for i := 0; i <= exp; i++ {
		dst = append(dst, digitAt(digits, i))
	}
	dst = append(dst, '.')
	if len(digits) <= exp+1 {
		return append(dst, '0')
	}
	return append(dst, digits[exp+1:]...)
}

func digitAt(digits []byte, i int) byte {
	if i < len(digits) {
		return digits[i]
	}
	return '0'
}

// splitScientific takes d.ddde±xx apart in place, into the digits without the point and the exponent.
func splitScientific(text []byte) (digits []byte, exp int) {
	e := len(text) - 1
	for text[e] != 'e' {
		e--
	}
	for _, c := range text[e+2:] {
		exp = exp*10 + int(c-'0')
	}
	if text[e+1] == '-' {
		exp = -exp
	}
	text[1] = text[0] // over the point
	return text[1:e], exp
}
