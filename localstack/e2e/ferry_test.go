package e2e_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// ferry is a running ferry, a process of its own.
type ferry struct {
	rest  string // URL of its REST API
	kafka string // its broker

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process and its output have ended
	err    error         // how it ended; to be read after exited

	mu     sync.Mutex
	output []string // the last lines it wrote
}

// startFerry starts a command line of ferry and returns when its REST API answers. The process is killed when the test ends,
// and what it wrote last is shown if the test failed.
func startFerry(t *testing.T, args ...string) *ferry {
	t.Helper()
	f := launchFerry(t, args...)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !f.ready() {
		select {
		case <-look.C:
		case <-f.exited:
			t.Fatalf("ferry ended before it was ready: %v\n%s", f.err, f.tail())
		case <-deadline.C:
			t.Fatalf("ferry was not ready after %v:\n%s", patience, f.tail())
		}
	}
	return f
}

// launchFerry starts a command line and does not wait for anything.
func launchFerry(t *testing.T, args ...string) *ferry {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	f := &ferry{cmd: exec.CommandContext(context.WithoutCancel(t.Context()), path, args...), exited: make(chan struct{})}
	f.cmd.Stdout, f.cmd.Stderr = w, w
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	check(t, w.Close()) // the process has its own copy; when ours is closed too, it ends by SIGPIPE with its next line
	go f.follow(r)
	t.Cleanup(func() {
		f.kill()
		if t.Failed() {
			t.Logf("the last lines of ferry %s:\n%s", strings.Join(args, " "), f.tail())
		}
	})
	return f
}

// kept is how many lines of output are shown.
const kept = 60

func (f *ferry) follow(r io.ReadCloser) {
	defer close(f.exited)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		f.mu.Lock()
		var line struct{ Msg, REST, Kafka string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
			f.rest, f.kafka = line.REST, line.Kafka
		}
		f.output = append(f.output, lines.Text())
		f.output = f.output[max(0, len(f.output)-kept):]
		f.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, r) // after a line that is too long; a full pipe would block the process
	_ = r.Close()
	f.err = f.cmd.Wait()
}

func (f *ferry) ready() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rest != ""
}

func (f *ferry) tail() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.output, "\n")
}

// kill ends the process by SIGKILL and returns when it is gone. It may be called again.
func (f *ferry) kill() {
	_ = f.cmd.Process.Signal(syscall.SIGKILL) // it may have ended
	<-f.exited
}

// stop ends the process as Ctrl-C does.
func (f *ferry) stop(t *testing.T) {
	t.Helper()
	check(t, f.cmd.Process.Signal(syscall.SIGINT))
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	select {
	case <-f.exited:
	case <-deadline.C:
		t.Fatalf("ferry did not end within %v of SIGINT:\n%s", patience, f.tail())
	}
	if f.err != nil {
		t.Errorf("ferry ended with %v:\n%s", f.err, f.tail())
	}
}

// cluster names a Connect cluster, for ferry and for Java's workers.
type cluster struct {
	bootstrap, group         string
	configs, offsets, status string
}

// newCluster names a cluster like no other, so that tests can run again on the broker they share.
func newCluster(bootstrap, name string) cluster {
	group := name + "-" + strings.ToLower(rand.Text()[:8])
	return cluster{bootstrap, group, group + "-configs", group + "-offsets", group + "-status"}
}

// start starts ferry dev as a worker of the cluster, with further lines for its properties file.
func (c cluster) start(t *testing.T, lines ...string) *ferry {
	t.Helper()
	return startFerry(t, c.args(t, lines...)...)
}

func (c cluster) args(t *testing.T, lines ...string) []string {
	t.Helper()
	properties := fmt.Sprintf(`bootstrap.servers=%s
group.id=%s
config.storage.topic=%s
config.storage.replication.factor=1
offset.storage.topic=%s
offset.storage.replication.factor=1
status.storage.topic=%s
status.storage.replication.factor=1
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
%s
`, c.bootstrap, c.group, c.configs, c.offsets, c.status, strings.Join(lines, "\n"))
	path := filepath.Join(t.TempDir(), "worker.properties")
	check(t, os.WriteFile(path, []byte(properties), 0o600))
	return []string{"dev", "--worker", path, "--listen", "127.0.0.1:0"}
}

// client returns a Kafka client that is closed when the test ends.
func client(t *testing.T, bootstrap string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(opts, kgo.SeedBrokers(bootstrap), kgo.MetadataMinAge(50*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
