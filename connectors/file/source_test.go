package file

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func (o fixedOffset) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Value(o), nil
}

func positionOffset(n int64) connect.Value {
	return connect.NewMap([]connect.Value{connect.String(positionField), connect.Int64(n)}).Value()
}

// reader is a source under test with what it has delivered so far.
type reader struct {
	*Source
	batch *connect.Batch
	log   bytes.Buffer
	lines []string
	ends  []int64 // the offset of each line
}

// open starts a source on path at the given position; chunk bounds what it reads at once.
func open(t testing.TB, path string, position int64, chunk int) *reader {
	t.Helper()
	r := &reader{Source: class(t, "FileStreamSourceConnector").Source().(*Source), batch: connect.NewBatch(1_000, 1<<20)}
	r.chunk = chunk
	r.now = func() time.Time { return time.UnixMilli(1_700_000_000_000) }
	stored := connect.Null()
	if position > 0 {
		stored = positionOffset(position)
	}
	err := r.Open(t.Context(), &connect.SourceRuntime{
		Config: map[string]string{"file": path, "topic": "t"}, Offsets: fixedOffset(stored),
		Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	return r
}

// poll polls once and returns the new lines.
func (r *reader) poll(t testing.TB) ([]string, error) {
	t.Helper()
	r.batch.Arena.Poison()
	r.batch.Reset()
	err := r.Poll(t.Context(), r.batch)
	var lines []string
	for _, rec := range r.batch.Records() {
		lines = append(lines, strings.Clone(rec.Value.Str()))
		_, end := rec.SourceOffset.Map().Entry(0)
		r.ends = append(r.ends, end.Int())
	}
	r.lines = append(r.lines, lines...)
	return lines, err
}

// drain polls until nothing more comes, and returns all lines delivered by it.
func (r *reader) drain(t testing.TB) []string {
	t.Helper()
	var all []string
	for {
		lines, err := r.poll(t)
		if err != nil {
			t.Fatalf("poll: %v", err)
		}
		if len(lines) == 0 {
			return all
		}
		all = append(all, lines...)
	}
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t testing.TB, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(content); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: got %q, want %q", what, got, want)
	}
}

func TestSourceReadsLinesWhateverTheChunkSize(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		text := randomText(random, random.IntN(200))
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, text)
		lines, ends := plainLines(text)
		r := open(t, path, 0, 2+random.IntN(40))
		equal(t, fmt.Sprintf("lines of %q", text), r.drain(t), lines)
		if !slices.Equal(r.ends, ends) {
			t.Fatalf("positions in %q: got %v, want %v", text, r.ends, ends)
		}
	}
}

func TestSourceDeliversTheExactRestFromEveryPositionItCommitted(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 40 {
		text := randomText(random, 60)
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, text)
		lines, ends := plainLines(text)
		for i, end := range ends {
			r := open(t, path, end, 2+random.IntN(20))
			equal(t, fmt.Sprintf("rest of %q from %d", text, end), r.drain(t), lines[i+1:])
			if strings.Contains(r.log.String(), "within a line") {
				t.Fatalf("position %d of %q is called the middle of a line", end, text)
			}
		}
	}
}

func TestSourceReadsAGrowingFileAsIfItHadBeenThere(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		text := randomText(random, 80)
		path := filepath.Join(t.TempDir(), "f")
		write(t, path, "")
		r := open(t, path, 0, 2+random.IntN(20))
		for rest := text; rest != ""; {
			n := 1 + random.IntN(len(rest))
			appendTo(t, path, rest[:n])
			rest = rest[n:]
			r.drain(t)
		}
		lines, ends := plainLines(text)
		equal(t, fmt.Sprintf("lines of %q", text), r.lines, lines)
		if !slices.Equal(r.ends, ends) {
			t.Fatalf("positions in %q: got %v, want %v", text, r.ends, ends)
		}
	}
}

func TestSourceWithholdsTheLastLineUntilItEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one\ntwo")
	r := open(t, path, 0, chunkSize)
	equal(t, "before the end", r.drain(t), []string{"one"})
	appendTo(t, path, " and a half")
	equal(t, "still before the end", r.drain(t), nil)
	appendTo(t, path, "\r")
	equal(t, "after a carriage return that a line feed may follow", r.drain(t), nil)
	appendTo(t, path, "\nthree\n")
	equal(t, "after the end", r.drain(t), []string{"two and a half", "three"})
}

func TestSourceNoticesThatTheIncompleteLastLineBecameShorter(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "one\nincomplete")
	r := open(t, path, 0, chunkSize)
	r.drain(t)
	write(t, path, "one\nnew\n") // same file, overwritten in place
	equal(t, "the new last line", r.drain(t), []string{})
	equal(t, "the new last line", r.drain(t), []string{"new"})
}

func TestSourceReadsALineOfTenMegabytesAndHoldsLittleBeforeItsEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	long := strings.Repeat("0123456789", 1<<20)
	write(t, path, "before\n"+long)
	r := open(t, path, 0, chunkSize)
	equal(t, "before its end", r.drain(t), []string{"before"})
	if held := r.batch.Arena.Size(); held > 1<<20 {
		t.Fatalf("%d bytes are held while the line is incomplete", held)
	}
	appendTo(t, path, "\nafter\n")
	equal(t, "after its end", r.drain(t), []string{long, "after"})
}

func TestSourceRefusesALineWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "before\n")
	if err := os.Truncate(path, maxLine+chunkSize); err != nil { // a hole: reads as zeros
		t.Fatal(err)
	}
	r := open(t, path, 0, chunkSize)
	lines, err := r.poll(t)
	if err != nil || len(lines) != 1 {
		t.Fatalf("the line before it: got %q, %v", lines, err)
	}
	if _, err := r.poll(t); connect.KindOf(err) != connect.KindConfig {
		t.Fatalf("got %v", err)
	}
}

func TestSourceReplacesWhatIsNotUTF8AndSaysSoOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, "gr\xfc\xdfe\n\xff\n\xf0\x9f\x98!\n\xed\xa0\x80.\n\xe0\x80x\nfine\n")
	r := open(t, path, 0, chunkSize)
	equal(t, "lines", r.drain(t), []string{"gr\uFFFD\uFFFDe", "\uFFFD", "\uFFFD!", "\uFFFD.", "\uFFFD\uFFFDx", "fine"})
	if n := strings.Count(r.log.String(), "U+FFFD"); n != 1 {
		t.Fatalf("logged %d times", n)
	}
	if end := r.ends[len(r.ends)-1]; end != 27 {
		t.Fatalf("the last position is %d, want the size of the file", end)
	}
}

func TestSourceFillsBatchesToBatchSizeAndToTheirBounds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, strings.Repeat("0123456789\n", 5_000))
	r := open(t, path, 0, chunkSize)
	r.batchSize = 700
	for _, want := range []int{700, 700} {
		if lines, err := r.poll(t); err != nil || len(lines) != want {
			t.Fatalf("batch.size: got %d lines, %v", len(lines), err)
		}
	}
	r.batchSize = 1_000_000
	if lines, err := r.poll(t); err != nil || len(lines) != 1_000 {
		t.Fatalf("records of the batch: got %d lines, %v", len(lines), err)
	}
	r.batch = connect.NewBatch(1_000_000, 1_100)
	if lines, err := r.poll(t); err != nil || len(lines) != 100 {
		t.Fatalf("bytes of the batch: got %d lines, %v", len(lines), err)
	}
	if n := 2_500 + len(r.drain(t)); n != 5_000 {
		t.Fatalf("%d lines in all", n)
	}
}

func TestSourceRefusesBadInput(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		name   string
		config map[string]string
		stored connect.Value
		kind   connect.ErrorKind
		text   string
	}{
		{"no topic", map[string]string{"file": "f"}, connect.Null(), connect.KindConfig, `Missing required configuration "topic" which has no default value.`},
		{"two mistakes", map[string]string{"topic": "", "batch.size": "x"}, connect.Null(), connect.KindConfig, "batch.size"},
		{"an offset that is no number", map[string]string{"file": "f", "topic": "t"},
			connect.NewMap([]connect.Value{connect.String("position"), connect.String("7")}).Value(), connect.KindConfig, "Offset position is the incorrect type"},
		{"a folder", map[string]string{"file": folder, "topic": "t"}, connect.Null(), connect.KindConfig, "not a regular file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := class(t, "FileStreamSourceConnector").Source()
			err := s.Open(t.Context(), &connect.SourceRuntime{Config: c.config, Offsets: fixedOffset(c.stored), Log: slog.New(slog.DiscardHandler)})
			if err == nil {
				err = s.Poll(t.Context(), connect.NewBatch(1, 1))
			}
			if err == nil || connect.KindOf(err) != c.kind || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v", err)
			}
			if err := s.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestSourceAllocatesNothingPerRecord(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	write(t, path, strings.Repeat(strings.Repeat("x", 99)+"\n", 100_000))
	r := open(t, path, 0, chunkSize)
	r.batchSize = 2000
	r.batch = connect.NewBatch(2000, 1<<20)
	records := 0
	perPoll := testing.AllocsPerRun(40, func() {
		r.batch.Reset()
		if err := r.Poll(t.Context(), r.batch); err != nil {
			t.Fatal(err)
		}
		records += r.batch.Len()
	})
	if records != 41*2000 {
		t.Fatalf("%d records", records)
	}
	if perPoll > 2 {
		t.Fatalf("%v allocations for 2000 records", perPoll)
	}
}

func BenchmarkSource(b *testing.B) {
	for _, size := range []int{40, 100, 1000} {
		b.Run(fmt.Sprintf("line=%d", size), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "f")
			write(b, path, strings.Repeat(strings.Repeat("x", size-1)+"\n", 20_000_000/size))
			r := open(b, path, 0, chunkSize)
			r.batchSize = 2000
			r.batch = connect.NewBatch(2000, 4<<20)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for n := 0; n < b.N; {
				r.batch.Reset()
				if err := r.Poll(b.Context(), r.batch); err != nil {
					b.Fatal(err)
				}
				if n += r.batch.Len(); r.batch.Len() == 0 {
					r.pos, r.aligned = 0, false
				}
			}
		})
	}
}
