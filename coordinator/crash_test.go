package coordinator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// crash plays a started task that is killed: its lease is never released, and runs out.
func (c *cluster) crash(req invoke.Request) {
	c.t.Helper()
	key := lease.Key{Connector: req.Connector, Task: req.Task}
	if _, err := c.Leases.Acquire(c.t.Context(), key, "crash at "+c.now.String(), req.Generation, c.now.Add(time.Minute)); err != nil {
		c.t.Fatal(err)
	}
	items, err := c.Leases.List(c.t.Context(), req.Connector)
	if err != nil {
		c.t.Fatal(err)
	}
	c.now = items[len(items)-1].Until
}

// restarts passes until the task is started, and returns how long that took beyond the end of its lease.
func (c *cluster) restarts() (req invoke.Request, rest time.Duration) {
	c.t.Helper()
	since := c.now
	for range 3 {
		result := c.pass("a")
		if started := c.function.takeStarted(); len(started) > 0 {
			return started[0], c.now.Sub(since)
		}
		c.now = result.Next
	}
	c.t.Fatal("the task was not started again")
	return req, 0
}

// A function that runs out of memory answers nothing and reports nothing: its task would be RUNNING for ever.
func TestATaskThatCrashesAgainAndAgainIsFailedAndRestsLongerUntilAGoodRun(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	for n, crash := range []struct {
		rest  time.Duration
		state store.State
	}{{0, store.StateRunning}, {4 * time.Second, store.StateRunning}, {2 * time.Minute, store.StateFailed}, {6 * time.Minute, store.StateFailed}} {
		c.crash(req)
		var rest time.Duration
		if req, rest = c.restarts(); rest != crash.rest {
			t.Errorf("after crash %d the task was started after a rest of %v, want %v", n+1, rest, crash.rest)
		}
		status, _ := c.Store.Statuses().Task("a", 0)
		if status.State != crash.state {
			t.Errorf("after crash %d the task is %s, want %s", n+1, status.State, crash.state)
		}
		if want := "ended 4 times in a row without an answer"; n == 3 && (!strings.Contains(status.Trace, want) || !strings.Contains(status.Trace, "out of memory? killed at its timeout?")) {
			t.Errorf("the trace is %q", status.Trace)
		}
	}
	c.run(req, nil)
	c.pass("a")
	if got := c.taskStates("a"); !slices.Equal(got, []store.State{store.StateRunning}) {
		t.Errorf("after a good run the task is %v", got)
	}
}

func TestARestartStartsATaskThatCrashedAtOnce(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	c.crash(req)
	req, _ = c.restarts()
	c.crash(req)
	req, _ = c.restarts()
	c.crash(req)
	if result := c.pass("a"); len(result.Started) > 0 || result.Next.Sub(c.now) != 2*time.Minute {
		t.Fatalf("after three crashes the pass did %+v", result)
	}
	if err := c.Restart(t.Context(), "a", []int{0}, false); err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("after the restart the pass did %+v", result)
	}
	if got := c.taskStates("a"); !slices.Equal(got, []store.State{store.StateRunning}) {
		t.Errorf("after the restart the task is %v", got)
	}
}
