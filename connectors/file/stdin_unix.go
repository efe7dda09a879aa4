//go:build unix

package file

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// openStdin returns standard input.
func openStdin() (input, error) { return openStream(os.Stdin) }

// openStream reads from a file such as a pipe or a terminal without ever waiting, so that no goroutine is left behind in
// a read that cannot be interrupted. That takes non-blocking mode, which belongs to the open file and so to all
// processes that share it; Close restores it.
func openStream(f *os.File) (input, error) {
	conn, err := f.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Name(), err)
	}
	setNonblock := func(on bool) error {
		var failed error
		err := conn.Control(func(fd uintptr) { failed = syscall.SetNonblock(int(fd), on) })
		return errors.Join(err, failed)
	}
	if err := setNonblock(true); err != nil {
		return nil, fmt.Errorf("open %s: %w", f.Name(), err)
	}
	read := func(p []byte) (n int, err error) {
		failed := conn.Control(func(fd uintptr) { n, err = syscall.Read(int(fd), p) })
		switch {
		case failed != nil:
			return 0, failed
		case errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR):
			return 0, io.EOF
		}
		return n, err
	}
	return &stream{read: read, close: func() error { return setNonblock(false) }}, nil
}
