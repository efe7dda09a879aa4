package javaregex

import (
	"slices"
	"strings"
	"unicode"
)

// flags are the inline flags in force.
type flags struct {
	fold, unicodeCase, multiline, dotAll, comments, unixLines, unicodeClass bool
}

// parser reads Java's grammar. Errors unwind it by panicking with a *SyntaxError, which parse recovers.
type parser struct {
	pattern string
	text    []rune
	pos     int
	flags   flags
	groups  int
	names   map[string]int
	// backtracks says that only the backtracking engine has what the pattern needs; hasEnd and hasBoundary that it does for some
	// texts, loopGroups that it does for what groups hold.
	backtracks, hasEnd, hasBoundary, loopGroups bool
	depth                                       int
}

// maxDepth bounds the nesting of groups and classes.
const maxDepth = 250

func parse(pattern string) (p *parser, root *node, err error) {
	p = &parser{pattern: pattern, text: unquote([]rune(pattern)), names: make(map[string]int)}
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*SyntaxError)
			if !ok {
				panic(r)
			}
			err = e
		}
	}()
	root = p.alternation()
	if p.pos < len(p.text) {
		p.fail("Unmatched closing ')'", p.pos-1)
	}
	return p, root, nil
}

func (p *parser) fail(description string, index int) {
	panic(&SyntaxError{Description: description, Index: index, Pattern: p.pattern})
}

// unquote turns \Q…\E into escaped characters, everywhere, as Java does before it parses.
func unquote(text []rune) []rune {
	var plain []rune
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			plain = append(plain, text[i])
			continue
		}
		i++
		if text[i] != 'Q' {
			plain = append(plain, '\\', text[i])
			continue
		}
		for i++; i < len(text) && !hasPrefix(text[i:], `\E`); i++ {
			if text[i] < 0x80 && !isLetter(text[i]) && !isDigit(text[i]) {
				plain = append(plain, '\\')
			}
			plain = append(plain, text[i])
		}
		i++ // the E
	}
	return plain
}

func hasPrefix(text []rune, prefix string) bool {
	return len(text) >= len(prefix) && string(text[:len(prefix)]) == prefix
}

// more reports whether there is a next character, passing blanks and comments in comments mode.
func (p *parser) more() bool {
	for p.flags.comments && p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '#':
			for p.pos < len(p.text) && p.text[p.pos] != '\n' {
				p.pos++
			}
		case c == ' ' || c >= '\t' && c <= '\r':
			p.pos++
		default:
			return true
		}
	}
	return p.pos < len(p.text)
}

func (p *parser) next() rune {
	p.pos++
	return p.text[p.pos-1]
}

func (p *parser) accept(prefix string) bool {
	if !hasPrefix(p.text[p.pos:], prefix) {
		return false
	}
	p.pos += len(prefix)
	return true
}

func (p *parser) alternation() *node {
	alternatives := []*node{p.sequence()}
	for p.more() && p.accept("|") {
		alternatives = append(alternatives, p.sequence())
	}
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return &node{op: opAlternate, subs: alternatives}
}

func (p *parser) sequence() *node {
	n := &node{op: opConcat}
	for p.more() && p.text[p.pos] != '|' && p.text[p.pos] != ')' {
		atom := p.atom()
		if atom == nil { // flags
			continue
		}
		n.subs = append(n.subs, p.quantified(atom))
	}
	if len(n.subs) == 0 {
		return &node{op: opEmpty}
	}
	return n
}

func (p *parser) atom() *node {
	start := p.pos
	switch c := p.next(); c {
	case '(':
		return p.group()
	case '[':
		return &node{op: opSet, set: p.class()}
	case '.':
		return &node{op: opSet, set: p.dot()}
	case '^':
		if p.flags.multiline {
			p.backtracks = true
			return &node{op: opAnchor, mode: beginLine, unix: p.flags.unixLines}
		}
		return &node{op: opAnchor, mode: beginText}
	case '$':
		return p.dollar()
	case '\\':
		return p.escape()
	case '*', '+', '?':
		p.fail("Dangling meta character '"+string(c)+"'", start)
	case '{':
		p.fail("Illegal repetition", start+1)
	default:
		return &node{op: opSet, set: p.folded(single(c))}
	}
	return nil
}

