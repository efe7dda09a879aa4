package jsonconv

import (
	"encoding/binary"
	"unicode/utf8"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const upperHex = "0123456789ABCDEF"

// AppendString appends s as a JSON string, quotes included, with the escapes that Jackson uses: two-character ones where JSON
// has them, \u00XX in upper case for other control characters, a pair of \uXXXX for a character beyond the basic plane,
// everything else as UTF-8. It does not allocate beyond growing dst.
func AppendString(dst []byte, s string) []byte { return appendText(dst, s) }

// appendText appends s as a JSON string, quotes included.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		dst = append(dst, s...)
	} else {
		dst = appendEscaped(dst, s)
	}
	return append(dst, '"')
}

// isPlain reports whether s is ASCII in which nothing needs an escape. It looks at eight bytes at a time, the last ones together
// with some before them, and fills a shorter text up: names are short, and nearly all that is written is names and short texts.
func isPlain(s string) bool {
	b := unsafe.Slice(unsafe.StringData(s), len(s)) // read only; there is no encoding/binary for strings
	switch n := len(b); {
	case n >= 8:
		for rest := b; len(rest) > 8; rest = rest[8:] {
			if !plainWord(binary.LittleEndian.Uint64(rest)) {
				return false
			}
		}
		return plainWord(binary.LittleEndian.Uint64(b[n-8:]))
	case n >= 4:
		return plainWord(uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32)
	case n > 0:
		return plainWord(uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16 | lows*' '&^0xFFFFFF)
	}
	return true
}

// plainWord is isPlain of the eight bytes of w.
func plainWord(w uint64) bool {
	quote, slash := w^(lows*'"'), w^(lows*'\\')
	return ((w-lows*0x20)|w|((quote-lows)&^quote)|((slash-lows)&^slash))&highs == 0
}

// appendEscaped appends s as Jackson escapes it: quote, backslash, control characters, and every surrogate, so that a
// character beyond U+FFFF becomes two escapes. Bytes that are not UTF-8 become U+FFFD.
func appendEscaped(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case size == 4:
			r -= 0x10000
			dst = appendUnicodeEscape(dst, 0xD800+r>>10)
			dst = appendUnicodeEscape(dst, 0xDC00+r&0x3FF)
		case size > 1:
			dst = append(dst, s[i:i+size]...)
		case i+3 <= len(s) && surrogate([]byte(s[i:i+3])) != 0:
			dst = appendUnicodeEscape(dst, surrogate([]byte(s[i:i+3])))
			size = 3
		default:
			dst = append(dst, "\uFFFD"...)
		}
		i += size
	}
	return dst
}

func appendASCII(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\t':
		return append(dst, '\\', 't')
	case '\n':
		return append(dst, '\\', 'n')
	case '\f':
		return append(dst, '\\', 'f')
	case '\r':
		return append(dst, '\\', 'r')
	}
	if c < 0x20 {
		return appendUnicodeEscape(dst, rune(c))
	}
	return append(dst, c)
}

func appendUnicodeEscape(dst []byte, unit rune) []byte {
	return append(dst, '\\', 'u', upperHex[unit>>12&15], upperHex[unit>>8&15], upperHex[unit>>4&15], upperHex[unit&15])
}

// textValue returns the STRING whose valid text is raw. It points into raw when there is nothing to translate, else into
// memory from a.
func textValue(a *connect.Arena, raw []byte, form textForm) connect.Value {
	return connect.StringBytes(decodeText(a, raw, form))
}

func decodeText(a *connect.Arena, raw []byte, form textForm) []byte {
	if form&escaped == 0 {
		return raw
	}
	return unescape(a.Bytes(len(raw))[:0], raw)
}

// unescape appends the text of a valid string to dst, which has room for it: it never grows. Two escaped surrogates that
// belong together become one character of four bytes; one without the other takes three, which is not UTF-8 but what a
// STRING keeps it as.
func unescape(dst, raw []byte) []byte {
	start := len(dst)
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			dst = appendUnit(dst, start, hexUnit(raw[i+2:i+6]))
			i += 6
		case c == '\\':
			dst = append(dst, unescapeByte(raw[i+1]))
			i += 2
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}

func unescapeByte(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

func hexUnit(b []byte) rune {
	var u rune
	for _, c := range b {
		if isDigit(c) {
			u = u<<4 | rune(c-'0')
		} else {
			u = u<<4 | rune(c|0x20-'a'+10)
		}
	}
	return u
}

// surrogate returns the surrogate that b begins with in three-byte form, or 0.
func surrogate(b []byte) rune {
	if len(b) >= 3 && b[0] == 0xED && b[1]&0xE0 == 0xA0 && b[2]&0xC0 == 0x80 {
		return 0xD000 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
	}
	return 0
}

// appendUnit appends one UTF-16 unit to text that began at start.
func appendUnit(dst []byte, start int, u rune) []byte {
	if u < 0xD800 || u > 0xDFFF {
		return utf8.AppendRune(dst, u)
	}
	if last := len(dst) - 3; u >= 0xDC00 && last >= start {
		if high := surrogate(dst[last:]); high != 0 && high < 0xDC00 {
			return utf8.AppendRune(dst[:last], 0x10000+(high-0xD800)<<10+(u-0xDC00))
		}
	}
	return append(dst, 0xE0|byte(u>>12), 0x80|byte(u>>6&0x3F), 0x80|byte(u&0x3F))
}
