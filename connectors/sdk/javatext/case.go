package javatext

import (
	"unicode"
	"unicode/utf8"
)

// AppendUpper appends s in capitals, as String.toUpperCase does for no language in particular: ß becomes SS, and characters that
// have no capital of their own become several.
func AppendUpper(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'a' <= c && c <= 'z' {
				c -= 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch special := specialUpper(r); {
		case r == utf8.RuneError && n <= 1: // half of a surrogate pair: it has no case
			dst = append(dst, s[i])
			n = 1
		case special != "":
			dst = append(dst, special...)
		case 0x1F80 <= r && r <= 0x1FAF: // Greek with an iota below, which becomes a letter
			dst = utf8.AppendRune(dst, r&7+[...]rune{0x1F08, 0x1F28, 0x1F68}[(r-0x1F80)/16])
			dst = append(dst, "\u0399"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		}
		i += n
	}
	return dst
}

// AppendLower appends s in small letters, as String.toLowerCase does for no language in particular: a sigma that ends a word has
// a form of its own.
func AppendLower(dst []byte, s string) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n <= 1:
			dst = append(dst, s[i])
			n = 1
		case r == 'İ':
			dst = append(dst, "i\u0307"...)
		case r == 'Σ' && casedBefore(s[:i]) && !casedAfter(s[i+n:]):
			dst = append(dst, "ς"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n
	}
	return dst
}

// casedBefore reports whether s ends in a letter that has case, but for characters that do not count.
func casedBefore(s string) bool {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if !caseIgnorable(r) {
			return cased(r)
		}
		s = s[:len(s)-n]
	}
	return false
}

func casedAfter(s string) bool {
	for _, r := range s {
		if !caseIgnorable(r) {
			return cased(r)
		}
	}
	return false
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}

func caseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '·', '’':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// specialUpper returns the capitals of a character that has several, from Unicode's SpecialCasing; empty for others.
//
//nolint:funlen // a constant table
func specialUpper(r rune) string {
	switch r {
	case 0x00DF:
		return "SS"
	case 0x0149:
		return "\u02BCN"
	case 0x01F0:
		return "J\u030C"
	case 0x0390, 0x1FD3:
		return "\u0399\u0308\u0301"
	case 0x03B0, 0x1FE3:
		return "\u03A5\u0308\u0301"
	case 0x0587:
		return "\u0535\u0552"
	case 0x1E96:
		return "H\u0331"
	case 0x1E97:
		return "T\u0308"
	case 0x1E98:
		return "W\u030A"
	case 0x1E99:
		return "Y\u030A"
	case 0x1E9A:
		return "A\u02BE"
	case 0x1F50:
		return "\u03A5\u0313"
	case 0x1F52:
		return "\u03A5\u0313\u0300"
	case 0x1F54:
		return "\u03A5\u0313\u0301"
	case 0x1F56:
		return "\u03A5\u0313\u0342"
	case 0x1FB2:
		return "\u1FBA\u0399"
	case 0x1FB3, 0x1FBC:
		return "\u0391\u0399"
	case 0x1FB4:
		return "\u0386\u0399"
	case 0x1FB6:
		return "\u0391\u0342"
	case 0x1FB7:
		return "\u0391\u0342\u0399"
	case 0x1FC2:
		return "\u1FCA\u0399"
	case 0x1FC3, 0x1FCC:
		return "\u0397\u0399"
	case 0x1FC4:
		return "\u0389\u0399"
	case 0x1FC6:
		return "\u0397\u0342"
	case 0x1FC7:
		return "\u0397\u0342\u0399"
	case 0x1FD2:
		return "\u0399\u0308\u0300"
	case 0x1FD6:
		return "\u0399\u0342"
	case 0x1FD7:
		return "\u0399\u0308\u0342"
	case 0x1FE2:
		return "\u03A5\u0308\u0300"
	case 0x1FE4:
		return "\u03A1\u0313"
	case 0x1FE6:
		return "\u03A5\u0342"
	case 0x1FE7:
		return "\u03A5\u0308\u0342"
	case 0x1FF2:
		return "\u1FFA\u0399"
	case 0x1FF3, 0x1FFC:
		return "\u03A9\u0399"
	case 0x1FF4:
		return "\u038F\u0399"
	case 0x1FF6:
		return "\u03A9\u0342"
	case 0x1FF7:
		return "\u03A9\u0342\u0399"
	case 0xFB00:
		return "FF"
	case 0xFB01:
		return "FI"
	case 0xFB02:
		return "FL"
	case 0xFB03:
		return "FFI"
	case 0xFB04:
		return "FFL"
	case 0xFB05, 0xFB06:
		return "ST"
	case 0xFB13:
		return "\u0544\u0546"
	case 0xFB14:
		return "\u0544\u0535"
	case 0xFB15:
		return "\u0544\u053B"
	case 0xFB16:
		return "\u054E\u0546"
	case 0xFB17:
		return "\u0544\u053D"
	}
	return ""
}
