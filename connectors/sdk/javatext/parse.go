package javatext

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// NumberFormatError stands for java.lang.NumberFormatException.
type NumberFormatError struct {
	// Message is the text of the Java exception.
	Message string
}

// Error returns the message.
func (e *NumberFormatError) Error() string { return e.Message }

func numberFormat(s string) error {
	return &NumberFormatError{Message: `For input string: "` + s + `"`}
}

// ParseInt reads what Byte.parseByte, Short.parseShort, Integer.parseInt and Long.parseLong read, for bits of 8, 16, 32
// and 64: an optional sign and decimal digits of any script, no blanks. Errors are *NumberFormatError.
func ParseInt(s string, bits int) (int64, error) {
	rest := s
	negative := strings.HasPrefix(s, "-")
	if negative || strings.HasPrefix(s, "+") {
		rest = s[1:]
	}
	if rest == "" {
		return 0, numberFormat(s)
	}
	limit := uint64(1) << (max(bits, 32) - 1) // magnitude of the smallest number
	if !negative {
		limit--
	}
	var n uint64
	for rest != "" {
		d, size := digitValue(rest)
		if d < 0 || n > limit/10 || n*10+uint64(d) > limit {
			return 0, numberFormat(s)
		}
		n = n*10 + uint64(d)
		rest = rest[size:]
	}
	v := int64(n)
	if negative {
		v = -v
	}
	if shift := 64 - bits; v<<shift>>shift != v {
		return 0, &NumberFormatError{Message: `Value out of range. Value:"` + s + `" Radix:10`}
	}
	return v, nil
}

// ParseDouble reads what Double.parseDouble reads: surrounding characters up to U+0020 are dropped; a sign, NaN,
// Infinity, decimal or hexadecimal notation, and a suffix f, F, d or D are accepted. Too large a number is an infinity,
// too small a one zero. Errors are *NumberFormatError.
func ParseDouble(s string) (float64, error) { return parseFloat(s, 64) }

// ParseFloat reads what Float.parseFloat reads; see ParseDouble.
func ParseFloat(s string) (float32, error) {
	f, err := parseFloat(s, 32)
	return float32(f), err
}

func parseFloat(s string, bits int) (float64, error) {
	text := Trim(s)
	if text == "" {
		return 0, &NumberFormatError{Message: "empty String"}
	}
	number := strings.TrimLeft(text, "+-")
	if len(text)-len(number) > 1 {
		return 0, numberFormat(s)
	}
	switch {
	case number == "NaN":
		return math.NaN(), nil // with a sign too
	case number != "Infinity":
		if !isFloat(number) {
			return 0, numberFormat(s)
		}
		if strings.IndexByte("fFdD", text[len(text)-1]) >= 0 { // behind decimal digits, hence no hexadecimal one
			text = text[:len(text)-1]
		}
	}
	f, err := strconv.ParseFloat(text, bits)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, numberFormat(s)
	}
	return f, nil
}

func isHex(s string) bool { return len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' }

// isFloat reports whether s, which has no sign, follows the grammar of Double.valueOf.
func isFloat(s string) bool {
	digit, mark, hex := isDigit, byte('e'), isHex(s)
	if hex {
		digit, mark, s = isHexDigit, 'p', s[2:]
	}
	whole := span(s, digit)
	s = s[whole:]
	fraction := 0
	if s != "" && s[0] == '.' {
		fraction = span(s[1:], digit)
		s = s[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	switch {
	case s != "" && s[0]|0x20 == mark:
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		n := span(s, isDigit)
		if n == 0 {
			return false
		}
		s = s[n:]
	case hex: // a hexadecimal number must have an exponent
		return false
	}
	return s == "" || len(s) == 1 && strings.Contains("fFdD", s)
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func isHexDigit(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// span returns the length of the longest prefix of s whose bytes satisfy is.
func span(s string, is func(byte) bool) int {
	n := 0
	for n < len(s) && is(s[n]) {
		n++
	}
	return n
}

// Trim is String.trim: s without the characters up to U+0020 at both ends.
func Trim(s string) string {
	for s != "" && s[0] <= ' ' {
		s = s[1:]
	}
	for s != "" && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}
