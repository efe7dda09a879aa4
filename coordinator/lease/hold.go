package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// Held is a lease that was acquired. It is a value; only the Leases methods learn whether it still holds.
type Held struct {
	Key        Key
	Owner      string
	Epoch      int64
	Generation int64
	// Until is when the lease becomes free by itself: the deadline given, plus grace.
	Until time.Time
	// TakenOver says that the previous holder did not release: it crashed, or still runs and does not know. It counts as a
	// failed attempt.
	TakenOver bool
	// Hint, Facts, Attempts and LastError are what the previous holder left; of one that crashed, what was known before it,
	// and one attempt more.
	Hint, Facts json.RawMessage
	Attempts    int
	LastError   string

	item Item // as written, so that the release needs no read
}

// Acquire takes the lease for owner, a name that no other invocation ever uses. until is the deadline by which the owner will
// have stopped or renewed, whatever happens. A repeated call of the same owner returns the same lease.
//
// Errors to act on: *HeldError, *GenerationError, *NotBeforeError. After any other error the lease may have been acquired
// all the same, and runs out by itself.
func (l *Leases) Acquire(ctx context.Context, key Key, owner string, generation int64, until time.Time) (Held, error) {
	return l.take(ctx, key, "", owner, generation, until)
}

// Adopt takes the lease that was offered under the name token (see HandOver). It is Acquire for the one who was named: the
// offer excludes all others until it runs out, and until somebody else took the lease the named one still may. When the
// offer is gone, since it was taken, taken back or forgotten by Raise, the token means nothing and Adopt is Acquire. Of two
// calls with one token, by owners of different names, the second finds the first as holder.
func (l *Leases) Adopt(ctx context.Context, key Key, token, owner string, generation int64, until time.Time) (Held, error) {
	if token == "" {
		return Held{}, errors.New("adopt a lease: the token is empty")
	}
	return l.take(ctx, key, token, owner, generation, until)
}

