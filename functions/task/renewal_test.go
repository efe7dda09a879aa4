package task_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

const (
	longest    = 15 * time.Minute // that an invocation may last on Lambda
	shortTerm  = 4 * time.Second
	shortGrace = 2 * time.Second
)

// short takes leases for seconds.
func short(o *task.Options) {
	o.Limits.Lease, o.Limits.Idle = shortTerm, time.Hour
}

// withShortGrace makes the function's leases short ones.
func (f *function) withShortGrace() *task.Handler {
	return f.sandbox(f.table, func(o *task.Options) {
		o.Leases = lease.New(f.table, lease.Options{Grace: shortGrace})
	})
}

// long is the context of an invocation with all the time that Lambda gives.
func long(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), longest)
	t.Cleanup(cancel)
	return ctx
}

func TestALongInvocationRenewsItsLeaseInThePlaceOfALook(t *testing.T) {
	for _, c := range []struct {
		name            string
		term, timeout   time.Duration
		every           time.Duration // between looks
		renewals, looks int
	}{
		{"the longest, with the default term", 0, longest, checkEvery, 14, 890 / 2},
		{"a minute, with a term of four seconds", shortTerm, time.Minute, shortTerm / 4, 25, 50},
		{"as long as a term", time.Minute, time.Minute, checkEvery, 0, 25},
		{"as long as the default term", 0, 2 * time.Minute, checkEvery, 0, 55},
	} {
		t.Run(c.name, func(t *testing.T) {
			quiet := func(o *task.Options) { o.Limits.Lease, o.Limits.Idle = c.term, time.Hour }
			inBubble(t, quiet, func(t *testing.T, f *function) {
				f.raise("c", 1, generation)
				f.table.take()
				ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
				defer cancel()
				resp := f.Handle(ctx, request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")}))
				reads, writes := f.table.take()
				if renewals := writes - 2; resp.Error != nil || renewals < c.renewals-1 || renewals > c.renewals+1 || c.renewals == 0 && renewals != 0 {
					t.Errorf("it renewed %d times, want about %d; it answered %+v", renewals, c.renewals, resp.Error)
				}
				// One read belongs to the acquisition, one look follows the fence.
				if looks := reads + writes - 2 - 2; looks < c.looks-2 || looks > c.looks+1 {
					t.Errorf("it looked or renewed %d times, want about %d", looks, c.looks)
				}
				if item := f.item("c"); item.Owner != "" || item.Released != 1 {
					t.Errorf("the lease is %+v", item)
				}
			})
		})
	}
}

func TestACrashOfALongInvocationIsNoticedWithinTheTermAndTheGrace(t *testing.T) {
	inBubble(t, short, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		var crashed time.Time
		ctx, kill := context.WithCancel(long(t))
		dead := &table{Table: f.table}
		killed := f.sandbox(dead, func(o *task.Options) {
			o.Leases = lease.New(dead, lease.Options{Grace: shortGrace})
			o.Progress = func(_ *invoke.Request, facts engine.Facts) {
				if facts.RecordsOut >= 50 && crashed.IsZero() { // from here on nobody hears of it
					crashed = time.Now()
					dead.meddle(func(context.Context, bool) error { return errors.New("it is dead") })
					kill()
				}
			}
		})
		killed.Handle(ctx, request("c", endless()))
		if item := f.item("c"); crashed.IsZero() || item.Owner == "" {
			t.Fatalf("it was not killed at work: %+v", item)
		}
		before := len(f.values("out"))

		successor := f.withShortGrace()
		var resp *invoke.Response
		for resp = successor.Handle(t.Context(), request("c", endless())); resp.Facts == nil; {
			pass(t, 100*time.Millisecond)
			if took := time.Since(crashed); took > 10*time.Second {
				t.Fatalf("%v after the crash nobody may take over: %+v", took, f.item("c"))
			}
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			resp = successor.Handle(ctx, request("c", endless()))
			cancel()
		}
		if item := f.item("c"); resp.Error != nil || item.Epoch != 2 || len(f.values("out")) <= before {
			t.Errorf("the successor answered %+v, the lease is %+v", resp, item)
		}
	})
}

