//go:build unix

package provider_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
)

func TestAFileThatNeverEndsIsNotRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := provider.NewFile(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		if _, err := file.Get(t.Context(), path, []string{"k"}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	directory, err := provider.NewDirectory(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := get(t, directory, filepath.Dir(pipe), "pipe"); len(got) != 0 {
		t.Errorf("as the file of a directory: got %v", got)
	}
}
