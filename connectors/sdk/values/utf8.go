package values

import (
	"unicode/utf8"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// AppendUTF8 appends s as String.getBytes(UTF_8) encodes it: an unpaired surrogate becomes a question mark.
func AppendUTF8(dst []byte, s string) []byte {
	for !utf8.ValidString(s) {
		i := 0
		for i < len(s) && !isSurrogate(s[i:]) {
			i++
		}
		dst = append(dst, s[:i]...)
		if i == len(s) {
			return dst
		}
		dst = append(dst, '?')
		s = s[i+3:]
	}
	return append(dst, s...)
}

// DecodeUTF8 returns b as new String(b, UTF_8) decodes it, without copying when b is valid: each piece that cannot be part of
// a character becomes one U+FFFD. The memory for that comes from a, which may be nil.
func DecodeUTF8(a *connect.Arena, b []byte) string {
	if utf8.Valid(b) {
		return unsafe.String(unsafe.SliceData(b), len(b))
	}
	n := 0
	for i := 0; i < len(b); {
		size, valid := character(b[i:])
		if valid {
			n += size
		} else {
			n += len("\uFFFD")
		}
		i += size
	}
	text := a.Bytes(n)[:0]
	for i := 0; i < len(b); {
		size, valid := character(b[i:])
		if valid {
			text = append(text, b[i:i+size]...)
		} else {
			text = append(text, "\uFFFD"...)
		}
		i += size
	}
	return unsafe.String(unsafe.SliceData(text), len(text))
}

// character returns the size of the character that b begins with, or else of the piece that Java replaces as one: the longest
// begin of a character, or a surrogate in its three-byte form.
func character(b []byte) (size int, valid bool) {
	if r, size := utf8.DecodeRune(b); r != utf8.RuneError || size > 1 {
		return size, true
	}
	if len(b) >= 3 && isSurrogate(unsafe.String(&b[0], 3)) {
		return 3, false
	}
	need := 0
	switch {
	case b[0] >= 0xC2 && b[0] <= 0xDF:
		need = 2
	case b[0] >= 0xE0 && b[0] <= 0xEF:
		need = 3
	case b[0] >= 0xF0 && b[0] <= 0xF4:
		need = 4
	}
	size = 1
	for size < need && size < len(b) && b[size]&0xC0 == 0x80 && (size > 1 || secondFits(b[0], b[1])) {
		size++
	}
	return size, false
}

// secondFits reports whether the first two bytes of a sequence can begin a character.
func secondFits(first, second byte) bool {
	switch first {
	case 0xE0:
		return second >= 0xA0
	case 0xF0:
		return second >= 0x90
	case 0xF4:
		return second <= 0x8F
	}
	return true
}
