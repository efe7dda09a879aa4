package file

import "bytes"

// lines cuts text into lines. A line ends with \n, \r or \r\n. What follows the last end is not a line yet, and nor is
// text that ends in \r, since a \n may follow.
//
// The positions of both characters are remembered, so that each byte is scanned once for each of them even in a text that
// uses only one.
type lines struct {
	text   []byte
	at     int // where the next line begins
	lf, cr int // the first \n and \r at or after at, len(text) if there is none; stale when below at
}

func newLines(text []byte) lines { return lines{text: text, lf: -1, cr: -1} }

// next returns the next whole line without its end; ok is false when there is none. Then at is where the incomplete rest
// begins.
func (l *lines) next() (line []byte, ok bool) {
	if l.lf < l.at {
		l.lf = l.find('\n')
	}
	if l.cr < l.at {
		l.cr = l.find('\r')
	}
	end := min(l.lf, l.cr)
	following := end + 1
	if end == len(l.text) {
		return nil, false
	}
	if l.cr == end {
		if following == len(l.text) {
			return nil, false
		}
		if l.text[following] == '\n' {
			following++
		}
	}
	line = l.text[l.at:end:end]
	l.at = following
	return line, true
}

func (l *lines) find(c byte) int {
	if i := bytes.IndexByte(l.text[l.at:], c); i >= 0 {
		return l.at + i
	}
	return len(l.text)
}

// isLineEnd reports whether a line can begin after c.
func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }

// indexLineEnd returns the position of the first \n or \r, or -1.
func indexLineEnd(text []byte) int {
	lf := bytes.IndexByte(text, '\n')
	if lf >= 0 {
		text = text[:lf]
	}
	if cr := bytes.IndexByte(text, '\r'); cr >= 0 {
		return cr
	}
	return lf
}
