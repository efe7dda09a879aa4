package faults_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// Whatever goes wrong at whatever step of the protocol, and whatever is attacked: no record is lost, none is repeated where
// exactly once is promised, and at most one batch where it is not. The rest of the story is in the package comment.
func TestNoFaultAtAnyStepLosesOrRepeatsARecord(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and builds functions")
	}
	t.Parallel()
	seed, list := seed(t), cells()
	if !*allCells && *oneCell == "" {
		list = some(seed)
	}
	if list = chosen(list); len(list) == 0 {
		t.Skip("another cell was asked for")
	}
	db := newDatabase(t)
	results := newTable(seed, faults(), steps())
	t.Cleanup(func() { results.print(t) })
	for _, c := range list {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			results.add(c, try(t, c, surroundings{db: db, seed: seed}))
		})
	}
}

// chosen leaves the one cell of a list that was asked for, or all.
func chosen(list []cell) []cell {
	return slices.DeleteFunc(list, func(c cell) bool { return *oneCell != "" && c.String() != *oneCell })
}

// outcome is what a trial came to.
type outcome struct {
	lost, repeated int64
	// takeOver is the time from the strike until another sandbox had the lease, beyond the time since the lease had run out;
	// both 0 where nobody had to take over.
	takeOver, beyond time.Duration
	failed           bool
}

// try runs one cell.
func try(t *testing.T, c cell, in surroundings) (o outcome) {
	// With two pauses every trial has at least three invocations, and whatever is attacked, there is something left to do.
	const records = 600
	r := newTrial(t, c, in, records, []int64{records / 3, 2 * records / 3})
	o.failed = true
	r.run(t, 3*time.Minute)
	r.judge(t, &o)
	o.failed = t.Failed()
	return o
}

// run carries the trial from the first function to the last, and fails it after the limit.
func (r *trial) run(t *testing.T, limit time.Duration) {
	t.Helper()
	if err := r.ledger.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.d.deploy(t, r.taskTime())
	r.d.create(t, r.cell.kind.class())
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := r.carry(ctx); err != nil {
		t.Fatal(err)
	}
	r.tasks.Wait()
}

// carry makes passes, as the schedule does, until all is done and the strike is over, and then until nothing runs any more.
func (r *trial) carry(ctx context.Context) error {
	tick := time.NewTicker(schedule)
	defer tick.Stop()
	for {
		if r.hunt != nil {
			if err := r.d.hurry(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
		if err := r.d.pass(ctx); err != nil && ctx.Err() == nil {
			r.note("a pass failed: %v", err)
		}
		done, err := r.done(ctx)
		if done || ctx.Err() != nil {
			return errors.Join(err, r.settle(ctx))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("it did not come to its end: %w", errors.Join(err, ctx.Err()))
		}
	}
}

// done reports whether all numbers arrived, the offsets say so, and the task is nobody's. The error says what is missing.
func (r *trial) done(ctx context.Context) (bool, error) {
	r.mu.Lock()
	struck := !r.struck.IsZero() && (r.hunt == nil || r.hunt.left == 0)
	r.mu.Unlock()
	item, err := r.d.lease(ctx)
	if err != nil {
		return false, err
	}
	at := r.ledger.Account().End
	if r.cell.kind == source {
		at = r.reader.count()
	} else if position, err := r.d.position(ctx); err != nil || position < at {
		return false, fmt.Errorf("the group is at %d of %d: %w", position, at, err)
	}
	if at < r.records || item.Owner != "" || item.Released < item.Epoch || !struck {
		return false, fmt.Errorf("%d of %d numbers are there, struck: %v, the lease is %+v", at, r.records, struck, item)
	}
	return true, nil
}

// settle waits until no invocation runs and every zombie has ended.
func (r *trial) settle(ctx context.Context) error {
	if err := r.d.lambda.Wait(ctx); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for slices.ContainsFunc(r.d.lambda.Sandboxes(taskFunction), func(s lambda.Sandbox) bool { return s.Zombie }) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("a sandbox that was frozen still runs: %w", ctx.Err())
		}
	}
	return nil
}

// judge compares what is there with what should be.
func (r *trial) judge(t *testing.T, o *outcome) {
	t.Helper()
	account := r.ledger.Account()
	for _, violation := range account.Violations {
		t.Error(violation)
	}
	if err := r.running(t.Context()); err != nil {
		t.Error(err)
	}
	if r.cell.kind == source {
		var back []string
		if o.lost, o.repeated, back = r.reader.account(r.records); len(back) > 0 {
			t.Errorf("numbers out of order: %v", back)
		}
	} else {
		o.lost, o.repeated = account.Lost, account.Repeated
	}
	if o.lost > 0 || o.repeated > 0 && r.cell.kind != sink {
		t.Errorf("%d numbers are lost, %d repeated", o.lost, o.repeated)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, text := range r.wrongs {
		t.Error(text)
	}
	if !r.ahead && (r.cell.fault == kill || r.cell.fault == freeze || r.cell.fault == halfOpen) {
		o.takeOver = r.takeOver
		if !r.held.until.IsZero() {
			o.beyond = max(0, r.struck.Add(r.takeOver).Sub(r.held.until))
		}
	}
}

// running has the coordinator make a last pass, and asks whether all is well.
func (r *trial) running(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := r.d.pass(ctx)
	for err != nil && ctx.Err() == nil { // a coordinator may have to find out first that its broker was away
		r.note("a pass failed: %v", err)
		err = r.d.pass(ctx)
	}
	if err == nil {
		err = r.d.running(ctx)
	}
	return errors.Join(err, r.settle(ctx))
}
