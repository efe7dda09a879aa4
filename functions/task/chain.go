package task

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

const (
	// maxHops bounds a chain: so many times a lease is handed on, then it is released, and only the schedule starts another
	// chain. So a runaway is impossible. Lambda itself drops an invocation after about 16 of one function in a chain.
	//
	// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
	maxHops = 12
	// offerTime is how long nobody but the next hop may take the lease. It covers the queue of asynchronous invocations and a cold
	// start, which take a second together as a rule. If the event is lost, the task rests for so long; a hop that comes
	// later still finds its offer, unless somebody was quicker. So a longer time would gain nothing.
	offerTime = 5 * time.Second
)

// handOn offers the lease to the next hop of the chain and starts that. It reports whether the next hop was started; if not,
// the lease, or the offer of it, is still there to be released.
//
// The offer is written first: a hop that was quicker than the offer would find us as holder, and leave.
func (h *Handler) handOn(ctx context.Context, w *work, held lease.Held, out lease.Outcome) bool {
	if h.Chain == nil || w.Hop >= maxHops || h.draining() {
		return false
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	next := *w.Request
	next.Hop++
	next.Token = rand.Text()
	err := h.Leases.HandOver(ctx, held, next.Token, time.Now().Add(offerTime), out)
	if err != nil {
		// Most often a new generation: then nobody would be allowed to go on. Whatever it is, the release tells of it.
		w.log.Debug("could not hand the lease over", "connector", w.Connector, "task", w.Task, "hop", next.Hop, "error", err)
		return false
	}
	if err := h.Chain.Start(ctx, h.Function, &next); err != nil {
		w.log.Warn("could not start the next hop; the schedule goes on", "connector", w.Connector, "task", w.Task, "hop", next.Hop, "error", err)
		return false
	}
	return true
}

// draining reports whether this process is about to end, and with it whatever it starts.
func (h *Handler) draining() bool {
	select {
	case <-h.Drain:
		return true
	default:
		return false
	}
}
