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

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

func TestABacklogIsMovedByAChainOfHopsThatHandTheLeaseOn(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(10 * perHop)
		begun := time.Now()
		resp := f.Handle(t.Context(), req)
		for hop := 1; resp.Chained; hop++ {
			if writes := f.table.takeWrites(); writes != 2 {
				t.Errorf("hop %d wrote its lease %d times", hop-1, writes)
			}
			next, item := e.next(), f.item("c")
			if next == nil || next.Hop != hop || next.Token == "" || next.Token != item.Next || next.Generation != generation || next.TaskConfig["file"] == "" {
				t.Fatalf("hop %d was started with %+v", hop, next)
			}
			if left := time.Until(item.Until); item.Owner != "" || item.Epoch != int64(hop) || left <= 0 || left > offerTime {
				t.Errorf("before hop %d the lease is %+v", hop, item)
			}
			if late := f.Handle(t.Context(), req); late.Facts != nil {
				t.Errorf("during the offer to hop %d somebody else ran: %+v", hop, late)
			}
			resp = f.Handle(t.Context(), next)
		}
		if item := f.item("c"); item.Epoch != 11 || resp.Backlog || e.next() != nil {
			t.Errorf("the chain ended with %+v at %+v", resp, item)
		}
		f.free()
		f.has(want)
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// The schedule starts the next chain. However much there is to do, and whatever goes wrong, a chain has an end.
func TestAChainEndsAtItsLastHopAndTheScheduleBeginsAnother(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(20 * perHop)
		for chain, invocations := range []int{13, 8} {
			responses := append([]*invoke.Response{f.Handle(t.Context(), req)}, f.follow(e)...)
			last := responses[len(responses)-1]
			if len(responses) != invocations || last.Chained || last.Backlog != (chain == 0) {
				t.Errorf("chain %d had %d invocations and ended with %+v", chain, len(responses), last)
			}
			f.free()
		}
		f.has(want)
		if resp := f.Handle(t.Context(), &invoke.Request{
			Op: invoke.OpRun, Connector: "c", Config: req.Config, TaskConfig: req.TaskConfig, Tasks: 1, Generation: generation, Hop: 1 << 40, Token: "made up",
		}); resp.Chained || e.next() != nil {
			t.Errorf("a hop far beyond the last went on: %+v", resp)
		}
	})
}

func TestAnEventThatIsDeliveredTwiceIsServedOnce(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(4 * perHop)
		f.Handle(t.Context(), req)
		event := e.next()
		responses := make([]*invoke.Response, 2)
		var both sync.WaitGroup
		for i := range responses {
			both.Go(func() { responses[i] = f.Handle(t.Context(), event) })
		}
		both.Wait()
		if (responses[0].Facts == nil) == (responses[1].Facts == nil) || responses[0].Error != nil || responses[1].Error != nil {
			t.Errorf("two deliveries were answered %+v and %+v", responses[0], responses[1])
		}
		// Once more while the next hop is on its way, and when all is done.
		if resp := f.Handle(t.Context(), event); resp.Facts != nil {
			t.Errorf("during the next offer it was answered %+v", resp)
		}
		f.follow(e)
		if resp := f.Handle(t.Context(), event); facts(t, resp).RecordsIn != 0 || resp.Chained {
			t.Errorf("after the end it was answered %+v", resp)
		}
		f.free()
		f.has(want)
	})
}

func TestAnEventThatIsLostCostsTheTimeOfItsOffer(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(2 * perHop)
		e.drop = true
		if resp := f.Handle(t.Context(), req); !resp.Chained {
			t.Fatalf("it answered %+v", resp)
		}
		pass(t, offerTime-time.Millisecond)
		if resp := f.Handle(t.Context(), req); resp.Facts != nil {
			t.Errorf("during the offer it was answered %+v", resp)
		}
		pass(t, time.Millisecond)
		e.drop = false
		f.Handle(t.Context(), req)
		f.follow(e)
		f.has(want)
		f.free()
		if item := f.item("c"); item.Attempts != 0 {
			t.Errorf("a lost event counts as a crash: %+v", item)
		}
	})
}

func TestAHopThatComesTenMinutesLateNeverSteals(t *testing.T) {
	for _, c := range []struct {
		name      string
		meanwhile func(t *testing.T, f *function, e *events, req *invoke.Request)
		runs      bool
	}{
		{"nobody took the lease", func(*testing.T, *function, *events, *invoke.Request) {}, true},
		{"another chain did all there was", func(t *testing.T, f *function, e *events, req *invoke.Request) {
			f.Handle(t.Context(), req)
			f.follow(e)
		}, true},
		{"another chain has the lease on offer", func(t *testing.T, f *function, _ *events, req *invoke.Request) {
			f.Handle(t.Context(), req)
		}, false},
		{"the generation was raised", func(_ *testing.T, f *function, _ *events, _ *invoke.Request) { f.raise("c", 1, generation+1) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			chained(t, func(t *testing.T, f *function, e *events) {
				req, want := f.backlog(4 * perHop)
				f.Handle(t.Context(), req)
				late := e.next()
				pass(t, 10*time.Minute)
				c.meanwhile(t, f, e, req)
				if resp := f.Handle(t.Context(), late); (resp.Facts != nil) != c.runs || resp.Error != nil {
					t.Errorf("it was answered %+v", resp)
				}
				f.follow(e)
				req.Generation = f.item("c").Generation
				f.Handle(t.Context(), req)
				f.follow(e)
				f.has(want)
				f.free()
			})
		})
	}
}

