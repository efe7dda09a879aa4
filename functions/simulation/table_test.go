package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// table is the lease table as one process reaches it: slowly, sometimes not at all, sometimes without an answer, and sometimes long
// after it has given up.
type table struct {
	p *process

	mu  sync.Mutex
	rng *rand.Rand
}

func (p *process) table() *table { return &table{p: p, rng: p.w.rng(p.name, "table")} }

// fault is what happens to one request to the table.
type fault struct {
	delay     time.Duration
	throttled bool
	lost      bool          // the request
	noAnswer  bool          // the answer is lost
	late      time.Duration // the request arrives long after the caller was told that nobody knows
}

func (t *table) draw() fault {
	t.mu.Lock()
	defer t.mu.Unlock()
	f := fault{delay: time.Millisecond + time.Duration(t.rng.Int64N(int64(10*time.Millisecond)))}
	kind, more := t.rng.IntN(200), t.rng.Int64N(int64(time.Minute))
	if !t.p.w.faulty() {
		return f
	}
	switch {
	case kind < 6:
		f.throttled = true
	case kind < 9:
		f.lost = true
	case kind < 14:
		f.noAnswer = true
	case kind < 16:
		f.late = time.Duration(more)
	case kind < 20:
		f.delay += time.Duration(more) / 20
	}
	return f
}

// request is one way to the table and back.
func request[T any](ctx context.Context, t *table, what string, do func() (T, error), late func()) (answer T, err error) {
	if err := t.p.step(what); err != nil {
		return answer, err
	}
	f := t.draw()
	if !sleep(ctx, f.delay) {
		return answer, ctx.Err()
	}
	switch {
	case f.throttled:
		return answer, fmt.Errorf("simulated: %w", lease.ErrThrottled)
	case f.lost:
		return answer, fmt.Errorf("simulated: the request was lost: %w", lease.ErrAmbiguous)
	case f.late > 0 && late != nil:
		w := t.p.w
		w.wg.Go(func() {
			if sleep(w.ctx, f.late) {
				late()
			}
		})
		return answer, fmt.Errorf("simulated: the request is late: %w", lease.ErrAmbiguous)
	}
	answer, err = do()
	if gone := t.p.step("hears from the lease table"); gone != nil {
		return answer, gone
	}
	if f.noAnswer {
		return answer, fmt.Errorf("simulated: the answer was lost: %w", lease.ErrAmbiguous)
	}
	return answer, err
}

// Get implements lease.Table.
func (t *table) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	return request(ctx, t, "reads its lease", func() (lease.Item, error) { return t.p.w.leases.Get(t.p.w.ctx, key) }, nil)
}

// List implements lease.Table.
func (t *table) List(ctx context.Context, connector string) ([]lease.Item, error) {
	return request(ctx, t, "lists leases", func() ([]lease.Item, error) { return t.p.w.leases.List(t.p.w.ctx, connector) }, nil)
}

// Swap implements lease.Table.
func (t *table) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	return request(ctx, t, "writes a lease",
		func() (lease.Item, error) { return t.p.w.leases.swap(t.p, next, "") },
		func() { _, _ = t.p.w.leases.swap(t.p, next, " (a late request)") })
}

// Delete implements lease.Table.
func (t *table) Delete(ctx context.Context, item lease.Item) error {
	_, err := request(ctx, t, "deletes a lease", func() (struct{}, error) { return struct{}{}, t.p.w.leases.Delete(t.p.w.ctx, item) }, nil)
	return err
}

// leases are the items themselves. Each write is looked at: who may make it is a property.
type leases struct {
	*lease.Memory
	w *world

	mu sync.Mutex
}

func (l *leases) swap(p *process, next lease.Item, how string) (lease.Item, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, err := l.Get(l.w.ctx, next.Key)
	if err != nil {
		return lease.Item{}, err
	}
	stored, err := l.Swap(l.w.ctx, next)
	if err == nil {
		l.check(p, &old, &next)
		l.tell(p, &old, &next, how)
	}
	return stored, err
}

// check holds the rules of the lease against one write.
func (l *leases) check(p *process, old, next *lease.Item) {
	broken := func(format string, args ...any) {
		l.w.violate(next.Connector, "lease %d: %s wrote %+v over %+v: %s", next.Task, p.name, short(next), short(old), fmt.Sprintf(format, args...))
	}
	mine := func(owner string) bool { return strings.HasPrefix(owner, p.name+"/") }
	now := time.Now()
	switch {
	case old.Rev > 0 && next.Epoch < old.Epoch, next.Generation < old.Generation:
		broken("epoch and generation only grow")
	case next.Epoch > old.Epoch: // taken
		longest := now.Add(l.w.limits.Time + grace)
		if next.Task < 0 {
			longest = now.Add(planTime + grace + max(p.skew, 0))
		}
		switch {
		case next.Epoch != old.Epoch+1 || !mine(next.Owner):
			broken("a lease is taken by whom it names, one epoch on")
		case old.Owner != "" && old.Until.After(now.Add(p.skew)):
			broken("a lease that is held is taken")
		case next.Generation != old.Generation || old.Retired:
			broken("a lease is taken in its own generation")
		case next.Until.After(longest):
			broken("I6: a lease is held until %s, longer than an invocation and the grace", next.Until.Sub(l.w.start))
		}
	case old.Owner != "" && next.Owner != old.Owner && !mine(old.Owner):
		broken("a lease is released by its holder alone")
	}
}

// short is what matters of an item.
func short(i *lease.Item) string {
	return fmt.Sprintf("epoch %d, generation %s, owner %q", i.Epoch, generation(i.Generation), i.Owner)
}

// generation writes the generation of a lease: that of the config topic, and restarts.
func generation(g int64) string { return fmt.Sprintf("%d.%d", g>>20, g&(1<<20-1)) }

func (l *leases) tell(p *process, old, next *lease.Item, how string) {
	name := fmt.Sprintf("the lease of task %d", next.Task)
	if next.Task < 0 {
		name = "the right to plan"
	}
	note := func(format string, args ...any) { l.w.note(p.name, next.Connector, format+"%s", append(args, how)...) }
	switch {
	case next.Epoch > old.Epoch:
		p.holds(next.Key, next.Generation, next.Epoch)
		over := ""
		if old.Owner != "" {
			over = " over from " + old.Owner[:strings.IndexByte(old.Owner, '/')]
		}
		note("takes %s%s: epoch %d, generation %s, until %s", name, over, next.Epoch, generation(next.Generation), stamp(next.Until.Sub(l.w.start)))
	case old.Owner != "" && next.Owner == "" && next.Next != "":
		note("offers %s at epoch %d", name, old.Epoch)
	case old.Owner != "" && next.Owner == "":
		note("releases %s at epoch %d, %d failures %s", name, old.Epoch, next.Attempts, next.LastError)
	case next.Retired && !old.Retired:
		note("retires %s at generation %s", name, generation(next.Generation))
	case next.Generation != old.Generation:
		note("raises %s to generation %s", name, generation(next.Generation))
	case !next.Until.Equal(old.Until):
		note("renews %s until %s", name, stamp(next.Until.Sub(l.w.start)))
	}
}
