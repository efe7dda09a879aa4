package file

import "unicode/utf8"

// appendValid appends text with every malformed sequence replaced by one U+FFFD, as Java's decoder does: a sequence that
// breaks off counts once for the part that was right, a surrogate written in UTF-8 once for its three bytes.
func appendValid(dst, text []byte) []byte {
	for len(text) > 0 {
		if r, n := utf8.DecodeRune(text); r != utf8.RuneError || n > 1 {
			dst, text = append(dst, text[:n]...), text[n:]
			continue
		}
		dst, text = append(dst, "\uFFFD"...), text[malformedLen(text):]
	}
	return dst
}

// malformedLen returns how many of the first bytes of text, which are no character, count as one mistake.
func malformedLen(text []byte) int {
	lead, width := text[0], 1
	switch {
	case lead >= 0xE0 && lead <= 0xEF:
		width = 3
	case lead >= 0xF0 && lead <= 0xF4:
		width = 4
	}
	for n := 1; n < width; n++ {
		if n >= len(text) || text[n]&0xC0 != 0x80 || n == 1 && !possibleSecond(lead, text[1]) {
			return n
		}
	}
	return width // only a surrogate gets here: all else of this length is a character
}

// possibleSecond refuses the second bytes that make a sequence overlong or larger than U+10FFFF.
func possibleSecond(lead, second byte) bool {
	switch lead {
	case 0xE0:
		return second >= 0xA0
	case 0xF0:
		return second >= 0x90
	case 0xF4:
		return second < 0x90
	}
	return true
}
