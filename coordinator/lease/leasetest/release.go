package leasetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

func releaseOutcome(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	first := b.acquire("a", 1)
	b.want(b.leases.Release(b.ctx, first, lease.Outcome{Hint: json.RawMessage(`{"h":1}`), Facts: json.RawMessage(`{"f":1}`), Err: "broke", Attempts: 1}), ok)
	if writes := b.stored().Rev; writes != 3 {
		t.Errorf("%d writes for raise, acquire and release", writes)
	}
	second := b.acquire("b", 1)
	if string(second.Hint) != `{"h":1}` || string(second.Facts) != `{"f":1}` || second.LastError != "broke" || second.Attempts != 1 {
		t.Fatalf("the next holder got %+v", second)
	}
	b.want(b.leases.Release(b.ctx, second, lease.Outcome{}), ok)
	third := b.acquire("c", 1)
	if string(third.Hint) != `{"h":1}` || third.LastError != "" || third.Attempts != 0 || third.TakenOver {
		t.Fatalf("after a success without facts: %+v", third)
	}
	b.want(b.leases.Check(b.ctx, second), lost)
}

func costs(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.faults.reads, b.faults.writes = 0, 0
	h := b.acquire("a", 1)
	b.want(b.leases.Check(b.ctx, h), ok)
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
	if b.faults.writes != 2 || b.faults.reads != 2 {
		t.Errorf("%d writes and %d reads", b.faults.writes, b.faults.reads)
	}
}

func releaseAfterTakeOver(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	late := b.acquire("a", 1)
	b.clock.advance(time.Minute + grace)
	b.acquire("b", 1)
	before := b.stored()
	b.want(b.leases.Release(b.ctx, late, lease.Outcome{Hint: json.RawMessage(`{"stale":1}`)}), lost)
	if after := b.stored(); after.Rev != before.Rev || after.Owner != "b" {
		t.Fatalf("the item changed from %+v to %+v", before, after)
	}
}

func releaseLostReply(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	h := b.acquire("a", 1)
	b.faults.loseNext = 1
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)

	h = b.acquire("c", 1)
	other := lease.New(table, lease.Options{Clock: b.clock, Grace: grace})
	b.faults.Table = &meddling{Table: table, after: func() {
		if _, err := other.Acquire(b.ctx, b.key, "d", 1, b.clock.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
	}}
	b.faults.loseNext = 1
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
	if i := b.stored(); i.Owner != "d" || i.Released != 2 || i.Epoch != 3 {
		t.Fatalf("stored %+v", i)
	}
}

func releaseAfterRaise(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	h := b.acquire("a", 1)
	b.raise(1, 2)
	b.want(b.refused("b", 2), held)
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{Hint: json.RawMessage(`{"h":2}`)}), ok)
	if next := b.acquire("b", 2); string(next.Hint) != `{"h":2}` || next.Epoch != 2 {
		t.Fatalf("acquired %+v", next)
	}
}

func handOver(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	first := b.acquire("a", 1)
	until := b.clock.Now().Add(30 * time.Second)
	b.faults.loseNext = 1
	b.want(b.leases.HandOver(b.ctx, first, "token", until, lease.Outcome{Hint: json.RawMessage(`1`)}), ok)
	b.want(b.leases.HandOver(b.ctx, first, "token", until, lease.Outcome{}), ok)
	b.want(b.leases.Check(b.ctx, first), lost)
	b.want(b.refused("scheduled", 1), held)
	adopt := func(token, owner string) (lease.Held, error) {
		return b.leases.Adopt(b.ctx, b.key, token, owner, 1, b.clock.Now().Add(time.Minute))
	}
	_, err := adopt("guess", "x")
	b.want(err, held)
	second, err := adopt("token", "b")
	b.want(err, ok)
	if second.Epoch != 2 || second.TakenOver || string(second.Hint) != `1` {
		t.Fatalf("adopted %+v", second)
	}
	_, err = adopt("token", "b delivered twice")
	b.want(err, held)
	b.want(b.leases.HandOver(b.ctx, first, "again", until, lease.Outcome{}), lost)
	b.want(b.leases.Check(b.ctx, second), ok)
}

func handOverUnused(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	h := b.acquire("a", 1)
	b.want(b.leases.HandOver(b.ctx, h, "one", b.clock.Now().Add(30*time.Second), lease.Outcome{}), ok)
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{Err: "could not start the next hop"}), ok)
	h = b.acquire("b", 1)
	if h.LastError == "" {
		t.Error("the outcome of the release is missing")
	}
	b.want(b.leases.HandOver(b.ctx, h, "two", b.clock.Now().Add(30*time.Second), lease.Outcome{}), ok)
	b.clock.advance(30 * time.Second)
	if third := b.acquire("c", 1); third.TakenOver {
		t.Error("an offer that ran out looks like a crash")
	}
	_, err := b.leases.Adopt(b.ctx, b.key, "two", "late", 1, b.clock.Now().Add(time.Minute))
	b.want(err, held)
}
