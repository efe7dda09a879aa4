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
// generation is raised under them. Some crash: they never release. The history must have an explanation.
func chaos(t *testing.T, table lease.Table) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { chaosRun(t, table, seed) })
	}
}

func chaosRun(t *testing.T, table lease.Table, seed uint64) {
	const clients, calls = 8, 12
	b := setUp(t, table)
	h := &history{}
	h.record(0, b.faults, input{op: opRaise, generation: 1}, func() output { return output{outcome: ok} }) // done by setUp
	var wait sync.WaitGroup
	for id := range clients {
		skew := time.Duration(id-clients/2) * 30 * time.Second / (clients / 2)
		c := &client{bench: b, id: id, history: h, random: rand.New(rand.NewPCG(seed, uint64(id+2))), clock: skewed{b.clock, skew}}
		c.table = newFaults(table, seed<<8+uint64(id))
		c.table.lost, c.table.throttle = 0.2, 0.1
		c.leases = lease.New(c.table, lease.Options{Clock: c.clock, Grace: grace})
		wait.Go(func() {
			for n := range calls {
				c.turn(n)
			}
		})
	}
	wait.Wait()
	h.check(t)
	if acquired := h.count(opAcquire, ok); acquired < 2 {
		t.Errorf("only %d leases were acquired: the test shows nothing", acquired)
	}
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
}

// turn acquires, works, and releases or crashes; now and then it raises the generation instead.
func (c *client) turn(n int) {
	c.bench.clock.advance(time.Duration(c.random.IntN(20_000)) * time.Millisecond)
	if c.random.IntN(8) == 0 {
		c.raise()
		return
	}
	held, acquired := c.acquire(fmt.Sprintf("%d.%d", c.id, n))
	if !acquired {
		return
	}
	for range c.random.IntN(3) {
		c.bench.clock.advance(time.Duration(c.random.IntN(10_000)) * time.Millisecond)
		c.check(held)
	}
	if c.random.IntN(3) > 0 {
		c.release(held)
	}
}

func (c *client) raise() {
	g := c.known + int64(c.random.IntN(2))
	c.history.record(c.id, c.table, input{op: opRaise, generation: g}, func() output {
		return output{outcome: outcomeOf(c.leases.Raise(c.bench.ctx, c.bench.key.Connector, 1, g))}
	})
}

func (c *client) acquire(owner string) (h lease.Held, acquired bool) {
	if items, err := c.leases.List(c.bench.ctx, c.bench.key.Connector); err == nil && len(items) > 0 {
		c.known = items[0].Generation
	}
	now := c.clock.Now()
	deadline := now.Add(time.Duration(c.random.IntN(30)) * time.Second)
	in := input{op: opAcquire, owner: owner, generation: c.known, until: deadline.Add(grace), called: now}
	out := c.history.record(c.id, c.table, in, func() output {
		var err error
		h, err = c.leases.Acquire(c.bench.ctx, c.bench.key, owner, c.known, deadline)
		return output{outcome: outcomeOf(err), epoch: h.Epoch, returned: c.clock.Now()}
	})
	return h, out.outcome == ok
}

func (c *client) check(h lease.Held) {
	in := input{op: opCheck, owner: h.Owner, epoch: h.Epoch, generation: h.Generation}
	c.history.record(c.id, c.table, in, func() output {
		return output{outcome: outcomeOf(c.leases.Check(c.bench.ctx, h))}
	})
}

func (c *client) release(h lease.Held) {
	in := input{op: opRelease, owner: h.Owner, epoch: h.Epoch}
	c.history.record(c.id, c.table, in, func() output {
		return output{outcome: outcomeOf(c.leases.Release(c.bench.ctx, h, lease.Outcome{}))}
	})
}
