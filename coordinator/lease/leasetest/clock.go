package leasetest

import (
	"context"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// clock is virtual time, shared by all contenders of a test. Whoever waits moves it on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Wait takes no real time: it moves the clock on for everybody.
func (c *clock) Wait(ctx context.Context, d time.Duration) error {
	c.advance(d)
	return ctx.Err()
}

// skewed is the clock as one contender sees it.
type skewed struct {
	*clock
	by time.Duration
}

func (s skewed) Now() time.Time { return s.clock.Now().Add(s.by) }

var _ lease.Clock = skewed{}
