package leasetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// faults is a Table whose requests fail at random, or on demand.
type faults struct {
	lease.Table

	mu       sync.Mutex
	random   *rand.Rand
	lost     float64      // part of writes whose reply is lost
	throttle float64      // part of requests that are refused
	loseNext int          // so many writes lose their reply, whatever lost is
	refuse   int          // so many requests are refused, whatever throttle is
	effects  []lease.Item // that were written, the reply lost or not
	doubts   int          // so many writes may have taken effect: the table itself does not know
	reads    int          // requests so far
	writes   int
	repeat   bool // a lost reply is followed by a repetition below, as a client library does
}

func newFaults(table lease.Table, seed uint64) *faults {
	return &faults{Table: table, random: rand.New(rand.NewPCG(seed, seed))}
}

func (f *faults) draw(part float64, forced *int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if *forced > 0 {
		*forced--
		return true
	}
	return f.random.Float64() < part
}

// refused counts a request and says whether it is refused.
func (f *faults) refused(count *int) error {
	f.mu.Lock()
	*count++
	f.mu.Unlock()
	if f.draw(f.throttle, &f.refuse) {
		return fmt.Errorf("injected: %w", lease.ErrThrottled)
	}
	return nil
}

func (f *faults) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	if err := f.refused(&f.reads); err != nil {
		return lease.Item{}, err
	}
	return f.Table.Get(ctx, key)
}

func (f *faults) List(ctx context.Context, connector string) ([]lease.Item, error) {
	if err := f.refused(&f.reads); err != nil {
		return nil, err
	}
	return f.Table.List(ctx, connector)
}

func (f *faults) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	if err := f.refused(&f.writes); err != nil {
		return lease.Item{}, err
	}
	stored, err := f.Table.Swap(ctx, next)
	f.note(next, err)
	if !f.draw(f.lost, &f.loseNext) {
		return stored, err
	}
	if f.repeat {
		return f.Table.Swap(ctx, next)
	}
	return lease.Item{}, fmt.Errorf("injected: the reply was lost: %w", lease.ErrAmbiguous)
}

func (f *faults) note(written lease.Item, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case err == nil:
		f.effects = append(f.effects, written)
	case errors.Is(err, lease.ErrAmbiguous): // a real store has faults of its own
		f.doubts++
	}
}

// takeEffects returns what was written since the last call, and how many writes may have been made beside.
func (f *faults) takeEffects() (effects []lease.Item, doubts int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	effects, doubts = f.effects, f.doubts
	f.effects, f.doubts = nil, 0
	return effects, doubts
}

// meddling is a Table on which somebody else acts once before a write, or once after it.
type meddling struct {
	lease.Table
	before, after func()
}

func (m *meddling) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	once(&m.before)
	stored, err := m.Table.Swap(ctx, next)
	once(&m.after)
	return stored, err
}

func once(act *func()) {
	if f := *act; f != nil {
		*act = nil
		f()
	}
}
