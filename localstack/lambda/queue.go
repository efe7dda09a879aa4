package lambda

import (
	"sync"
	"time"
)

// maxQueued bounds the events of one function that wait or run.
const maxQueued = 10_000

// queue is a function's asynchronous events. Each waits in a goroutine of its own; they are not ordered, as on Lambda.
type queue struct {
	function *function

	mu      sync.Mutex
	waiting int
}

// add takes an event, which is tried again when it fails, retries times. It reports whether there was room.
func (q *queue) add(e event, retries int, fault Fault) bool {
	if !q.carry(e, retries, fault.Hold) {
		return false
	}
	q.repeat(e, retries, fault)
	return true
}

// repeat delivers an event once more for each of the fault's copies, as far as there is room.
func (q *queue) repeat(e event, retries int, fault Fault) {
	for range fault.Copies {
		q.carry(e, retries, fault.HoldCopies)
	}
}

// carry delivers an event when its time has come, and reports whether there was room for it to wait.
func (q *queue) carry(e event, retries int, hold <-chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting >= maxQueued {
		return false
	}
	l := q.function.lambda
	began := l.start(func() {
		if l.passed(l.ctx, hold) {
			q.deliver(e, retries)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		q.waiting--
	})
	if began {
		q.waiting++
	}
	return began
}

// deliver hands an event to sandboxes until one succeeds, or its retries or its time are used up. While the function is
// throttled it waits for a sandbox to become free; Lambda would ask again after 1 s to 5 minutes. All attempts have one
// request id.
func (q *queue) deliver(e event, retries int) {
	expired := time.NewTimer(q.function.MaxAge)
	defer expired.Stop()
	for failures := 0; failures <= retries; {
		if failures > 0 && !q.wait(time.After(q.function.lambda.opts.RetryAfter(failures)), expired) {
			return
		}
		s, freed := q.function.pool.acquire()
		for s == nil {
			select {
			case <-freed:
			case <-expired.C:
				return
			case <-q.function.lambda.ctx.Done():
				return
			}
			s, freed = q.function.pool.acquire()
		}
		inv := newInvocation(e)
		s.serve(inv)
		if !inv.result.failed {
			return
		}
		failures++
	}
}

// wait reports whether the time came before the event's end and the service's.
func (q *queue) wait(until <-chan time.Time, expired *time.Timer) bool {
	select {
	case <-until:
		return true
	case <-expired.C:
		return false
	case <-q.function.lambda.ctx.Done():
		return false
	}
}
