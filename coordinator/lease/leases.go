package lease

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	mathrand "math/rand/v2"
	"time"
)

// Clock is what Leases knows of time.
type Clock interface {
	// Now returns the time of day.
	Now() time.Time
	// Wait returns after d, or earlier with the context's error.
	Wait(ctx context.Context, d time.Duration) error
}

// Options of Leases. Zero values have the defaults named here.
type Options struct {
	// Grace is added to a holder's deadline. Default 10 s.
	Grace time.Duration
	// Attempts bounds the writes of one call, and the reads after each. Default 8.
	Attempts int
	// Patience bounds the time of one call: after it nothing is tried again. Default 10 s.
	Patience time.Duration
	// Retention is how long a retired item is kept. Default 7 days: longer than any invocation can be delayed.
	Retention time.Duration
	// Clock defaults to the system's.
	Clock Clock
}

// Leases is the protocol over a table. It has no state of its own; its methods may be called concurrently.
type Leases struct {
	table Table
	opts  Options
}

// New returns the protocol over a table.
func New(table Table, opts Options) *Leases {
	if opts.Grace == 0 {
		opts.Grace = 10 * time.Second
	}
	if opts.Attempts == 0 {
		opts.Attempts = 8
	}
	if opts.Patience == 0 {
		opts.Patience = 10 * time.Second
	}
	if opts.Retention == 0 {
		opts.Retention = 7 * 24 * time.Hour
	}
	if opts.Clock == nil {
		opts.Clock = systemClock{}
	}
	return &Leases{table: table, opts: opts}
}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errDone is returned by an edit when the item already says what the call wants.
var errDone = errors.New("nothing to write")

// change is the only place that writes items. It calls edit with the current item until what edit made of it is stored, and
// returns the stored item. An item of Rev 0 in start means that the current one is not known and has to be read.
//
// One identifier marks all writes of the call. So it does not matter which of several attempts arrived: a stored item that
// bears the identifier is this call's work.
func (l *Leases) change(ctx context.Context, key Key, start Item, edit func(*Item) error) (Item, error) {
	write := rand.Text()
	cur, known := start, start.Rev > 0
	began := l.opts.Clock.Now()
	var last error
	for attempt := 0; ; attempt++ {
		if err := l.pause(ctx, attempt, last); err != nil {
			return Item{}, err
		}
		if !known {
			var err error
			if cur, err = l.get(ctx, key, began); err != nil {
				return Item{}, err
			}
		}
		if cur.Write == write {
			return cur, nil
		}
		next := cur
		if err := edit(&next); err != nil {
			return cur, err
		}
		if l.givesUp(attempt, began) {
			return Item{}, fmt.Errorf("write the lease of task %d of connector %q: %w", key.Task, key.Connector, l.gaveUp(attempt, began, last))
		}
		if cur.Rev == math.MaxInt64 {
			return Item{}, fmt.Errorf("write the lease of task %d of connector %q: its revision cannot grow beyond %d; delete the item", key.Task, key.Connector, cur.Rev)
		}
		next.Key, next.Rev, next.Write = key, cur.Rev+1, write
		stored, err := l.table.Swap(ctx, next)
		switch {
		case err == nil:
			return next, nil
		case errors.Is(err, ErrConflict):
			cur, known = stored, true
		case temporary(err):
			known = false
		default:
			return Item{}, fmt.Errorf("write the lease of task %d of connector %q: %w", key.Task, key.Connector, err)
		}
		last = err
	}
}

// get reads an item, with retries. began is when the call did that needs it.
func (l *Leases) get(ctx context.Context, key Key, began time.Time) (Item, error) {
	item, err := retry(ctx, l, began, func() (Item, error) { return l.table.Get(ctx, key) })
	if err != nil {
		return Item{}, fmt.Errorf("read the lease of task %d of connector %q: %w", key.Task, key.Connector, err)
	}
	return item, nil
}

// retry calls request until it succeeds or fails for good.
func retry[T any](ctx context.Context, l *Leases, began time.Time, request func() (T, error)) (result T, err error) {
	for attempt := 0; ; attempt++ {
		if l.givesUp(attempt, began) {
			return result, l.gaveUp(attempt, began, err)
		}
		if err := l.pause(ctx, attempt, err); err != nil {
			return result, err
		}
		if result, err = request(); err == nil || !temporary(err) {
			return result, err
		}
	}
}

// givesUp reports whether there is no attempt n, counted from 0. There is always a first: the read after a write whose outcome is
// unknown is worth it, however long the write took.
func (l *Leases) givesUp(n int, began time.Time) bool {
	return n >= l.opts.Attempts || n > 0 && l.opts.Clock.Now().Sub(began) > l.opts.Patience
}

func (l *Leases) gaveUp(attempts int, began time.Time, last error) error {
	return fmt.Errorf("gave up after %d attempts in %v: %w", attempts, l.opts.Clock.Now().Sub(began).Round(time.Millisecond), last)
}

func temporary(err error) bool { return errors.Is(err, ErrAmbiguous) || errors.Is(err, ErrThrottled) }

// pause waits before attempt n, which follows the failure last: not at all before the first, then a random part of 20 ms,
// doubling up to 1.28 s.
func (l *Leases) pause(ctx context.Context, n int, last error) error {
	err := ctx.Err()
	if err == nil && n > 0 {
		err = l.opts.Clock.Wait(ctx, mathrand.N(10*time.Millisecond<<min(n, 7)))
	}
	if err != nil && last != nil {
		return fmt.Errorf("%w after the failure: %w", err, last)
	}
	return err
}
