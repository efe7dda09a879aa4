package task_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

// skewed is a lease table as a function sees it whose clock is ahead of everybody else's: what it reads seems to be so much
// earlier, what it writes is so much later.
type skewed struct {
	lease.Table
	by time.Duration
}

func shift(i lease.Item, by time.Duration) lease.Item {
	for _, at := range []*time.Time{&i.Until, &i.NotBefore, &i.RetiredAt} {
		if !at.IsZero() {
			*at = at.Add(by)
		}
	}
	return i
}

// Get implements lease.Table.
func (s skewed) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	item, err := s.Table.Get(ctx, key)
	return shift(item, -s.by), err
}

// Swap implements lease.Table.
func (s skewed) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	stored, err := s.Table.Swap(ctx, shift(next, s.by))
	return shift(stored, -s.by), err
}

// Two sandboxes whose clocks differ each get every tick of the schedule, hops go to either, and one event in five is lost.
func TestClocksTenMinutesApartCostTimeAndNothingElse(t *testing.T) {
	for _, by := range []time.Duration{10 * time.Minute, -10 * time.Minute} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(by, " seed ", seed), func(t *testing.T) {
				stay := func(o *task.Options) { o.Limits.Idle = 20 * time.Second }
				chained(t, func(t *testing.T, f *function, e *events) { clocksApart(t, f, e, by, seed) }, stay)
			})
		}
	}
}

func clocksApart(t *testing.T, f *function, e *events, by time.Duration, seed uint64) {
	const minutes, perMinute = 30, 3 * perHop
	random := rand.New(rand.NewPCG(seed, 1))
	sandboxes := []*task.Handler{f.Handler, f.sandbox(skewed{f.table, by}, nil)}
	var running sync.WaitGroup
	var mu sync.Mutex
	invocations, ran := 0, 0
	start := func(h *task.Handler, req *invoke.Request) {
		running.Go(func() {
			resp := h.Handle(t.Context(), req)
			mu.Lock()
			defer mu.Unlock()
			invocations++
			if resp.Facts != nil {
				ran++
			}
		})
	}
	var req *invoke.Request
	for minute := range minutes {
		req, _ = f.backlog((minute + 1) * perMinute)
		for _, h := range sandboxes {
			start(h, req)
		}
		for range 60 {
			pass(t, time.Second)
			// Each second has its luck, with an event or without: which sandbox is first must not decide what later ones meet.
			lost, to := random.IntN(5) == 0, sandboxes[random.IntN(2)]
			for event := e.next(); event != nil; event = e.next() {
				if !lost {
					start(to, event)
				}
			}
		}
	}
	running.Wait()
	_, want := f.backlog(minutes * perMinute)
	behind := len(want) - len(f.values("out"))
	if behind > 13*perMinute { // whoever waits for the other's lease waits as long as their clocks differ
		t.Errorf("after %d minutes %d of %d records are still to be moved", minutes, behind, len(want))
	}
	pass(t, max(by, -by)+2*time.Minute)
	for range 3 {
		f.Handle(t.Context(), req)
		f.follow(e)
	}
	f.has(want)
	f.free()
	// No more events than two a minute and one for each invocation that ran.
	if invocations > 2*minutes+ran {
		t.Errorf("there were %d invocations, of which %d ran", invocations, ran)
	}
	if reads, writes := f.table.take(); reads+writes > 60*minutes*4 {
		t.Errorf("in %d minutes there were %d reads and %d writes", minutes, reads, writes)
	}
	t.Logf("%d invocations, %d ran, %d records behind at the end of the half hour", invocations, ran, behind)
}

// throttling makes the lease table refuse requests for a minute, and counts what is refused.
type throttling struct {
	mu      sync.Mutex
	from    time.Time
	refused int
}

// start begins the minute, once.
func (x *throttling) start() {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.from.IsZero() {
		x.from = time.Now()
	}
}

func (x *throttling) fault(context.Context, bool) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.from.IsZero() || time.Since(x.from) > time.Minute {
		return nil
	}
	x.refused++
	return fmt.Errorf("busy: %w", lease.ErrThrottled)
}

// check reports more requests than a client with pauses makes in a minute.
func (x *throttling) check(t *testing.T) {
	t.Helper()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.refused == 0 || x.refused > 300 {
		t.Errorf("%d requests were refused", x.refused)
	}
}

func TestALeaseTableThatIsThrottledForAMinuteWhenARunBegins(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		req, want := f.backlog(10)
		x := &throttling{}
		f.table.meddle(x.fault)
		x.start()
		for began := time.Now(); time.Since(began) < time.Minute; pass(t, 20*time.Second) {
			resp := f.Handle(t.Context(), req)
			if resp.Error == nil || resp.Error.Kind != connect.KindRetriable || !strings.Contains(resp.Error.Trace, "acquire the lease") || !strings.Contains(resp.Error.Trace, "throttling") {
				t.Errorf("it answered %+v", resp.Error)
			}
		}
		x.check(t)
		pass(t, 2*time.Minute) // one of the writes that were given up could have been made
		if resp := f.Handle(t.Context(), req); resp.Error != nil {
			t.Errorf("when it had passed, it answered %+v", resp.Error)
		}
		f.has(want)
	})
}

func TestALeaseTableThatIsThrottledForAMinuteDuringLooksStopsNobody(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout time.Duration
	}{{"an invocation that only looks", 100 * time.Second}, {"an invocation that renews", 5 * time.Minute}} {
		t.Run(c.name, func(t *testing.T) {
			x := &throttling{}
			begin := func(o *task.Options) {
				o.Limits.Idle = time.Hour
				o.Progress = func(_ *invoke.Request, facts engine.Facts) {
					if facts.RecordsOut >= 10 {
						x.start()
					}
				}
			}
			inBubble(t, begin, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				f.table.meddle(x.fault)
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				resp := f.Handle(ctx, request("c", endless()))
				if got := facts(t, resp); resp.Error != nil || got.End != engine.EndDeadline {
					t.Errorf("it answered %s, %+v", resp.Facts, resp.Error)
				}
				x.check(t)
				everythingCommitted(t, f, facts(t, resp))
				f.free()
			})
		})
	}
}

func TestALeaseTableThatIsThrottledForAMinuteWhenARunEnds(t *testing.T) {
	x := &throttling{}
	begin := func(o *task.Options) {
		o.Progress = func(_ *invoke.Request, facts engine.Facts) {
			if facts.RecordsOut == perHop {
				x.start()
			}
		}
	}
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(3 * perHop)
		f.table.meddle(x.fault)
		began := time.Now()
		resp := f.Handle(t.Context(), req)
		if took := time.Since(began); resp.Error != nil || resp.Chained || !resp.Backlog || took > 10*time.Second {
			t.Errorf("after %v it answered %+v", took, resp)
		}
		if log := f.log.String(); !strings.Contains(log, "could not release the lease; it expires by itself") {
			t.Errorf("it logged %s", log)
		}
		x.check(t)
		item := f.item("c")
		pass(t, time.Until(item.Until)-time.Millisecond)
		if resp := f.Handle(t.Context(), req); resp.Facts != nil {
			t.Errorf("before the end of the lease somebody ran: %+v", resp)
		}
		pass(t, time.Millisecond)
		f.Handle(t.Context(), req)
		if responses := f.follow(e); len(responses) == 0 {
			t.Error("nobody went on")
		}
		f.has(want)
		f.free()
	}, begin)
}
