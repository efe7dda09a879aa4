package javaregex

import "unicode"

// position holds between two characters, or not.
type position struct {
	holds func(text []rune, i int) bool
	next  step
}

func (s *position) match(m *matcher, i int) bool { return s.holds(m.text, i) && m.try(s.next, i) }

// anchor returns what an anchor asks of a place in a text.
func (n *node) anchor() func(text []rune, i int) bool {
	switch n.mode {
	case beginText:
		return func(_ []rune, i int) bool { return i == 0 }
	case endText:
		return func(text []rune, i int) bool { return i == len(text) }
	case endOrTerminator:
		return endOrFinal(n.unix)
	case beginLine:
		return beginsLine(n.unix)
	case endLine:
		return endsLine(n.unix)
	}
	wide, not := n.unicode, n.mode == noWordBoundary
	word := classOf('w', wide)
	return func(text []rune, i int) bool {
		left := i > 0 && inWord(text, i-1, word)
		right := i < len(text) && inWord(text, i, word)
		return left != right != not
	}
}

// inWord reports whether a character is of a word, or a mark upon one that is.
func inWord(text []rune, i int, word set) bool {
	if word.contains(text[i]) {
		return true
	}
	if !unicode.Is(unicode.Mn, text[i]) {
		return false
	}
	for ; i >= 0; i-- {
		if word.contains(text[i]) {
			return true
		}
		if !unicode.Is(unicode.Mn, text[i]) {
			return false
		}
	}
	return false
}

func isTerminator(c rune, unix bool) bool {
	return c == '\n' || !unix && (c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029)
}

// within reports whether i is between the two characters of one line terminator.
func within(text []rune, i int) bool {
	return i > 0 && i < len(text) && text[i-1] == '\r' && text[i] == '\n'
}

func endOrFinal(unix bool) func([]rune, int) bool {
	return func(text []rune, i int) bool {
		switch len(text) - i {
		case 0:
			return true
		case 1:
			return isTerminator(text[i], unix) && (unix || !within(text, i))
		case 2:
			return !unix && text[i] == '\r' && text[i+1] == '\n'
		}
		return false
	}
}

// beginsLine is never true at the end of a text, not even of an empty one.
func beginsLine(unix bool) func([]rune, int) bool {
	return func(text []rune, i int) bool {
		return i < len(text) && (i == 0 || isTerminator(text[i-1], unix) && (unix || !within(text, i)))
	}
}

func endsLine(unix bool) func([]rune, int) bool {
	return func(text []rune, i int) bool {
		return i == len(text) || isTerminator(text[i], unix) && (unix || !within(text, i))
	}
}
