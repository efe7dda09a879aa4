package javaregex

import (
	"slices"
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
	beginText       = byte('A')
	endText         = byte('z')
	endOrTerminator = byte('Z')
	beginLine       = byte('^')
	endLine         = byte('$')
	wordBoundary    = byte('b')
	noWordBoundary  = byte('B')
)

const (
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
	// opBackref: without regard to case, of ASCII letters or of all.
	fold, unicodeCase bool
	unix              bool // opAnchor: only \n ends a line
	unicode           bool // opAnchor: words are of all scripts
}

// write renders n for Go's engine, which has all but look-around, back-references, atomic groups and the ends of lines.
func (n *node) write(b *strings.Builder) {
	switch n.op {
	case opEmpty:
		b.WriteString("(?:)")
	case opSet:
		writeSet(b, n.set)
	case opConcat:
		for _, sub := range n.subs {
			sub.write(b)
		}
	case opAlternate:
		b.WriteString("(?:")
		for i, sub := range n.subs {
			if i > 0 {
				b.WriteByte('|')
			}
			sub.write(b)
		}
		b.WriteByte(')')
	case opRepeat:
		n.writeRepeat(b)
	case opCapture:
		n.writeGroup(b, "(")
	case opAnchor:
		if n.mode == endOrTerminator { // of a text that ends in no terminator
			b.WriteString(`\z`)
		} else {
			b.WriteString(`\` + string(n.mode))
		}
	}
}

func (n *node) writeGroup(b *strings.Builder, open string) {
	b.WriteString(open)
	n.subs[0].write(b)
	b.WriteByte(')')
}

func (n *node) writeRepeat(b *strings.Builder) {
	n.writeGroup(b, "(?:")
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

// captures reports whether there is a capturing group in n.
func (n *node) captures() bool {
	return n.op == opCapture || slices.ContainsFunc(n.subs, (*node).captures)
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
