package offsets

import "unicode/utf8"

const hexDigits = "0123456789ABCDEF"

// AppendString appends s as a JSON string with the escapes that Jackson uses in all of Kafka Connect's internal topics:
// two-character ones where JSON has them, \u00XX in upper case for other control characters, a pair of \uXXXX for a
// character beyond the basic plane, everything else as UTF-8.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			dst = appendASCII(dst, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r > 0xFFFF:
			dst = appendUnit(dst, 0xD800+(r-0x10000)>>10)
			dst = appendUnit(dst, 0xDC00+(r-0x10000)&0x3FF)
		case r == utf8.RuneError && size == 1 && isSurrogate(s[i:]):
			size = 3
			dst = appendUnit(dst, 0xD000|rune(s[i+1]&0x3F)<<6|rune(s[i+2]&0x3F))
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += size
	}
	return append(dst, '"')
}

// isSurrogate reports whether s begins with an unpaired UTF-16 surrogate in its three-byte form, which Java strings can
// hold.
func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1]&0xE0 == 0xA0 && s[2]&0xC0 == 0x80
}

func appendASCII(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c < ' ' {
		return appendUnit(dst, rune(c))
	}
	return append(dst, c)
}

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', hexDigits[u>>12&0xF], hexDigits[u>>8&0xF], hexDigits[u>>4&0xF], hexDigits[u&0xF])
}
