package jsonpath

import (
	"fmt"
	"strconv"
	"strings"
)

// SyntaxError is a path that cannot be compiled.
type SyntaxError struct {
	Path   string
	At     int // byte near which it is wrong
	Reason string
}

// Error tells the reason and the place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("JSON path %s: %s at position %d", e.Path, e.Reason, e.At)
}

// Parse compiles a path. Errors are of type *SyntaxError and name what is not supported.
func Parse(text string) (*Path, error) {
	p := parser{text: text}
	if !p.take("$") {
		return nil, p.fail("a path begins with $")
	}
	path := new(Path)
	p.steps(path)
	if p.err == nil && p.at < len(text) {
		return nil, p.fail("what follows is no step of a path")
	}
	return path, p.err
}

// parser reads one path. After the first error it reads no further.
type parser struct {
	text  string
	at    int
	depth int // of parentheses and filters
	err   error
}

// maxDepth bounds how deep predicates nest.
const maxDepth = 50

func (p *parser) fail(reason string) error {
	if p.err == nil {
		p.err = &SyntaxError{Path: p.text, At: p.at, Reason: reason}
	}
	return p.err
}

func (p *parser) rest() string { return p.text[p.at:] }

func (p *parser) blanks() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// take reads token, if it is next.
func (p *parser) take(token string) bool {
	if p.err != nil || !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.at += len(token)
	return true
}

// steps reads steps for as long as there are some.
func (p *parser) steps(path *Path) {
	for p.err == nil {
		switch {
		case strings.HasPrefix(p.rest(), ".."):
			_ = p.fail("deep scans (..) are not supported")
		case p.take(".*"):
			path.steps = append(path.steps, step{kind: wildcard})
		case p.take("["), p.take(".["): // the latter is what configurations hold too
			p.blanks()
			path.steps = append(path.steps, p.bracket())
			p.blanks()
			if !p.take("]") {
				p.failInBracket()
			}
		case p.take("."):
			path.steps = append(path.steps, step{kind: child, name: p.name()})
		default:
			return
		}
	}
}

// name reads the name after a dot: up to what cannot be part of one.
func (p *parser) name() string {
	n := strings.IndexAny(p.rest(), ".[]()?@*,:;=!<>&|~'\"/ \t\r\n")
	if n < 0 {
		n = len(p.rest())
	}
	name := p.rest()[:n]
	p.at += n
	switch {
	case strings.HasPrefix(p.rest(), "("):
		_ = p.fail("functions such as " + name + "() are not supported")
	case name == "":
		_ = p.fail("a name is missing")
	}
	return name
}

// bracket reads what stands in brackets.
func (p *parser) bracket() step {
	switch {
	case p.take("*"):
		return step{kind: wildcard}
	case p.take("?"):
		return step{kind: filter, predicate: p.filter()}
	case strings.HasPrefix(p.rest(), "'"), strings.HasPrefix(p.rest(), `"`):
		return step{kind: child, name: p.quoted()}
	case strings.HasPrefix(p.rest(), "("):
		_ = p.fail("expressions in brackets are not supported")
		return step{}
	}
	n, err := strconv.Atoi(p.digits())
	if err != nil {
		p.failInBracket()
	}
	return step{kind: index, index: n}
}

func (p *parser) digits() string {
	from := p.at
	p.take("-")
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.text[from:p.at]
}

func (p *parser) failInBracket() {
	switch {
	case strings.HasPrefix(p.rest(), ":"):
		_ = p.fail("slices are not supported")
	case strings.HasPrefix(p.rest(), ","):
		_ = p.fail("lists of names or indexes are not supported")
	default:
		_ = p.fail("brackets hold a name in quotes, an index, * or ?(…)")
	}
}

// quoted reads a text in single or double quotes, in which a backslash makes the next character literal.
func (p *parser) quoted() string {
	quote := p.text[p.at]
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == quote:
			p.at = i + 1
			return b.String()
		case c == '\\' && i+1 < len(p.text):
			i++
			b.WriteByte(p.text[i])
		default:
			b.WriteByte(c)
		}
	}
	_ = p.fail("a quote is not closed")
	return ""
}
