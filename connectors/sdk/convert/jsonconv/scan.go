package jsonconv

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// Limits of Jackson's StreamReadConstraints.
const (
	maxDepth  = 1000
	maxNumber = 1000
	maxString = 20_000_000
	maxName   = 50_000
)

// syntaxError says what is wrong with a document and where.
type syntaxError struct {
	offset int
	what   string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.what, e.offset) }

func badSyntax(offset int, what string) error { return &syntaxError{offset: offset, what: what} }

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return c-'0' <= 9 }

// skipSpace returns the index of the first byte from i on that is no white space.
func skipSpace(d []byte, i int) int {
	for i < len(d) && isSpace(d[i]) {
		i++
	}
	return i
}

// scanDocument validates the first value of d, and returns where it is. What follows the value is ignored, as Jackson
// does, unless it touches a number or a literal. A document of white space has an empty value. The objects and arrays found
// are appended to spans, in the order in which they begin.
func scanDocument(d []byte, spans *[]span) (start, end int, err error) {
	if len(d) >= 3 && d[0] == 0xEF && d[1] == 0xBB && d[2] == 0xBF { // byte order mark
		start = 3
	}
	start = skipSpace(d, start)
	if start == len(d) {
		return start, start, nil
	}
	sc := scanner{data: d, spans: spans}
	end, err = sc.value(start, 0)
	if err != nil || end == len(d) {
		return start, end, err
	}
	switch c := d[start]; {
	case c == '-' || isDigit(c):
		if !isSpace(d[end]) {
			return 0, 0, badSyntax(end, "expected white space after the number")
		}
	case c == 't' || c == 'f' || c == 'n':
		if r, _ := utf8.DecodeRune(d[end:]); isIdentifierPart(r) {
			return 0, 0, badSyntax(start, "unrecognized token")
		}
	}
	return start, end, nil
}

// isIdentifierPart is Character.isJavaIdentifierPart, near enough: it decides whether `truex` is an error.
func isIdentifierPart(r rune) bool {
	return r == '$' || r == '_' || r == 0x7F || unicode.IsLetter(r) || unicode.IsDigit(r) ||
		unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nl, unicode.Pc, unicode.Sc)
}

// skipValue validates the value that begins at d[i], inside depth objects and arrays, and returns the index behind it.
func skipValue(d []byte, i, depth int) (int, error) {
	sc := scanner{data: d}
	return sc.value(i, depth)
}

// scanner validates values and notes where objects and arrays are, if anybody wants to know.
type scanner struct {
	data  []byte
	spans *[]span
}

func (sc *scanner) value(i, depth int) (int, error) {
	d := sc.data
	if i >= len(d) {
		return 0, badSyntax(i, "unexpected end of input")
	}
	switch c := d[i]; {
	case c == '"':
		return skipText(d, i, maxString)
	case c == '{' || c == '[':
		return sc.container(i, depth+1)
	case c == '-' || isDigit(c):
		end, _, err := skipNumber(d, i)
		return end, err
	case c == 't':
		return skipLiteral(d, i, "true")
	case c == 'f':
		return skipLiteral(d, i, "false")
	case c == 'n':
		return skipLiteral(d, i, "null")
	}
	return 0, badSyntax(i, "expected a value")
}

func (sc *scanner) container(i, depth int) (end int, err error) {
	if depth > maxDepth {
		return 0, badSyntax(i, "nested deeper than 1000")
	}
	n := 0
	if sc.spans != nil {
		n = len(*sc.spans)
		*sc.spans = append(*sc.spans, span{from: i})
	}
	if sc.data[i] == '{' {
		end, err = sc.object(i, depth)
	} else {
		end, err = sc.array(i, depth)
	}
	if sc.spans != nil {
		(*sc.spans)[n].to = end
	}
	return end, err
}

func skipLiteral(d []byte, i int, literal string) (int, error) {
	end := i + len(literal)
	if end > len(d) || string(d[i:end]) != literal {
		return 0, badSyntax(i, "unrecognized token")
	}
	return end, nil
}

func (sc *scanner) array(i, depth int) (int, error) {
	d := sc.data
	i = skipSpace(d, i+1)
	if i < len(d) && d[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := sc.value(i, depth)
		if err != nil {
			return 0, err
		}
		i = skipSpace(d, end)
		if i == len(d) {
			return 0, badSyntax(i, "unexpected end of input within an array")
		}
		if d[i] == ']' {
			return i + 1, nil
		}
		if d[i] != ',' {
			return 0, badSyntax(i, "expected a comma or ] in an array")
		}
		i = skipSpace(d, i+1)
	}
}

