package javatime

import (
	"strings"
	"time"
)

// SimpleDateFormat is a compiled pattern of java.text.SimpleDateFormat. It is immutable.
type SimpleDateFormat struct {
	elements []element
	zone     *time.Location
	// centuryStart is the earliest instant that a two-digit year can stand for, centuryYear its year.
	centuryStart int64
	centuryYear  int32
}

// element is one piece of a pattern: a field, or text to be taken as it is.
type element struct {
	// letter is the pattern letter, 0 for text.
	letter byte
	// count says how often the letter is repeated.
	count int
	text  string
	// bounded says that a digit may follow directly, so that the field ends after count characters.
	bounded bool
}

// The letters of SimpleDateFormat, and those among them that stand for digits, whatever their count.
const (
	simpleLetters = "GyMdkHmsSEDFwWahKzZYuXL"
	digitLetters  = "ydkHmsSDFwWhKYu"
)

// CompileSimpleDateFormat compiles a pattern for the given zone; nil is UTC. now decides what two-digit years mean. Errors are
// of type *PatternError, with Java's text.
func CompileSimpleDateFormat(pattern string, zone *time.Location, now time.Time) (*SimpleDateFormat, error) {
	f := &SimpleDateFormat{zone: zone}
	if zone == time.UTC {
		f.zone = nil // spares the look-up of an offset
	}
	century := calendarOf(now.UTC().AddDate(-80, 0, 0).UnixMilli(), nil)
	f.centuryStart, f.centuryYear = now.UTC().AddDate(-80, 0, 0).UnixMilli(), int32(century.year)
	for len(pattern) > 0 {
		n, err := f.element(pattern)
		if err != nil {
			return nil, err
		}
		pattern = pattern[n:]
	}
	for i := range len(f.elements) - 1 {
		f.elements[i].bounded = f.elements[i+1].beginsWithDigit()
	}
	return f, nil
}

// element compiles what the pattern begins with and returns its length.
func (f *SimpleDateFormat) element(pattern string) (n int, err error) {
	c := pattern[0]
	switch {
	case c == '\'':
		return f.quoted(pattern)
	case !isLetter(c):
		f.addText(pattern[:1])
		return 1, nil
	case strings.IndexByte(simpleLetters, c) < 0:
		return 0, &PatternError{"Illegal pattern character '" + pattern[:1] + "'"}
	}
	n = run(pattern)
	if c == 'X' && n > 3 {
		return 0, &PatternError{"invalid ISO 8601 format: length=" + itoa(n)}
	}
	f.elements = append(f.elements, element{letter: c, count: n})
	return n, nil
}

// quoted compiles a text between apostrophes; two apostrophes are one of them, within and without.
func (f *SimpleDateFormat) quoted(pattern string) (n int, err error) {
	if strings.HasPrefix(pattern, "''") {
		f.addText("'")
		return 2, nil
	}
	text, n, ok := unquote(pattern)
	if !ok {
		return 0, &PatternError{"Unterminated quote"}
	}
	f.addText(text)
	return n, nil
}

// unquote returns the text that begins with an apostrophe at the start of the pattern, and its length in the pattern.
func unquote(pattern string) (text string, n int, ok bool) {
	for n = 1; n < len(pattern); n++ {
		if pattern[n] != '\'' {
			text += pattern[n : n+1]
			continue
		}
		if !strings.HasPrefix(pattern[n:], "''") {
			return text, n + 1, true
		}
		text += "'"
		n++
	}
	return "", 0, false
}

// addText adds a text to the one before, but an empty text too, since it separates two fields.
func (f *SimpleDateFormat) addText(text string) {
	if n := len(f.elements); n > 0 && f.elements[n-1].letter == 0 {
		f.elements[n-1].text += text
		return
	}
	f.elements = append(f.elements, element{text: text})
}

// beginsWithDigit says that a number may begin the text of the element.
func (e *element) beginsWithDigit() bool {
	switch e.letter {
	case 0:
		return false
	case 'M', 'L':
		return e.count <= 2
	}
	return strings.IndexByte(digitLetters, e.letter) >= 0
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// run returns how often the first character is repeated.
func run(s string) int {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return n
}
