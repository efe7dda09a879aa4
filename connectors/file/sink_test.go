package file

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// openSink starts a sink on path; the returned buffer is its log.
func openSink(t testing.TB, path string) (*Sink, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	s := class(t, "FileStreamSinkConnector").Sink().(*Sink)
	config := map[string]string{"topics": "t"}
	if path != "" {
		config["file"] = path
	}
	if err := s.Open(t.Context(), &connect.SinkRuntime{Config: config, Log: slog.New(slog.NewTextHandler(&log, nil))}); err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close(context.Background()) })
	return s, &log
}

func batchOf(values ...string) *connect.Batch {
	b := connect.NewBatch(len(values)+1, 1<<30)
	for _, v := range values {
		b.Append().Value = connect.String(v)
	}
	return b
}

func put(t testing.TB, s *Sink, values ...string) {
	t.Helper()
	if err := s.Put(t.Context(), batchOf(values...)); err != nil {
		t.Fatalf("put: %v", err)
	}
}

func content(t testing.TB, path string) string {
	t.Helper()
	c, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(c)
}

func TestSinkAppendsLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "already there\n")
	s, log := openSink(t, path)
	put(t, s, "one", "", "two\nlines")
	put(t, s)
	if _, err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, path), "already there\none\n\ntwo\nlines\n"; got != want || log.Len() > 0 {
		t.Fatalf("got %q, want %q; log: %s", got, want, log)
	}
}

func TestSinkWritesTheTextOfAnyValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, _ := openSink(t, path)
	b := connect.NewBatch(10, 1000)
	for _, v := range []connect.Value{connect.Null(), connect.Int32(7), connect.Float64(1e10), connect.Bytes([]byte("raw")),
		connect.Array([]connect.Value{connect.Bool(true), connect.String("x")})} {
		b.Append().Value = v
	}
	if err := s.Put(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got, want := content(t, path), "null\n7\n1.0E10\nraw\n[true, x]\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestSinkCutsOffALineTornByAKill(t *testing.T) {
	for torn := range len("second") + 1 {
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, "zero\nfirst\n"+"second"[:torn])
		s, log := openSink(t, path)
		put(t, s, "first", "second", "third")
		if got, want := content(t, path), "zero\nfirst\nfirst\nsecond\nthird\n"; got != want || log.Len() > 0 {
			t.Fatalf("torn after %d bytes: got %q, want %q; log: %s", torn, got, want, log)
		}
	}
}

func TestSinkCutsOffATornLineInsideAValueOfSeveralLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "zero\none\ntw")
	s, _ := openSink(t, path)
	put(t, s, "one\ntwo\nthree")
	if got, want := content(t, path), "zero\none\none\ntwo\nthree\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestSinkKeepsTextOfOthersThatHasNoNewline(t *testing.T) {
	for name, text := range map[string]string{
		"a last line":                  "header\nnotes of mine",
		"the only line":                "notes of mine",
		"a line longer than one chunk": "header\n" + strings.Repeat("x", 3*chunkSize+5),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f")
			write(t, path, text)
			s, log := openSink(t, path)
			put(t, s, "first")
			put(t, s, "second")
			if got, want := content(t, path), text+"\nfirst\nsecond\n"; got != want {
				t.Fatalf("got %q, want %q", got, want)
			}
			if n := strings.Count(log.String(), "ended within a line"); n != 1 {
				t.Fatalf("logged %d times: %s", n, log)
			}
		})
	}
}

func TestSinkOpenedAfterAKillCutsOffTheTornLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	killed, _ := openSink(t, path)
	put(t, killed, "one", "two")
	appendTo(t, path, "thr") // the kill: never closed
	s, log := openSink(t, path)
	if got := content(t, path); got != "one\ntwo\n" || !strings.Contains(log.String(), "torn line") {
		t.Fatalf("got %q; log: %s", got, log)
	}
	put(t, s, "two") // a batch in which the torn line does not come yet
	put(t, s, "three")
	if got, want := content(t, path), "one\ntwo\ntwo\nthree\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestSinkLeavesAMarkOnlyWhileItHasACleanFileOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	marked := func() bool {
		_, err := os.Stat(markOf(path))
		return err == nil
	}
	write(t, path, "notes of mine")
	s, _ := openSink(t, path)
	if marked() || content(t, path) != "notes of mine" {
		t.Fatal("text of others is touched, or called torn, before anything is put")
	}
	put(t, s, "one")
	if !marked() {
		t.Fatal("no mark while the sink writes")
	}
	if err := s.Close(t.Context()); err != nil || marked() {
		t.Fatalf("the mark outlives the sink, %v", err)
	}
	appendTo(t, path, "more notes")
	openSink(t, path)
	if got, want := content(t, path), "notes of mine\none\nmore notes"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// A write can be cut anywhere by a kill. Whatever it left, the repeated batch makes the file whole: every line is there,
