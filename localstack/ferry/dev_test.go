package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// start options that every test of ferry dev has: any port.
func devArgs(folder string, more ...string) []string {
	return append([]string{"dev", "--data", folder, "--listen", "127.0.0.1:0"}, more...)
}

func TestConnectorsCreatedOverRESTMoveAFileThroughATopicIntoAnotherFile(t *testing.T) {
	// given
	data, files := folder(t), t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	c := start(t, devArgs(data)...)
	appendTo(t, from, numbered(0, 1000))

	// when
	c.create("read", source(from, "lines"))
	c.create("write", sink("lines", to))

	// then
	eventually(t, "the copy has all lines", func() bool { return content(t, to) == numbered(0, 1000) })
	appendTo(t, from, numbered(1000, 1))
	eventually(t, "the copy has a line that was added", func() bool { return content(t, to) == numbered(0, 1001) })
	if got := committed(t, c.Kafka, "lines"); len(got) != 1001 {
		t.Errorf("the topic has %d records, want 1001", len(got))
	}
	c.end()
}

func TestAfterAStopTheNextStartGoesOnWhereItStopped(t *testing.T) {
	data, files := folder(t), t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	for i := range 4 {
		c := start(t, devArgs(data)...)
		if i == 0 {
			c.create("read", source(from, "lines"))
			c.create("write", sink("lines", to))
		}
		appendTo(t, from, numbered(100*i, 100))
		eventually(t, "the copy has all lines", func() bool { return content(t, to) == numbered(0, 100*(i+1)) })
		c.end()
	}
}

func TestAProcessThatIsKilledLosesNothingAndRepeatsNothingInTheTopic(t *testing.T) {
	// given a process that moves a long file
	const total, kills = 200_000, 8
	data, files := folder(t), t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	appendTo(t, from, numbered(0, total))
	c := spawn(t, devArgs(data)...)
	config := source(from, "lines")
	config["batch.size"] = "100"
	c.create("read", config)
	c.create("write", sink("lines", to))

	// when it is killed again and again, wherever it is
	for range kills {
		size, more := len(content(t, to)), rand.IntN(len(numbered(0, total))/kills)
		eventually(t, "the copy grows", func() bool {
			now := len(content(t, to))
			return now >= size+more || now >= len(numbered(0, total))
		})
		c.kill()
		c = spawn(t, devArgs(data)...)
	}

	// then
	last := fmt.Sprintf("line %d of a text that is moved\n", total-1)
	eventually(t, "the copy has the last line", func() bool { return strings.HasSuffix(content(t, to), last) })
	if got := strings.Join(committed(t, c.Kafka, "lines"), "\n") + "\n"; got != numbered(0, total) {
		t.Errorf("the topic does not have exactly the lines of the file: %d bytes instead of %d", len(got), len(numbered(0, total)))
	}
	checkCopy(t, content(t, to), total, kills*sinkBatch)
	if code := c.stop(); code != exitOK {
		t.Errorf("exit code %d, want 0:\n%s", code, &c.errors)
	}
}

// sinkBatch is the most that a sink puts before it commits.
const sinkBatch = 8192

// checkCopy checks that a copy has every line, in order but for repetitions, and how many these may be.
func checkCopy(t *testing.T, copied string, total, most int) {
	t.Helper()
	next, repeated := 0, 0
	for line := range strings.Lines(copied) {
		var n int
		if _, err := fmt.Sscanf(line, "line %d of a text that is moved\n", &n); err != nil {
			t.Fatalf("after line %d the copy has %q", next-1, line)
		}
		switch {
		case n == next:
			next++
		case n < next:
			repeated++
		default:
			t.Fatalf("after line %d the copy has line %d", next-1, n)
		}
	}
	if next != total {
		t.Errorf("the copy has %d lines, want %d", next, total)
	}
	if repeated > most {
		t.Errorf("%d lines are repeated, want at most %d", repeated, most)
	}
	t.Logf("%d of %d lines are repeated", repeated, total)
}

func TestPauseResumeAndStopTakeEffectWithinFiveSeconds(t *testing.T) {
	data, files := folder(t), t.TempDir()
	from, to, seen := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt"), filepath.Join(files, "seen.txt")
	c := start(t, devArgs(data)...)
	c.create("read", source(from, "lines"))
	c.create("write", sink("lines", to))
	c.create("witness", sink("lines", seen))
	n := 0
	// more adds a line and returns when the witness, which is never stopped, has it.
	more := func() {
		appendTo(t, from, numbered(n, 1))
		n++
		eventually(t, "the witness has every line", func() bool { return content(t, seen) == numbered(0, n) })
	}
	more()

	for _, tt := range []struct {
		verb   string
		status int
		states []string
	}{{"pause", http.StatusAccepted, []string{"PAUSED", "PAUSED"}}, {"stop", http.StatusNoContent, []string{"STOPPED"}}} {
		verb := tt.verb
		eventually(t, "the sink runs", func() bool { return content(t, to) == numbered(0, n) })
		begin := time.Now()
		c.call(http.MethodPut, "/connectors/write/"+verb, nil, tt.status)
		within(t, 5*time.Second, verb+" shows", c.are("write", tt.states...))
		within(t, 5*time.Second-time.Since(begin), "the sink writes nothing after "+verb, func() bool {
			before := content(t, to)
			more()
			more()
			return content(t, to) == before
		})

		c.call(http.MethodPut, "/connectors/write/resume", nil, http.StatusAccepted)
		within(t, 5*time.Second, "the sink goes on after "+verb, func() bool { return content(t, to) == numbered(0, n) })
		within(t, 5*time.Second, "RUNNING shows", c.are("write", "RUNNING", "RUNNING"))
	}
}