func (sc *scanner) object(i, depth int) (int, error) {
	d := sc.data
	i = skipSpace(d, i+1)
	if i < len(d) && d[i] == '}' {
		return i + 1, nil
	}
	for {
		_, value, err := skipName(d, i)
		if err != nil {
			return 0, err
		}
		end, err := sc.value(value, depth)
		if err != nil {
			return 0, err
		}
		i = skipSpace(d, end)
		if i == len(d) {
			return 0, badSyntax(i, "unexpected end of input within an object")
		}
		if d[i] == '}' {
			return i + 1, nil
		}
		if d[i] != ',' {
			return 0, badSyntax(i, "expected a comma or } in an object")
		}
		i = skipSpace(d, i+1)
	}
}

// skipName validates the name of a member at d[i] and the colon, and returns the end of the name's text and the
// beginning of the value.
func skipName(d []byte, i int) (end, value int, err error) {
	if i == len(d) || d[i] != '"' {
		return 0, 0, badSyntax(i, "expected the name of a member in double quotes")
	}
	end, err = skipText(d, i, maxName)
	if err != nil {
		return 0, 0, err
	}
	colon := skipSpace(d, end)
	if colon == len(d) || d[colon] != ':' {
		return 0, 0, badSyntax(colon, "expected a colon after the name of a member")
	}
	return end, skipSpace(d, colon+1), nil
}

// skipText validates the string whose opening quote is d[i] and returns the index behind its closing quote.
func skipText(d []byte, i, limit int) (int, error) {
	end, form := scanText(d, i+1)
	if end < 0 {
		return 0, badSyntax(i, "string with a control character, an unknown escape or no end")
	}
	if end-i > limit {
		return 0, badSyntax(i, "string too long")
	}
	if form&nonASCII != 0 && !utf8.Valid(d[i+1:end]) {
		return 0, badSyntax(i, "string that is not UTF-8")
	}
	return end + 1, nil
}

// textForm says what a string contains beside plain ASCII.
type textForm uint8

const (
	escaped textForm = 1 << iota
	nonASCII
)

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanText returns the index of the closing quote of the string whose text begins at d[i], or -1 if it is malformed, and
// what it contains. UTF-8 is not checked.
//
// Eight bytes are looked at in one step. In w-lows*n, a byte borrows from its neighbour above only if it is below n
// itself; so the lowest mark is always right, and only the lowest is used.
func scanText(d []byte, i int) (end int, form textForm) {
	for {
		for i+8 <= len(d) {
			w := binary.LittleEndian.Uint64(d[i:])
			quote, slash := w^(lows*'"'), w^(lows*'\\')
			marks := ((w - lows*0x20) &^ w) | ((quote - lows) &^ quote) | ((slash - lows) &^ slash)
			if marks &= highs; marks == 0 {
				if w&highs != 0 {
					form |= nonASCII
				}
				i += 8
				continue
			}
			at := bits.TrailingZeros64(marks) &^ 7
			if w&highs&(1<<at-1) != 0 {
				form |= nonASCII
			}
			i += at / 8
			break
		}
		for i < len(d) && d[i] >= 0x20 && d[i] != '"' && d[i] != '\\' {
			if d[i] >= utf8.RuneSelf {
				form |= nonASCII
			}
			i++
		}
		if i >= len(d) || d[i] < 0x20 {
			return -1, form
		}
		if d[i] == '"' {
			return i, form
		}
		n := escapeLength(d[i:])
		if n == 0 {
			return -1, form
		}
		form |= escaped
		i += n
	}
}

// escapeLength returns the length of the escape sequence b begins with, 0 if there is none like it.
func escapeLength(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) >= 6 && isHex(b[2]) && isHex(b[3]) && isHex(b[4]) && isHex(b[5]) {
			return 6
		}
	}
	return 0
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// skipNumber validates the number at d[i] and returns the index behind it, and whether it is without point and exponent.
// Leading zeros are fine.
func skipNumber(d []byte, i int) (end int, integer bool, err error) {
	start := i
	if d[i] == '-' {
		i++
	}
	whole := skipDigits(d, i)
	if whole == i {
		return 0, false, badSyntax(i, "expected a digit")
	}
	i, integer = whole, true
	if i < len(d) && d[i] == '.' {
		integer = false
		fraction := skipDigits(d, i+1)
		if fraction == i+1 {
			return 0, false, badSyntax(i, "expected a digit after the decimal point")
		}
		i = fraction
	}
	if i < len(d) && d[i]|0x20 == 'e' {
		integer = false
		first := i + 1
		if first < len(d) && (d[first] == '+' || d[first] == '-') {
			first++
		}
		last := skipDigits(d, first)
		if last == first {
			return 0, false, badSyntax(first, "expected a digit in the exponent")
		}
		i = last
	}
	if i-start > maxNumber {
		return 0, false, badSyntax(start, "number longer than 1000 characters")
	}
	if !integer {
		if scale := scaleOf(d[start:i]); scale < math.MinInt32 || scale > math.MaxInt32 {
			return 0, false, badSyntax(start, "number with too large an exponent")
		}
	}
	return i, integer, nil
}

func skipDigits(d []byte, i int) int {
	for i < len(d) && isDigit(d[i]) {
		i++
	}
	return i
}
