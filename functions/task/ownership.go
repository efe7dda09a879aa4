package task

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
)

const (
	// defaultTerm is for how long an invocation takes its lease. Most end within it, and write their lease twice.
	defaultTerm = 2 * time.Minute
	// defaultCheckEvery is how often a running task looks at its lease. Together with the batch at hand it has to stay below
	// the five seconds in which a pause takes effect.
	defaultCheckEvery = 2 * time.Second
	// lookTimeout bounds one look. A request that hangs must not outlive the lease, nor keep the next from being made.
	lookTimeout = 5 * time.Second
)

// ownership is an invocation's hold on its task, and the engine's view of it. It is used by one goroutine at a time.
//
// An invocation that ends within one term takes the lease for all of its time. A longer one takes it for a term, and renews it
// when half of that is over, so that others hear of its crash a term later and not only at its deadline.
type ownership struct {
	leases   *lease.Leases
	held     lease.Held
	term     time.Duration
	ends     time.Time // until when the lease was taken or renewed, grace left out
	deadline time.Time // of the invocation
	drain    <-chan struct{}
	log      *slog.Logger
	checked  bool
	unknown  error // why the look after the fence said nothing
}

// own takes the lease of the task, as the one it was offered to or as anybody.
func (h *Handler) own(ctx context.Context, w *work, deadline time.Time) (*ownership, error) {
	o := &ownership{
		leases: h.Leases, term: cmp.Or(h.Limits.Lease, defaultTerm), deadline: deadline, drain: h.Drain, log: w.log,
	}
	key, owner := lease.Key{Connector: w.Connector, Task: w.Task}, h.Owner+"/"+rand.Text()
	o.ends = o.end(time.Now())
	var err error
	if w.Token != "" {
		o.held, err = h.Leases.Adopt(ctx, key, w.Token, owner, w.Generation, o.ends)
	} else {
		o.held, err = h.Leases.Acquire(ctx, key, owner, w.Generation, o.ends)
	}
	return o, err
}

// end is until when the lease is taken by who takes or renews it now.
func (o *ownership) end(now time.Time) time.Time {
	if end := now.Add(o.term); end.Before(o.deadline) {
		return end
	}
	return o.deadline
}

// renews reports whether the invocation outlives the lease as it is.
func (o *ownership) renews() bool { return o.ends.Before(o.deadline) }

// bound keeps the budget within the lease. Who renews looks four times in a term: the renewal is due at the second look, and
// made by the third at the latest, so that a quarter and the grace are left whenever a transaction begins. Who does not has
// what lies between the soft deadline and the lease's end.
func (o *ownership) bound(b engine.Budget) engine.Budget {
	grace := o.held.Until.Sub(o.ends)
	b.CheckEvery = cmp.Or(b.CheckEvery, defaultCheckEvery)
	b.Lease = o.deadline.Sub(b.Deadline) + grace
	if o.renews() {
		b.CheckEvery = min(b.CheckEvery, o.term/4)
		b.Lease = min(b.Lease, o.term/4+grace)
	}
	return b
}

// Check looks at the lease. A new generation and a drain ask the engine to commit and end; another holder makes it leave.
//
// A look that fails says nothing about the lease. The first look, after the fence, must succeed: without it a function that
// was frozen between acquire and fence would push out its successor. Later ones may fail: the lease is ours until its end,
// and after that the fence keeps commits safe. One that the end of the invocation cancelled is nothing to tell of.
//
// A lease that could not be renewed in time asks the engine to commit and end, within the grace. Safety does not need that: whoever
// takes over fences first. But the next owner would do the same work at the same time, and we would learn of it at a commit.
func (o *ownership) Check(ctx context.Context) error {
	select {
	case <-o.drain:
		return fmt.Errorf("the process is shutting down: %w", engine.ErrStop)
	default:
	}
	err := o.look(ctx)
	if _, raised := errors.AsType[*lease.GenerationError](err); raised {
		return fmt.Errorf("%w: %w", engine.ErrStop, err)
	}
	_, lost := errors.AsType[*lease.LostError](err)
	switch {
	case err == nil:
		o.checked = true
		return nil
	case lost || ctx.Err() != nil:
		return err
	case !o.checked:
		o.unknown = err
		return err
	case o.renews() && !time.Now().Before(o.ends):
		o.log.Warn("the lease ran out and could not be renewed; the task ends", "connector", o.held.Key.Connector, "task", o.held.Key.Task, "error", err)
		return fmt.Errorf("the lease could not be renewed: %w: %w", engine.ErrStop, err)
	}
	o.log.Warn("could not look at the lease; the task goes on until its end", "connector", o.held.Key.Connector, "task", o.held.Key.Task, "until", o.ends, "error", err)
	return nil
}

// look reads the lease, or renews it when half of its term is over, which tells as much.
func (o *ownership) look(ctx context.Context) error {
	now := time.Now()
	limit := now.Add(lookTimeout)
	if o.renews() && o.ends.After(now) && o.ends.Before(limit) {
		limit = o.ends
	}
	ctx, cancel := context.WithDeadline(ctx, limit)
	defer cancel()
	if !o.renews() || o.ends.Sub(now) > o.term/2 {
		return o.leases.Check(ctx, o.held)
	}
	end := o.end(now)
	held, err := o.leases.Renew(ctx, o.held, end)
	if err == nil {
		o.held, o.ends = held, end
	}
	return err
}
