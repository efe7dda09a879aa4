package connecttest

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// patience bounds how long a suite waits for something that must happen. It is never waited for in a test that passes.
const patience = 20 * time.Second

// check is one sentence of a contract. run returns how the implementation breaks it.
type check struct {
	name string
	run  func(ctx context.Context, t testing.TB) error
}

func runChecks(t *testing.T, checks []check) {
	t.Helper()
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			if err := c.guarded(ctx, t); err != nil {
				t.Error(err)
			}
		})
	}
}

// guarded turns a panic into an error.
func (c check) guarded(ctx context.Context, t testing.TB) (err error) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return c.run(ctx, t)
}

// taskConfig returns the configuration of the only task of a connector.
func taskConfig(ctx context.Context, c *connect.Class, config map[string]string) (map[string]string, error) {
	if c.Plan == nil {
		return config, nil
	}
	tasks, err := c.Plan(ctx, config, 1)
	if err != nil {
		return nil, fmt.Errorf("plan one task: %w", err)
	}
	if len(tasks) != 1 {
		return nil, fmt.Errorf("plan one task: got %d", len(tasks))
	}
	return tasks[0], nil
}

// checkClass looks at what every connector class must have.
func checkClass(ctx context.Context, c *connect.Class, config map[string]string) error {
	switch {
	case c.Name == "" || c.Version == "":
		return fmt.Errorf("class %q of version %q lacks a name or a version", c.Name, c.Version)
	case c.Config == nil:
		return fmt.Errorf("class %s defines no configuration", c.Name)
	case (c.Source == nil) == (c.Sink == nil):
		return fmt.Errorf("class %s must be either a source or a sink", c.Name)
	}
	if _, err := c.Config.Parse(config); err != nil {
		return fmt.Errorf("the harness's own configuration is refused: %w", err)
	}
	if c.Check != nil {
		for key, messages := range c.Check(ctx, config) {
			if len(messages) > 0 {
				return fmt.Errorf("the harness's own configuration is refused at %s: %s", key, messages[0])
			}
		}
	}
	if c.Plan == nil {
		return nil
	}
	for limit := 1; limit <= 4; limit++ {
		tasks, err := c.Plan(ctx, config, limit)
		if err != nil {
			return fmt.Errorf("plan at most %d tasks: %w", limit, err)
		}
		if len(tasks) > limit {
			return fmt.Errorf("plan at most %d tasks: got %d", limit, len(tasks))
		}
	}
	return nil
}

// journal is a log that remembers what is Info or worse.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) logger() *slog.Logger { return slog.New(slog.NewTextHandler(j, nil)) }

// Write takes one line of the log.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, string(line))
	return len(line), nil
}

// checkSilent says what was logged.
func (j *journal) checkSilent() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) > 0 {
		return fmt.Errorf("normal operation must log nothing, but logged %d lines: %s", len(j.lines), strings.TrimSpace(j.lines[0]))
	}
	return nil
}
