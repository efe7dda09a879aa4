//go:build unix

package file

import (
	"errors"
	"io"
	"os"
	"testing"
)

func TestOpenStreamNeverWaits(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	in, err := openStream(r)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 8)
	if n, err := in.ReadAt(buf, 0); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("nothing there: got %d, %v", n, err)
	}
	if _, err := w.WriteString("text"); err != nil {
		t.Fatal(err)
	}
	if n, err := in.ReadAt(buf, 0); string(buf[:n]) != "text" || !errors.Is(err, io.EOF) {
		t.Fatalf("got %q, %v", buf[:n], err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := in.ReadAt(buf, 4); n != 0 || !errors.Is(err, io.EOF) {
		t.Fatalf("closed: got %d, %v", n, err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
}
