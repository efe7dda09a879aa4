package values

import (
	"math"
	"unicode"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const numberFormatException = "java.lang.NumberFormatException"

// compactDigits is the length up to which BigDecimal reads digits one by one, and complains about the character at fault.
const compactDigits = 18

// numberFormatError returns what the constructor BigDecimal(String) throws for s, nil when s is a number. A message can be
// empty: Java runs over the end of the text then, and says nothing.
func numberFormatError(s string) error {
	message, wrong := numberFormatMessage(s)
	if !wrong {
		return nil
	}
	return &connect.Error{Kind: connect.KindData, Class: numberFormatException, Message: message}
}

func numberFormatMessage(s string) (message string, wrong bool) {
	if s == "" {
		return "", true
	}
	i, _ := sign(s, 0)
	compact := utf16Length(s[i:]) <= compactDigits
	digits, fraction, point := 0, 0, false
	for i < len(s) {
		r, size := decodeRune(s[i:])
		switch {
		case isDigit(r):
			digits++
			if point {
				fraction++
			}
		case r == '.' && point:
			return "Character array contains more than one decimal point.", true
		case r == '.':
			point = true
		case r == 'e' || r == 'E':
			return exponentMessage(s[i+1:], digits, fraction)
		case compact:
			return "Character " + firstUnit(s[i:i+size], size) + " is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.", true
		default:
			return "Character array is missing \"e\" notation exponential mark.", true
		}
		i += size
	}
	if digits == 0 {
		return "No digits found.", true
	}
	return "", false
}

// exponentMessage checks what follows the e.
func exponentMessage(s string, digits, fraction int) (message string, wrong bool) {
	i, negative := sign(s, 0)
	if i == len(s) {
		return "", true
	}
	rest := []rune(s[i:])
	for len(rest) > 10 && digitOf(rest[0]) == 0 {
		rest = rest[1:]
	}
	if len(rest) > 10 {
		return "Too many nonzero exponent digits.", true
	}
	var exp int64
	for _, r := range rest {
		d := digitOf(r)
		if d < 0 {
			return "Not a digit.", true
		}
		exp = exp*10 + int64(d)
	}
	if negative {
		exp = -exp
	}
	switch scale := int64(fraction) - exp; {
	case exp != int64(int32(exp)):
		return "Exponent overflow.", true
	case digits == 0:
		return "No digits found.", true
	case scale < math.MinInt32 || scale > math.MaxInt32:
		return "Scale out of range.", true
	}
	return "", false
}

// isDigit is Character.isDigit for a UTF-16 unit: digits beyond U+FFFF are none.
func isDigit(r rune) bool { return r < 0x10000 && unicode.IsDigit(r) }

// digitOf is Character.digit in base 10: -1 for no digit.
func digitOf(r rune) int {
	if !isDigit(r) {
		return -1
	}
	for _, block := range unicode.Nd.R16 { // every block is a multiple of ten digits, from zero upwards
		if r >= rune(block.Lo) && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10
		}
	}
	return -1
}

// firstUnit returns a character, or the first half of one that Java stores in two.
func firstUnit(s string, size int) string {
	if size < 4 {
		return s
	}
	r, _ := utf8.DecodeRuneInString(s)
	high := 0xD800 + (r-0x10000)>>10
	return string([]byte{byte(0xE0 | high>>12), byte(0x80 | high>>6&0x3F), byte(0x80 | high&0x3F)})
}
