package javatext

import (
	"strings"
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
		switch special := upperOf(r); {
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
		case r == 'Σ' && endsWord(s, i):
			dst = append(dst, "ς"...)
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n
	}
	return dst
}

// specialUpper is the characters that have several capitals, with these, from Unicode's SpecialCasing.
const specialUpper = "" +
	"\u00DF SS|\u0149 \u02BCN|\u01F0 J\u030C|\u0390 \u0399\u0308\u0301|\u03B0 \u03A5\u0308\u0301|\u0587 \u0535\u0552|\u1E96 H\u0331|\u1E97 T\u0308|" +
	"\u1E98 W\u030A|\u1E99 Y\u030A|\u1E9A A\u02BE|\u1F50 \u03A5\u0313|\u1F52 \u03A5\u0313\u0300|\u1F54 \u03A5\u0313\u0301|\u1F56 \u03A5\u0313\u0342|\u1FB2 \u1FBA\u0399|" +
	"\u1FB3 \u0391\u0399|\u1FB4 \u0386\u0399|\u1FB6 \u0391\u0342|\u1FB7 \u0391\u0342\u0399|\u1FBC \u0391\u0399|\u1FC2 \u1FCA\u0399|\u1FC3 \u0397\u0399|\u1FC4 \u0389\u0399|" +
	"\u1FC6 \u0397\u0342|\u1FC7 \u0397\u0342\u0399|\u1FCC \u0397\u0399|\u1FD2 \u0399\u0308\u0300|\u1FD3 \u0399\u0308\u0301|\u1FD6 \u0399\u0342|\u1FD7 \u0399\u0308\u0342|\u1FE2 \u03A5\u0308\u0300|" +
	"\u1FE3 \u03A5\u0308\u0301|\u1FE4 \u03A1\u0313|\u1FE6 \u03A5\u0342|\u1FE7 \u03A5\u0308\u0342|\u1FF2 \u1FFA\u0399|\u1FF3 \u03A9\u0399|\u1FF4 \u038F\u0399|\u1FF6 \u03A9\u0342|" +
	"\u1FF7 \u03A9\u0342\u0399|\u1FFC \u03A9\u0399|\uFB00 FF|\uFB01 FI|\uFB02 FL|\uFB03 FFI|\uFB04 FFL|\uFB05 ST|" +
	"\uFB06 ST|\uFB13 \u0544\u0546|\uFB14 \u0544\u0535|\uFB15 \u0544\u053B|\uFB16 \u054E\u0546|\uFB17 \u0544\u053D"

// upperOf returns the capitals of a character that has several; empty for others.
func upperOf(r rune) string {
	if r < 0xDF {
		return ""
	}
	for entry := range strings.SplitSeq(specialUpper, "|") {
		if c, n := utf8.DecodeRuneInString(entry); c == r {
			return entry[n+1:]
		}
	}
	return ""
}
