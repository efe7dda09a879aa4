// Package terminal shows people what goes on: a few live lines at the bottom of the terminal that are drawn again in
// place, and everything else, such as logs, scrolling by above them.
//
// # How lines are replaced
//
// To erase the live lines the cursor goes up by as many rows as they take now. That is not always as many as were drawn:
// when the window gets narrower, terminals break lines that no longer fit into several rows. So the widths of the drawn
// lines are kept, and the rows are counted anew with the width of the moment. A line is never drawn wider than the window,
// less one column, since terminals differ in where the cursor is after the last one.
package terminal

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// The escape sequences that are used, of ECMA-48; and of the synchronized output that newer terminals know and others
// ignore.
const (
	cursorUp    = "\x1b[%dA"
	eraseBelow  = "\x1b[J"
	beginUpdate = "\x1b[?2026h"
	endUpdate   = "\x1b[?2026l"
)

// Screen is a terminal with live lines. Its methods may be called concurrently.
type Screen struct {
	out   io.Writer
	size  func() (width, height int)
	color bool

	mu    sync.Mutex
	live  []Line
	drawn []int // widths of the lines that are on the terminal
	last  string
}

// NewScreen returns a Screen over a terminal. size is asked before every change, and may return 0, 0 when it does not know;
// color allows colours.
func NewScreen(out io.Writer, size func() (width, height int), color bool) *Screen {
	return &Screen{out: out, color: color, size: func() (int, int) {
		width, height := size()
		if width <= 0 || height <= 0 {
			return 80, 24
		}
		return width, height
	}}
}

// Draw replaces the live lines. If there are more than the window has room for, the last says how many are left out.
func (s *Screen) Draw(lines []Line) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = lines
	return s.redraw(nil)
}

// Write implements io.Writer: p, which should end with a line, appears above the live lines.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.redraw(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Width returns how many columns a line may have.
func (s *Screen) Width() int {
	width, _ := s.size()
	return max(width-1, 1)
}

// redraw erases the live lines, writes what belongs above them, and draws them again, in one write.
func (s *Screen) redraw(above []byte) error {
	width, height := s.size()
	text, widths := s.render(fit(s.live, height), max(width-1, 1))
	if len(above) == 0 && text == s.last && s.rows(width) == len(s.drawn) {
		return nil
	}
	var b bytes.Buffer
	b.WriteString(beginUpdate)
	if rows := min(s.rows(width), max(height-1, 0)); rows > 0 {
		fmt.Fprintf(&b, cursorUp, rows)
	}
	b.WriteString("\r" + eraseBelow)
	b.Write(above)
	b.WriteString(text)
	b.WriteString(endUpdate)
	s.drawn, s.last = widths, text
	if _, err := s.out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write to the terminal: %w", err)
	}
	return nil
}

// rows is how many rows the drawn lines take in a window of some width.
func (s *Screen) rows(width int) int {
	rows := 0
	for _, w := range s.drawn {
		rows += max(1, (w+width-1)/width)
	}
	return rows
}

func (s *Screen) render(lines []Line, width int) (text string, widths []int) {
	var b bytes.Buffer
	for _, l := range lines {
		widths = append(widths, l.write(&b, width, s.color))
		b.WriteByte('\n')
	}
	return b.String(), widths
}

// fit keeps the lines that a window has room for, with a row left for the cursor and one for what is above.
func fit(lines []Line, height int) []Line {
	room := max(height-2, 1)
	if len(lines) <= room {
		return lines
	}
	kept := append([]Line(nil), lines[:room-1]...)
	return append(kept, Line{{Text: fmt.Sprintf("… and %d more", len(lines)-room+1), Style: Faint}})
}