func TestADeletedConnectorEndsAndItsNameIsFree(t *testing.T) {
	data, files := folder(t), t.TempDir()
	from := filepath.Join(files, "from.txt")
	c := start(t, devArgs(data)...)
	for range 3 {
		c.create("read", source(from, "lines"))
		within(t, 5*time.Second, "it runs", c.are("read", "RUNNING", "RUNNING"))
		c.call(http.MethodDelete, "/connectors/read", nil, http.StatusNoContent)
		c.call(http.MethodGet, "/connectors/read", nil, http.StatusNotFound)
		within(t, 5*time.Second, "it has no status", func() bool { return c.states("read") == nil })
	}
}

func TestAFailedTaskIsToldAndCanBeRestarted(t *testing.T) {
	data, files := folder(t), t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "missing", "to.txt")
	c := start(t, devArgs(data)...)
	appendTo(t, from, numbered(0, 10))
	c.create("read", source(from, "lines"))
	c.create("write", sink("lines", to))
	eventually(t, "the task fails", c.are("write", "RUNNING", "FAILED"))
	if answer := string(c.call(http.MethodGet, "/connectors/write/status", nil, http.StatusOK)); !strings.Contains(answer, "Couldn't find or create file") {
		t.Errorf("the status does not say why: %s", answer)
	}

	config := sink("lines", filepath.Join(files, "to.txt"))
	c.call(http.MethodPut, "/connectors/write/config", config, http.StatusOK)
	within(t, 5*time.Second, "a new configuration runs", func() bool { return content(t, config["file"]) == numbered(0, 10) })
	within(t, 5*time.Second, "it is RUNNING", c.are("write", "RUNNING", "RUNNING"))
	c.call(http.MethodPost, "/connectors/write/restart?includeTasks=true", nil, http.StatusAccepted)
	appendTo(t, from, numbered(10, 1))
	eventually(t, "it runs after a restart", func() bool { return content(t, config["file"]) == numbered(0, 11) })
}

func TestAnInterruptLeavesNothingBehind(t *testing.T) {
	before := goroutines()
	data, files := folder(t), t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	c := start(t, devArgs(data)...)
	appendTo(t, from, numbered(0, 10))
	c.create("read", source(from, "lines"))
	c.create("write", sink("lines", to))
	eventually(t, "the lines are copied", func() bool { return content(t, to) == numbered(0, 10) })
	c.end()
	http.DefaultClient.CloseIdleConnections()

	eventually(t, "all goroutines ended", func() bool {
		for id := range goroutines() {
			if _, old := before[id]; !old {
				return false
			}
		}
		return true
	})
}

// goroutines returns the stacks of the goroutines that run our code or Kafka's, by id.
func goroutines() map[string]string {
	buf := make([]byte, 4<<20)
	all := make(map[string]string)
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n")[1:] { // the first is this one
		if id, _, ok := strings.Cut(stack, " ["); ok && (strings.Contains(stack, "ferry-connect/ferry/") || strings.Contains(stack, "twmb/franz-go")) {
			if !strings.Contains(stack, "testing.(*T).Run") {
				all[id] = stack
			}
		}
	}
	return all
}

func TestADataFolderBelongsToOneProcess(t *testing.T) {
	data := folder(t)
	start(t, devArgs(data)...)
	code, _, errors := run(t, devArgs(data)...)
	if code != exitFailed || !strings.Contains(errors, data) || !strings.Contains(errors, "in use by another ferry dev") {
		t.Errorf("exit code %d and %q, want 1 and the folder named", code, errors)
	}
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	address := ln.Addr().String()
	code, _, errors := run(t, "dev", "--data", folder(t), "--listen", address)
	if code != exitFailed || !strings.Contains(errors, "address "+address+" is in use") {
		t.Errorf("exit code %d and %q, want 1 and the address named", code, errors)
	}
}

func TestTheQuickstartMovesAFileAndTheSecondGoesOn(t *testing.T) {
	data, files := folder(t), t.TempDir()
	from := filepath.Join(files, "from.txt")
	appendTo(t, from, numbered(0, 100))
	to := filepath.Join(data, "quickstart-copy.txt")

	c := start(t, devArgs(data, "--quickstart", "--file", from)...)
	eventually(t, "the lines are copied", func() bool { return content(t, to) == numbered(0, 100) })
	c.end()
	if !strings.Contains(c.output.String(), from) {
		t.Errorf("the output does not name the file:\n%s", c.output)
	}

	appendTo(t, from, numbered(100, 1))
	c = start(t, devArgs(data, "--quickstart")...)
	eventually(t, "the new line is copied, and no other again", func() bool { return content(t, to) == numbered(0, 101) })
	c.end()
	want := fmt.Sprintf(`"quickstart-source":"position %d of %s"`, len(numbered(0, 100)), from)
	if got := c.output.String(); !strings.Contains(got, want) || !strings.Contains(got, `"quickstart-sink":"quickstart-lines/0 at offset `) {
		t.Errorf("the output does not say where it goes on, want %s:\n%s", want, got)
	}
	if n := len(slices.Collect(strings.Lines(c.output.String()))); n > 12 {
		t.Errorf("a quiet start writes %d log lines:\n%s", n, c.output)
	}
}
