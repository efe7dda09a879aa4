package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// regular is a file on disk.
type regular struct {
	*os.File
	path string
}

func (regular) done(int64) {}

// check finds out that the file was truncated, or that its name now belongs to another file, as after a rotation of logs.
// A file that only disappeared is read on as long as it is open: it may still be written to.
func (f regular) check(pos int64) (size int64, same bool, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, false, connect.RetriableError("Cannot look at "+f.path, err)
	}
	if info.Size() < pos {
		return 0, false, truncated(f.path, info.Size(), pos)
	}
	named, err := os.Stat(f.path)
	return info.Size(), err != nil || os.SameFile(info, named), nil
}

// checkInput is called after a poll that found nothing.
func (s *Source) checkInput() error {
	size, same, err := s.in.check(s.pos)
	if size < s.pos+s.tail {
		s.tail = 0 // the incomplete line became shorter: look at it again
	}
	if err != nil || same {
		return err
	}
	// Another file has taken the name. It is read from the same position if it can be the same text, as when an editor
	// saved the file under a new inode; a new file that is shorter, or has no line beginning there, is an error.
	if err := s.in.Close(); err != nil {
		s.log.Warn("closing the replaced file failed", "file", s.path, "error", err)
	}
	s.in, s.tail = nil, 0
	return s.openFile()
}

// openFile opens the file if it exists and goes to the position. A file that does not exist is waited for.
func (s *Source) openFile() error {
	f, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		if !s.waiting {
			s.waiting = true
			s.log.Warn("file not found, waiting for it to be created", "file", s.path, "position", s.pos)
		}
		return nil
	}
	if err != nil {
		return unreadable(s.path, err)
	}
	if err := s.resume(f); err != nil {
		f.Close() //nolint:errcheck,gosec // only read; the error that matters is the other one
		return err
	}
	s.in, s.waiting = regular{f, s.path}, false
	return nil
}

// resume checks that the position fits the file.
//
// A position that Ferry committed is the beginning of a line. One within a line comes from elsewhere: from a user, who
// gets what Kafka Connect would read; or from a Java worker, whose position fell behind because it counts UTF-16 units
// and not bytes. The latter needs a character outside ASCII before it. Then reading begins with the whole line rather than
// in the middle of it, perhaps of a character: lines that were read already are read again, and none is lost.
func (s *Source) resume(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return connect.RetriableError("Cannot look at "+s.path, err)
	}
	switch {
	case !info.Mode().IsRegular():
		return unreadable(s.path, errors.New("it is not a regular file"))
	case info.Size() < s.pos:
		return truncated(s.path, info.Size(), s.pos)
	case s.pos == 0:
		return nil
	}
	var before [1]byte
	if _, err := f.ReadAt(before[:], s.pos-1); err != nil {
		return connect.RetriableError("Cannot read "+s.path, err)
	}
	if isLineEnd(before[0]) {
		s.aligned = true
		return nil
	}
	if s.aligned { // it was the beginning of a line until now
		return s.changed()
	}
	return s.resumeWithinLine(f)
}

func (s *Source) resumeWithinLine(f *os.File) error {
	ascii, lineStart, err := survey(io.NewSectionReader(f, 0, s.pos))
	if err != nil {
		return connect.RetriableError("Cannot read "+s.path, err)
	}
	const message = "the committed position is within a line: it was set by hand or by a Java worker, or the file was replaced"
	if ascii {
		s.log.Warn(message+"; reading on from there", "file", s.path, "position", s.pos)
		return nil
	}
	s.log.Warn(message+"; reading on from the beginning of that line", "file", s.path, "position", s.pos, "from", lineStart)
	s.pos, s.aligned = lineStart, lineStart > 0
	return nil
}

// survey reads text and says whether it is all ASCII, and where its last line begins.
func survey(text io.Reader) (ascii bool, lastLine int64, err error) {
	ascii = true
	buf, at := make([]byte, chunkSize), int64(0)
	for {
		n, err := text.Read(buf)
		for _, c := range buf[:n] {
			ascii = ascii && c < 0x80
		}
		if i := bytes.LastIndexAny(buf[:n], "\n\r"); i >= 0 {
			lastLine = at + int64(i) + 1
		}
		at += int64(n)
		if errors.Is(err, io.EOF) {
			return ascii, lastLine, nil
		}
		if err != nil {
			return false, 0, err
		}
	}
}

// The errors below are KindConfig although no key is wrong: only a person can say what to do, and trying again by itself
// might succeed for the wrong reason. A new file that replaced the old one would be read from the old position as soon
// as it had grown beyond it, and what it holds before would be lost without a word.

const resetHint = "to read the file from its beginning, stop the connector, delete its offsets (DELETE /connectors/<name>/offsets) and resume it; " +
	"to go on elsewhere, set the offset instead"

func truncated(path string, size, pos int64) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Hint: resetHint,
		Message: fmt.Sprintf("File %s has %d bytes, but was read up to position %d: it was truncated or replaced", path, size, pos)}
}

func (s *Source) changed() error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Hint: resetHint,
		Message: fmt.Sprintf("No line begins at position %d of file %s any more: it was truncated, replaced or edited", s.pos, s.path)}
}

func unreadable(path string, err error) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Cause: err,
		Message: "Cannot read file " + path, Hint: "check the path and its permissions; to read standard input leave out 'file'"}
}
