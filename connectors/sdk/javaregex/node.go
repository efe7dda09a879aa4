package javaregex

import (
	"strconv"
	"strings"
)

// operator says what a node of a parsed pattern is.
type operator uint8

const (
	opEmpty     operator = iota // matches nothing at all, successfully
	opSet                       // one character of a set
	opConcat                    // subs one after the other
	opAlternate                 // the first of subs that fits
	opRepeat                    // subs[0], repeated
	opCapture                   // subs[0] as group number index
	opAtomic                    // subs[0] without going back into it
	opLook                      // subs[0] ahead or behind, or its absence; text says which
	opBackref                   // what group number index matched
	opAnchor                    // a position
)

// quantifier modes.
const (
	greedy     = byte(0)
	reluctant  = byte('?')
	possessive = byte('+')
)

// anchors.
const (
	beginText        = byte('A')
	endText          = byte('z')
	endOrTerminator  = byte('Z')
	beginLine        = byte('^')
	endLine          = byte('$')
	wordBoundary     = byte('b')
	noWordBoundary   = byte('B')
	unlimited        = -1
	anyTerminator    = `[\n\r\x{85}\x{2028}\x{2029}]`
	betweenCRAndLF   = `(?<=\r)(?=\n)`
	slowEndOrFinal   = `(?=(?:\r\n|` + anyTerminator + `)?\z)(?!` + betweenCRAndLF + `)`
	slowBeginLine    = `(?:\A|(?<=` + anyTerminator + `)(?!` + betweenCRAndLF + `)(?!\z))`
	slowEndLine      = `(?:\z|(?=` + anyTerminator + `)(?!` + betweenCRAndLF + `))`
	unixEndOrFinal   = `(?=\n?\z)`
	unixBeginLine    = `(?:\A|(?<=\n)(?!\z))`
	unixEndLine      = `(?=\n|\z)`
	unmatchable      = `[^\x{0}-\x{10FFFF}]`
	digitsOfHexRunes = 16
)

type node struct {
	op       operator
	set      set
	subs     []*node
	min, max int  // opRepeat; max may be unlimited
	mode     byte // opRepeat: greedy, reluctant, possessive; opAnchor: which
	index    int
	text     string // opLook: "=", "!", "<=" or "<!"
	fold     bool   // opBackref: without regard to case
	unix     bool   // opAnchor: only \n ends a line
}

// write renders n for one of the two engines: for Go's, or the backtracking one if slow.
func (n *node) write(b *strings.Builder, slow bool) {
	switch n.op {
	case opEmpty:
		b.WriteString("(?:)")
	case opSet:
		writeSet(b, n.set)
	case opConcat:
		for _, sub := range n.subs {
			sub.write(b, slow)
		}
	case opAlternate:
		b.WriteString("(?:")
		for i, sub := range n.subs {
			if i > 0 {
				b.WriteByte('|')
			}
			sub.write(b, slow)
		}
		b.WriteByte(')')
	case opRepeat:
		n.writeRepeat(b, slow)
	case opCapture:
		n.writeGroup(b, "(", slow)
	case opAtomic:
		n.writeGroup(b, "(?>", slow)
	case opLook:
		n.writeGroup(b, "(?"+n.text, slow)
	case opBackref:
		flag := ""
		if n.fold {
			flag = "i"
		}
		b.WriteString("(?" + flag + `:\` + strconv.Itoa(n.index) + ")")
	case opAnchor:
		b.WriteString(n.anchor(slow))
	}
}

func (n *node) writeGroup(b *strings.Builder, open string, slow bool) {
	b.WriteString(open)
	n.subs[0].write(b, slow)
	b.WriteByte(')')
}

func (n *node) writeRepeat(b *strings.Builder, slow bool) {
	if n.mode == possessive {
		b.WriteString("(?>")
		defer b.WriteByte(')')
	}
	n.writeGroup(b, "(?:", slow)
	switch {
	case n.min == 0 && n.max == unlimited:
		b.WriteByte('*')
	case n.min == 1 && n.max == unlimited:
		b.WriteByte('+')
	case n.min == 0 && n.max == 1:
		b.WriteByte('?')
	case n.max == unlimited:
		b.WriteString("{" + strconv.Itoa(n.min) + ",}")
	default:
		b.WriteString("{" + strconv.Itoa(n.min) + "," + strconv.Itoa(n.max) + "}")
	}
	if n.mode == reluctant {
		b.WriteByte('?')
	}
}

func (n *node) anchor(slow bool) string {
	switch n.mode {
	case beginLine:
		return pick(n.unix, unixBeginLine, slowBeginLine)
	case endLine:
		return pick(n.unix, unixEndLine, slowEndLine)
	case endOrTerminator:
		if slow {
			return pick(n.unix, unixEndOrFinal, slowEndOrFinal)
		}
		return `\z`
	}
	return `\` + string(n.mode)
}

func pick(unix bool, ifUnix, otherwise string) string {
	if unix {
		return ifUnix
	}
	return otherwise
}

func writeSet(b *strings.Builder, s set) {
	switch {
	case len(s) == 0:
		b.WriteString(unmatchable)
	case len(s) == 1 && s[0].lo == s[0].hi:
		writeRune(b, s[0].lo)
	default:
		b.WriteByte('[')
		for _, r := range s {
			writeRune(b, r.lo)
			if r.hi > r.lo {
				b.WriteByte('-')
				writeRune(b, r.hi)
			}
		}
		b.WriteByte(']')
	}
}

func writeRune(b *strings.Builder, r rune) {
	if isLetter(r) || isDigit(r) || r == '_' {
		b.WriteRune(r)
		return
	}
	b.WriteString(`\x{` + strconv.FormatInt(int64(r), digitsOfHexRunes) + `}`)
}
