package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

// screenText collects what is written to a terminal.
type screenText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screenText) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screenText) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

func TestProgramsHearOfChangesOnly(t *testing.T) {
	var text bytes.Buffer
	out := streams{out: &text}.open(slog.LevelInfo)
	running := host.Connector{Name: "a", State: "RUNNING", Count: progress.Count{Records: 5, Rate: 1, Position: "here"}}
	seen := out.lines([]host.Connector{running}, nil)
	seen = out.lines([]host.Connector{running}, seen)
	running.Problem = "ConnectException: away"
	seen = out.lines([]host.Connector{running}, seen)
	out.lines([]host.Connector{running}, seen)

	got := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(got) != 2 || !strings.Contains(got[0], `"records":5,"rate":1,"position":"here"`) || !strings.Contains(got[1], `"level":"WARN"`) || !strings.Contains(got[1], "away") {
		t.Errorf("log lines are\n%s", text.String())
	}
}

func TestPeopleSeeOneLineForEachConnector(t *testing.T) {
	var text screenText
	s := streams{out: &text, size: func() (int, int) { return 100, 30 }}
	out := s.open(slog.LevelInfo)
	view := []host.Connector{
		{Name: "a", State: "RUNNING", Count: progress.Count{Records: 5000, Position: "t/0 at offset 5000"}},
		{Name: "b", State: "FAILED", Problem: "ConnectException: away"},
	}
	if err := out.screen.Draw(rows(view, out.screen.Width())); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); strings.Index(got, "✗ b") > strings.Index(got, "● a") {
		t.Errorf("the one with a problem is not first:\n%s", got)
	}
	out.log.Info("a change", "connector", "c")
	for _, want := range []string{"● a  RUNNING", "5,000 records", "t/0 at offset 5000", "✗ b  FAILED", "ConnectException: away", "INF a change connector=c"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}

func TestOnATerminalTheQuickstartSaysWhatToTryNext(t *testing.T) {
	t.Chdir(t.TempDir())
	from := file(t, "from.txt", numbered(0, 10))
	var text, errors screenText
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := streams{in: strings.NewReader(""), out: &text, err: &errors, size: func() (int, int) { return 120, 40 }}
	code := make(chan int, 1)
	go func() {
		code <- execute(ctx, devArgs(folder(t), "--quickstart", "--file", from), s)
	}()
	eventually(t, "the lines are moved", func() bool { return strings.Count(text.String(), " 10 records") >= 2 })
	cancel()
	if got := <-code; got != exitOK {
		t.Fatalf("exit code %d: %s", got, errors.String())
	}
	for _, want := range []string{"REST API  http://127.0.0.1:", "Quickstart: " + from, "Try next", "curl -s http://127.0.0.1:", "tail -f ", "position ", "Stopping"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, text.String())
		}
	}
}
