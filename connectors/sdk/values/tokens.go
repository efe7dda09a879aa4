package values

import (
	"strings"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// tokens cuts a text into tokens, with one token of look-ahead that can be taken back.
type tokens struct {
	text     string
	pos      int    // begin of what has not been cut yet
	token    string // cut but not consumed; ends at pos
	buffered bool
}

func (t *tokens) hasNext() bool { return t.buffered || t.pos < len(t.text) }

// mark returns the position to which rewind can go back.
func (t *tokens) mark() int {
	if t.buffered {
		return t.pos - len(t.token)
	}
	return t.pos
}

func (t *tokens) rewind(mark int) { t.pos, t.buffered = mark, false }

func (t *tokens) next() string {
	if t.buffered {
		t.buffered = false
		return t.token
	}
	return t.cut()
}

// skip passes n tokens and returns their text, or goes back and returns false when there are fewer.
func (t *tokens) skip(n int) (string, bool) {
	start := t.mark()
	for range n {
		if !t.hasNext() {
			t.rewind(start)
			return "", false
		}
		t.next()
	}
	return t.text[start:t.pos], true
}

// consume passes the next token if it is expected, apart from blanks around it. Blank tokens before it are dropped either
// way.
func (t *tokens) consume(expected string) bool {
	if !t.buffered {
		if t.pos >= len(t.text) {
			return false
		}
		t.token, t.buffered = t.cut(), true
	}
	for isBlank(t.token) && t.pos < len(t.text) {
		t.token = t.cut()
	}
	if javatext.Trim(t.token) != expected {
		return false
	}
	t.buffered = false
	return true
}

// cut takes the next token from the text, which must not be at its end.
func (t *tokens) cut() string {
	start, escaped := t.pos, false
	for ; t.pos < len(t.text); t.pos++ {
		c := t.text[t.pos]
		switch {
		case c == '\\':
			escaped = !escaped
		case !isDelimiter(c) || escaped:
			escaped = false
		case t.pos > start:
			return t.text[start:t.pos]
		default:
			t.pos++
			return t.text[start:t.pos]
		}
	}
	return t.text[start:]
}

func isDelimiter(c byte) bool { return strings.IndexByte(`:,{}[]"`, c) >= 0 }

func isBlank(s string) bool { return javatext.Trim(s) == "" }

// utf16Length returns the length of s in UTF-16 units, which is what Java counts.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	if !utf8.ValidString(s) { // an unpaired surrogate is three invalid bytes and one unit
		n = 0
		for i := 0; i < len(s); n++ {
			_, size := decodeRune(s[i:])
			if size == 4 {
				n++
			}
			i += size
		}
	}
	return n
}

// decodeRune is utf8.DecodeRuneInString, but takes a surrogate in its three-byte form as one character.
func decodeRune(s string) (rune, int) {
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && size == 1 && isSurrogate(s) {
		return rune(s[0]&0x0F)<<12 | rune(s[1]&0x3F)<<6 | rune(s[2]&0x3F), 3
	}
	return r, size
}

func isSurrogate(s string) bool {
	return len(s) >= 3 && s[0] == 0xED && s[1] >= 0xA0 && s[1] <= 0xBF && s[2] >= 0x80 && s[2] <= 0xBF
}