func (p *parser) dot() set {
	switch {
	case p.flags.dotAll:
		return ranges(0, maxRune)
	case p.flags.unixLines:
		return single('\n').negate()
	}
	return lineTerminators().negate()
}

func (p *parser) dollar() *node {
	if p.flags.multiline {
		p.backtracks = true
		return &node{op: opAnchor, mode: endLine, unix: p.flags.unixLines}
	}
	p.hasEnd = true
	return &node{op: opAnchor, mode: endOrTerminator, unix: p.flags.unixLines}
}

func (p *parser) folded(s set) set {
	switch {
	case !p.flags.fold:
		return s
	case p.flags.unicodeCase && len(s) == 1 && s[0].lo == s[0].hi: // one character also matches what has the same lower case
		return s.union(single(unicode.ToLower(unicode.ToUpper(s[0].lo)))).fold(true)
	}
	return s.fold(p.flags.unicodeCase)
}

func (p *parser) quantified(atom *node) *node {
	if !p.more() {
		return atom
	}
	n := &node{op: opRepeat, subs: []*node{atom}, max: unlimited}
	switch p.text[p.pos] {
	case '*':
	case '+':
		n.min = 1
	case '?':
		n.max = 1
	case '{':
		n.min, n.max = p.counts()
		p.pos--
	default:
		return atom
	}
	p.pos++
	switch {
	case p.accept("?"):
		n.mode = reluctant
	case p.accept("+"):
		n.mode = possessive
		p.backtracks = true
	}
	if n.max == 1 {
		return n
	}
	// Only the backtracking engine knows that an empty iteration is the last, and what groups hold after one that is taken back.
	low, _, _ := atom.width()
	p.backtracks = p.backtracks || low == 0 && n.min > 1
	p.loopGroups = p.loopGroups || (low == 0 || atom.deterministic()) && atom.captures()
	return n
}

// maxCount bounds repetitions. Go's engine takes a thousand at most; what is beyond goes to the other one.
const maxCount = 100_000

// counts reads {n}, {n,} and {n,m} and ends behind the brace.
func (p *parser) counts() (low, high int) {
	if p.pos+1 >= len(p.text) || !isDigit(p.text[p.pos+1]) {
		p.fail("Illegal repetition", p.pos+1)
	}
	p.pos++
	low = p.count()
	high = low
	if p.accept(",") {
		high = unlimited
		if p.pos < len(p.text) && p.text[p.pos] != '}' {
			high = p.count()
		}
	}
	if !p.accept("}") {
		p.fail("Unclosed counted closure", p.pos)
	}
	if high != unlimited && high < low {
		p.fail("Illegal repetition range", p.pos-1)
	}
	return low, high
}

func (p *parser) count() int {
	n := 0
	for p.pos < len(p.text) && isDigit(p.text[p.pos]) {
		n = n*10 + int(p.next()-'0')
		if n > maxCount {
			p.fail("Illegal repetition range", p.pos-1)
		}
	}
	return n
}

// enter bounds the depth; the function it returns goes back.
func (p *parser) enter() func() {
	if p.depth++; p.depth > maxDepth {
		p.fail("Pattern is nested too deeply", p.pos)
	}
	return func() { p.depth-- }
}

func (p *parser) readName(until rune, what string) string {
	end := slices.Index(p.text[p.pos:], until)
	if end < 0 {
		p.fail("Unclosed "+what, len(p.text))
	}
	name := string(p.text[p.pos : p.pos+end])
	p.pos += end + 1
	return strings.TrimSpace(name)
}
