package coordinator_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

const fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"

// function is a task function as the coordinator sees it: it plans what it is told to and records what it is started with.
type function struct {
	mu      sync.Mutex
	tasks   int
	failure error
	started []invoke.Request
	planned int
	onPlan  func() // nil for nothing
}

func (f *function) Handle(_ context.Context, req *invoke.Request) *invoke.Response {
	f.mu.Lock()
	defer f.mu.Unlock()
	if req.Op == invoke.OpRun {
		f.started = append(f.started, *req)
		return &invoke.Response{}
	}
	f.planned++
	if f.onPlan != nil {
		f.onPlan()
	}
	if f.failure != nil {
		return &invoke.Response{Error: invoke.FailureOf(f.failure)}
	}
	resp := &invoke.Response{}
	for i := range f.tasks {
		resp.TaskConfigs = append(resp.TaskConfigs, map[string]string{"task.class": "T", "n": fmt.Sprint(i)})
	}
	return resp
}

func (f *function) plan(tasks int, failure error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tasks, f.failure = tasks, failure
}

// takeStarted returns the tasks that were started since the last call, with the generation they were started in.
func (f *function) takeStarted() []invoke.Request {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.started
	f.started = nil
	return s
}

// cluster is a coordinator over an embedded broker.
type cluster struct {
	*coordinator.Coordinator
	t        *testing.T
	function *function
	invoker  *invoke.InProcess
	broker   *kfake.Cluster
	kafka    []kgo.Opt
	now      time.Time
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "out"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	c := &cluster{t: t, function: &function{tasks: 1}, broker: broker, kafka: []kgo.Opt{kgo.SeedBrokers(broker.ListenAddrs()...)}, now: time.Now()}
	s, err := store.Open(t.Context(), store.Options{
		Kafka: c.kafka, GroupID: "g", ConfigTopic: "configs", OffsetTopic: "offsets", StatusTopic: "status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	classes, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	c.invoker = invoke.NewInProcess(map[string]invoke.Handler{"file": c.function}, nil)
	t.Cleanup(c.invoker.Close)
	client := c.client()
	c.Coordinator = coordinator.New(coordinator.Options{
		Store: s, Leases: lease.New(lease.NewMemory(), lease.Options{Clock: c}), Invoker: c.invoker, Catalog: classes,
		TransactionalID: func(name string, task int) string { return fmt.Sprintf("g-%s-%d", name, task) },
		Kafka:           client, WorkerID: "w:1", Owner: "coordinator", TrackTopics: true,
		Now: c.Now, Log: slog.New(slog.DiscardHandler), Loggers: loggers.New(slog.LevelInfo, c.Now),
	})
	return c
}

// Now and Wait are the clock: it stands still, and a wait takes no time.
func (c *cluster) Now() time.Time                            { return c.now }
func (c *cluster) Wait(context.Context, time.Duration) error { return nil }

func (c *cluster) client(opts ...kgo.Opt) *kgo.Client {
	c.t.Helper()
	cl, err := kgo.NewClient(append(slices.Clone(c.kafka), opts...)...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(cl.Close)
	return cl
}

func (c *cluster) put(name string, config ...store.Property) {
	c.t.Helper()
	p := append(store.Properties{}, config...)
	p = p.With("connector.class", fileSource).With("name", name)
	if err := c.Store.Configs().PutConnector(c.t.Context(), name, p, nil); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) target(name string, state store.TargetState) {
	c.t.Helper()
	if err := c.Store.Configs().PutTarget(c.t.Context(), name, state); err != nil {
		c.t.Fatal(err)
	}
}

// pass makes one pass and waits until what it started has been delivered.
func (c *cluster) pass(name string) coordinator.Result {
	c.t.Helper()
	result, err := c.Pass(c.t.Context(), name)
	if err != nil {
		c.t.Fatal(err)
	}
	c.invoker.Wait()
	return result
}

func (c *cluster) connectorState(name string) store.State {
	s, _ := c.Store.Statuses().Connector(name)
	return s.State
}

func (c *cluster) taskStates(name string) (states []store.State) {
	for _, s := range c.Store.Statuses().Tasks(name) {
		states = append(states, s.State)
	}
	return states
}

// run plays a started task: it takes the lease and releases it with an outcome.
func (c *cluster) run(req invoke.Request, failure error) {
	c.t.Helper()
	key := lease.Key{Connector: req.Connector, Task: req.Task}
	held, err := c.Leases.Acquire(c.t.Context(), key, "run", req.Generation, c.now.Add(time.Minute))
	if err != nil {
		c.t.Fatal(err)
	}
	var out lease.Outcome
	facts, _ := json.Marshal(map[string]any{"topics": []string{"t"}, "committedAt": c.now.Add(-time.Second)})
	report := invoke.Report{Facts: facts}
	if failure != nil {
		report.Failure = invoke.FailureOf(failure)
		out.Err, out.Attempts, out.NotBefore = failure.Error(), 1, c.now.Add(time.Minute)
	}
	out.Facts, _ = json.Marshal(report)
	if err := c.Leases.Release(c.t.Context(), held, out); err != nil {
		c.t.Fatal(err)
	}
}