// A renewal tells what a look does.
func TestARenewalThatFindsAnotherOwnerOrGenerationEndsTheRun(t *testing.T) {
	for _, c := range []struct {
		name string
		act  func(f *function)
		end  engine.End
	}{
		{"another owner", func(f *function) {
			fast := lease.New(f.table, lease.Options{Clock: ahead(time.Hour)})
			if _, err := fast.Acquire(context.Background(), lease.Key{Connector: "c"}, "thief", generation, time.Now()); err != nil {
				f.t.Error(err)
			}
		}, engine.EndLost},
		{"another generation", func(f *function) { f.raise("c", 1, generation+1) }, engine.EndStopped},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f *function
			var acted time.Time
			act := func(o *task.Options) {
				short(o)
				o.Limits.CheckEvery = time.Hour // so that no look but a renewal can tell
				o.Progress = func(_ *invoke.Request, facts engine.Facts) {
					if facts.Batches == 3 {
						acted = time.Now()
						c.act(f)
					}
				}
			}
			inBubble(t, act, func(t *testing.T, function *function) {
				f = function
				f.raise("c", 1, generation)
				resp := f.Handle(long(t), request("c", endless()))
				if took := time.Since(acted); acted.IsZero() || took > shortTerm {
					t.Errorf("it ended %v after", took)
				}
				if got := facts(t, resp); got.End != c.end || resp.Error != nil || int64(len(f.values("out"))) != got.RecordsOut {
					t.Errorf("it ended with %s, %+v", resp.Facts, resp.Error)
				}
			})
		})
	}
}

func TestALeaseThatCannotBeRenewedInTimeEndsTheRunWithinItsGrace(t *testing.T) {
	throttled := func(context.Context, bool) error { return fmt.Errorf("busy: %w", lease.ErrThrottled) }
	for name, fault := range map[string]func(ctx context.Context, write bool) error{
		"throttled": throttled,
		"requests that hang": func(ctx context.Context, _ bool) error {
			<-ctx.Done()
			return ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			var f *function
			var broken time.Time
			breaks := func(o *task.Options) {
				short(o)
				o.Progress = func(_ *invoke.Request, facts engine.Facts) {
					if facts.Batches == 3 {
						broken = time.Now()
						f.table.meddle(fault)
					}
				}
			}
			inBubble(t, breaks, func(t *testing.T, function *function) {
				f = function
				f.raise("c", 1, generation)
				h := f.withShortGrace()
				resp := h.Handle(long(t), request("c", endless()))
				item := f.item("c")
				// The release cannot be written either, and takes its time to find out.
				if ended := facts(t, resp).CommittedAt; broken.IsZero() || ended.Sub(broken) < shortTerm/4 || ended.After(item.Until) {
					t.Errorf("it committed last %v after its lease could not be renewed any more, and %v before the end of that", ended.Sub(broken), item.Until.Sub(ended))
				}
				if got := facts(t, resp); got.End != engine.EndStopped || resp.Error != nil || resp.Chained {
					t.Errorf("it answered %s, %+v", resp.Facts, resp.Error)
				}
				everythingCommitted(t, f, facts(t, resp))
				if log := f.log.String(); !strings.Contains(log, "could not be renewed") {
					t.Errorf("it logged %s", log)
				}
				f.table.meddle(nil)
				pass(t, max(0, time.Until(item.Until)))
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
				defer cancel()
				if again := h.Handle(ctx, request("c", endless())); again.Facts == nil {
					t.Errorf("after the lease ran out, a run answered %+v", again)
				}
			})
		})
	}
}

