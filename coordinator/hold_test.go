package coordinator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// getting lets something happen just before a lease is read.
type getting struct {
	lease.Table
	happen func()
}

func (g *getting) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	if g.happen != nil {
		g.happen()
	}
	return g.Table.Get(ctx, key)
}

// plans takes the right to plan a connector, as a pass does.
func (c *cluster) plans(name string) lease.Held {
	c.t.Helper()
	held, err := c.Leases.Acquire(c.t.Context(), lease.Key{Connector: name, Task: -1}, "a pass", 0, c.now.Add(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	return held
}

func TestAConnectorThatIsBeingPlannedIsHeldAfterwards(t *testing.T) {
	c := newCluster(t)
	table := &getting{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	planning := c.plans("a")
	looks := 0
	table.happen = func() {
		if looks++; looks == 2 { // Hold has found the connector taken once
			if err := c.Leases.Release(t.Context(), planning, lease.Outcome{NotBefore: c.now.Add(time.Minute), Attempts: 3}); err != nil {
				t.Error(err)
			}
		}
	}
	called := false
	if err := c.Hold(t.Context(), "a", func(context.Context) error { called = true; return nil }); err != nil || !called {
		t.Errorf("called %v, %v", called, err)
	}
	c.plans("a") // it is free again
}

func TestAConnectorThatStaysHeldIsRefused(t *testing.T) {
	c := newCluster(t)
	table := &getting{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	c.plans("a")
	ctx, cancel := context.WithCancel(t.Context())
	looks := 0
	table.happen = func() {
		if looks++; looks == 3 {
			cancel() // the time is over
		}
	}
	err := c.Hold(ctx, "a", func(context.Context) error { t.Error("it was called"); return nil })
	if _, held := errors.AsType[*lease.HeldError](err); !held {
		t.Errorf("the error is %v", err)
	}
}

// A process stands still while it holds the connector, for longer than the lease lasts: a pass may have started tasks meanwhile, so
// that what the process did then must not pass for a success.
func TestWhoLostTheConnectorIsTold(t *testing.T) {
	c := newCluster(t)
	err := c.Hold(t.Context(), "a", func(context.Context) error {
		c.now = c.now.Add(time.Hour)
		c.plans("a")
		return nil
	})
	if _, lost := errors.AsType[*lease.LostError](err); !lost {
		t.Errorf("the error is %v", err)
	}
}

// An invocation of a task is under way when the connector is stopped, and no pass has seen the stop yet. Were it to begin after the
// fence, it would read offsets, and write them over altered ones.
func TestNoInvocationThatIsUnderWayBeginsBehindTheFence(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	late := c.function.takeStarted()[0]
	if err := errors.Join(c.Store.Configs().PutTasks(t.Context(), "a", nil), c.Store.Configs().PutTarget(t.Context(), "a", store.Stopped)); err != nil {
		t.Fatal(err)
	}
	if err := c.Fence(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	_, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "late", late.Generation, c.now.Add(time.Minute))
	if _, old := errors.AsType[*lease.GenerationError](err); !old {
		t.Errorf("the lease is acquired with error %v", err)
	}
	c.target("a", store.Started)
	c.pass("a")
	if len(c.function.takeStarted()) == 0 {
		t.Error("the resumed connector has no task")
	}
}

func TestTasksOfAConnectorThatRunsAreNotFenced(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	if err := c.Fence(t.Context(), "a"); !errors.Is(err, store.ErrChanged) {
		t.Errorf("the error is %v", err)
	}
}
