package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// A file that does not end in a newline, while nobody holds its lock, was left so by one of two:
//
//   - A task that was killed while it wrote, after part of a line had reached the file. Nothing of that write was committed,
//     because commits follow Flush and Flush follows the whole write: its records are put again. The torn text must be cut
//     off, or it would stand as half a line above the whole one.
//   - Somebody else, who wrote text without a newline at its end, perhaps before the connector existed. Cutting it off would
//     destroy it. It must get its newline.
//
// Two proofs tell the first from the second. A task leaves a mark beside the file while it has it open, and takes it away
// when it ends; it leaves none before the file ends in a newline. So with a mark found by Open, the torn text is a task's.
// And text with which a line that is put now begins may be cut off whoever wrote it: it is about to be written again. In
// doubt, nothing is cut off.

// restore cuts off what a killed task left, and leaves the mark. It runs in Open.
func (s *Sink) restore(ctx context.Context) error {
	unlock, err := lock(ctx, s.file)
	if err != nil {
		return err
	}
	defer unlock()
	size, begin, err := ending(s.file)
	if err != nil {
		return err
	}
	if begin < size {
		if _, err := os.Stat(markOf(s.path)); err != nil {
			return nil // Put will see whose it is
		}
		s.log.Warn("a task was killed while it wrote; the torn line is cut off, and will be written again", "file", s.path, "position", begin)
		if err := s.file.Truncate(begin); err != nil {
			return err
		}
	}
	s.mark()
	return nil
}

// markOf returns the path of the mark: a hidden, empty file.
func markOf(path string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".ferry")
}

// mark leaves the mark. Where that is not possible the second proof has to do.
func (s *Sink) mark() {
	if f, err := os.OpenFile(markOf(s.path), os.O_WRONLY|os.O_CREATE, 0o644); err == nil {
		f.Close() //nolint:errcheck,gosec // nothing was written
		s.marked = true
	}
}

// unmark takes the mark away. When tasks share a file, those that go on are without it, which only takes a proof away.
func (s *Sink) unmark() {
	if s.marked {
		os.Remove(markOf(s.path)) //nolint:errcheck,gosec // it may be gone already
		s.marked = false
	}
}

// mend makes sure that the text to be appended begins a line of its own, and returns the size of the file then. It runs
// under the lock.
func (s *Sink) mend(b *connect.Batch) (size int64, err error) {
	size, begin, err := ending(s.file)
	if err != nil || begin == size {
		return size, err
	}
	if size-begin <= maxLine {
		torn := make([]byte, size-begin)
		if _, err := s.file.ReadAt(torn, begin); err != nil {
			return 0, fmt.Errorf("read the last line: %w", err)
		}
		if s.repeats(b, torn) {
			return begin, s.file.Truncate(begin)
		}
	}
	s.log.Warn("the file ended within a line; it is ended before the first record", "file", s.path, "position", size)
	n, err := s.file.Write([]byte{'\n'})
	return size + int64(n), err
}

// ending returns the size of the file and where the text after its last newline begins: both are the same when the file
// ends in a newline, is empty, or is no regular file.
func ending(f *os.File) (size, begin int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return 0, 0, fmt.Errorf("look at the file: %w", err)
	}
	size = info.Size()
	if !info.Mode().IsRegular() || size == 0 {
		return size, size, nil
	}
	begin, err = lastLine(f, size)
	return size, begin, err
}

// repeats reports whether a line of the batch begins with torn. A value may hold several lines.
func (s *Sink) repeats(b *connect.Batch, torn []byte) bool {
	records := b.Records()
	for i := range records {
		s.text = append(appendText(append(s.text[:0], '\n'), records[i].Value), '\n')
		for rest := s.text; len(rest) > 0; {
			if bytes.HasPrefix(rest[1:], torn) {
				return true
			}
			next := bytes.IndexByte(rest[1:], '\n')
			if next < 0 {
				break
			}
			rest = rest[1+next:]
		}
	}
	return false
}

// lastLine returns where the text after the last newline of f begins: size when the file ends in a newline.
func lastLine(f *os.File, size int64) (int64, error) {
	var last [1]byte
	if _, err := f.ReadAt(last[:], size-1); err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read the last byte: %w", err)
	}
	if last[0] == '\n' {
		return size, nil
	}
	buf := make([]byte, chunkSize)
	for end := size; end > 0; {
		begin := max(0, end-chunkSize)
		if _, err := f.ReadAt(buf[:end-begin], begin); err != nil && !errors.Is(err, io.EOF) {
			return 0, fmt.Errorf("read the last line: %w", err)
		}
		if i := bytes.LastIndexByte(buf[:end-begin], '\n'); i >= 0 {
			return begin + int64(i) + 1, nil
		}
		end = begin
	}
	return 0, nil
}