// A throttled table is an ordinary thing, and a renewal has a second try.
func TestARenewalThatFailsOnceIsMadeAtTheNextLook(t *testing.T) {
	inBubble(t, short, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		var mu sync.Mutex
		var until []time.Time
		began := time.Now()
		f.table.meddle(func(_ context.Context, write bool) error {
			mu.Lock()
			defer mu.Unlock()
			until = append(until, f.item("c").Until)
			if second := int(time.Since(began) / time.Second); write && second > 0 && second%3 == 0 {
				return errors.New("not now")
			}
			return nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		resp := f.withShortGrace().Handle(ctx, request("c", endless()))
		if got := facts(t, resp); got.End != engine.EndDeadline || resp.Error != nil {
			t.Errorf("it answered %s, %+v", resp.Facts, resp.Error)
		}
		everythingCommitted(t, f, facts(t, resp))
		if distinct := len(slices.Compact(until)); distinct < 10 {
			t.Errorf("the lease was renewed to %d ends only", distinct)
		}
	})
}

func TestNoTransactionOutlivesItsLease(t *testing.T) {
	for _, c := range []struct {
		name          string
		term, timeout time.Duration
		grace, atMost time.Duration
	}{
		// The soft deadline comes a reserve of 10 s, or a third of the time, before the end, and the grace after it.
		{"a minute", 0, time.Minute, 10 * time.Second, 20 * time.Second},
		{"six seconds", 0, 6 * time.Second, 10 * time.Second, 12 * time.Second},
		// A quarter of the term is left when the lease is renewed, and the grace.
		{"the longest", 0, longest, 10 * time.Second, 20 * time.Second},
		{"the longest, with short leases", shortTerm, longest, shortGrace, 3 * time.Second},
		{"a minute, with a term of half of it", 30 * time.Second, time.Minute, 10 * time.Second, 17500 * time.Millisecond},
	} {
		for kind, config := range map[string]map[string]string{
			"source": {"connector.class": fileSource, "topic": "out"},
			"sink":   {"connector.class": fileSink, "topics": "in"},
		} {
			t.Run(c.name+", "+kind, func(t *testing.T) {
				inBubble(t, func(o *task.Options) { o.Limits.Lease = c.term }, func(t *testing.T, f *function) {
					f.raise("c", 1, generation)
					f.produce("in", "one")
					var asked []time.Duration
					f.broker.ControlKey(kmsg.InitProducerID.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
						f.broker.KeepControl()
						asked = append(asked, time.Duration(req.(*kmsg.InitProducerIDRequest).TransactionTimeoutMillis)*time.Millisecond)
						return nil, nil, false
					})
					h := f.sandbox(f.table, func(o *task.Options) { o.Leases = lease.New(f.table, lease.Options{Grace: c.grace}) })
					ctx, cancel := context.WithTimeout(t.Context(), c.timeout)
					defer cancel()
					config["file"] = f.write(kind, "one\n")
					if resp := h.Handle(ctx, request("c", config)); resp.Error != nil || facts(t, resp).RecordsOut != 1 {
						t.Fatalf("it answered %s, %+v", resp.Facts, resp.Error)
					}
					if len(asked) == 0 || slices.Max(asked) > c.atMost || slices.Min(asked) < c.atMost*9/10 {
						t.Errorf("transactions of %v were asked for, want at most %v and not much less", asked, c.atMost)
					}
				})
			})
		}
	}
}

// The look after the fence has to succeed. When it does not, nobody knows whose the task is: that is a failure, and has to be
// told, while to have lost the task is none.
func TestALookAfterTheFenceThatFailsIsARetriableFailure(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		f.table.meddle(func(_ context.Context, write bool) error {
			if !write && f.item("c").Owner != "" {
				return fmt.Errorf("busy: %w", lease.ErrThrottled)
			}
			return nil
		})
		resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")}))
		if resp.Error == nil || resp.Error.Kind != connect.KindRetriable || !strings.Contains(resp.Error.Trace, "look at the lease") || !strings.Contains(resp.Error.Trace, "throttling") {
			t.Errorf("it answered %s, %+v", resp.Facts, resp.Error)
		}
		if item := f.item("c"); item.Owner != "" || item.Attempts != 1 || item.NotBefore.IsZero() || len(f.values("out")) > 0 {
			t.Errorf("the lease is %+v", item)
		}
	})
}
