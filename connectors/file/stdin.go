package file

import (
	"errors"
	"io"
	"math"
	"sync"
)

// standardInput opens standard input again and again, as invocation follows invocation in one process, and hands what one has read
// and not used to the next: it cannot be read again.
type standardInput struct {
	open func() (input, error)

	mu   sync.Mutex
	left []byte
}

// input returns standard input. Whoever closes it leaves what is kept.
func (i *standardInput) input() (input, error) {
	in, err := i.open()
	s, ok := in.(*stream)
	if err != nil || !ok {
		return in, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	s.kept, i.left = i.left, nil
	restore := s.close
	s.close = func() error {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.left, s.kept = append(i.left, s.kept...), nil
		return restore()
	}
	return s, nil
}

// stream makes an input of something that can only be read forward: it keeps what was read and may be asked for again,
// which is the incomplete last line.
type stream struct {
	// read returns what is there without waiting, io.EOF if nothing is.
	read  func(p []byte) (int, error)
	close func() error
	kept  []byte
	base  int64 // position of kept[0]
}

// ReadAt reads on until p is full or nothing more is there.
func (s *stream) ReadAt(p []byte, pos int64) (int, error) {
	skip := int(pos - s.base)
	for len(s.kept) < skip+len(p) {
		if err := s.fill(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return 0, err
		}
	}
	if skip >= len(s.kept) {
		return 0, io.EOF
	}
	n := copy(p, s.kept[skip:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (s *stream) fill() error {
	if cap(s.kept)-len(s.kept) < minChunk {
		s.kept = append(make([]byte, 0, 2*cap(s.kept)+chunkSize), s.kept...)
	}
	n, err := s.read(s.kept[len(s.kept):cap(s.kept)])
	s.kept = s.kept[:len(s.kept)+max(0, n)]
	if n > 0 {
		return nil
	}
	if err == nil {
		return io.EOF
	}
	return err
}

func (s *stream) done(pos int64) {
	n := copy(s.kept, s.kept[pos-s.base:])
	s.kept, s.base = s.kept[:n], pos
	if n == 0 && cap(s.kept) > maxKept {
		s.kept = nil
	}
}

// maxKept is how much memory a stream holds on to when it has nothing to keep.
const maxKept = 1 << 20

func (s *stream) check(int64) (size int64, same bool, err error) { return math.MaxInt64, true, nil }

// Close gives standard input back.
func (s *stream) Close() error { return s.close() }