// only lines of the batch appear twice, and no line is half.
func TestSinkAfterAKillLosesNothingAndRepeatsOneBatchAtMost(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 200 {
		var committed, batch []string
		for i := range 5 {
			committed = append(committed, fmt.Sprintf("committed %d", i))
			batch = append(batch, fmt.Sprintf("batch %d %s", i, strings.Repeat("é", random.IntN(5))))
		}
		before := strings.Join(committed, "\n") + "\n"
		whole := strings.Join(batch, "\n") + "\n"
		reached := random.IntN(len(whole) + 1)
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, before+whole[:reached])
		s, _ := openSink(t, path)
		put(t, s, batch...)
		written := whole[:strings.LastIndexByte("\n"+whole[:reached], '\n')]
		if got, want := content(t, path), before+written+whole; got != want {
			t.Fatalf("killed after %d bytes: got %q, want %q", reached, got, want)
		}
	}
}

func TestSinkTakesBackABatchThatItCouldNotWriteWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	s, _ := openSink(t, path)
	put(t, s, "before")
	s.out = &fullDisk{file: s.file, room: 10}
	err := s.Put(t.Context(), batchOf("one", "two", "three", "four"))
	if connect.KindOf(err) != connect.KindRetriable || !strings.Contains(err.Error(), path) {
		t.Fatalf("got %v", err)
	}
	s.out = s.file
	put(t, s, "one", "two", "three", "four")
	if got, want := content(t, path), "before\none\ntwo\nthree\nfour\n"; got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// fullDisk writes as many bytes as there is room for.
type fullDisk struct {
	file *os.File
	room int
}

func (d *fullDisk) Write(p []byte) (int, error) {
	n, err := d.file.Write(p[:min(len(p), d.room)])
	if d.room -= n; err == nil && n < len(p) {
		err = errors.New("no space left on device")
	}
	return n, err
}

func TestSinksThatShareAFileDoNotMixTheirLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	const tasks, batches = 4, 50
	done := make(chan error)
	for task := range tasks {
		s, _ := openSink(t, path)
		go func() {
			line := strings.Repeat(string(rune('a'+task)), 3_000)
			var err error
			for range batches {
				err = errors.Join(err, s.Put(context.Background(), batchOf(line, line)))
			}
			done <- err
		}()
	}
	for range tasks {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(content(t, path), "\n"), "\n")
	if len(lines) != tasks*batches*2 {
		t.Fatalf("%d lines, want %d", len(lines), tasks*batches*2)
	}
	for _, l := range lines {
		if len(l) != 3_000 || strings.Count(l, l[:1]) != 3_000 {
			t.Fatalf("mixed line %.50q…", l)
		}
	}
}

func TestSinkWritesToStandardOutputWithoutAFile(t *testing.T) {
	s, _ := openSink(t, "")
	var out bytes.Buffer
	s.out = &out
	put(t, s, "hello")
	if _, err := s.Flush(t.Context()); err != nil || out.String() != "hello\n" {
		t.Fatalf("got %q, %v", out.String(), err)
	}
}

func TestSinkWritesToADevice(t *testing.T) {
	s, _ := openSink(t, os.DevNull)
	put(t, s, "hello")
	if _, err := os.Stat(markOf(os.DevNull)); err == nil {
		t.Fatal("a mark beside a device")
	}
	if _, err := s.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestSinkRefusesAPathItCannotWrite(t *testing.T) {
	for _, path := range []string{t.TempDir(), filepath.Join(t.TempDir(), "missing", "f")} {
		s := class(t, "FileStreamSinkConnector").Sink()
		err := s.Open(t.Context(), &connect.SinkRuntime{Config: map[string]string{"file": path}, Log: slog.New(slog.DiscardHandler)})
		if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), path) {
			t.Fatalf("got %v", err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSinkAllocatesNothingPerRecord(t *testing.T) {
	s, _ := openSink(t, filepath.Join(t.TempDir(), "f"))
	values := make([]string, 2000)
	for i := range values {
		values[i] = strings.Repeat("x", 100)
	}
	b := batchOf(values...)
	perPut := testing.AllocsPerRun(20, func() {
		if err := s.Put(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	})
	if perPut > 20 {
		t.Fatalf("%v allocations for 2000 records", perPut)
	}
}
