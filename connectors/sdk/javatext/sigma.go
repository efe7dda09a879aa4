package javatext

import (
	"unicode"
	"unicode/utf8"
)

// endsWord reports whether the sigma at s[at:] takes the form that it has at the end of a word: there is a letter with case before it
// in its word, and none behind it.
func endsWord(s string, at int) bool {
	before, after := false, false
	for i := at; i > 0 && !before && joined(s, i); {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		before = cased(r)
		i -= n
	}
	for i := at + len("Σ"); i < len(s) && !after && joined(s, i); {
		r, n := utf8.DecodeRuneInString(s[i:])
		after = cased(r)
		i += n
	}
	return before && !after
}

// joined reports whether the characters on both sides of i are of one word, as java.text.BreakIterator divides words: letters and digits
// are, with marks on them, and so is one dash, dot or quote between two letters.
func joined(s string, i int) bool {
	left, n := utf8.DecodeLastRuneInString(s[:i])
	right, m := utf8.DecodeRuneInString(s[i:])
	switch {
	case mark(right):
		return true
	case wordly(right) && (wordly(left) || mark(left)):
		return markedWord(s[:i])
	case middle(right) && i+m < len(s):
		next, _ := utf8.DecodeRuneInString(s[i+m:])
		return markedWord(s[:i]) && unicode.IsLetter(next)
	case middle(left) && unicode.IsLetter(right):
		return markedWord(s[:i-n])
	}
	return false
}

// markedWord reports whether s ends in a letter or a digit, maybe with marks.
func markedWord(s string) bool {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if !mark(r) {
			return wordly(r)
		}
		s = s[:len(s)-n]
	}
	return false
}

func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func mark(r rune) bool { return r != 0xAD && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) }

func middle(r rune) bool {
	return r == 0xAD || r == 0x2027 || r == '"' || r == '\'' || r == '.' || unicode.Is(unicode.Pd, r)
}

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}
