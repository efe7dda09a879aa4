package task_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

// requests counts what the handler's clients ask brokers, by API key.
type requests struct {
	mu    sync.Mutex
	count map[int16]int
}

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (r *requests) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.count == nil {
		r.count = make(map[int16]int)
	}
	r.count[key]++
}

// take returns how many requests there were since the last call, of the given keys or, without any, of all.
func (r *requests) take(keys ...kmsg.Key) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for key, count := range r.count {
		if len(keys) == 0 || slices.Contains(keys, kmsg.Key(key)) {
			n += count
		}
	}
	r.count = nil
	return n
}

// inWarmBubble runs a test with a function that keeps sessions, and counts its requests.
func inWarmBubble(t *testing.T, f func(t *testing.T, f *function, r *requests)) {
	t.Helper()
	inBubble(t, func(o *task.Options) { o.Limits.Sessions = 1 }, func(t *testing.T, function *function) {
		defer function.Close()
		r := new(requests)
		function.UseKafka(kgo.WithHooks(r))
		f(t, function, r)
	})
}

func TestAWarmSourceThatFindsNothingAsksNoBroker(t *testing.T) {
	inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")})
		f.Handle(t.Context(), req)
		r.take()
		reads := len(f.hints)
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take() != 0 {
			t.Errorf("%+v", resp.Error)
		}
		f.write("in.txt", "one\ntwo\n")
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take(kmsg.InitProducerID) != 0 {
			t.Errorf("%+v", resp.Error)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the topic has %q", got)
		}
		if item := f.item("c"); item.Epoch != 3 || item.Released != 3 || reads == 0 {
			t.Errorf("the lease is %+v", item)
		}
	})
}

func TestAWarmSinkOnlyLooksWhereItStands(t *testing.T) {
	inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
		f.raise("s", 1, generation)
		f.produce("in", "one", "two")
		path := f.folder + "/out.txt"
		req := request("s", map[string]string{"connector.class": fileSink, "topics": "in", "file": path})
		f.Handle(t.Context(), req)
		r.take()
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take() > 6 {
			t.Errorf("%+v", resp.Error)
		}

		f.produce("in", "three")
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take(kmsg.InitProducerID) != 0 {
			t.Errorf("%+v", resp.Error)
		}
		// when somebody sets the group back, as kafka-consumer-groups does
		f.setBack("connect-s", "in", 1)
		f.Handle(t.Context(), req)
		if got, err := os.ReadFile(path); err != nil || string(got) != "one\ntwo\nthree\ntwo\nthree\n" {
			t.Errorf("the file has %q, %v", got, err)
		}
	})
}

// A sink and the source that creates its topic are often started together, and the sink is first.
func TestAWarmSinkFindsATopicThatIsNewSinceItsLastLook(t *testing.T) {
	inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
		f.UseKafka(kgo.MetadataMinAge(5 * time.Second)) // as it is unless a test says otherwise
		f.raise("s", 1, generation)
		path := f.folder + "/out.txt"
		req := request("s", map[string]string{"connector.class": fileSink, "topics": "new", "file": path})
		if resp := f.Handle(t.Context(), req); resp.Error != nil || !strings.Contains(f.log.String(), "a topic to consume does not exist") {
			t.Errorf("%+v", resp.Error)
		}
		f.create("new")
		f.produce("new", "one")
		pass(t, time.Second)
		r.take()
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take(kmsg.InitProducerID) != 0 {
			t.Errorf("%+v", resp.Error)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != "one\n" {
			t.Errorf("the file has %q, %v", got, err)
		}
	})
}

// create makes a topic of one partition.
func (f *function) create(topic string) {
	f.t.Helper()
	cl, err := kgo.NewClient(f.kafka...)
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).CreateTopic(f.t.Context(), 1, 1, nil, topic); err != nil {
		f.t.Fatal(err)
	}
}

// setBack commits an offset of partition 0 as a tool does.
func (f *function) setBack(group, topic string, offset int64) {
	f.t.Helper()
	cl, err := kgo.NewClient(f.kafka...)
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	offsets := make(kadm.Offsets)
	offsets.AddOffset(topic, 0, offset, -1)
	if err := kadm.NewClient(cl).CommitAllOffsets(f.t.Context(), group, offsets); err != nil {
		f.t.Fatal(err)
	}
}

