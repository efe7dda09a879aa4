package jsonpath

import (
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// filter reads the predicate after a question mark, in parentheses.
func (p *parser) filter() predicate {
	p.blanks()
	if !strings.HasPrefix(p.rest(), "(") {
		_ = p.fail("a predicate stands in parentheses")
		return nil
	}
	return p.primary()
}

// alternatives reads predicates joined by ||.
func (p *parser) alternatives() predicate {
	left := p.conjunction()
	for p.blanks(); p.take("||"); p.blanks() {
		left = either{left, p.conjunction()}
	}
	return left
}

// conjunction reads predicates joined by &&.
func (p *parser) conjunction() predicate {
	left := p.primary()
	for p.blanks(); p.take("&&"); p.blanks() {
		left = both{left, p.primary()}
	}
	return left
}

// primary reads a comparison, a path alone, or a predicate in parentheses or after an exclamation mark.
func (p *parser) primary() predicate {
	p.depth++
	defer func() { p.depth-- }()
	p.blanks()
	switch {
	case p.depth > maxDepth:
		_ = p.fail("predicates nest too deep")
		return nil
	case p.take("!"):
		return not{p.primary()}
	case p.take("("):
		inner := p.alternatives()
		p.blanks()
		if !p.take(")") {
			_ = p.fail("an operator, && or || or a closing parenthesis is missing")
		}
		return inner
	}
	return p.comparison()
}

func (p *parser) comparison() predicate {
	left := p.operand()
	p.blanks()
	operator := p.operator()
	if operator == "" {
		if left.path == nil {
			_ = p.fail("an operator is missing")
		}
		return exists{left}
	}
	p.blanks()
	c := &comparison{left: left, operator: operator}
	switch {
	case operator == "=~":
		c.regex = p.regex()
	case (operator == "in" || operator == "nin") && p.take("["):
		c.isList, c.list = true, p.list()
	default:
		c.right = p.operand()
	}
	return c
}

// operator reads an operator; it is empty when none follows.
func (p *parser) operator() string {
	for _, o := range []string{"===", "!==", "==", "!=", "<=", ">=", "=~", "<", ">"} {
		if p.take(o) {
			return o
		}
	}
	n := 0
	for n < len(p.rest()) && 'a' <= p.rest()[n]|0x20 && p.rest()[n]|0x20 <= 'z' {
		n++
	}
	switch word := strings.ToLower(p.rest()[:n]); word {
	case "":
		return ""
	case "in", "nin", "contains", "size", "empty":
		p.at += n
		return word
	default:
		_ = p.fail("the operator " + word + " is not supported")
		return ""
	}
}

func (p *parser) operand() operand {
	switch {
	case p.err != nil:
	case p.take("@"):
		return operand{path: p.definite()}
	case p.take("$"):
		return operand{path: p.definite(), fromRoot: true}
	case strings.HasPrefix(p.rest(), "'"), strings.HasPrefix(p.rest(), `"`):
		return operand{literal: connect.String(p.quoted())}
	default:
		return operand{literal: p.literal()}
	}
	return operand{}
}

// definite reads the steps of a path in a predicate.
func (p *parser) definite() *Path {
	path := new(Path)
	p.steps(path)
	if !path.IsDefinite() {
		_ = p.fail("wildcards and filters inside of a predicate are not supported")
	}
	return path
}

// literal reads a number or a word.
func (p *parser) literal() connect.Value {
	n := strings.IndexAny(p.rest(), " \t\r\n)]&|,=!<>")
	if n < 0 {
		n = len(p.rest())
	}
	text := p.rest()[:n]
	switch text {
	case "true", "false":
		p.at += n
		return connect.Bool(text == "true")
	case "null":
		_ = p.fail("the literal null is not supported, since nothing that is null satisfies a comparison: write ?(@.a) or ?(!@.a)")
		return connect.Null()
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		p.at += n
		return connect.Int64(whole)
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xXpP_iInN") {
		_ = p.fail("a path, a number, true, false or a text in quotes is missing")
		return connect.Null()
	}
	p.at += n
	return connect.Float64(number)
}

// list reads literals up to the closing bracket.
func (p *parser) list() (list []operand) {
	for p.blanks(); !p.take("]"); p.blanks() {
		if p.err != nil {
			return nil
		}
		if len(list) > 0 {
			if !p.take(",") {
				_ = p.fail("a comma or a closing bracket is missing")
			}
			p.blanks()
		}
		list = append(list, p.operand())
	}
	return list
}

// regex reads a regular expression between slashes, in which a backslash goes before a slash, and its flags.
func (p *parser) regex() *javaregex.Regexp {
	if !p.take("/") {
		_ = p.fail("a regular expression stands between slashes")
		return nil
	}
	from := p.at
	for p.at < len(p.text) && p.text[p.at] != '/' {
		if p.text[p.at] == '\\' {
			p.at++
		}
		p.at++
	}
	if p.at >= len(p.text) {
		p.at = len(p.text)
		_ = p.fail("a regular expression is not closed")
		return nil
	}
	pattern := strings.ReplaceAll(p.text[from:p.at], `\/`, "/")
	p.at++
	flags := p.at
	for p.at < len(p.text) && strings.IndexByte("imsxud", p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at > flags {
		pattern = "(?" + p.text[flags:p.at] + ")" + pattern
	}
	regex, err := javaregex.Compile(pattern)
	if err != nil {
		_ = p.fail("the regular expression is wrong: " + err.Error())
	}
	return regex
}
