// Package loop calls the coordinator's passes in one long-lived process. What a schedule and events do in the cloud, a
// goroutine per connector does here:
//
//   - Trigger asks for a pass at once: the API changed something, a chain of invocations ended with backlog, or one failed.
//     However many ask while a pass runs, one more pass follows.
//   - Ended tells that an invocation ended with nothing left: the next pass comes after Options.Idle.
//   - A pass itself says when the next one has something to do.
//   - If none of these happens, a pass comes after Options.Watchdog: a lost event delays, it does not stop.
//
// The goroutine of a connector ends with the pass that finds the connector gone.
package loop

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

// ErrClosed is returned by Await when the loop has ended.
var ErrClosed = errors.New("loop: closed")

// Defaults of Options.
const (
	DefaultIdle        = time.Second
	DefaultWatchdog    = 30 * time.Second
	DefaultConcurrency = 8
)

// The wait after a failed pass: doubled with each failure in a row.
const (
	minRetry = 250 * time.Millisecond
	maxRetry = 30 * time.Second
)

// Options is what a Loop needs. Pass, Exists and Log are required.
type Options struct {
	// Pass makes one pass over a connector and returns when the next one has something to do if nothing happens before;
	// zero when that is not known. It is called by one goroutine at a time for each connector.
	Pass func(ctx context.Context, connector string) (next time.Time, err error)
	// Exists reports whether a connector exists, as of the last pass over it.
	Exists func(connector string) bool
	// Idle is the wait after an invocation that left nothing to do; jittered by a fifth.
	Idle time.Duration
	// Watchdog is the longest wait between two passes over a connector.
	Watchdog time.Duration
	// Concurrency bounds passes that run at the same time.
	Concurrency int
	// Log hears of failed passes.
	Log *slog.Logger
}

// Loop makes passes until its context ends. Its methods may be called concurrently, also before Run.
type Loop struct {
	Options
	slots chan struct{}

	mu         sync.Mutex
	ctx        context.Context //nolint:containedctx // the life of the connectors' goroutines; nil before Run
	closed     bool
	connectors map[string]*connector
	wg         sync.WaitGroup
}

// connector is the mailbox of one connector's goroutine. Both channels hold one message: more would say the same.
type connector struct {
	now, ended chan struct{}
	// waiters are closed by the end of the first pass that began after they were added.
	waiters []chan struct{}
}

// New returns a Loop; Run makes it work.
func New(o Options) *Loop {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	if o.Watchdog == 0 {
		o.Watchdog = DefaultWatchdog
	}
	if o.Concurrency == 0 {
		o.Concurrency = DefaultConcurrency
	}
	return &Loop{Options: o, slots: make(chan struct{}, o.Concurrency), connectors: make(map[string]*connector)}
}

// Run makes passes until ctx is done, and returns when the last one has ended. It is called once.
func (l *Loop) Run(ctx context.Context) {
	l.mu.Lock()
	l.ctx = ctx
	for name, c := range l.connectors {
		l.wg.Go(func() { l.serve(name, c) })
	}
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.wg.Wait()
	l.releaseAll()
}

// Trigger asks for a pass over a connector, which may be new or gone. It returns at once; after the end of Run it does
// nothing.
func (l *Loop) Trigger(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.connector(name); c != nil {
		notify(c.now)
	}
}

// Ended tells that an invocation of a connector's task ended and left nothing to do.
func (l *Loop) Ended(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c, ok := l.connectors[name]; ok {
		notify(c.ended)
	}
}

// Await triggers a pass and returns when a pass that began after the call has ended, whatever came of it.
func (l *Loop) Await(ctx context.Context, name string) error {
	l.mu.Lock()
	c := l.connector(name)
	if c == nil {
		l.mu.Unlock()
		return ErrClosed
	}
	done := make(chan struct{})
	c.waiters = append(c.waiters, done)
	notify(c.now)
	l.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connector returns the mailbox of a connector, nil when the loop is closed. The caller holds the lock.
func (l *Loop) connector(name string) *connector {
	if l.closed {
		return nil
	}
	c, ok := l.connectors[name]
	if !ok {
		c = &connector{now: make(chan struct{}, 1), ended: make(chan struct{}, 1)}
		l.connectors[name] = c
		if l.ctx != nil {
			l.wg.Go(func() { l.serve(name, c) })
		}
	}
	return c
}

func notify(mailbox chan struct{}) {
	select {
	case mailbox <- struct{}{}:
	default:
	}
}

// serve is the goroutine of one connector.
func (l *Loop) serve(name string, c *connector) {
	failures := 0
	timer := time.NewTimer(l.Watchdog)
	defer timer.Stop()
	for l.sleep(c, timer) {
		next, err := l.pass(name, c)
		switch {
		case l.ctx.Err() != nil:
			return
		case err != nil:
			wait := jitter(min(minRetry<<min(failures, 10), maxRetry))
			failures++
			l.Log.Warn("a pass failed and will be tried again", "connector", name, "in", wait.Round(time.Millisecond), "error", err)
			timer.Reset(wait)
			continue
		case l.gone(name, c):
			return
		}
		failures = 0
		timer.Reset(l.wait(next))
	}
}

// sleep returns true when a pass is due, false when the loop ends.
func (l *Loop) sleep(c *connector, timer *time.Timer) bool {
	due := false
	for {
		select {
		case <-l.ctx.Done():
			return false
		case <-c.now:
			return true
		case <-c.ended:
			if !due {
				due = true
				timer.Reset(jitter(l.Idle))
			}
		case <-timer.C:
			return true
		}
	}
}

// wait is how long to sleep after a pass if nothing happens.
func (l *Loop) wait(next time.Time) time.Duration {
	if next.IsZero() {
		return l.Watchdog
	}
	return min(max(time.Until(next), minRetry), l.Watchdog)
}

func (l *Loop) pass(name string, c *connector) (time.Time, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.ctx.Done():
		return time.Time{}, l.ctx.Err()
	}
	defer func() { <-l.slots }()
	l.mu.Lock()
	waiters := c.waiters
	c.waiters = nil
	l.mu.Unlock()
	defer release(waiters)
	return l.Pass(l.ctx, name)
}

// gone forgets a connector that does not exist any more, unless somebody asked for another pass meanwhile: it may have
// been created again.
func (l *Loop) gone(name string, c *connector) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Exists(name) || len(c.now) > 0 || len(c.waiters) > 0 {
		return false
	}
	delete(l.connectors, name)
	return true
}

// releaseAll lets those go who wait for a pass that will not come.
func (l *Loop) releaseAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.connectors {
		release(c.waiters)
		c.waiters = nil
	}
}

func release(waiters []chan struct{}) {
	for _, w := range waiters {
		close(w)
	}
}

// jitter spreads d by a fifth of it to either side, so that many connectors do not wake at once.
func jitter(d time.Duration) time.Duration { return d - d/5 + rand.N(max(1, 2*d/5)) }