func TestASessionIsNotUsedWhenSomebodyElseMayHaveHeldTheTask(t *testing.T) {
	path := ""
	for _, c := range []struct {
		name    string
		between func(f *function)
	}{
		{"another invocation", func(f *function) {
			held, err := f.leases.Acquire(f.t.Context(), lease.Key{Connector: "c"}, "another", generation, time.Now().Add(time.Minute))
			if err != nil {
				f.t.Fatal(err)
			}
			if err := f.leases.Release(f.t.Context(), held, lease.Outcome{}); err != nil {
				f.t.Fatal(err)
			}
		}},
		{"a new generation", func(f *function) { f.raise("c", 1, generation+1) }},
		{"another configuration", func(*function) {}},
		{"too many other tasks", func(f *function) {
			f.raise("d", 1, generation)
			f.Handle(f.t.Context(), request("d", map[string]string{"connector.class": fileSource, "topic": "in", "file": path}))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
				f.raise("c", 1, generation)
				path = f.write("in.txt", "one\n")
				req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": path})
				f.Handle(t.Context(), req)
				c.between(f)
				req.Generation = f.item("c").Generation
				if c.name == "another configuration" {
					req.Config = map[string]string{"producer.override.compression.type": "zstd"}
					for k, v := range req.TaskConfig {
						req.Config[k] = v
					}
				}
				r.take()
				f.write("in.txt", "one\ntwo\n")
				if resp := f.Handle(t.Context(), req); resp.Error != nil {
					t.Fatalf("%+v", resp.Error)
				}
				if r.take(kmsg.InitProducerID) != 1 {
					t.Error("it did not fence")
				}
				if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
					t.Errorf("the topic has %q", got)
				}
			})
		})
	}
}

// A predecessor that was frozen between acquire and fence thaws while the task is warm here: it fences, looks at the lease and
// leaves. The next invocation here finds itself fenced though it holds the lease, and goes on all the same.
func TestAWarmTaskThatALatePredecessorFencedGoesOnInTheSameInvocation(t *testing.T) {
	inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\n")})
		f.Handle(t.Context(), req)
		f.fence("g-c-0")
		f.write("in.txt", "one\ntwo\n")
		r.take()
		resp := f.Handle(t.Context(), req)
		if _, facts := f.report("c"); resp.Error != nil || facts.End != engine.EndIdle || facts.RecordsOut != 1 {
			t.Errorf("%+v, %+v", resp.Error, facts)
		}
		if r.take(kmsg.InitProducerID) != 1 {
			t.Error("it did not fence anew")
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("the topic has %q", got)
		}
	})
}

func TestAFailedRunKeepsNoSession(t *testing.T) {
	inWarmBubble(t, func(t *testing.T, f *function, r *requests) {
		f.raise("c", 1, generation)
		req := request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": f.write("in.txt", "one\ntwo\n")})
		f.Handle(t.Context(), req)
		f.write("in.txt", "") // what was read is gone
		if resp := f.Handle(t.Context(), req); resp.Error == nil || !strings.Contains(resp.Error.Trace, "truncated") {
			t.Fatalf("%+v", resp.Error)
		}
		f.write("in.txt", "one\ntwo\nthree\n")
		pass(t, time.Hour)
		r.take()
		if resp := f.Handle(t.Context(), req); resp.Error != nil || r.take(kmsg.InitProducerID) != 1 {
			t.Errorf("%+v", resp.Error)
		}
		if got := f.values("out"); !slices.Equal(got, []string{"one", "two", "three"}) {
			t.Errorf("the topic has %q", got)
		}
	})
}

// A warm run has not fenced, so its first look at the lease decides nothing: one that fails must not end it.
func TestAWarmTaskGoesOnWhileTheLeaseTableIsThrottled(t *testing.T) {
	inBubble(t, func(o *task.Options) { o.Limits.Sessions, o.Limits.Records, o.Limits.Idle = 1, 500, time.Hour }, func(t *testing.T, f *function) {
		defer f.Close()
		f.raise("c", 1, generation)
		req := request("c", endless())
		f.Handle(t.Context(), req)
		before := len(f.values("out"))
		acquired := false
		f.table.meddle(func(_ context.Context, write bool) error {
			if write || !acquired {
				acquired = acquired || write
				return nil
			}
			return lease.ErrThrottled
		})
		resp := f.Handle(t.Context(), req)
		f.table.meddle(nil)
		if _, facts := f.report("c"); resp.Error != nil || facts.End != engine.EndRecords || len(f.values("out")) < before+500 {
			t.Errorf("%+v, %+v", resp.Error, facts)
		}
	})
}
