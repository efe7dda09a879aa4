package leasetest

import (
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

func raiseEndsHolders(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	h := b.acquire("a", 1)
	b.faults.loseNext = 1
	b.raise(1, 2)
	b.want(b.leases.Check(b.ctx, h), generation)
	_, err := b.leases.Renew(b.ctx, h, b.clock.Now().Add(time.Minute))
	b.want(err, generation)
	b.want(b.leases.HandOver(b.ctx, h, "token", b.clock.Now().Add(time.Minute), lease.Outcome{}), generation)
	rev := b.stored().Rev
	b.raise(1, 2)
	if b.stored().Rev != rev {
		t.Error("a repeated raise wrote")
	}
}

func raiseTasks(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.raise(3, 2)
	b.key.Task = 2
	h := b.acquire("a", 2)
	b.raise(1, 3)
	b.want(b.leases.Check(b.ctx, h), generation)
	b.want(b.refused("b", 3), generation)
	if items, err := b.leases.List(b.ctx, b.key.Connector); err != nil || len(items) != 1 || items[0].Task != 0 {
		t.Fatalf("listed %+v, %v", items, err)
	}
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
	b.raise(3, 4)
	if h = b.acquire("b", 4); h.Epoch != 2 {
		t.Fatalf("after the task came back: %+v", h)
	}
}

func raiseOlder(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.raise(2, 7)
	for _, tasks := range []int{0, 1, 2, 3} {
		b.want(b.leases.Raise(b.ctx, b.key.Connector, tasks, 6), generation)
	}
	if items, err := b.leases.List(b.ctx, b.key.Connector); err != nil || len(items) != 2 {
		t.Fatalf("listed %+v, %v", items, err)
	}
}

func raiseDeletes(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.raise(0, 2)
	b.clock.advance(6 * 24 * time.Hour)
	b.raise(0, 3)
	if i := b.stored(); i.Rev == 0 || !i.Retired {
		t.Fatalf("after six days: %+v", i)
	}
	b.clock.advance(25 * time.Hour)
	b.raise(0, 4)
	if i := b.stored(); i.Rev != 0 {
		t.Fatalf("after the retention: %+v", i)
	}
}

func postpone(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.want(b.leases.Postpone(b.ctx, b.key, 1, b.clock.Now().Add(time.Hour), 4), ok)
	_ = b.refused("a", 1)
	b.want(b.leases.Postpone(b.ctx, b.key, 2, time.Time{}, 0), generation)
	b.want(b.leases.Postpone(b.ctx, b.key, 1, time.Time{}, 0), ok)
	if h := b.acquire("a", 1); h.Attempts != 0 {
		t.Fatalf("acquired %+v", h)
	}
}

func raiseRetired(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	own := lease.Key{Connector: b.key.Connector, Task: -1}
	h, err := b.leases.Acquire(b.ctx, own, "planner", 0, b.clock.Now().Add(time.Minute))
	b.want(err, ok)
	b.raise(2, 5)
	b.raise(0, 6)
	b.raise(0, 3) // of a connector that is gone there is nothing to end
	b.want(b.leases.Raise(b.ctx, b.key.Connector, 2, 5), generation)
	b.want(b.leases.Check(b.ctx, h), ok)
	if items, err := b.leases.List(b.ctx, b.key.Connector); err != nil || len(items) != 1 || items[0].Key != own {
		t.Fatalf("listed %+v, %v", items, err)
	}
}

func raiseOvertaken(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	other := lease.New(table, lease.Options{Clock: b.clock, Grace: grace})
	for _, tasks := range []int{0, 1} {
		g := b.stored().Generation
		b.faults.Table = &meddling{Table: table, before: func() {
			if err := other.Raise(b.ctx, b.key.Connector, 1, g+2); err != nil {
				t.Error(err)
			}
		}}
		b.want(b.leases.Raise(b.ctx, b.key.Connector, tasks, g+1), generation)
		if i := b.stored(); i.Generation != g+2 || i.Retired {
			t.Fatalf("stored %+v", i)
		}
	}
}
