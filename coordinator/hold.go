package coordinator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

const (
	// holdPatience bounds the wait for whoever holds a connector: a pass that has it planned.
	holdPatience = 5 * time.Second
	// releaseTime bounds the release, also where the caller's time is over.
	releaseTime = 5 * time.Second
)

// Hold calls do while no task set of a connector is published: it holds the lease that a pass needs for that. A stopped connector has an
// empty task set, so one that do finds stopped has no task started before do returns, whoever resumes it meanwhile.
//
// The context of do ends before the lease runs out. When Hold returns nil, do did, and the lease was held all the time. The error is
// *lease.HeldError if somebody else holds the connector for longer than Hold waits; then do was not called. After another error do may
// have been called. It may be called concurrently, and again.
func (c *Coordinator) Hold(ctx context.Context, name string, do func(context.Context) error) error {
	until := c.planUntil(ctx)
	held, err := c.awaitLease(ctx, name, until)
	if err != nil {
		return fmt.Errorf("hold connector %s: %w", name, err)
	}
	limited, cancel := context.WithTimeout(ctx, until.Sub(c.Now()))
	defer cancel()
	err = do(limited)
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
	defer stop()
	released := c.Leases.Release(ending, held, lease.Outcome{})
	_, lost := errors.AsType[*lease.LostError](released)
	switch {
	case err != nil || released == nil:
		return err
	case lost || !c.Now().Before(held.Until):
		// This process stood still for so long that a pass may have started tasks before do ended.
		return fmt.Errorf("hold connector %s to the end: %w", name, released)
	}
	c.Log.Warn("could not release a connector; the lease runs out", "connector", name, "until", held.Until, "error", released)
	return nil
}

// planUntil is the deadline of whoever acquires a connector's own lease now.
func (c *Coordinator) planUntil(ctx context.Context) time.Time {
	until := c.Now().Add(planTime)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(until) {
		return deadline
	}
	return until
}

// awaitLease acquires a connector's own lease. Of a holder it waits for the end; the pause after a plan that failed does not count.
func (c *Coordinator) awaitLease(ctx context.Context, name string, until time.Time) (lease.Held, error) {
	ctx, cancel := context.WithTimeout(ctx, holdPatience)
	defer cancel()
	key, owner := lease.Key{Connector: name, Task: planTask}, c.Owner+"/"+newName()
	var refused error // the last refusal
	for attempt := 0; ; attempt++ {
		held, err := c.Leases.Acquire(ctx, key, owner, 0, until)
		_, early := errors.AsType[*lease.NotBeforeError](err)
		_, taken := errors.AsType[*lease.HeldError](err)
		switch {
		case err == nil:
			return held, nil
		case early:
			refused = err
			err = c.Leases.Postpone(ctx, key, 0, time.Time{}, 0)
		case taken:
			refused = err
			err = wait(ctx, attempt)
		}
		if err != nil {
			return lease.Held{}, errors.Join(err, refused)
		}
	}
}
