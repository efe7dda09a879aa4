package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// asCommand makes the test binary the command itself, for tests that kill it.
const asCommand = "FERRY_TEST_IS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		os.Exit(mainExit())
	}
	os.Exit(m.Run())
}

// patience is far above what anything here takes, because tests share slow machines.
const patience = 60 * time.Second

// eventually waits until a condition holds, and looks at it often.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	within(t, patience, what, holds)
}

func within(t *testing.T, limit time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}

// ready is what the command logs when it runs.
type ready struct {
	Msg, REST, Kafka string
}

// lines reads what a command writes: it looks for the line that says ready, and keeps the rest.
type lines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan ready
	ended chan struct{}
}

func follow(r io.Reader) *lines {
	l := &lines{found: make(chan ready, 1), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		for s := bufio.NewScanner(r); s.Scan(); {
			l.mu.Lock()
			l.text.Write(append(s.Bytes(), '\n'))
			l.mu.Unlock()
			var line ready
			if json.Unmarshal(s.Bytes(), &line) == nil && line.Msg == "ready" {
				l.found <- line
			}
		}
	}()
	return l
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// command is a running ferry, in this process or in one of its own.
type command struct {
	ready
	t      *testing.T
	output *lines
	errors bytes.Buffer // to be read when it has ended
	stop   func() (code int)
	kill   func() // nil in this process
}

// tell shows what the command wrote when the test failed.
func (c *command) tell() {
	if c.t.Failed() {
		c.t.Logf("ferry wrote:\n%s%s", c.output, &c.errors)
	}
}

// start runs the command line in this process, and stops it when the test ends.
func start(t *testing.T, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	c := &command{t: t, output: follow(r)}
	code := make(chan int, 1)
	go func() {
		code <- execute(ctx, args, streams{in: strings.NewReader(""), out: w, err: &c.errors})
		_ = w.Close() // never fails
	}()
	c.stop = sync.OnceValue(func() int { cancel(); <-c.output.ended; return <-code })
	t.Cleanup(func() { c.stop(); c.tell() })
	c.await()
	return c
}

// spawn runs the command line in a process of its own.
func spawn(t *testing.T, args ...string) *command {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	r, w := io.Pipe()
	c := &command{t: t, output: follow(r)}
	cmd.Stdout, cmd.Stderr = w, &c.errors
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	end := func(s os.Signal) func() int {
		return func() int {
			_ = cmd.Process.Signal(s)
			_ = cmd.Wait()
			_ = w.Close() // never fails
			<-c.output.ended
			return cmd.ProcessState.ExitCode()
		}
	}
	kill := sync.OnceValue(end(os.Kill))
	c.kill = func() { kill() }
	c.stop = sync.OnceValue(end(os.Interrupt))
	t.Cleanup(func() {
		if cmd.ProcessState == nil {
			c.kill()
		}
		c.tell()
	})
	c.await()
	return c
}

func (c *command) await() {
	c.t.Helper()
	select {
	case c.ready = <-c.output.found:
	case <-c.output.ended:
		c.t.Fatalf("it ended with %d before it was ready:\n%s%s", c.stop(), c.output, &c.errors)
	case <-time.After(patience):
		c.t.Fatalf("it is not ready:\n%s", c.output)
	}
}

// end stops the command in order and checks that it says so.
func (c *command) end() {
	c.t.Helper()
	if code := c.stop(); code != exitOK {
		c.t.Fatalf("exit code %d, want 0:\n%s%s", code, c.output, &c.errors)
	}
}

// call calls the API and fails unless the status is as wanted.
func (c *command) call(method, path string, body any, want int) []byte {
	c.t.Helper()
	status, answer := c.try(method, path, body)
	if status != want {
		c.t.Fatalf("%s %s: status %d, want %d: %s", method, path, status, want, answer)
	}
	return answer
}

func (c *command) try(method, path string, body any) (status int, answer []byte) {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.REST+path, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, err = io.ReadAll(resp.Body); err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func (c *command) create(name string, config map[string]string) {
	c.t.Helper()
	c.call(http.MethodPost, "/connectors", map[string]any{"name": name, "config": config}, http.StatusCreated)
}

// state is what GET status shows.
type state struct {
	Connector struct{ State, Trace string }
	Tasks     []struct {
		ID           int
		State, Trace string
	}
}

// states returns the states of a connector and of its tasks; nil if there is no status.
func (c *command) states(name string) []string {
	c.t.Helper()
	code, answer := c.try(http.MethodGet, "/connectors/"+name+"/status", nil)
	if code != http.StatusOK {
		return nil
	}
	var s state
	if err := json.Unmarshal(answer, &s); err != nil {
		c.t.Fatal(err)
	}
	states := []string{s.Connector.State}
	for _, task := range s.Tasks {
		states = append(states, task.State)
	}
	return states
}

// are reports whether the states of a connector and its tasks are as wanted.
func (c *command) are(name string, want ...string) func() bool {
	return func() bool { return slices.Equal(c.states(name), want) }
}

const stringConverter = "org.apache.kafka.connect.storage.StringConverter"

func source(file, topic string) map[string]string {
	return text(map[string]string{"connector.class": "FileStreamSource", "file": file, "topic": topic})
}

func sink(topic, file string) map[string]string {
	return text(map[string]string{"connector.class": "FileStreamSink", "file": file, "topics": topic})
}

func text(config map[string]string) map[string]string {
	maps.Copy(config, map[string]string{"key.converter": stringConverter, "value.converter": stringConverter})
	return config
}

// numbered returns n lines of text, from the given one on.
func numbered(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %d of a text that is moved\n", from+i)
	}
	return b.String()
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err == nil {
		_, err = f.WriteString(text)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// folder is a data folder whose broker listens on a free port, so that tests do not meet.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "broker.json"), []byte(`{"port":0}`), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// committed returns the values that a read_committed reader sees in a topic of one partition.
func committed(t *testing.T, kafka, topic string) []string {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListEndOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	end, ok := ends.Lookup(topic, 0)
	if !ok || end.Err != nil {
		t.Fatalf("topic %s: %v", topic, end.Err)
	}
	var values []string
	for next := int64(0); next < end.Offset; {
		fetches := cl.PollFetches(t.Context())
		if err := fetches.Err(); err != nil {
			t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			if !r.Attrs.IsControl() {
				values = append(values, string(r.Value))
			}
		})
	}
	return values
}