func (l *Leases) take(ctx context.Context, key Key, token, owner string, generation int64, until time.Time) (Held, error) {
	if owner == "" {
		return Held{}, errors.New("acquire a lease: the owner has no name")
	}
	until = until.Add(l.opts.Grace)
	var before Item
	item, err := l.change(ctx, key, Item{}, func(next *Item) error {
		if next.Owner == owner && next.Generation == generation && !next.Retired {
			return errDone
		}
		if err := l.mayTake(*next, token, generation); err != nil {
			return err
		}
		if next.Epoch == math.MaxInt64 {
			return fmt.Errorf("the epoch of task %d of connector %q cannot grow beyond %d; delete the item", key.Task, key.Connector, next.Epoch)
		}
		before = *next
		next.Owner, next.Next, next.Until = owner, "", until
		next.Epoch++
		if before.Epoch > before.Released {
			next.Attempts++
			next.NotBefore = until.Add(crashPause(next.Attempts + 1))
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDone) {
		return Held{}, err
	}
	return Held{
		Key: key, Owner: owner, Epoch: item.Epoch, Generation: item.Generation, Until: item.Until,
		TakenOver: before.Epoch > before.Released,
		Hint:      item.Hint, Facts: item.Facts, Attempts: item.Attempts, LastError: item.LastError, item: item,
	}, nil
}

// crashPause is how long the lease rests, beyond its time, when the n-th attempt in a row ends without a word. Two in a row have
// ordinary causes beside the task's own: a host that fails, a deployment that replaces what runs. The third has not, and waits as
// a failure does that probably needs a person: two minutes, then six, twelve, at most an hour.
func crashPause(n int) time.Duration {
	if n < CrashLoop {
		return time.Second << n
	}
	n -= CrashLoop - 1
	return min(time.Duration(n*n+n)*time.Minute, time.Hour)
}

// mayTake says why the lease cannot be taken now; nil means it can.
func (l *Leases) mayTake(cur Item, token string, generation int64) error {
	now := l.opts.Clock.Now()
	switch {
	case cur.Retired || cur.Generation != generation:
		return &GenerationError{Key: cur.Key, Wanted: generation, Current: cur.Generation, Retired: cur.Retired}
	case token != "" && cur.Next == token:
		return nil
	case (cur.Owner != "" || cur.Next != "") && now.Before(cur.Until):
		return &HeldError{Key: cur.Key, Owner: cur.Owner + cur.Next, Epoch: cur.Epoch, Until: cur.Until}
	case now.Before(cur.NotBefore):
		return &NotBeforeError{Key: cur.Key, At: cur.NotBefore, Attempts: cur.Attempts}
	}
	return nil
}

// Check reads the lease and returns nil if it is still held and its generation is current: *LostError and *GenerationError
// say that it is not. Any other error says nothing about the lease. It does not matter whether the time has run out: a
// lease nobody took is still held.
func (l *Leases) Check(ctx context.Context, h Held) error {
	cur, err := l.get(ctx, h.Key, l.opts.Clock.Now())
	if err != nil {
		return err
	}
	return h.check(cur)
}

func (h Held) check(cur Item) error {
	if !h.owns(cur) {
		return h.lost(cur)
	}
	if cur.Retired || cur.Generation != h.Generation {
		return &GenerationError{Key: h.Key, Wanted: h.Generation, Current: cur.Generation, Retired: cur.Retired}
	}
	return nil
}

func (h Held) owns(cur Item) bool { return cur.Owner == h.Owner && cur.Epoch == h.Epoch }

func (h Held) lost(cur Item) error {
	return &LostError{Key: h.Key, Epoch: h.Epoch, Current: cur.Epoch, Owner: cur.Owner}
}

// Renew moves the deadline of a held lease. It is a look at the lease too: it fails as Check does. After any other error the
// lease may have been renewed all the same; h stays usable.
func (l *Leases) Renew(ctx context.Context, h Held, until time.Time) (Held, error) {
	until = until.Add(l.opts.Grace)
	item, err := l.change(ctx, h.Key, h.item, func(next *Item) error {
		if err := h.check(*next); err != nil {
			return err
		}
		if next.NotBefore.After(next.Until) { // the rest that follows if this holder crashes too
			next.NotBefore = until.Add(next.NotBefore.Sub(next.Until))
		}
		next.Until = until
		return nil
	})
	if err != nil {
		return h, err
	}
	h.Until, h.item = item.Until, item
	return h, nil
}

// Outcome is what a holder leaves behind.
type Outcome struct {
	// Hint and Facts replace the stored ones, unless nil.
	Hint, Facts json.RawMessage
	// Err is the error the holder ended with, empty for none.
	Err string
	// NotBefore delays the next acquisition; the zero time does not.
	NotBefore time.Time
	// Attempts is the number of consecutive failures, 0 after a success.
	Attempts int
}

func (o Outcome) apply(item *Item) {
	if o.Hint != nil {
		item.Hint = o.Hint
	}
	if o.Facts != nil {
		item.Facts = o.Facts
	}
	item.LastError, item.NotBefore, item.Attempts = o.Err, o.NotBefore, o.Attempts
}

// applyOld is apply for a holder of an older generation. Raise has forgotten failures and waiting times; what the old
// configuration failed with must not delay the new one, which may be the cure.
func (o Outcome) applyOld(item *Item) {
	o.Err, o.NotBefore, o.Attempts = item.LastError, item.NotBefore, item.Attempts
	o.apply(item)
}

// Release frees the lease and stores the outcome, whatever the generation is by now; of a generation that is not current any more
// only hint and facts. It may be called again. When the lease was taken over meanwhile, the error is *LostError and nothing is
// written.
func (l *Leases) Release(ctx context.Context, h Held, o Outcome) error {
	_, err := l.change(ctx, h.Key, h.item, func(next *Item) error {
		if next.Released >= h.Epoch && next.Next == "" {
			return errDone
		}
		offered := next.Epoch == h.Epoch && next.Owner == "" && next.Next != ""
		if !h.owns(*next) && !offered {
			return h.lost(*next)
		}
		next.Owner, next.Next, next.Until, next.Released = "", "", time.Time{}, h.Epoch
		if next.Generation != h.Generation {
			o.applyOld(next)
		} else {
			o.apply(next)
		}
		return nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// HandOver offers the lease under the name token, which nobody can guess, to a next holder that is about to be started with
// it; until is when the offer runs out. The caller is no longer the holder, but may take the offer back with Release as long
// as it was not adopted. It may be called again with the same token.
func (l *Leases) HandOver(ctx context.Context, h Held, token string, until time.Time, o Outcome) error {
	if token == "" {
		return fmt.Errorf("hand over the lease of task %d of connector %q: the token is empty", h.Key.Task, h.Key.Connector)
	}
	_, err := l.change(ctx, h.Key, h.item, func(next *Item) error {
		if next.Epoch == h.Epoch && next.Next == token {
			return errDone
		}
		if err := h.check(*next); err != nil {
			return err
		}
		next.Owner, next.Next, next.Until, next.Released = "", token, until, h.Epoch
		o.apply(next)
		return nil
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}
