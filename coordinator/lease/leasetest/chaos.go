package leasetest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// chaos lets clients with skewed clocks contend for one lease over a table that loses replies and throttles, while the
// generation is raised under them. They renew it and hand it over; some crash: they never release. The history must have an
// explanation.
func chaos(t *testing.T, table lease.Table, s size) {
	for seed := range uint64(s.seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { chaosRun(t, table, seed) })
	}
}

func chaosRun(t *testing.T, table lease.Table, seed uint64) {
	const clients, calls = 8, 12
	b := setUp(t, table)
	h := newHistory(b)
	all := newClients(b, h, table, seed, clients)
	together(all, func(c *client) {
		for n := range calls {
			c.turn(n)
		}
	})
	h.check(t)
	if acquired := h.count(opAcquire, ok) + h.count(opAdopt, ok); acquired < 2 {
		t.Errorf("only %d leases were acquired: the test shows nothing", acquired)
	}
}

// crowd lets many clients with skewed clocks want the lease at the same moment, and again when those that had it released it.
func crowd(t *testing.T, table lease.Table, s size) {
	b := setUp(t, table)
	h := newHistory(b)
	all := newClients(b, h, table, 64, 64)
	for round := range s.rounds {
		together(all, func(c *client) { c.held, c.holds = c.take(fmt.Sprintf("%d.%d", c.id, round)) })
		together(all, func(c *client) {
			if c.holds {
				c.check(c.held)
				c.release(c.held)
			}
		})
	}
	h.check(t)
	if acquired := h.count(opAcquire, ok); acquired < s.rounds {
		t.Errorf("in %d rounds %d leases were acquired", s.rounds, acquired)
	}
}

// newHistory returns the history of b's item, whose generation was raised already.
func newHistory(b *bench) *history {
	h := &history{}
	h.record(0, b.faults, input{op: opRaise, generation: 1}, func() output { return output{outcome: ok} })
	return h
}

// newClients returns clients whose clocks are off by 30 seconds at most.
func newClients(b *bench, h *history, table lease.Table, seed uint64, n int) []*client {
	offers := make(chan offer, 16*n)
	all := make([]*client, n)
	for id := range all {
		skew := time.Duration(2*id-n+1) * 30 * time.Second / time.Duration(n-1)
		c := &client{bench: b, id: id, history: h, random: rand.New(rand.NewPCG(seed, uint64(id+2))), clock: skewed{b.clock, skew}, offers: offers}
		c.table = newFaults(table, seed<<8+uint64(id))
		c.table.lost, c.table.throttle = 0.2, 0.1
		// Whoever waits moves the clock on for all, so it is no measure of anybody's patience.
		c.leases = lease.New(c.table, lease.Options{Clock: c.clock, Grace: grace, Patience: 24 * time.Hour})
		all[id] = c
	}
	return all
}

func together(all []*client, act func(*client)) {
	var wait sync.WaitGroup
	for _, c := range all {
		wait.Go(func() { act(c) })
	}
	wait.Wait()
}

// offer is a lease that somebody handed over.
type offer struct {
	token      string
	generation int64
}

// client is one contender.
type client struct {
	bench   *bench
	id      int
	history *history
	random  *rand.Rand
	clock   skewed
	table   *faults
	leases  *lease.Leases
	known   int64 // generation
	offers  chan offer
	held    lease.Held // of a client in a crowd
	holds   bool
}

// turn acquires or adopts, works, and releases, hands over or crashes; now and then it raises the generation instead.
func (c *client) turn(n int) {
	c.bench.clock.advance(time.Duration(c.random.IntN(20_000)) * time.Millisecond)
	if c.random.IntN(8) == 0 {
		c.raise()
		return
	}
	held, acquired := c.take(fmt.Sprintf("%d.%d", c.id, n))
	if !acquired {
		return
	}
	for range c.random.IntN(3) {
		c.bench.clock.advance(time.Duration(c.random.IntN(10_000)) * time.Millisecond)
		if c.random.IntN(3) == 0 {
			held = c.renew(held)
		} else {
			c.check(held)
		}
	}
	switch c.random.IntN(4) {
	case 0: // crashes
	case 1:
		c.handOver(held, fmt.Sprintf("token %d.%d", c.id, n))
		if c.random.IntN(4) == 0 { // the next one could not be started
			c.release(held)
		}
	default:
		c.release(held)
	}
}

