package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// Server is a real server of one test. Its methods must not be called concurrently.
type Server struct {
	Addr string // host:port; it stays the same when the server is started again
	Data string // folder of its files; server.log is there

	script  string
	port    string
	env     []string
	process *process // nil when it does not run
}

// Option changes how a server is started.
type Option func(env map[string]string)

// Properties adds lines of the form key=value to the server's properties file; they win over the script's own.
// It can be given more than once.
func Properties(lines ...string) Option {
	return func(env map[string]string) {
		env["SERVER_PROPERTIES"] += strings.Join(lines, "\n") + "\n"
	}
}

// Heap sets the size of the Java heap, in the form that -Xmx takes, such as 512m.
func Heap(size string) Option {
	return func(env map[string]string) { env["SERVER_HEAP"] = size }
}

// JVM replaces the flags of the Java virtual machine, which are chosen for a fast start, not for a fast server.
func JVM(flags ...string) Option {
	return func(env map[string]string) { env["SERVER_JVM"] = strings.Join(flags, " ") }
}

// URL is the server's address for HTTP clients.
func (s *Server) URL() string { return "http://" + s.Addr }

// Start starts a server that was stopped or killed, on its address and with its data, and returns when it answers.
// On a server that runs it does nothing.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	check(t, s.start())
}

// Stop ends the server in order (SIGTERM) and returns when it is gone. On a server that does not run it does nothing.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.stop(); err != nil {
		t.Errorf("%v", err)
	}
}

// Kill ends the server and all its processes with SIGKILL and returns when they are gone. On a server that does not run
// it does nothing.
func (s *Server) Kill(testing.TB) {
	if s.process != nil {
		s.process.kill()
		s.process = nil
	}
}

// Output runs a script of scripts/servers that is no server (kafka-console-consumer.sh, suite16.sh) to its end and
// returns what it wrote to its standard output, also when it failed. The error then has what it wrote to standard error.
// A program that the machine lacks skips t, as for servers.
func Output(t testing.TB, script string, args ...string) (string, error) {
	t.Helper()
	folder, err := scripts()
	check(t, err)
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), filepath.Join(folder, script), args...)
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		err = explain(script, err, stderr.String())
		if lacks := (*unavailableError)(nil); errors.As(err, &lacks) {
			unavailable(t, lacks)
		}
	}
	return string(output), err
}

// run starts a server for t and stops it when t ends.
func run(t testing.TB, script string, opts []Option) *Server {
	t.Helper()
	s, err := newServer(script, t.TempDir(), opts)
	check(t, err)
	t.Cleanup(func() { s.Stop(t) })
	check(t, s.start())
	return s
}

// newServer chooses a server's address; nothing runs yet.
func newServer(script, data string, opts []Option) (*Server, error) {
	folder, err := scripts()
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	env := make(map[string]string)
	for _, opt := range opts {
		opt(env)
	}
	s := &Server{
		Addr:   fmt.Sprintf("127.0.0.1:%d", port),
		Data:   data,
		script: filepath.Join(folder, script),
		port:   strconv.Itoa(port),
		env:    os.Environ(),
	}
	for key, value := range env {
		s.env = append(s.env, key+"="+value)
	}
	return s, nil
}

func (s *Server) start() error {
	if s.process != nil {
		return nil
	}
	name := filepath.Base(s.script)
	stderr, err := os.Create(filepath.Join(s.Data, "stderr.log"))
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	defer func() { _ = stderr.Close() }() // the script writes to its own copy
	p, err := launch(s.script, []string{s.port, s.Data}, s.env, stderr)
	if err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	if err := p.awaitReady(readyLimit); err != nil {
		return explain(name, err, s.complaint())
	}
	s.process = p
	return nil
}

func (s *Server) stop() error {
	if s.process == nil {
		return nil
	}
	p := s.process
	s.process = nil
	if err := p.stop(stopLimit); err != nil {
		return fmt.Errorf("%s %w", filepath.Base(s.script), err)
	}
	return nil
}

// complaint is what the script and the server had to say, as far as an error message has room for it.
func (s *Server) complaint() string {
	var text strings.Builder
	for _, name := range []string{"stderr.log", "server.log"} {
		content, err := os.ReadFile(filepath.Join(s.Data, name))
		if err != nil {
			continue // a script that ends early has no server.log yet
		}
		text.Write(content[max(0, len(content)-4096):])
	}
	return text.String()
}

// explain adds what a script wrote to the error it ended with.
func explain(script string, err error, stderr string) error {
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.ExitCode() == unavailableExit {
		return &unavailableError{server: script, lacks: lacking(stderr)}
	}
	return fmt.Errorf("%s %w\n%s", script, err, stderr)
}

// check ends t when there is an error: skipped when the machine lacks something, else failed.
func check(t testing.TB, err error) {
	t.Helper()
	if lacks := (*unavailableError)(nil); errors.As(err, &lacks) {
		unavailable(t, lacks)
	}
	if err != nil {
		t.Fatalf("%v", err)
	}
}

// scripts finds the folder scripts/servers of the checkout, from the package's folder that tests run in.
func scripts() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find scripts/servers: %w", err)
	}
	for folder := start; ; folder = filepath.Dir(folder) {
		candidate := filepath.Join(folder, "scripts", "servers")
		if _, err := os.Stat(filepath.Join(candidate, "lib.sh")); err == nil {
			return candidate, nil
		}
		if folder == filepath.Dir(folder) {
			return "", fmt.Errorf("find scripts/servers: neither in %s nor in a folder above it", start)
		}
	}
}
