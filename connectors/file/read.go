package file

import (
	"errors"
	"fmt"
	"io"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// read returns text from pos on, in memory of the batch's arena, and whether there may be more behind it. The text holds a
// whole line unless no whole line is there.
func (s *Source) read(b *connect.Batch, limit int) (text []byte, more bool, err error) {
	if s.tail > 0 {
		return s.readLong(b)
	}
	text, more, err = s.readChunk(b, limit)
	if err != nil || len(text) == 0 || indexLineEnd(text) >= 0 && !endsWithOnlyCR(text) {
		return text, more, err
	}
	// No whole line: remember how far we looked, so that a line of any length is looked at once, however often Poll
	// is called while it is being written.
	s.tail = int64(len(text))
	if endsWithOnlyCR(text) {
		s.tail--
	}
	if !more || s.tail == 0 {
		return nil, false, nil
	}
	return s.readLong(b)
}

// endsWithOnlyCR reports whether the only line end is a \r at the very end, which may turn out to be a \r\n.
func endsWithOnlyCR(text []byte) bool {
	return indexLineEnd(text) == len(text)-1 && text[len(text)-1] == '\r'
}

// readChunk reads as much as limit lines will need. When the byte before pos is known to be a line end it is read again:
// if it no longer is one, the file was truncated and has grown again, or was overwritten, since the last look.
func (s *Source) readChunk(b *connect.Batch, limit int) (text []byte, more bool, err error) {
	_, room := b.Remaining()
	size := min(max(minChunk, limit*s.lineSize*5/4), max(minChunk, room), s.chunk)
	before := 0
	if s.aligned && s.path != "" {
		before = 1
	}
	buf := b.Arena.Bytes(before + size)
	n, err := s.readAt(buf, s.pos-int64(before))
	switch {
	case err != nil:
		return nil, false, err
	case n < before: // the file is shorter than that
		_, _, err := s.in.check(s.pos)
		return nil, false, err
	case before == 1 && !isLineEnd(buf[0]):
		return nil, false, s.changed()
	}
	return buf[before:n], n == len(buf), nil
}

// readLong looks for the end of a line that is longer than a chunk, or was incomplete when last looked at; then it reads the
// line as a whole. So memory holds a chunk while a line is incomplete, and the line alone once it is whole.
func (s *Source) readLong(b *connect.Batch) (text []byte, more bool, err error) {
	buf := b.Arena.Bytes(s.chunk)
	for {
		n, err := s.readAt(buf, s.pos+s.tail)
		if err != nil || n == 0 {
			return nil, false, err
		}
		end := indexLineEnd(buf[:n])
		if end >= 0 {
			return s.readWhole(b, int(s.tail)+end)
		}
		if s.tail += int64(n); s.tail > maxLine {
			return nil, false, s.tooLong()
		}
	}
}

// readWhole reads the line of the given size, and two bytes more for its end.
func (s *Source) readWhole(b *connect.Batch, size int) (text []byte, more bool, err error) {
	if size > maxLine {
		return nil, false, s.tooLong()
	}
	buf := b.Arena.Bytes(size + 2)
	n, err := s.readAt(buf, s.pos)
	if err != nil {
		return nil, false, err
	}
	text = buf[:n]
	if n <= size || indexLineEnd(text) < 0 || endsWithOnlyCR(text) {
		// A \r without successor, or the file changed while we looked: decide next time.
		s.tail = int64(min(size, n))
		return nil, false, nil
	}
	return text, true, nil
}

// readAt is ReadAt without io.EOF. Input and output errors of a disk or a network file system may pass: they are retried.
func (s *Source) readAt(buf []byte, pos int64) (int, error) {
	n, err := s.in.ReadAt(buf, pos)
	if err == nil || errors.Is(err, io.EOF) {
		return n, nil
	}
	return 0, connect.RetriableError(fmt.Sprintf("Cannot read %s at position %d", s.name(), pos), err)
}

func (s *Source) tooLong() error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException,
		Message: fmt.Sprintf("The line at position %d of %s is longer than %d bytes", s.pos, s.name(), maxLine),
		Hint:    "is this a text file? To skip the line, set the connector's offset to a position behind it",
	}
}
