//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package file

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// How long to wait for a lock, and how often to look. Another task holds it for the milliseconds of one batch; one that is
// frozen might hold it forever.
const (
	lockWait  = 10 * time.Second
	lockLook  = 2 * time.Millisecond
	lockRetry = 100 * time.Microsecond
)

// lock takes the exclusive advisory lock of f. On a file system without such locks it does nothing.
func lock(ctx context.Context, f *os.File) (unlock func(), err error) {
	deadline := time.Now().Add(lockWait)
	for pause := lockRetry; ; pause = min(2*pause, lockLook) {
		err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return func() { _ = flock(f, syscall.LOCK_UN) }, nil
		case errors.Is(err, syscall.EINTR):
			continue
		case !errors.Is(err, syscall.EWOULDBLOCK):
			return func() {}, nil
		case time.Now().After(deadline):
			return nil, errors.New("another process has held the lock for long: is it stopped?")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

func flock(f *os.File, how int) error {
	conn, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = conn.Control(func(fd uintptr) { failed = syscall.Flock(int(fd), how) })
	return errors.Join(err, failed)
}
