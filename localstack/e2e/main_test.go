package e2e_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// patience is far above what anything here takes, because tests share slow machines.
const patience = 90 * time.Second

// kafka is the broker that the tests share. Each uses topics, groups and a Connect cluster of its own.
var kafka servers.SharedKafka

// binaries is where the command is built to, once.
var binaries string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	var err error
	if binaries, err = os.MkdirTemp("", "ferry-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := kafka.Main(m)
	if err := os.RemoveAll(binaries); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// command builds ferry at its first call, and returns where it is.
var command = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaries, "ferry")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", path, "github.com/ferry-connect/ferry/localstack/ferry")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build ferry: %w\n%s", err, output)
	}
	return path, nil
})

// await looks often whether a condition holds, and returns when it does.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	awaitWithin(t, patience, 20*time.Millisecond, what, holds)
}

func awaitWithin(t *testing.T, limit, interval time.Duration, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	look := time.NewTicker(interval)
	defer look.Stop()
	for !holds() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatalf("after %v still not: %s", limit, what)
		}
	}
}
