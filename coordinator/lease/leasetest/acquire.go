package leasetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

func contenders(t *testing.T, table lease.Table, s size) {
	const n = 64
	b := setUp(t, table)
	for round := range s.rounds {
		won := make([]*lease.Held, n)
		var wait sync.WaitGroup
		for i := range n {
			wait.Go(func() {
				h, err := b.leases.Acquire(b.ctx, b.key, fmt.Sprintf("%d/%d", round, i), 1, b.clock.Now().Add(time.Minute))
				if err == nil {
					won[i] = &h
				} else if outcomeOf(err) != held {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		winners := 0
		for _, h := range won {
			if h == nil {
				continue
			}
			winners++
			if h.Epoch != int64(round+1) {
				t.Errorf("round %d was won at epoch %d", round, h.Epoch)
			}
			b.want(b.leases.Check(b.ctx, *h), ok)
			b.want(b.leases.Release(b.ctx, *h, lease.Outcome{}), ok)
		}
		if winners != 1 {
			t.Fatalf("round %d had %d winners", round, winners)
		}
	}
}

func acquireAbsent(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.key.Task = 1
	b.want(b.refused("a", 1), generation)
	if i := b.stored(); i.Rev != 0 {
		t.Fatalf("an item was made: %+v", i)
	}
}

func acquireGeneration(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.raise(1, 5)
	for _, g := range []int64{1, 4, 6} {
		e, is := errors.AsType[*lease.GenerationError](b.refused("a", g))
		if !is || e.Wanted != g || e.Current != 5 {
			t.Errorf("generation %d: %v", g, e)
		}
	}
	b.acquire("a", 5)
}

func acquireExpired(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	deadline := b.clock.Now().Add(time.Minute)
	first := b.acquire("a", 1)
	b.clock.now = deadline.Add(grace - time.Millisecond)
	e, is := errors.AsType[*lease.HeldError](b.refused("b", 1))
	if !is || e.Owner != "a" || e.Epoch != 1 || !e.Until.Equal(deadline.Add(grace)) {
		t.Fatalf("a held lease: %v", e)
	}
	b.clock.now = deadline.Add(grace)
	b.want(b.leases.Check(b.ctx, first), ok) // nobody took it
	b.faults.loseNext = 1
	second := b.acquire("b", 1)
	if second.Epoch != 2 || !second.TakenOver || first.TakenOver {
		t.Fatalf("took over: %+v after %+v", second, first)
	}
	b.want(b.leases.Check(b.ctx, first), lost)
	b.want(b.leases.Check(b.ctx, second), ok)
}

func acquireTwice(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	first, second := b.acquire("a", 1), b.acquire("a", 1)
	if first.Epoch != second.Epoch || b.stored().Rev != 2 {
		t.Fatalf("%+v then %+v", first, second)
	}
	b.want(b.leases.Release(b.ctx, second, lease.Outcome{}), ok)
}

func acquireNotBefore(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	at := b.clock.Now().Add(time.Hour)
	b.want(b.leases.Release(b.ctx, b.acquire("a", 1), lease.Outcome{Err: "e", NotBefore: at, Attempts: 3}), ok)
	e, is := errors.AsType[*lease.NotBeforeError](b.refused("b", 1))
	if !is || !e.At.Equal(at) || e.Attempts != 3 {
		t.Fatalf("too early: %v", e)
	}
	b.clock.now = at
	if h := b.acquire("b", 1); h.Attempts != 3 || h.LastError != "e" || h.TakenOver {
		t.Fatalf("acquired %+v", h)
	}
}

func acquireLostReply(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.faults.loseNext = 1
	h := b.acquire("a", 1)
	if h.Epoch != 1 || b.stored().Rev != 2 {
		t.Fatalf("acquired %+v, stored %+v", h, b.stored())
	}
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
}

func acquireRepeated(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.faults.repeat, b.faults.loseNext = true, 1
	if h := b.acquire("a", 1); h.Epoch != 1 || b.stored().Rev != 2 {
		t.Fatalf("acquired %+v, stored %+v", h, b.stored())
	}
}

func acquireGivesUp(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.faults.refuse = 1_000
	err := b.refused("a", 1)
	if !errors.Is(err, lease.ErrThrottled) {
		t.Fatalf("a table that refuses: %v", err)
	}
	if b.faults.refuse < 900 {
		t.Errorf("%d requests for one call", 1_000-b.faults.refuse)
	}
	b.faults.refuse = 3
	b.acquire("a", 1)
}

// hanging is a Table whose requests take two seconds and end without an answer.
type hanging struct {
	lease.Table
	clock    *clock
	requests int
}

func (h *hanging) Get(context.Context, lease.Key) (lease.Item, error) {
	h.clock.advance(2 * time.Second)
	h.requests++
	return lease.Item{}, lease.ErrAmbiguous
}

func acquireHangs(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	hung := &hanging{Table: table, clock: b.clock}
	b.faults.Table = hung
	began := b.clock.Now()
	err := b.refused("a", 1)
	if took := b.clock.Now().Sub(began); !errors.Is(err, lease.ErrAmbiguous) || took > 15*time.Second || hung.requests < 3 {
		t.Errorf("gave up after %v and %d requests: %v", took, hung.requests, err)
	}
}

func acquireLargeEpoch(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	item := b.stored()
	for _, from := range []int64{1 << 31, 1 << 53, math.MaxInt64 - 1} {
		item.Epoch, item.Released, item.Owner, item.Rev = from, from, "", item.Rev+1
		mustSwap(t, table, item)
		h := b.acquire(fmt.Sprint("a", from), 1)
		if h.Epoch != from+1 || h.TakenOver || b.stored().Epoch != from+1 {
			t.Fatalf("after epoch %d: %+v", from, h)
		}
		b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
		item = b.stored()
	}
	if err := b.refused("b", 1); !strings.Contains(err.Error(), "epoch") || b.stored().Epoch != math.MaxInt64 {
		t.Errorf("beyond the last epoch: %v, stored %+v", err, b.stored())
	}
}

func renew(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	h := b.acquire("a", 1)
	b.clock.advance(50 * time.Second)
	rev := b.stored().Rev
	b.faults.loseNext = 1
	h, err := b.leases.Renew(b.ctx, h, b.clock.Now().Add(time.Minute))
	b.want(err, ok)
	if b.stored().Rev != rev+1 {
		t.Error("a renewal whose reply was lost was written twice")
	}
	b.clock.advance(65 * time.Second)
	b.want(b.refused("b", 1), held)
	b.clock.advance(5 * time.Second)
	b.acquire("b", 1)
	_, err = b.leases.Renew(b.ctx, h, b.clock.Now().Add(time.Minute))
	b.want(err, lost)
}
