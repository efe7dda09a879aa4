package coordinator_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// unreadable is a lease table that cannot be listed while err is set, nor written while readOnly is.
type unreadable struct {
	lease.Table
	err, readOnly error
}

// Swap implements lease.Table.
func (u *unreadable) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	if u.readOnly != nil {
		return lease.Item{}, u.readOnly
	}
	return u.Table.Swap(ctx, next)
}

// List implements lease.Table.
func (u *unreadable) List(ctx context.Context, connector string) ([]lease.Item, error) {
	if u.err != nil {
		return nil, u.err
	}
	return u.Table.List(ctx, connector)
}

func TestALeaseTableThatCannotBeUsedIsToldInTheStatusUntilItCan(t *testing.T) {
	c := newCluster(t)
	table := &unreadable{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	c.function.plan(2, nil)
	c.put("a")
	c.pass("a")

	// when somebody deletes the table
	table.err = errors.New("the table leases does not exist; deploy the base stack")
	if _, err := c.Pass(t.Context(), "a"); err == nil || !strings.Contains(err.Error(), "deploy") {
		t.Fatalf("the pass answered %v", err)
	}
	// then whoever asks for the status hears of it
	status, _ := c.Store.Statuses().Task("a", 1)
	if states := c.taskStates("a"); !slices.Equal(states, []store.State{store.StateFailed, store.StateFailed}) || c.connectorState("a") != store.StateFailed {
		t.Errorf("the connector is %s, its tasks %v", c.connectorState("a"), states)
	}
	if !strings.Contains(status.Trace, "deploy the base stack") {
		t.Errorf("the trace is %q", status.Trace)
	}

	// when it is there again
	table.err = nil
	c.pass("a")
	if states := c.taskStates("a"); !slices.Equal(states, []store.State{store.StateRunning, store.StateRunning}) || c.connectorState("a") != store.StateRunning {
		t.Errorf("the connector is %s, its tasks %v", c.connectorState("a"), states)
	}
	// what passes by itself is no failure
	table.err = lease.ErrThrottled
	if _, err := c.Pass(t.Context(), "a"); !errors.Is(err, lease.ErrThrottled) || c.connectorState("a") != store.StateRunning {
		t.Errorf("the connector is %s, the pass answered %v", c.connectorState("a"), err)
	}
}

func TestALeaseTableThatCannotBeWrittenIsToldInTheStatus(t *testing.T) {
	c := newCluster(t)
	table := &unreadable{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	c.put("a")
	c.pass("a")
	// when the role loses its permission, and the tasks are to end
	table.readOnly = errors.New("the role lacks dynamodb:UpdateItem on it")
	c.target("a", store.Paused)
	if _, err := c.Pass(t.Context(), "a"); err == nil {
		t.Fatal("the pass says nothing")
	}
	status, _ := c.Store.Statuses().Task("a", 0)
	if status.State != store.StateFailed || !strings.Contains(status.Trace, "lacks dynamodb:UpdateItem") {
		t.Errorf("the task is %s: %q", status.State, status.Trace)
	}
}

// A coordinator that dies while it plans must not keep others from it for longer than it could have lived.
func TestTheRightToPlanEndsWithThePassThatHasIt(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(20*time.Second))
	defer cancel()
	c.now = time.Now()
	c.function.onPlan = func() {
		items, err := c.Leases.List(t.Context(), "a")
		if err != nil || len(items) != 1 || items[0].Until.Sub(c.now) > 31*time.Second {
			t.Errorf("while it plans, the leases are %+v, %v", items, err)
		}
	}
	if _, err := c.Pass(ctx, "a"); err != nil {
		t.Fatal(err)
	}
}
