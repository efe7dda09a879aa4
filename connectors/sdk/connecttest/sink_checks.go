package connecttest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func (h SinkHarness) checkComplete(ctx context.Context, t testing.TB) error {
	return checkClass(ctx, h.Class, h.Config(t))
}

// during opens the sink, lets f use it, and closes it.
func (d *delivery) during(ctx context.Context, f func() error) error {
	if err := d.open(ctx); err != nil {
		return d.close(ctx, fmt.Errorf("open: %w", err))
	}
	return d.close(ctx, f())
}

// finish expects that all records up to number end are committed and there.
func (d *delivery) finish(t testing.TB, end int) error {
	t.Helper()
	for n := range end {
		if !d.done(n) && !d.h.Holds {
			return fmt.Errorf("%s was put and flushed, but is not committed: safe offsets are %v", token(n), d.safe)
		}
	}
	return d.checkPresent(d.h.ReadBack(t, d.config))
}

func (h SinkHarness) checkDurable(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	err := d.during(ctx, func() error {
		for _, end := range []int{7, 8, 40} {
			if err := d.putUpTo(ctx, end, 11); err != nil {
				return err
			}
			if err := d.flush(ctx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.log.checkSilent(); err != nil {
		return err
	}
	return d.checkPresent(h.ReadBack(t, d.config))
}

// settle opens the sink again and again until nothing is left to put: a sink may commit less than was put.
func (d *delivery) settle(ctx context.Context, t testing.TB, end int) error {
	for range 3 {
		err := d.during(ctx, func() error {
			if err := d.putUpTo(ctx, end, 9); err != nil {
				return err
			}
			return d.flush(ctx, t)
		})
		if err != nil {
			return err
		}
	}
	return d.finish(t, end)
}

func (h SinkHarness) checkReopen(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	for end := 10; end <= 40; end += 10 {
		err := d.during(ctx, func() error {
			if err := d.putUpTo(ctx, end, 4); err != nil {
				return err
			}
			return d.flush(ctx, t)
		})
		if err != nil {
			return fmt.Errorf("invocation up to %s: %w", token(end), err)
		}
	}
	return d.settle(ctx, t, 40)
}

func (h SinkHarness) checkUnflushed(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	if err := d.during(ctx, func() error { return d.putUpTo(ctx, 10, 4) }); err != nil {
		return err
	}
	return d.settle(ctx, t, 20)
}

func (h SinkHarness) checkTwice(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	err := d.during(ctx, func() error {
		for range 2 { // as after an error that the sink did not survive whole
			d.next = 0
			d.fill(10)
			if err := d.put(ctx); err != nil {
				return err
			}
		}
		return d.flush(ctx, t)
	})
	if err != nil {
		return err
	}
	return d.settle(ctx, t, 10)
}

func (h SinkHarness) checkEmpty(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	err := d.during(ctx, func() error {
		for _, end := range []int{0, 5, 5} {
			d.fill(end)
			if err := d.put(ctx); err != nil {
				return fmt.Errorf("with %d records: %w", d.batch.Len(), err)
			}
			if err := d.flush(ctx, t); err != nil {
				return fmt.Errorf("with %d records: %w", d.batch.Len(), err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.settle(ctx, t, 5)
}

func (h SinkHarness) checkGoroutines(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	before := goroutines()
	err := d.during(ctx, func() error {
		if err := d.putUpTo(ctx, 10, 4); err != nil {
			return err
		}
		return d.flush(ctx, t)
	})
	if err != nil {
		return err
	}
	return checkJoined(ctx, before)
}

func (h SinkHarness) checkFailedOpen(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	before := goroutines()
	over, cancel := context.WithCancel(ctx)
	cancel()
	// Whether Open fails is its own affair: a sink may not need the network yet.
	failed := d.open(over)
	if err := d.close(ctx, nil); err != nil {
		return fmt.Errorf("close after Open returned %w: %w", failed, err)
	}
	return checkJoined(ctx, before)
}

// checkRetry puts and flushes while the other system fails. Some call must say so; after that the engine puts again all that is
// not committed, to the same sink if the error was retriable.
func (h SinkHarness) checkRetry(ctx context.Context, t testing.TB) error {
	d := h.deliver(t)
	err := d.during(ctx, func() error {
		if err := d.putUpTo(ctx, 4, 4); err != nil {
			return err
		}
		if err := d.flush(ctx, t); err != nil {
			return err
		}
		return d.fail(ctx, t)
	})
	if err != nil {
		return err
	}
	return d.settle(ctx, t, 20)
}

func (d *delivery) fail(ctx context.Context, t testing.TB) error {
	mend := d.h.Break(t, d.config)
	d.fill(10)
	failed := d.sink.Put(ctx, d.batch)
	retry := d.put
	if failed == nil {
		retry = func(context.Context) error { return nil }
		_, failed = d.sink.Flush(ctx)
	}
	mend()
	switch {
	case failed == nil:
		return errors.New("neither Put nor Flush failed while the other system did")
	case connect.KindOf(failed) == connect.KindFatal:
		return nil // the invocation ends here, and the next one puts again
	case connect.KindOf(failed) != connect.KindRetriable:
		return fmt.Errorf("a failure of the other system is of kind %s: %w", connect.KindOf(failed), failed)
	}
	if err := retry(ctx); err != nil {
		return fmt.Errorf("the same batch again: %w", err)
	}
	return d.flush(ctx, t)
}
