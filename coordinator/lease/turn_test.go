package lease_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// waiting is a clock that only waiting moves. happen is called at each wait.
type waiting struct {
	now    time.Time
	happen func()
}

func (c *waiting) Now() time.Time { return c.now }

func (c *waiting) Wait(ctx context.Context, d time.Duration) error {
	c.now = c.now.Add(d)
	if c.happen != nil {
		c.happen()
	}
	return ctx.Err()
}

func turns(t *testing.T) (*lease.Leases, *waiting, func() (func(), error)) {
	t.Helper()
	clock := &waiting{now: time.Unix(1e9, 0)}
	leases := lease.New(lease.NewMemory(), lease.Options{Clock: clock})
	return leases, clock, func() (func(), error) { return leases.Turn(t.Context(), lease.Key{Connector: "\tturns", Task: -1}) }
}

func TestATurnBeginsWhenTheOneBeforeEnds(t *testing.T) {
	_, clock, turn := turns(t)
	end, err := turn()
	if err != nil {
		t.Fatal(err)
	}
	ended := false
	clock.happen = func() {
		if !ended {
			ended = true
			end()
		}
	}
	next, err := turn()
	if err != nil || !ended {
		t.Fatalf("the next turn: %v, after the end of the first: %v", err, ended)
	}
	next()
}

// A process dies in its turn. The next does not wait for it for long, and goes without; once the time of the dead one is over there are
// turns again.
func TestATurnThatNeverEndsHoldsNobodyUpForLong(t *testing.T) {
	_, clock, turn := turns(t)
	if _, err := turn(); err != nil {
		t.Fatal(err)
	}
	began := clock.now
	end, err := turn()
	if _, held := errors.AsType[*lease.HeldError](err); !held || clock.now.Sub(began) > 3*time.Second {
		t.Errorf("after %v: %v", clock.now.Sub(began), err)
	}
	end() // ends nothing
	clock.now = clock.now.Add(time.Minute)
	if end, err = turn(); err != nil {
		t.Errorf("a minute later: %v", err)
	}
	end()
}

func TestATurnThatCannotBeHadIsToldAtOnce(t *testing.T) {
	clock := &waiting{now: time.Unix(1e9, 0)}
	broken := errors.New("the table is missing")
	leases := lease.New(failing{lease.NewMemory(), broken}, lease.Options{Clock: clock})
	end, err := leases.Turn(t.Context(), lease.Key{Connector: "\tturns", Task: -1})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
	end()
}

type failing struct {
	lease.Table
	err error
}

func (f failing) Get(context.Context, lease.Key) (lease.Item, error) { return lease.Item{}, f.err }
