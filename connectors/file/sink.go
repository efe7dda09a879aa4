package file

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// writeSize is how much text is gathered before it is written.
const writeSize = 256 << 10

// Sink appends the text of each value and a newline to a file. It holds a lock on the file while it writes, so that tasks
// which share a file do not mix their lines.
type Sink struct {
	def    *configdef.Def
	stdout io.Writer

	log   *slog.Logger
	path  string
	out   io.Writer
	file  *os.File // the same; nil for standard output
	text  []byte   // gathered text, reused
	dirty bool     // something was written since the last Flush

	regular bool // the file is one on disk
	marked  bool // see restore
}

// Open opens the file, or creates it.
func (s *Sink) Open(ctx context.Context, rt *connect.SinkRuntime) error {
	c, err := parse(s.def, rt.Config)
	if err != nil {
		return err
	}
	s.log, s.path, s.out = rt.Log, c.String(fileKey), s.stdout
	if s.path == "" {
		return nil
	}
	_, missing := os.Stat(s.path)
	f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return unwritable(s.path, err)
	}
	s.out, s.file = f, f
	info, err := f.Stat()
	switch {
	case err != nil:
		return unwritable(s.path, err)
	case info.IsDir():
		return unwritable(s.path, errors.New("it is a directory"))
	case !info.Mode().IsRegular(): // a pipe or a device
		return nil
	}
	s.regular = true
	if missing != nil {
		if err := syncFolder(s.path); err != nil {
			return unwritable(s.path, err)
		}
	}
	if err := s.restore(ctx); err != nil {
		return connect.RetriableError("Cannot prepare "+s.path+" for appending", err)
	}
	return nil
}

// syncFolder makes the name of a new file durable; Sync on the file itself does not.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil // folders that cannot be opened, as on Windows, cannot be synchronised either
	}
	dir.Sync() //nolint:errcheck,gosec // some file systems refuse; then there is nothing to be done
	return dir.Close()
}

func unwritable(path string, err error) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException, Cause: err,
		Message: "Couldn't find or create file '" + path + "' for FileStreamSinkTask",
		Hint:    "check the folder and its permissions; for standard output leave out 'file'"}
}

// Put writes all of the batch or, when it fails, takes back what it wrote; then the same batch can be put again.
func (s *Sink) Put(ctx context.Context, b *connect.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	if s.file == nil {
		return s.write(b)
	}
	unlock, err := lock(ctx, s.file)
	if err != nil {
		return connect.RetriableError("Cannot lock "+s.path, err)
	}
	defer unlock()
	begin, err := s.mend(b)
	if err != nil {
		return connect.RetriableError("Cannot prepare "+s.path+" for appending", err)
	}
	if s.regular && !s.marked {
		s.mark()
	}
	s.dirty = true
	if err := s.write(b); err != nil {
		if undo := s.file.Truncate(begin); undo != nil && s.regular {
			s.log.Warn("a part of a batch could not be taken back and will be repeated", "file", s.path, "error", undo)
		}
		return err
	}
	return nil
}

// write appends the lines of the batch, a large piece at a time.
func (s *Sink) write(b *connect.Batch) error {
	s.text = s.text[:0]
	records := b.Records()
	for i := range records {
		s.text = append(appendText(s.text, records[i].Value), '\n')
		if len(s.text) < writeSize && i < len(records)-1 {
			continue
		}
		if _, err := s.out.Write(s.text); err != nil {
			return connect.RetriableError("Cannot write to "+s.name(), err)
		}
		s.text = s.text[:0]
	}
	if cap(s.text) > 4*writeSize { // one huge record must not pin its memory
		s.text = nil
	}
	return nil
}

// appendText appends the text that Java's String.valueOf has for v; but the content of bytes, for which Java would print
// only an address.
func appendText(dst []byte, v connect.Value) []byte {
	if v.Kind() == connect.KindBytes {
		return append(dst, v.Bytes()...)
	}
	return v.AppendString(dst)
}

func (s *Sink) name() string {
	if s.path == "" {
		return "stdout"
	}
	return s.path
}

// Flush makes the file durable. All that was put is then safe to commit.
func (s *Sink) Flush(context.Context) (connect.Offsets, error) {
	if !s.regular || !s.dirty {
		return nil, nil
	}
	if err := s.file.Sync(); err != nil {
		// What Sync did not write may be lost from the page cache, and another Sync would not say so: only writing the
		// lines again helps, and that is what the next invocation does from the committed offset.
		return nil, connect.FatalError("Cannot make "+s.path+" durable", err)
	}
	s.dirty = false
	return nil, nil
}

// Close closes the file, not standard output.
func (s *Sink) Close(context.Context) error {
	if s.file == nil {
		return nil
	}
	s.unmark()
	err := s.file.Close()
	s.file = nil
	return err
}
