package leasetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// rest is how long a lease rests beyond its time after so many crashes in a row.
func rest(crashes int) time.Duration {
	minutes := []int{0, 0, 0, 2, 6, 12, 20, 30, 42, 56, 60}
	if crashes == 2 {
		return 4 * time.Second
	}
	return time.Duration(minutes[min(crashes, len(minutes)-1)]) * time.Minute
}

// crash acquires under a name of its own and lets the lease's time pass.
func (b *bench) crash() lease.Held {
	b.Helper()
	h := b.acquire(fmt.Sprint("crashing ", b.stored().Epoch), 1)
	b.clock.now = h.Until
	return h
}

func (b *bench) crashes(want int) {
	b.Helper()
	if got := b.stored().Crashes(b.clock.Now()); got != want {
		b.Fatalf("%d crashes in a row are known, want %d: %+v", got, want, b.stored())
	}
}

func crashesBackOff(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	for n := 1; n <= 12; n++ {
		b.faults.loseNext = 1
		h := b.crash()
		if h.TakenOver != (n > 1) || h.Attempts != n-1 {
			t.Fatalf("holder %d: %+v", n, h)
		}
		b.crashes(n)
		if rest(n) > 0 {
			b.clock.now = h.Until.Add(rest(n) - time.Millisecond)
			if e, is := errors.AsType[*lease.NotBeforeError](b.refused("b", 1)); !is || !e.At.Equal(h.Until.Add(rest(n))) {
				t.Fatalf("after crash %d: %v, want a wait of %v", n, e, rest(n))
			}
			b.clock.now = h.Until.Add(rest(n))
		}
		b.crashes(n)
	}
	h := b.acquire("b", 1)
	b.crashes(12) // this one may do better
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
	b.crashes(0)
	if h = b.acquire("c", 1); h.Attempts != 0 || h.TakenOver {
		t.Fatalf("after a good run: %+v", h)
	}
}

func crashesAndFailures(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.want(b.leases.Release(b.ctx, b.acquire("a", 1), lease.Outcome{Err: "e", Attempts: 1}), ok)
	h := b.acquire("b", 1)
	b.crashes(0) // it is at work
	b.clock.now = h.Until
	b.crashes(1)
	h = b.acquire("c", 1)
	if h.Attempts != 2 || h.LastError != "e" {
		t.Fatalf("after a failure and a crash: %+v", h)
	}
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{Err: "f", Attempts: h.Attempts + 1}), ok)
	b.crashes(0)
	if i := b.stored(); i.Attempts != 3 || !i.NotBefore.IsZero() {
		t.Fatalf("the release left %+v", i)
	}
}

func crashesForgotten(t *testing.T, table lease.Table) {
	for name, forget := range map[string]func(*bench) error{
		"a restart":        func(b *bench) error { return b.leases.Postpone(b.ctx, b.key, 1, time.Time{}, 0) },
		"a new generation": func(b *bench) error { return b.leases.Raise(b.ctx, b.key.Connector, 1, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			b := setUp(t, table)
			for n := 1; n <= 3; n++ {
				b.crash()
				b.clock.advance(rest(n))
			}
			b.crashes(3)
			b.want(forget(b), ok)
			b.crashes(1)
			if h := b.acquire("c", b.stored().Generation); h.Attempts != 1 {
				t.Fatalf("acquired %+v", h)
			}
		})
	}
}

func crashAfterRenewal(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	b.crash()
	h := b.acquire("b", 1)
	b.clock.advance(50 * time.Second)
	h, err := b.leases.Renew(b.ctx, h, b.clock.Now().Add(time.Minute))
	b.want(err, ok)
	b.clock.now = h.Until
	if e, is := errors.AsType[*lease.NotBeforeError](b.refused("c", 1)); !is || !e.At.Equal(h.Until.Add(rest(2))) {
		t.Fatalf("after a renewal and a crash: %v", e)
	}
}

func noCrash(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	first := b.acquire("a", 1)
	b.want(b.leases.HandOver(b.ctx, first, "token", b.clock.Now().Add(5*time.Second), lease.Outcome{}), ok)
	b.crashes(0)
	second, err := b.leases.Adopt(b.ctx, b.key, "token", "b", 1, b.clock.Now().Add(time.Minute))
	b.want(err, ok)
	if second.TakenOver || second.Attempts != 0 {
		t.Fatalf("adopted %+v", second)
	}
	b.want(b.leases.HandOver(b.ctx, second, "lost", b.clock.Now().Add(5*time.Second), lease.Outcome{}), ok)
	b.clock.advance(5 * time.Second)
	b.crashes(0)
	if third := b.acquire("c", 1); third.TakenOver || third.Attempts != 0 {
		t.Fatalf("after an offer that ran out: %+v", third)
	}
	b.crashes(0)
}

func handOverLate(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	offer := func(owner, token string) lease.Held {
		t.Helper()
		h := b.acquire(owner, 1)
		b.want(b.leases.HandOver(b.ctx, h, token, b.clock.Now().Add(5*time.Second), lease.Outcome{}), ok)
		b.clock.advance(10 * time.Minute)
		return h
	}
	adopt := func(token, owner string) (lease.Held, error) {
		return b.leases.Adopt(b.ctx, b.key, token, owner, 1, b.clock.Now().Add(time.Minute))
	}
	// The offer ran out, and nobody was there: it is still good.
	offer("a", "one")
	h, err := adopt("one", "b")
	b.want(err, ok)
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{}), ok)
	// Somebody else took it and is at work.
	offer("c", "two")
	other := b.acquire("d", 1)
	_, err = adopt("two", "e")
	b.want(err, held)
	b.want(b.leases.Check(b.ctx, other), ok)
	// Somebody else has it on offer.
	b.want(b.leases.HandOver(b.ctx, other, "three", b.clock.Now().Add(5*time.Second), lease.Outcome{}), ok)
	_, err = adopt("two", "f")
	b.want(err, held)
	// Somebody else is done: the late one is as good as anybody.
	b.want(b.leases.Release(b.ctx, other, lease.Outcome{}), ok)
	h, err = adopt("two", "g")
	b.want(err, ok)
	// But not before its time, and not for an old generation.
	b.want(b.leases.Release(b.ctx, h, lease.Outcome{NotBefore: b.clock.Now().Add(time.Minute), Attempts: 1}), ok)
	_, err = adopt("two", "h")
	if _, is := errors.AsType[*lease.NotBeforeError](err); !is {
		t.Fatalf("before its time: %v", err)
	}
	b.clock.advance(time.Minute)
	offer("i", "four")
	b.raise(1, 2)
	_, err = adopt("four", "j")
	b.want(err, generation)
}

func handOverTakenBackLate(t *testing.T, table lease.Table) {
	b := setUp(t, table)
	first := b.acquire("a", 1)
	b.want(b.leases.HandOver(b.ctx, first, "token", b.clock.Now().Add(5*time.Second), lease.Outcome{}), ok)
	second, err := b.leases.Adopt(b.ctx, b.key, "token", "b", 1, b.clock.Now().Add(time.Minute))
	b.want(err, ok)
	before := b.stored()
	// The start seemed to fail, but the next hop was started.
	b.want(b.leases.Release(b.ctx, first, lease.Outcome{Err: "could not start the next hop"}), ok)
	if after := b.stored(); after.Rev != before.Rev {
		t.Fatalf("taking back an offer that was adopted changed the lease: %+v", after)
	}
	b.want(b.leases.Check(b.ctx, second), ok)
}
