package host

import (
	"context"
	"fmt"
	"sync"

	"github.com/ferry-connect/ferry/coordinator/invoke"
)

// running counts the invocations of each connector's tasks. Its methods may be called concurrently.
type running struct {
	mu      sync.Mutex
	tasks   map[string]int
	changed chan struct{} // closed and replaced when an invocation ends
}

func newRunning() *running {
	return &running{tasks: make(map[string]int), changed: make(chan struct{})}
}

// count returns a handler that is counted while it runs a task.
func (r *running) count(h invoke.Handler) invoke.Handler { return counted{h, r} }

type counted struct {
	invoke.Handler
	running *running
}

// Handle implements invoke.Handler.
func (c counted) Handle(ctx context.Context, req *invoke.Request) *invoke.Response {
	if req.Op == invoke.OpRun {
		c.running.add(req.Connector, 1)
		defer c.running.add(req.Connector, -1)
	}
	return c.Handler.Handle(ctx, req)
}

func (r *running) add(connector string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks[connector] += n
	if n < 0 {
		close(r.changed)
		r.changed = make(chan struct{})
	}
	if r.tasks[connector] == 0 {
		delete(r.tasks, connector)
	}
}

// none returns when no task of the connector runs.
func (r *running) none(ctx context.Context, connector string) error {
	for {
		r.mu.Lock()
		n, changed := r.tasks[connector], r.changed
		r.mu.Unlock()
		if n == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %d tasks of %s to end: %w", n, connector, context.Cause(ctx))
		}
	}
}

// fence returns when no task of a stopped connector can commit any more. Those that run are told here: if the connector is resumed
// already, no pass has seen the stop. The pass starts none, since the connector is held; and since passes over a connector follow one
// another, no earlier one can start any behind it.
func (h *Host) fence(ctx context.Context, connector string) error {
	if err := h.coordinator.EndTasks(ctx, connector); err != nil {
		return err
	}
	if err := h.loop.Await(ctx, connector); err != nil {
		return fmt.Errorf("wait for the pass over %s: %w", connector, err)
	}
	return h.running.none(ctx, connector)
}
