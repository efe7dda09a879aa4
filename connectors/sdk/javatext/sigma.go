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
// are, with marks on them, and so is one dash, dot or quote between two letters, and one dot, comma or quote between two digits.
func joined(s string, i int) bool {
	left, n := utf8.DecodeLastRuneInString(s[:i])
	right, m := utf8.DecodeRuneInString(s[i:])
	switch {
	case mark(right):
		return true
	case letterOrDigit(right) && (letterOrDigit(left) || mark(left)):
		return marked(s[:i], letterOrDigit)
	case (middle(right) || point(right)) && i+m < len(s):
		next, _ := utf8.DecodeRuneInString(s[i+m:])
		return between(s[:i], right, next)
	case middle(left) || point(left):
		return between(s[:i-n], left, right)
	}
	return false
}

// between reports whether c joins what s ends in with next: two letters, or two digits.
func between(s string, c, next rune) bool {
	return middle(c) && unicode.IsLetter(next) && marked(s, unicode.IsLetter) || point(c) && unicode.IsDigit(next) && marked(s, unicode.IsDigit)
}

// marked reports whether s ends in a character of a sort, maybe with marks on it.
func marked(s string, is func(rune) bool) bool {
	for s != "" {
		r, n := utf8.DecodeLastRuneInString(s)
		if !mark(r) {
			return is(r)
		}
		s = s[:len(s)-n]
	}
	return false
}

func letterOrDigit(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func mark(r rune) bool { return r != 0xAD && unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) }

func middle(r rune) bool {
	return r == 0xAD || r == 0x2027 || r == '"' || r == '\'' || r == '.' || unicode.Is(unicode.Pd, r)
}

func point(r rune) bool { return r == '.' || r == ',' || r == '\'' || r == '"' }

func cased(r rune) bool {
	return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
}
