package file

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestSourceWaitsForAFileThatDoesNotExistAndSaysSoOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	r := open(t, path, 0, chunkSize)
	for range 3 {
		equal(t, "before it exists", r.drain(t), nil)
	}
	if n := strings.Count(r.log.String(), "waiting for it"); n != 1 {
		t.Fatalf("logged %d times: %s", n, r.log.String())
	}
	write(t, path, "hello\n")
	equal(t, "after it exists", r.drain(t), []string{"hello"})
}

func TestSourceReadsAFileThatDisappearedAsLongAsItIsOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one\n")
	r := open(t, path, 0, chunkSize)
	r.drain(t)
	writer, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	equal(t, "after removal", r.drain(t), nil)
	if _, err := writer.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
	equal(t, "what its writer still wrote", r.drain(t), []string{"two"})
}

// Each way to lose the text behind a position must end in an error that says so, never in silence.
func TestSourceFailsWhenThePositionIsLost(t *testing.T) {
	const old = "first line\nsecond line\n"
	for name, lose := range map[string]func(t *testing.T, path string){
		"truncated":                   func(t *testing.T, path string) { write(t, path, "") },
		"truncated, and grown again":  func(t *testing.T, path string) { write(t, path, strings.Repeat("x", 100)+"\n") },
		"replaced by a shorter file":  func(t *testing.T, path string) { replace(t, path, "new\n") },
		"replaced by a longer file":   func(t *testing.T, path string) { replace(t, path, strings.Repeat("x", 100)+"\n") },
		"removed and created shorter": func(t *testing.T, path string) { _ = os.Remove(path); write(t, path, "new\n") },
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			write(t, path, old)
			r := open(t, path, 0, chunkSize)
			r.drain(t)
			lose(t, path)
			lines, err := r.poll(t)
			for err == nil && len(lines) > 0 {
				lines, err = r.poll(t)
			}
			var e *connect.Error
			if !errors.As(err, &e) || e.Kind != connect.KindConfig || !strings.Contains(e.Message, path) || e.Hint == "" {
				t.Fatalf("got %v after %q", err, lines)
			}
			if _, again := r.poll(t); again == nil {
				t.Fatal("the second poll hides the error")
			}
		})
	}
}

func replace(t *testing.T, path, content string) {
	t.Helper()
	write(t, path+".new", content)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestSourceGoesOnWhenAnEditorSavedTheFileAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one\n")
	r := open(t, path, 0, chunkSize)
	r.drain(t)
	replace(t, path, "one\ntwo\n")
	equal(t, "at the poll that notices", r.drain(t), nil)
	equal(t, "after it", r.drain(t), []string{"two"})
}

func TestSourceFailsWhenTheCommittedPositionIsBeyondTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "short\n")
	r := open(t, path, 100, chunkSize)
	_, err := r.poll(t)
	var e *connect.Error
	if !errors.As(err, &e) || e.Message != "File "+path+" has 6 bytes, but was read up to position 100: it was truncated or replaced" {
		t.Fatalf("got %v", err)
	}
}

func TestSourceTakesAPositionWithinALine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		position   int64
		want       []string
	}{
		{"in ASCII text, as Kafka Connect does", "first\nsecond\n", 8, []string{"cond"}},
		{"between carriage return and line feed", "a\r\nb\n", 2, []string{"", "b"}},
		{"behind other characters, as the beginning of that line", "é\nsecond\nthird\n", 6, []string{"second", "third"}},
		{"within a character, as the beginning of that line", "one\n世界\nthree\n", 5, []string{"世界", "three"}},
		{"in the first line", "世界\nb\n", 4, []string{"世界", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			write(t, path, c.text)
			r := open(t, path, c.position, chunkSize)
			equal(t, "lines", r.drain(t), c.want)
		})
	}
}

// A Java worker counts UTF-16 units, one after the other from where it began; whatever it committed, no line is lost.
func TestSourceLosesNothingAfterAJavaWorker(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 100 {
		text := randomText(random, 60)
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, text)
		lines, _ := plainLines(text)
		units := int64(0)
		rest := []rune(text)
		for done := 0; done < len(lines); done++ {
			for range []rune(lines[done]) {
				units, rest = units+utf16Len(rest[0]), rest[1:]
			}
			if rest[0] == '\r' && len(rest) > 1 && rest[1] == '\n' {
				units, rest = units+1, rest[1:]
			}
			units, rest = units+1, rest[1:]
			got := open(t, path, units, chunkSize).drain(t)
			if want := lines[done+1:]; len(got) < len(want) || !slices.Equal(got[len(got)-len(want):], want) {
				t.Fatalf("%q after %d units: got %q, want at least %q", text, units, got, want)
			}
		}
	}
}

func utf16Len(r rune) int64 {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

func TestSourceRetriesReadErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one\n")
	r := open(t, path, 0, chunkSize)
	if err := r.openFile(); err != nil {
		t.Fatal(err)
	}
	healthy := r.in
	r.in = brokenInput{healthy}
	if _, err := r.poll(t); connect.KindOf(err) != connect.KindRetriable {
		t.Fatalf("got %v", err)
	}
	r.in = healthy
	equal(t, "after it passed", r.drain(t), []string{"one"})
}

type brokenInput struct{ input }

func (brokenInput) ReadAt([]byte, int64) (int, error) { return 0, errors.New("stale file handle") }
