package basicauth

import (
	"fmt"
	"strings"
)

// module is a line of a JAAS entry: the class of a login module and its options. What its flag says is not kept: see
// credentials.match.
type module struct {
	class   string
	options map[string]string
}

// parseJAAS reads a JAAS file and returns the modules of one entry, in their order. Errors tell the line and quote nothing, because
// options may be secrets.
func parseJAAS(text, entry string) ([]module, error) {
	s := &scanner{text: text, line: 1}
	var found []module
	seen := false
	for {
		name, err := s.next()
		if err != nil || name.kind == end {
			if err == nil && !seen {
				err = fmt.Errorf("it has no entry %s", entry)
			}
			return found, err
		}
		modules, err := s.entry(name)
		if err != nil {
			return nil, err
		}
		if name.text == entry && !seen {
			found, seen = modules, true
		}
	}
}

// entry reads what is between an entry's name and the semicolon behind its braces.
func (s *scanner) entry(name token) ([]module, error) {
	if name.kind != word {
		return nil, s.wrong("the name of an entry")
	}
	if err := s.want("{"); err != nil {
		return nil, err
	}
	var modules []module
	for {
		t, err := s.next()
		switch {
		case err != nil:
			return nil, err
		case t.is("}"):
			return modules, s.want(";")
		case t.kind != word:
			return nil, s.wrong("the class of a login module or }")
		}
		m, err := s.module(t.text)
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
}

// module reads a flag and options up to the semicolon.
func (s *scanner) module(class string) (module, error) {
	m := module{class, map[string]string{}}
	flag, err := s.next()
	if err != nil {
		return m, err
	}
	switch strings.ToLower(flag.text) {
	case "required", "requisite", "sufficient", "optional":
	default:
		return m, s.wrong("required, requisite, sufficient or optional")
	}
	for {
		key, err := s.next()
		switch {
		case err != nil:
			return m, err
		case key.is(";"):
			return m, nil
		case key.kind != word:
			return m, s.wrong("an option or ;")
		}
		if err := s.want("="); err != nil {
			return m, err
		}
		value, err := s.next()
		if err == nil && value.kind == symbol || value.kind == end {
			err = s.wrong("the value of an option")
		}
		if err != nil {
			return m, err
		}
		m.options[key.text] = value.text
	}
}

type kind uint8

const (
	word kind = iota
	quoted
	symbol
	end
)

type token struct {
	kind kind
	text string
}

func (t token) is(text string) bool { return t.kind == symbol && t.text == text }

// scanner takes a JAAS file apart: words, texts in quotes, and the symbols { } ; =.
type scanner struct {
	text string
	line int
}

func (s *scanner) want(text string) error {
	t, err := s.next()
	if err == nil && !t.is(text) {
		err = s.wrong(text)
	}
	return err
}

func (s *scanner) wrong(expected string) error {
	return fmt.Errorf("line %d: expected %s", s.line, expected)
}

const symbols = "{};="

func (s *scanner) next() (token, error) {
	s.skip()
	if s.text == "" {
		return token{kind: end}, nil
	}
	switch c := s.text[0]; {
	case strings.IndexByte(symbols, c) >= 0:
		return token{symbol, s.take(1)}, nil
	case c == '"' || c == '\'':
		return s.quotedText(c)
	}
	n := strings.IndexAny(s.text, symbols+"\"' \t\r\n")
	if n < 0 {
		n = len(s.text)
	}
	return token{word, s.take(n)}, nil
}

// quotedText reads a text in quotes, in which a backslash takes what is special from the next character.
func (s *scanner) quotedText(quote byte) (token, error) {
	var b strings.Builder
	for i := 1; i < len(s.text); i++ {
		switch c := s.text[i]; {
		case c == '\\' && i+1 < len(s.text):
			i++
			b.WriteByte(s.text[i])
		case c == quote:
			s.take(i + 1)
			return token{quoted, b.String()}, nil
		default:
			b.WriteByte(c)
		}
	}
	return token{}, fmt.Errorf("line %d: a text in quotes has no end", s.line)
}

// skip passes blanks and comments of both kinds.
func (s *scanner) skip() {
	for {
		blanks := len(s.text) - len(strings.TrimLeft(s.text, " \t\r\n\f"))
		s.take(blanks)
		var until string
		switch {
		case strings.HasPrefix(s.text, "//"), strings.HasPrefix(s.text, "#"):
			until = "\n"
		case strings.HasPrefix(s.text, "/*"):
			until = "*/"
		default:
			return
		}
		if i := strings.Index(s.text, until); i >= 0 {
			s.take(i + len(until))
		} else {
			s.take(len(s.text))
		}
	}
}

func (s *scanner) take(n int) string {
	taken := s.text[:n]
	s.text = s.text[n:]
	s.line += strings.Count(taken, "\n")
	return taken
}
