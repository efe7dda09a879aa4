package engine

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Retries in place of a connector's calls and of steps against the broker: ten attempts over at most half a minute or so. What still fails is left
// to the next invocation, which begins at the same record.
const (
	maxAttempts   = 10
	minRetryPause = 100 * time.Millisecond
	maxRetryPause = 5 * time.Second
)

// attempts counts the tries of one call.
type attempts struct{ n int }

// again reports whether err is worth another try, after having waited for it. It is false when err is not retriable, the
// attempts are used up, or ctx ends first.
func (r *run) again(ctx context.Context, a *attempts, call string, err error) bool {
	a.n++
	if connect.KindOf(err) != connect.KindRetriable || a.n >= maxAttempts || ctx.Err() != nil {
		return false
	}
	pause := retryPause(a.n)
	r.facts.Retries++
	r.log.Warn("retriable error, trying again", "call", call, "attempt", a.n, "pause", pause, "error", err)
	return sleep(ctx, pause)
}

// patiently repeats a step against the broker while its error is retriable: a broker that restarts must not fail a task.
func (r *run) patiently(ctx context.Context, call string, step func() error) error {
	var tries attempts
	err := step()
	for err != nil && r.again(ctx, &tries, call, err) {
		err = step()
	}
	return err
}

// retryPause doubles with each attempt up to a maximum, and is jittered by half: tasks that failed together do not come
// back together.
func retryPause(attempt int) time.Duration {
	p := min(minRetryPause<<min(attempt-1, 16), maxRetryPause)
	return p/2 + rand.N(p/2)
}

// sleep waits and reports whether it waited to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
