//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package file

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestSinkDoesNotWriteWhileAnotherTaskDoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, _ := openSink(t, path)
	other, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := flock(other, syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Put(ctx, batchOf("one")); connect.KindOf(err) != connect.KindRetriable {
		t.Fatalf("got %v", err)
	}
	if got := content(t, path); got != "" {
		t.Fatalf("wrote %q", got)
	}
	if err := flock(other, syscall.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	put(t, s, "one")
	if got := content(t, path); got != "one\n" {
		t.Fatalf("got %q", got)
	}
}
