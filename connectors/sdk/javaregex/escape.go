package javaregex

import (
	"strconv"
	"unicode"
	"unicode/utf16"
)

// escape reads what follows a backslash outside of classes.
func (p *parser) escape() *node {
	if p.pos == len(p.text) {
		p.fail("Unexpected internal error", len(p.text))
	}
	switch c := p.text[p.pos]; {
	case c >= '1' && c <= '9':
		return p.numberedBackref()
	case c == 'k':
		return p.namedBackref()
	case c == 'A' || c == 'G':
		p.pos++
		return &node{op: opAnchor, mode: beginText}
	case c == 'z':
		p.pos++
		return &node{op: opAnchor, mode: endText}
	case c == 'Z':
		p.pos++
		p.hasEnd = true
		return &node{op: opAnchor, mode: endOrTerminator, unix: p.flags.unixLines}
	case c == 'b' || c == 'B':
		p.pos++
		if p.accept("{") {
			p.fail(`\b{g} is not supported`, p.pos-1)
		}
		p.hasBoundary = true
		return &node{op: opAnchor, mode: byte(c)}
	case c == 'R':
		p.pos++
		crlf := &node{op: opConcat, subs: []*node{{op: opSet, set: single('\r')}, {op: opSet, set: single('\n')}}}
		one := &node{op: opSet, set: ranges('\n', '\r', 0x85, 0x85, 0x2028, 0x2029)}
		return &node{op: opAlternate, subs: []*node{crlf, one}}
	}
	s, literal := p.escapedSet()
	if literal {
		s = p.folded(s)
	}
	return &node{op: opSet, set: s}
}

// numberedBackref reads as many digits as there are groups for; the first always counts.
func (p *parser) numberedBackref() *node {
	n := int(p.next() - '0')
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		longer := n*10 + int(p.text[p.pos]-'0')
		if longer > p.groups {
			break
		}
		n = longer
		p.pos++
	}
	p.backtracks = true
	return &node{op: opBackref, index: n, fold: p.flags.fold}
}

func (p *parser) namedBackref() *node {
	p.pos++
	if !p.accept("<") {
		p.fail(`\k is not followed by '<' for named capturing group`, p.pos)
	}
	name := p.readName('>')
	n, ok := p.names[name]
	if !ok {
		p.fail("named capturing group <"+name+"> does not exist", p.pos-1)
	}
	p.backtracks = true
	return &node{op: opBackref, index: n, fold: p.flags.fold}
}

// escapedSet reads an escape that stands for one character, literal or of a set, inside or outside of a class.
func (p *parser) escapedSet() (s set, literal bool) {
	if p.pos == len(p.text) {
		p.fail("Unexpected internal error", len(p.text))
	}
	c := p.next()
	if s, ok := classEscape(c); ok {
		return s, false
	}
	switch c {
	case 'p', 'P':
		return p.property(c == 'P'), false
	case 't':
		return single('\t'), false
	case 'n':
		return single('\n'), false
	case 'r':
		return single('\r'), false
	case 'f':
		return single('\f'), false
	case 'a':
		return single('\a'), false
	case 'e':
		return single(0x1B), false
	case '0':
		return single(p.octal()), true
	case 'x':
		return single(p.hex()), true
	case 'u':
		return single(p.utf16()), true
	case 'c':
		if p.pos == len(p.text) {
			p.fail("Illegal control escape sequence", p.pos)
		}
		return single(p.next() ^ 64), true
	}
	if isLetter(c) || isDigit(c) {
		p.fail("Illegal/unsupported escape sequence", p.pos-1)
	}
	return single(c), true
}

func (p *parser) property(negated bool) set {
	if p.pos == len(p.text) {
		p.fail("Illegal/unsupported escape sequence", p.pos)
	}
	name := string(p.text[p.pos])
	p.pos++
	if name == "{" {
		name = p.readName('}')
	}
	s, cased, ok := property(name)
	if !ok {
		p.fail("Unknown character property name {"+name+"}", p.pos-1)
	}
	if cased && p.flags.fold {
		s = s.fold(true)
	}
	if negated {
		s = s.negate()
	}
	return s
}

// octal reads up to three digits, of which the first may be at most 3 if there are three.
func (p *parser) octal() rune {
	start := p.pos
	var n rune
	for p.pos < len(p.text) && p.text[p.pos] >= '0' && p.text[p.pos] <= '7' && p.pos-start < 3 && n*8+p.text[p.pos]-'0' <= 0o377 {
		n = n*8 + p.next() - '0'
	}
	if p.pos == start {
		p.fail("Illegal octal escape sequence", p.pos)
	}
	return n
}

func (p *parser) hex() rune {
	if !p.accept("{") {
		return p.hexDigits(2, "Illegal hexadecimal escape sequence")
	}
	n, err := strconv.ParseUint(p.readName('}'), 16, 32)
	if err != nil || n > unicode.MaxRune {
		p.fail("Hexadecimal codepoint is too big or malformed", p.pos-1)
	}
	return rune(n)
}

// utf16 reads four digits, and four more when they are the first half of a character.
func (p *parser) utf16() rune {
	r := p.hexDigits(4, "Illegal Unicode escape sequence")
	if !utf16.IsSurrogate(r) || !p.accept(`\u`) {
		return r
	}
	return utf16.DecodeRune(r, p.hexDigits(4, "Illegal Unicode escape sequence"))
}

func (p *parser) hexDigits(n int, description string) rune {
	if p.pos+n > len(p.text) {
		p.fail(description, len(p.text))
	}
	v, err := strconv.ParseUint(string(p.text[p.pos:p.pos+n]), 16, 32)
	if err != nil {
		p.fail(description, p.pos)
	}
	p.pos += n
	return rune(v)
}