func TestALateHopFindsTheHolderAtWork(t *testing.T) {
	var f *function
	var late *invoke.Request
	during := func(o *task.Options) {
		o.Progress = func(*invoke.Request, engine.Facts) {
			if late == nil {
				return
			}
			before := f.item("c")
			if resp := f.Handle(context.Background(), late); resp.Facts != nil || f.item("c").Rev != before.Rev {
				f.t.Errorf("beside the holder it was answered %+v", resp)
			}
		}
	}
	chained(t, func(t *testing.T, function *function, e *events) {
		f = function
		req, want := f.backlog(3 * perHop)
		f.Handle(t.Context(), req)
		event := e.next()
		pass(t, 10*time.Minute)
		late = event
		f.Handle(t.Context(), req)
		f.follow(e)
		f.has(want)
		f.free()
	}, during)
}

func TestAHopThatCannotBeStartedLeavesTheLeaseFree(t *testing.T) {
	for _, arrives := range []bool{false, true} {
		t.Run(fmt.Sprint("though it arrives: ", arrives), func(t *testing.T) {
			chained(t, func(t *testing.T, f *function, e *events) {
				req, want := f.backlog(3 * perHop)
				e.failure, e.drop = errors.New("AccessDeniedException"), !arrives
				resp := f.Handle(t.Context(), req)
				if !resp.Backlog || resp.Chained || resp.Error != nil {
					t.Errorf("it answered %+v", resp)
				}
				f.free()
				if report, facts := f.report("c"); report.Failure != nil || facts.RecordsOut != perHop {
					t.Errorf("it reported %+v, %+v", report, facts)
				}
				if log := f.log.String(); !strings.Contains(log, "could not start the next hop; the schedule goes on") || !strings.Contains(log, "AccessDenied") {
					t.Errorf("it logged %s", log)
				}
				e.failure, e.drop = nil, false
				f.follow(e)
				f.Handle(t.Context(), req)
				f.follow(e)
				f.has(want)
			})
		})
	}
}

func TestAGenerationThatIsRaisedDuringAnOfferEndsTheChain(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(3 * perHop)
		f.Handle(t.Context(), req)
		f.raise("c", 1, generation+1)
		f.free() // so that nobody has to wait for the offer to run out
		if resp := f.Handle(t.Context(), e.next()); resp.Facts != nil || resp.Error != nil {
			t.Errorf("a hop of the old generation was answered %+v", resp)
		}
		req.Generation++
		f.Handle(t.Context(), req)
		f.follow(e)
		f.has(want)
	})
}

// The generation is raised after the last look of a run: it learns of that when it wants to hand the lease over.
func TestARunThatWasOvertakenByANewGenerationReleasesInsteadOfHandingOn(t *testing.T) {
	var f *function
	raise := func(o *task.Options) {
		o.Progress = func(_ *invoke.Request, facts engine.Facts) {
			if facts.RecordsOut == perHop {
				f.raise("c", 1, generation+1)
			}
		}
	}
	chained(t, func(t *testing.T, function *function, e *events) {
		f = function
		req, _ := f.backlog(3 * perHop)
		if resp := f.Handle(t.Context(), req); resp.Chained || !resp.Backlog || e.next() != nil {
			t.Errorf("it answered %+v", resp)
		}
		f.free()
	}, raise)
}

func TestWhatWasStoppedOrFailedIsNotHandedOn(t *testing.T) {
	drain := make(chan struct{})
	stop := func(o *task.Options) {
		o.Drain = drain
		o.Limits.Records = 0
		o.Progress = func(_ *invoke.Request, facts engine.Facts) {
			if facts.Batches == 1 {
				close(drain)
				<-time.After(checkEvery) // until the next look
			}
		}
	}
	chained(t, func(t *testing.T, f *function, e *events) {
		req, _ := f.backlog(100 * perHop)
		resp := f.Handle(t.Context(), req)
		if resp.Chained || e.next() != nil || facts(t, resp).End != engine.EndStopped || !facts(t, resp).Backlog {
			t.Errorf("a run that was stopped answered %+v: %s", resp, resp.Facts)
		}
		f.free()
	}, stop)
	chained(t, func(t *testing.T, f *function, e *events) {
		if resp := f.Handle(t.Context(), request("c", map[string]string{"connector.class": "test.UnavailableSource"})); resp.Error == nil || resp.Chained || e.next() != nil {
			t.Errorf("a run that failed answered %+v", resp)
		}
		f.free()
	})
}

// epochs is a sink that remembers the epoch it was opened with.
type epochs struct{ seen *[]int64 }

func (s epochs) Open(_ context.Context, rt *connect.SinkRuntime) error {
	*s.seen = append(*s.seen, rt.Epoch)
	return nil
}
func (epochs) Put(context.Context, *connect.Batch) error      { return nil }
func (epochs) Flush(context.Context) (connect.Offsets, error) { return nil, nil }
func (epochs) Close(context.Context) error                    { return nil }

func TestASinkIsToldTheEpochOfItsLease(t *testing.T) {
	var seen []int64
	class := func(o *task.Options) {
		c := &connect.Class{Name: "test.EpochSink", TaskClass: "test.EpochTask", Config: configdef.MustNew(), Sink: func() connect.Sink { return epochs{&seen} }}
		o.Plugins, _ = connect.NewRegistry(builtin.With(c))
		o.Limits.Records, o.Limits.BatchRecords = 1, 1
	}
	chained(t, func(t *testing.T, f *function, e *events) {
		f.produce("in", "one", "two", "three")
		f.Handle(t.Context(), request("c", map[string]string{"connector.class": "test.EpochSink", "topics": "in"}))
		f.follow(e)
		if !slices.Equal(seen, []int64{1, 2, 3}) {
			t.Errorf("the sink was told epochs %v", seen)
		}
	}, class)
}
