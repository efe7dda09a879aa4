package file

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	childVariable = "FERRY_TEST_FILE_SINK" // the file, in the process that is to be killed
	startVariable = "FERRY_TEST_FILE_SINK_START"
	killBatch     = 3_000
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childVariable); path != "" {
		if err := writeUntilKilled(path, os.Getenv(startVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// killedLine is line n; its length varies.
func killedLine(n int) string {
	return fmt.Sprintf("line %08d %s", n, strings.Repeat(string(rune('a'+n%26)), n*37%300))
}

// writeUntilKilled puts batch after batch, and prints how many lines are committed after each.
func writeUntilKilled(path, start string) error {
	next, err := strconv.Atoi(start)
	if err != nil {
		return err
	}
	ctx := context.Background()
	s := &Sink{def: sinkConfig()}
	if err := s.Open(ctx, &connect.SinkRuntime{Config: map[string]string{"file": path}, Log: slog.New(slog.DiscardHandler)}); err != nil {
		return err
	}
	b := connect.NewBatch(killBatch, 1<<30)
	for {
		b.Reset()
		for range killBatch {
			b.Append().Value = connect.String(killedLine(next))
			next++
		}
		if err := s.Put(ctx, b); err != nil {
			return err
		}
		if _, err := s.Flush(ctx); err != nil {
			return err
		}
		_, _ = fmt.Fprintln(os.Stdout, next)
	}
}

func TestSinkKilledWhileItWritesLosesNothingAndLeavesNoHalfLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	const kills = 20
	committed := 0
	for range kills {
		committed = writeAndKill(t, path, committed)
	}
	s, _ := openSink(t, path) // the last invocation mends what the last kill left
	put(t, s, killedLine(committed))

	seen, highest, repeated := -1, -1, 0
	for i, line := range strings.Split(strings.TrimSuffix(content(t, path), "\n"), "\n") {
		var n int
		if _, err := fmt.Sscanf(line, "line %d", &n); err != nil || line != killedLine(n) {
			t.Fatalf("line %d is no whole line: %.60q", i, line)
		}
		if n > seen+1 {
			t.Fatalf("line %d is %d, after %d: something is lost", i, n, seen)
		}
		if seen = n; n <= highest {
			repeated++
		}
		highest = max(highest, n)
	}
	if highest < committed || repeated > (kills+1)*killBatch {
		t.Fatalf("got up to %d of %d, %d lines repeated", highest, committed, repeated)
	}
}

// writeAndKill runs the sink in a process of its own, kills it at some moment after a few commits, and returns what is committed.
func writeAndKill(t *testing.T, path string, start int) (committed int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+path, startVariable+"="+strconv.Itoa(start))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	committed = start
	commits := bufio.NewScanner(out)
	for range 1 + rand.IntN(3) {
		if commits.Scan() {
			committed, _ = strconv.Atoi(commits.Text())
		}
	}
	// Wait for the next write to have begun, so that some kills hit it in the middle.
	for size, began := int64(-1), false; !began; {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		began = size >= 0 && info.Size() > size
		if size < 0 {
			size = info.Size()
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for commits.Scan() { // what it still said before it died
		committed, _ = strconv.Atoi(commits.Text())
	}
	cmd.Wait() //nolint:errcheck // it was killed
	return committed
}
