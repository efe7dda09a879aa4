package task_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

// plane is a coordinator over the function's broker and leases, which starts tasks in the function.
type plane struct {
	*coordinator.Coordinator
	f       *function
	invoker *invoke.InProcess
	ended   chan *invoke.Response
}

// newPlane makes a coordinator whose invoker hands connectors of one package to the function.
func newPlane(f *function, own string) *plane {
	f.t.Helper()
	s, err := store.Open(f.t.Context(), store.Options{
		Kafka: f.kafka, GroupID: "g", ConfigTopic: "configs", OffsetTopic: "unused", StatusTopic: "status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1, OffsetPartitions: 1,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	classes, err := catalog.Load()
	if err != nil {
		f.t.Fatal(err)
	}
	cl, err := kgo.NewClient(f.kafka...)
	if err != nil {
		f.t.Fatal(err)
	}
	p := &plane{f: f, ended: make(chan *invoke.Response, 100)}
	p.invoker = invoke.NewInProcess(map[string]invoke.Handler{own: f.Handler}, func(_ invoke.Request, resp *invoke.Response) { p.ended <- resp })
	p.Coordinator = coordinator.New(coordinator.Options{
		Store: s, Leases: f.leases, Invoker: p.invoker, Catalog: classes, TransactionalID: f.Worker.TransactionalID,
		Kafka: cl, WorkerID: "w:1", Owner: "coordinator", Now: time.Now, Log: f.Log,
	})
	return p
}

func (p *plane) close() {
	p.invoker.Close()
	p.Kafka.Close()
	p.Store.Close()
}

func (p *plane) pass() {
	p.f.t.Helper()
	if _, err := p.Pass(p.f.t.Context(), "c"); err != nil {
		p.f.t.Fatal(err)
	}
}

// put writes the connector's configuration.
func (p *plane) put(config map[string]string) {
	p.f.t.Helper()
	properties := store.Properties{}.With("name", "c")
	for key, value := range config {
		properties = properties.With(key, value)
	}
	if err := p.Store.Configs().PutConnector(p.f.t.Context(), "c", properties, nil); err != nil {
		p.f.t.Fatal(err)
	}
}

// within is what a user is promised for each verb.
const within = 5 * time.Second

// verbs are what a user may do to a running connector, as the API writes it.
var verbs = []struct {
	name string
	do   func(ctx context.Context, p *plane, config map[string]string) error
}{
	{"pause", func(ctx context.Context, p *plane, _ map[string]string) error {
		return p.Store.Configs().PutTarget(ctx, "c", store.Paused)
	}},
	{"stop", func(ctx context.Context, p *plane, _ map[string]string) error {
		return p.Store.Configs().PutTarget(ctx, "c", store.Stopped)
	}},
	{"delete", func(ctx context.Context, p *plane, _ map[string]string) error {
		return p.Store.Configs().DeleteConnector(ctx, "c")
	}},
	{"another configuration", func(_ context.Context, p *plane, config map[string]string) error {
		config["iterations"] = "1"
		p.put(config)
		return nil
	}},
}

func TestPauseStopDeleteAndAnotherConfigurationReachARunningTaskWithinFiveSeconds(t *testing.T) {
	for _, verb := range verbs {
		for kind, limits := range map[string]task.Limits{
			"an invocation of a minute":        {Time: time.Minute},
			"one of 15 minutes":                {Time: longest},
			"one of 15 minutes, short leases":  {Time: longest, Lease: shortTerm},
			"one whose looks are an hour away": {Time: longest, Lease: shortTerm, CheckEvery: time.Hour},
		} {
			t.Run(verb.name+", "+kind, func(t *testing.T) {
				limits.Reserve, limits.Idle = 10*time.Second, time.Hour
				var running chan struct{}
				change := func(o *task.Options) {
					o.Limits = limits
					o.Progress = func(_ *invoke.Request, facts engine.Facts) {
						if facts.Batches == 3 {
							close(running)
						}
					}
				}
				inBubble(t, change, func(t *testing.T, f *function) {
					running = make(chan struct{}) // of the bubble
					config := endless()
					delete(config, "task.id")
					p := newPlane(f, "datagen")
					defer p.close()
					p.put(config)
					p.pass()
					<-running
					item, asked := f.item("c"), time.Now()
					if item.Owner == "" {
						t.Fatalf("the task does not run: %+v", item)
					}
					if err := verb.do(t.Context(), p, config); err != nil {
						t.Fatal(err)
					}
					p.pass()
					resp := <-p.ended
					if took := time.Since(asked); took > within {
						t.Errorf("the task ended %v after", took)
					}
					got := facts(t, resp)
					if after := f.item("c"); resp.Error != nil || got.End != engine.EndStopped || after.Released < item.Epoch || after.Generation <= item.Generation {
						t.Errorf("it answered %s, %+v, the lease is %+v", resp.Facts, resp.Error, after)
					}
					if verb.name == "another configuration" {
						return // its successor may commit
					}
					everythingCommitted(t, f, got)
					p.pass()
					pass(t, 10*time.Minute)
					p.pass()
					everythingCommitted(t, f, got) // and no more
					if len(p.ended) > 0 {
						t.Error("another invocation was started")
					}
				})
			})
		}
	}
}

// Between two hops nobody looks at the lease.
func TestPauseStopDeleteAndAnotherConfigurationReachAChainBetweenTwoHops(t *testing.T) {
	for _, verb := range verbs {
		t.Run(verb.name, func(t *testing.T) {
			chained(t, func(t *testing.T, f *function, e *events) {
				req, want := f.backlog(5 * perHop)
				p := newPlane(f, "file")
				defer p.close()
				p.put(req.Config)
				p.pass()
				if resp := <-p.ended; !resp.Chained {
					t.Fatalf("the first hop answered %+v, %+v", resp, resp.Error)
				}
				hop := e.next()
				if err := verb.do(t.Context(), p, hop.Config); err != nil {
					t.Fatal(err)
				}
				p.pass()
				if resp := f.Handle(t.Context(), hop); resp.Facts != nil || resp.Error != nil {
					t.Errorf("the next hop ran: %+v", resp)
				}
				if verb.name == "another configuration" {
					<-p.ended // nobody had to wait for the offer to run out
					f.follow(e)
					f.has(want)
					return
				}
				pass(t, 10*time.Minute)
				p.pass()
				f.has(want[:perHop])
				if len(p.ended) > 0 {
					t.Error("another invocation was started")
				}
			})
		})
	}
}

// What leads to a pass during an offer is the schedule, or another task of the connector.
func TestAPassDuringAnOfferLeavesTheTaskToTheNextHop(t *testing.T) {
	chained(t, func(t *testing.T, f *function, e *events) {
		req, want := f.backlog(3 * perHop)
		p := newPlane(f, "file")
		defer p.close()
		p.put(req.Config)
		p.pass()
		<-p.ended
		result, err := p.Pass(t.Context(), "c")
		if err != nil || len(result.Started) > 0 || !result.Next.Equal(f.item("c").Until) {
			t.Errorf("during the offer the pass did %+v, %v", result, err)
		}
		// A pass by a fast clock starts the task, which finds the offer and leaves, or takes it, and the hop leaves.
		for _, fast := range []bool{false, true} {
			h := f.Handler
			if fast {
				h = f.sandbox(skewed{f.table, time.Hour}, nil)
			}
			first := *e.next()
			rival := first
			rival.Hop, rival.Token = 0, ""
			if resp := h.Handle(t.Context(), &rival); (resp.Facts != nil) != fast {
				t.Errorf("a rival with a fast clock, %v, was answered %+v", fast, resp)
			}
			if resp := f.Handle(t.Context(), &first); (resp.Facts != nil) == fast {
				t.Errorf("beside a rival with a fast clock, %v, the hop was answered %+v", fast, resp)
			}
		}
		pass(t, time.Hour+offerTime)
		p.pass()
		<-p.ended
		f.follow(e)
		f.has(want)
		f.free()
	})
}

// The status of a task that is killed again and again, from the function's side: nothing is answered, and nothing released.
func TestATaskThatIsKilledEachTimeIsShownAsFailedAndRunsAgainWhenItLives(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, f *function) {
		p := newPlane(f, "file")
		defer p.close()
		req, want := f.backlog(10)
		p.put(req.Config)
		f.raise("c", 1, generation) // of an older configuration
		mortal := &table{Table: f.table}
		killed := f.sandbox(mortal, func(o *task.Options) {
			o.Progress = func(*invoke.Request, engine.Facts) {
				mortal.meddle(func(context.Context, bool) error { return fmt.Errorf("it is dead") })
			}
		})
		p.pass()
		<-p.ended // a good run
		req.Generation = f.item("c").Generation
		for n := range lease.CrashLoop {
			f.write("in.txt", strings.Join(append(want, fmt.Sprint("more ", n)), "\n")+"\n")
			want = append(want, fmt.Sprint("more ", n))
			mortal.meddle(nil)
			killed.Handle(t.Context(), req)
			item := f.item("c")
			if item.Owner == "" {
				t.Fatalf("it released: %+v", item)
			}
			pass(t, time.Until(item.Until))
			if n < lease.CrashLoop-1 {
				pass(t, max(0, time.Until(item.NotBefore)))
			}
		}
		p.pass()
		status, _ := p.Store.Statuses().Task("c", 0)
		if status.State != store.StateFailed || !strings.Contains(status.Trace, "ended 3 times in a row without an answer") || len(p.ended) > 0 {
			t.Errorf("after three crashes its status is %+v", status)
		}
		pass(t, time.Until(f.item("c").NotBefore))
		p.pass()
		<-p.ended
		p.pass()
		if status, _ := p.Store.Statuses().Task("c", 0); status.State != store.StateRunning {
			t.Errorf("after a good run its status is %+v", status)
		}
		f.has(want)
	})
}
