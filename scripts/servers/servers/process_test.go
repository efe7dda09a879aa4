package servers

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestServerDiesWithTheTestBinary(t *testing.T) {
	// given a process that serves as the scripts do
	p := launchShell(t, `data=$1; port=0; yes_it_is() { true; }; serve yes_it_is tail -f "$data/server.log"`)
	if err := p.awaitReady(readyLimit); err != nil {
		t.Fatal(err)
	}

	// when our end of its standard input closes, as it does when we die
	if err := p.hold.Close(); err != nil {
		t.Fatal(err)
	}

	// then it is gone
	select {
	case <-p.exited:
	case <-time.After(time.Minute):
		p.kill()
		t.Error("the server outlived its test")
	}
}

// LocalStack starts DynamoDB Local in a session of its own, where no signal to our process group arrives.
func TestDynamoDBBehindLocalStackDiesWithIt(t *testing.T) {
	// given LocalStack's java, which runs a command that would go on for ever
	folder, err := scripts()
	check(t, err)
	installed := t.TempDir()
	java := filepath.Join(installed, "bin", "java")
	check(t, os.Mkdir(filepath.Dir(java), 0o755))
	check(t, os.Symlink(filepath.Join(folder, "localstack", "java"), java))
	check(t, os.WriteFile(filepath.Join(installed, "command"), []byte("yes\x00"), 0o644))
	parent := exec.CommandContext(t.Context(), "bash", "-c", "set -m; "+java+" -Xmx1g -jar DynamoDBLocal.jar option; true")
	parent.Stderr = os.Stderr
	output, err := parent.StdoutPipe()
	check(t, err)
	check(t, parent.Start())
	if _, err := output.Read(make([]byte, 1)); err != nil { // it runs
		t.Fatal(err)
	}

	// when its parent is killed
	check(t, parent.Process.Kill())
	if _, err := parent.Process.Wait(); err != nil {
		t.Fatal(err)
	}

	// then it ends, and nobody holds its output
	if _, err := io.Copy(io.Discard, output); err != nil {
		t.Error(err)
	}
}

func TestStopKillsAServerThatIgnoresSIGTERM(t *testing.T) {
	// given
	p := launchShell(t, `trap '' TERM; echo ready; while true; do sleep 1 & wait; done`)
	if err := p.awaitReady(readyLimit); err != nil {
		t.Fatal(err)
	}

	// when
	err := p.stop(100 * time.Millisecond)

	// then
	if err == nil || !strings.Contains(err.Error(), "was killed") {
		t.Errorf("stop said %v", err)
	}
	select {
	case <-p.exited:
	default:
		t.Error("the server still runs")
	}
}

func TestStartSaysWhyAServerEnded(t *testing.T) {
	// given a broker with a property that it refuses
	s, err := newServer("kafka.sh", t.TempDir(), []Option{Properties("num.partitions=several")})
	check(t, err)

	// when
	err = s.start()

	// then
	if err == nil {
		t.Fatal("the broker started")
	}
	check(t, onlyUnavailable(err))
	if !strings.Contains(err.Error(), "num.partitions") {
		t.Errorf("error does not name the property: %v", err)
	}
}

func TestOneOfManyConcurrentFetchesDownloads(t *testing.T) {
	// given a download that takes a moment and counts its runs
	cache := t.TempDir()
	script := `download() { echo run >>"$cache/runs"; sleep 0.3; echo content >"$1/file"; }; once "$cache/thing" download; cat "$cache/thing/file"`

	// when eight scripts want it at once
	var group sync.WaitGroup
	outputs := make([]string, 8)
	for i := range outputs {
		group.Go(func() { outputs[i] = shell(t, cache, script) })
	}
	group.Wait()

	// then all have it, and it was downloaded once
	for i, output := range outputs {
		if output != "content\n" {
			t.Errorf("script %d read %q", i, output)
		}
	}
	if runs, err := os.ReadFile(filepath.Join(cache, "runs")); err != nil || string(runs) != "run\n" {
		t.Errorf("runs are %q (%v), want one", runs, err)
	}
}

func TestFailedFetchLeavesNothingBehind(t *testing.T) {
	// given a download that breaks off
	cache := t.TempDir()
	shell(t, cache, `(broken() { echo half >"$1/file"; return 1; }; once "$cache/thing" broken) || true`)

	// when it is tried again
	output := shell(t, cache, `whole() { echo whole >"$1/file"; }; once "$cache/thing" whole; cat "$cache/thing/file"; ls "$cache"`)

	// then
	if want := "whole\nfetch.lock\nthing\n"; output != want {
		t.Errorf("script wrote %q, want %q", output, want)
	}
}

// shell runs lines that use lib.sh, with an own cache.
func shell(t *testing.T, cache, lines string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", sourced(t)+lines)
	cmd.Env = append(os.Environ(), "FERRY_CACHE="+cache)
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, output)
	}
	return string(output)
}

// launchShell launches lines that use lib.sh, as a script whose one argument is a folder.
func launchShell(t *testing.T, lines string) *process {
	t.Helper()
	p, err := launch("bash", []string{"-c", sourced(t) + lines, "test", t.TempDir()}, os.Environ(), os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

func sourced(t *testing.T) string {
	t.Helper()
	folder, err := scripts()
	check(t, err)
	return fmt.Sprintf(". '%s/lib.sh'; ", folder)
}
