package terminal

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// Style is how text looks where colours are allowed: the parameter of an SGR sequence.
type Style string

// The styles that are used. They are of the 16 colours that people choose themselves.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Faint  Style = "2"
	Red    Style = "31"
	Green  Style = "32"
	Yellow Style = "33"
	Cyan   Style = "36"
)

// Span is text of one style.
type Span struct {
	Text  string
	Style Style
}

// Line is a line of a terminal.
type Line []Span

// String returns the text without its styles.
func (l Line) String() string {
	var b strings.Builder
	for _, s := range l {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Render returns the whole line, which a terminal breaks where it does not fit, with colours or without.
func (l Line) Render(color bool) string {
	var b bytes.Buffer
	for _, s := range l {
		writeSpan(&b, Clean(s.Text), s.Style, color)
	}
	return b.String()
}

// write writes the line, cut to a width with an ellipsis if need be, and returns the width that was written.
func (l Line) write(b *bytes.Buffer, width int, color bool) int {
	left := width
	whole := Width(Clean(l.String())) <= width
	for _, s := range l {
		text := Clean(s.Text)
		if !whole && Width(text) >= left {
			text = Truncate(text+" ", left)
			writeSpan(b, text, s.Style, color)
			return width - left + Width(text)
		}
		writeSpan(b, text, s.Style, color)
		left -= Width(text)
	}
	return width - left
}

func writeSpan(b *bytes.Buffer, text string, style Style, color bool) {
	if !color || style == Plain || text == "" {
		b.WriteString(text)
		return
	}
	b.WriteString("\x1b[" + string(style) + "m")
	b.WriteString(text)
	b.WriteString("\x1b[0m")
}

// Width returns how many columns text takes.
func Width(text string) int { return runewidth.StringWidth(text) }

// Truncate cuts text to a width; the last column is then an ellipsis.
func Truncate(text string, width int) string { return runewidth.Truncate(text, width, "…") }

// Pad cuts or fills text to a width.
func Pad(text string, width int) string { return runewidth.FillRight(Truncate(text, width), width) }

// PadLeft is Pad with the text at the right.
func PadLeft(text string, width int) string { return runewidth.FillLeft(Truncate(text, width), width) }

// Clean replaces what would move the cursor or change the terminal: names and messages come from anywhere.
func Clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
}
