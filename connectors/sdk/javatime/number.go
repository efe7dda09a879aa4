package javatime

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// decode returns the first character and its length. An unpaired surrogate in its three-byte form is one character, as it is
// in Java.
func decode(s string) (r rune, size int) {
	if s[0] < utf8.RuneSelf {
		return rune(s[0]), 1
	}
	r, size = utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 && s[0] == 0xED && len(s) >= 3 {
		return r, 3
	}
	return r, size
}

// units returns the position n UTF-16 units behind start; ok is false when the text is shorter.
func units(text string, start, n int) (end int, ok bool) {
	for end = start; n > 0; n-- {
		if end >= len(text) {
			return 0, false
		}
		r, size := decode(text[end:])
		if end += size; r > 0xFFFF {
			n--
		}
	}
	return end, true
}

// digit returns the value and the length of a decimal digit of any script, or -1.
func digit(s string) (value, size int) {
	if c := s[0]; c < utf8.RuneSelf {
		if c-'0' > 9 {
			return -1, 1
		}
		return int(c - '0'), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	for _, block := range unicode.Nd.R16 { // every block is a multiple of ten digits, from zero upwards
		if r >= rune(block.Lo) && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10, size
		}
	}
	return -1, size
}

// decimal is a number as it is read: digits × 10^exp.
type decimal struct {
	digits uint64
	exp    int
	// rough is used instead of digits when there are too many.
	rough float64
}

// parseNumber reads what an integer DecimalFormat reads and returns Number.intValue of it: an optional minus, digits, and
// perhaps an exponent: 20E2 is 2000. NaN is 0, the infinities saturate.
func parseNumber(text string, pos int) (n int32, end int, ok bool) {
	if strings.HasPrefix(text[pos:], "NaN") {
		return 0, pos + len("NaN"), true
	}
	negative := pos < len(text) && text[pos] == '-'
	if negative {
		pos++
	}
	if rest, ok := strings.CutPrefix(text[pos:], "∞"); ok {
		return saturate(math.Inf(1), negative), len(text) - len(rest), true
	}
	var d decimal
	if end = d.read(text, pos); end == pos {
		return 0, 0, false
	}
	end = d.readExponent(text, end)
	return d.intValue(negative), end, true
}

func (d *decimal) read(text string, pos int) (end int) {
	for pos < len(text) {
		v, size := digit(text[pos:])
		if v < 0 {
			break
		}
		if d.digits <= (math.MaxUint64-9)/10 {
			d.digits = d.digits*10 + uint64(v)
		} else {
			d.exp++
		}
		d.rough = d.rough*10 + float64(v)
		pos += size
	}
	return pos
}

// readExponent reads an E and what follows, if digits follow; otherwise the E is left for the next element to stumble over.
func (d *decimal) readExponent(text string, pos int) (end int) {
	at := pos + 1
	if pos >= len(text) || text[pos] != 'E' {
		return pos
	}
	negative := at < len(text) && text[at] == '-'
	if negative {
		at++
	}
	var e decimal
	if end = e.read(text, at); end == at {
		return pos
	}
	exp := int(min(e.digits, 1000))
	if negative {
		exp = -exp
	}
	if d.digits != 0 {
		d.rough *= math.Pow10(exp)
		d.exp += exp
	}
	return end
}

// intValue is Number.intValue: what fits 64 bits is cut to 32, anything else was a double and saturates.
func (d *decimal) intValue(negative bool) int32 {
	n, exact := d.digits, true
	for exp := d.exp; exp > 0 && exact; exp-- {
		exact = n <= math.MaxInt64/10
		n *= 10
	}
	for exp := d.exp; exp < 0 && exact; exp++ {
		exact = n%10 == 0
		n /= 10
	}
	switch {
	case exact && negative && n == 1<<63: // the least number of 64 bits ends in 32 zeros
		return 0
	case !exact || n > math.MaxInt64:
		return saturate(d.rough, negative)
	case negative:
		return int32(-int64(n))
	}
	return int32(int64(n))
}

func saturate(f float64, negative bool) int32 {
	if negative {
		return int32(max(-f, math.MinInt32))
	}
	return int32(min(f, math.MaxInt32))
}
