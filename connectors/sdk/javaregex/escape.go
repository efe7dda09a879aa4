package javaregex

import (
	"strings"
	"unicode"
	"unicode/utf16"
)

// escape reads what follows a backslash outside of classes.
func (p *parser) escape() *node {
	if p.pos == len(p.text) {
		p.fail("Unescaped trailing backslash", len(p.text))
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
		switch {
		case c == 'b' && p.accept("{g}"):
			p.fail(`The boundary of grapheme clusters, \b{g}, is not supported`, p.pos-3)
		case p.pos < len(p.text) && p.text[p.pos] == '{':
			p.fail("Illegal repetition", p.pos+1)
		}
		p.hasBoundary = true
		return &node{op: opAnchor, mode: byte(c), unicode: p.flags.unicodeClass}
	case c == 'X':
		p.fail(`Grapheme clusters, \X, are not supported`, p.pos)
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
	return &node{op: opBackref, index: n, fold: p.flags.fold, unicodeCase: p.flags.unicodeCase}
}

func (p *parser) namedBackref() *node {
	p.pos++
	if !p.accept("<") {
		p.fail(`\k is not followed by '<' for named capturing group`, p.pos)
	}
	name := p.readName('>', "name")
	n, ok := p.names[name]
	if !ok {
		p.fail("named capturing group <"+name+"> does not exist", p.pos-1)
	}
	p.backtracks = true
	return &node{op: opBackref, index: n, fold: p.flags.fold, unicodeCase: p.flags.unicodeCase}
}

// escapedSet reads an escape that stands for one character, literal or of a set, inside or outside of a class.
func (p *parser) escapedSet() (s set, literal bool) {
	c := p.next()
	if s, ok := classEscape(c, p.flags.unicodeClass); ok {
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
			p.fail("Illegal control escape sequence", p.pos-1)
		}
		return single(p.next() ^ 64), true
	case 'N':
		if p.pos == len(p.text) || p.text[p.pos] != '{' {
			p.fail("Illegal character name escape sequence", p.pos)
		}
		p.fail(`Characters by name, \N{…}, are not supported; write \x{…} with the number`, p.pos-1)
	}
	if isLetter(c) || isDigit(c) {
		p.fail("Illegal/unsupported escape sequence", p.pos-1)
	}
	return single(c), true
}

func (p *parser) property(negated bool) set {
	if p.pos == len(p.text) {
		p.fail("Unknown character property name {\x00}", p.pos)
	}
	name := string(p.text[p.pos])
	p.pos++
	if name == "{" {
		if name = p.readName('}', "character family"); name == "" {
			p.fail("Empty character family", p.pos-1)
		}
	}
	s, ok := property(name, p.flags.unicodeClass, p.flags.fold)
	if !ok {
		p.fail(unknownProperty(name), p.pos-1)
	}
	if negated {
		s = s.negate()
	}
	return s
}

func unknownProperty(name string) string {
	if key, value, found := strings.Cut(name, "="); found {
		return "Unknown Unicode property {name=<" + key + ">, value=<" + value + ">}"
	}
	switch upper := strings.ToUpper(name); {
	case name == "javaMirrored", strings.HasPrefix(upper, "ISEMOJI"), upper == "ISEXTENDED_PICTOGRAPHIC": // Go has no tables of these
		return "The character property {" + name + "} is not supported"
	}
	return "Unknown character property name {" + name + "}"
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
	start, n := p.pos, rune(0)
	for p.pos < len(p.text) {
		digit, ok := hexDigit(p.text[p.pos])
		if !ok {
			break
		}
		p.pos++
		if n = n<<4 + digit; n > unicode.MaxRune {
			p.fail("Hexadecimal codepoint is too big", p.pos-1)
		}
	}
	switch {
	case p.pos == start:
		p.fail("Illegal hexadecimal escape sequence", p.pos-1)
	case !p.accept("}"):
		p.fail("Unclosed hexadecimal escape sequence", p.pos)
	}
	return n
}

func hexDigit(c rune) (n rune, ok bool) {
	switch {
	case isDigit(c):
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
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
	var v rune
	for range n {
		if p.pos == len(p.text) {
			p.fail(description, p.pos)
		}
		digit, ok := hexDigit(p.text[p.pos])
		if !ok {
			p.fail(description, p.pos)
		}
		v = v<<4 + digit
		p.pos++
	}
	return v
}