func (c *client) raise() {
	g := c.known + int64(c.random.IntN(2))
	c.history.record(c.id, c.table, input{op: opRaise, generation: g}, func() output {
		return output{outcome: outcomeOf(c.leases.Raise(c.bench.ctx, c.bench.key.Connector, 1, g))}
	})
}

// take adopts a lease that is on offer, or acquires it. An offer may be delivered twice.
func (c *client) take(owner string) (lease.Held, bool) {
	select {
	case o := <-c.offers:
		if c.random.IntN(3) == 0 {
			c.offers <- o
		}
		return c.recordTake(opAdopt, o, owner, func(deadline time.Time) (lease.Held, error) {
			return c.leases.Adopt(c.bench.ctx, c.bench.key, o.token, owner, o.generation, deadline)
		})
	default:
	}
	if items, err := c.leases.List(c.bench.ctx, c.bench.key.Connector); err == nil && len(items) > 0 {
		c.known = items[0].Generation
	}
	return c.recordTake(opAcquire, offer{generation: c.known}, owner, func(deadline time.Time) (lease.Held, error) {
		return c.leases.Acquire(c.bench.ctx, c.bench.key, owner, c.known, deadline)
	})
}

func (c *client) recordTake(o op, of offer, owner string, take func(time.Time) (lease.Held, error)) (h lease.Held, taken bool) {
	now := c.clock.Now()
	deadline := now.Add(time.Duration(c.random.IntN(30)) * time.Second)
	in := input{op: o, owner: owner, token: of.token, generation: of.generation, until: deadline.Add(grace), called: now}
	out := c.history.record(c.id, c.table, in, func() output {
		var err error
		h, err = take(deadline)
		return output{outcome: outcomeOf(err), epoch: h.Epoch, takenOver: h.TakenOver, returned: c.clock.Now()}
	})
	return h, out.outcome == ok
}

func (c *client) check(h lease.Held) {
	c.history.record(c.id, c.table, holder(opCheck, h), func() output {
		return output{outcome: outcomeOf(c.leases.Check(c.bench.ctx, h))}
	})
}

func (c *client) renew(h lease.Held) lease.Held {
	deadline := c.clock.Now().Add(time.Duration(c.random.IntN(30)) * time.Second)
	in := holder(opRenew, h)
	in.until = deadline.Add(grace)
	c.history.record(c.id, c.table, in, func() (out output) {
		var err error
		h, err = c.leases.Renew(c.bench.ctx, h, deadline)
		return output{outcome: outcomeOf(err)}
	})
	return h
}

func (c *client) handOver(h lease.Held, token string) {
	in := holder(opHandOver, h)
	in.token, in.until = token, c.clock.Now().Add(time.Duration(c.random.IntN(30))*time.Second)
	out := c.history.record(c.id, c.table, in, func() output {
		return output{outcome: outcomeOf(c.leases.HandOver(c.bench.ctx, h, token, in.until, lease.Outcome{}))}
	})
	if out.outcome == ok || out.outcome == unknown {
		c.offers <- offer{token, h.Generation}
	}
}

func (c *client) release(h lease.Held) {
	c.history.record(c.id, c.table, holder(opRelease, h), func() output {
		return output{outcome: outcomeOf(c.leases.Release(c.bench.ctx, h, lease.Outcome{}))}
	})
}

// holder is the input of a call by who acquired h.
func holder(o op, h lease.Held) input {
	return input{op: o, owner: h.Owner, epoch: h.Epoch, generation: h.Generation}
}
