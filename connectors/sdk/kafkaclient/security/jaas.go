package security

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// jaas is a login module and its options, of sasl.jaas.config.
type jaas struct {
	module  string
	options map[string]string
}

// parseJAAS reads one entry, as Kafka's clients do (kafka: JaasConfig): a class, a control flag, options, a semicolon.
//
//	org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b";
//
// The text is split by the rules of java.io.StreamTokenizer, down to the odd ones, so that a text that worked works: values need
// no quotes unless they are numbers, quotes are single or double, a backslash in them escapes as in C, and // and /* */ are
// comments. Errors tell places and names of options that are known, and nothing else of the text.
func parseJAAS(text string) (jaas, error) {
	t := tokens{text: text}
	first := t.next()
	if first.kind == tokenEnd {
		return jaas{}, fmt.Errorf("Login module not specified in JAAS config") //nolint:staticcheck // Kafka's text
	}
	entry, err := t.entry(first)
	if err != nil {
		return jaas{}, err
	}
	if more := t.next(); more.kind != tokenEnd {
		return jaas{}, fmt.Errorf("JAAS config property contains more than one login module, should be 1 module (the second begins at character %d)", more.at)
	}
	return entry, nil
}

func (t *tokens) entry(module token) (jaas, error) {
	j := jaas{module: module.text, options: map[string]string{}}
	if module.kind != tokenText {
		return j, fmt.Errorf("a login module is expected at character %d", module.at)
	}
	flag := t.next()
	if flag.kind == tokenEnd {
		return j, fmt.Errorf("Login module control flag not specified in JAAS config") //nolint:staticcheck // Kafka's text
	}
	switch strings.ToUpper(flag.text) {
	case "REQUIRED", "REQUISITE", "SUFFICIENT", "OPTIONAL":
	default:
		return j, fmt.Errorf("Invalid login module control flag in JAAS config at character %d: use required", flag.at) //nolint:staticcheck // Kafka's text
	}
	for {
		key := t.next()
		switch {
		case key.kind == tokenEnd:
			return j, fmt.Errorf("JAAS config entry not terminated by semi-colon")
		case key.kind == ';':
			return j, nil
		case key.kind != tokenText:
			return j, fmt.Errorf("an option is expected in JAAS config at character %d", key.at)
		}
		if t.next().kind != '=' {
			return j, fmt.Errorf("Value not specified for the key at character %d in JAAS config", key.at) //nolint:staticcheck // Kafka's text
		}
		value := t.next()
		if value.kind != tokenText {
			return j, fmt.Errorf("Value not specified for the key at character %d in JAAS config: quote values that are numbers", key.at) //nolint:staticcheck // Kafka's text
		}
		j.options[key.text] = value.text
	}
}

// Kinds of token beside single characters.
const (
	tokenEnd    rune = -1 - iota
	tokenText        // a word or a quoted text
	tokenNumber      // which has no text
)

type token struct {
	kind rune
	text string
	at   int // character, from 1
}

// tokens splits a text.
type tokens struct {
	text string
	at   int // byte
}

func (t *tokens) next() token {
	t.skip()
	at := utf8.RuneCountInString(t.text[:t.at]) + 1
	c := t.peek()
	switch {
	case c < 0:
		return token{tokenEnd, "", at}
	case t.isNumber():
		for t.at < len(t.text) && isDigit(t.peek()) { // as Java: the rest is a token of its own
			t.at++
		}
		return token{tokenNumber, "", at}
	case isWord(c) && c != '-' && c != '.' && !isDigit(c):
		from := t.at
		for isWord(t.peek()) {
			t.take()
		}
		return token{tokenText, t.text[from:t.at], at}
	case c == '"' || c == '\'':
		return token{tokenText, t.quoted(), at}
	}
	t.take()
	return token{c, "", at}
}

// peek returns the next character, -1 at the end.
func (t *tokens) peek() rune {
	if t.at >= len(t.text) {
		return -1
	}
	c, _ := utf8.DecodeRuneInString(t.text[t.at:])
	return c
}

func (t *tokens) take() rune {
	if t.at >= len(t.text) {
		return -1
	}
	c, size := utf8.DecodeRuneInString(t.text[t.at:])
	t.at += size
	return c
}

// skip passes over blanks and comments.
func (t *tokens) skip() {
	for {
		rest := t.text[t.at:]
		switch {
		case rest == "":
			return
		case rest[0] <= ' ':
			t.at++
		case strings.HasPrefix(rest, "/*"):
			if _, after, ok := strings.Cut(rest[2:], "*/"); ok {
				t.at = len(t.text) - len(after)
			} else {
				t.at = len(t.text)
			}
		case rest[0] == '/': // "//" by what Kafka sets, "/" alone by what a StreamTokenizer begins with
			if end := strings.IndexAny(rest, "\r\n"); end >= 0 {
				t.at += end
			} else {
				t.at = len(t.text)
			}
		default:
			return
		}
	}
}

// isNumber reports whether a number begins here: a digit, a point, or a minus before one of those.
func (t *tokens) isNumber() bool {
	c := t.text[t.at]
	if c == '-' {
		return t.at+1 < len(t.text) && (t.text[t.at+1] == '.' || '0' <= t.text[t.at+1] && t.text[t.at+1] <= '9')
	}
	return isDigit(rune(c))
}

func isDigit(c rune) bool { return c == '.' || c == '-' || '0' <= c && c <= '9' }

func isWord(c rune) bool {
	return isDigit(c) || c == '_' || c == '$' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0xa0
}

// quoted reads a text in quotes. One that does not end on its line ends there.
func (t *tokens) quoted() string {
	quote := t.take()
	var b strings.Builder
	for {
		switch c := t.peek(); c {
		case -1, '\n', '\r':
			return b.String()
		case quote:
			t.take()
			return b.String()
		case '\\':
			t.take()
			if c, ok := t.escaped(); ok {
				b.WriteRune(c)
			}
		default:
			from := t.at
			t.take()
			b.WriteString(t.text[from:t.at])
		}
	}
}

// escaped reads what follows a backslash: an octal number of at most \377, a letter of C, or itself.
func (t *tokens) escaped() (rune, bool) {
	first := t.take()
	if first < '0' || first > '7' {
		letters := map[rune]rune{'a': 7, 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': 11}
		if c, ok := letters[first]; ok {
			return c, true
		}
		return first, first >= 0
	}
	value, digits := first-'0', 2
	if first > '3' {
		digits = 1
	}
	for ; digits > 0; digits-- {
		c := t.peek()
		if c < '0' || c > '7' {
			break
		}
		t.take()
		value = value<<3 + c - '0'
	}
	return value, true
}
