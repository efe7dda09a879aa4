package coordinator_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// during lets something happen while a connector is planned.
type during struct {
	*invoke.InProcess
	happen func()
}

func (d *during) Invoke(ctx context.Context, function string, req *invoke.Request) (*invoke.Response, error) {
	resp, err := d.InProcess.Invoke(ctx, function, req)
	if d.happen != nil {
		happen := d.happen
		d.happen = nil
		happen()
	}
	return resp, err
}

// A pass reads configuration 1 and asks for a plan of it; meanwhile configuration 2 is stored. The tasks made of 1 must not be
// published then: whoever reads them would take them for those of 2, and nobody would plan 2.
func TestAPlanOfAConfigurationThatChangedMeanwhileIsNotPublished(t *testing.T) {
	for name, change := range map[string]func(c *cluster, p store.Properties) error{
		"in the same process": func(c *cluster, p store.Properties) error {
			return c.Store.Configs().PutConnector(t.Context(), "a", p, nil)
		},
		"in another process": func(c *cluster, p store.Properties) error {
			return c.another().Configs().PutConnector(t.Context(), "a", p, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			if err := c.another().Configs().PutConnector(t.Context(), "a",
				store.Properties{}.With("connector.class", fileSource).With("name", "a").With("v", "1"), nil); err != nil {
				t.Fatal(err)
			}
			c.function.plan(1, nil)
			c.Invoker = &during{InProcess: c.invoker, happen: func() {
				c.function.plan(2, nil) // what the new configuration leads to
				if err := change(c, store.Properties{}.With("connector.class", fileSource).With("name", "a").With("v", "2")); err != nil {
					t.Error(err)
				}
			}}
			c.pass("a")
			c.pass("a")
			if conn := c.Store.Configs().Snapshot().Connectors["a"]; conn.TaskCount != 2 || conn.Applied["v"] != "2" {
				t.Errorf("%d tasks are published for configuration %q", conn.TaskCount, conn.Applied["v"])
			}
		})
	}
}

// A pass publishes the tasks of a plan, and is held up before it reads them back; meanwhile the connector is stopped and resumed.
// What the pass then reads is an empty task set under the configuration that it has planned. Were it to note this as what the
// plan came to, nobody would plan again.
func TestAStopAndAResumeBehindAPlanLeadToAnotherPlan(t *testing.T) {
	c := newCluster(t)
	api := c.another()
	c.put("a")
	committed, stopped := 0, false
	c.broker.ControlKey(int16(kmsg.EndTxn), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.broker.KeepControl()
		committed++
		return nil, nil, false
	})
	c.broker.ControlKey(int16(kmsg.ListOffsets), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.broker.KeepControl()
		if committed < 1 || stopped {
			return nil, nil, false
		}
		stopped = true
		c.broker.SleepControl(func() {
			if err := errors.Join(api.Configs().PutTasks(t.Context(), "a", nil), api.Configs().PutTarget(t.Context(), "a", store.Stopped),
				api.Configs().PutTarget(t.Context(), "a", store.Started)); err != nil {
				t.Error(err)
			}
		})
		return nil, nil, false
	})
	c.pass("a")
	c.pass("a")
	if conn := c.Store.Configs().Snapshot().Connectors["a"]; !stopped || conn.TaskCount != 1 {
		t.Errorf("%d tasks are published (stopped and resumed: %v)", conn.TaskCount, stopped)
	}
	if len(c.function.takeStarted()) == 0 {
		t.Error("no task was started")
	}
}

// listing lets something happen just before the leases are listed.
type listing struct {
	lease.Table
	happen func()
}

func (l *listing) List(ctx context.Context, connector string) ([]lease.Item, error) {
	if l.happen != nil {
		happen := l.happen
		l.happen = nil
		happen()
	}
	return l.Table.List(ctx, connector)
}

// Pass A reads the old configuration. Pass B, in another process, publishes tasks of a new one and raises the leases. Then A
// reads the leases: were it to start the tasks it knows in the generation it finds there, they would run beside the new ones, and
// two tasks might read the same part of the source.
func TestTasksOfAnOldConfigurationAreNotStartedInANewGeneration(t *testing.T) {
	c := newCluster(t)
	table := &listing{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	c.function.plan(1, nil)
	c.put("a")
	c.pass("a")
	c.function.takeStarted()
	other := c.Options
	other.Store, other.Owner = c.another(), "other"
	if _, err := coordinator.New(other).Names(t.Context()); err != nil {
		t.Fatal(err)
	}
	for at := range 3 { // List is called more than once by a pass
		skip := at
		var overtake func()
		overtake = func() {
			if skip--; skip >= 0 {
				table.happen = overtake
				return
			}
			table.happen = nil
			c.function.plan(2+at, nil)
			api := c.another()
			config := store.Properties{}.With("connector.class", fileSource).With("name", "a").With("v", string(rune('2'+at)))
			if err := api.Configs().PutConnector(t.Context(), "a", config, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := coordinator.New(other).Pass(t.Context(), "a"); err != nil && !errors.Is(err, store.ErrFenced) {
				t.Fatal(err)
			}
		}
		if at > 0 {
			c.target("a", store.Paused) // so that the pass raises, and lists again
			c.pass("a")
			c.target("a", store.Started)
		}
		table.happen = overtake
		c.pass("a")
		c.pass("a")
		if skip >= 0 {
			t.Fatalf("the leases were listed less than %d times", at+1)
		}
		current := c.Store.Configs().Snapshot().Connectors["a"].Generation
		for _, req := range c.function.takeStarted() {
			if req.Generation>>20 == current && req.Tasks != 2+at {
				t.Errorf("a task of %d was started in the generation of %d tasks (change before list %d)", req.Tasks, 2+at, at)
			}
		}
	}
}

// A pass reads that a connector is resumed, and is held up. Meanwhile the connector is deleted, and another pass retires its leases. Were
// the first to go on, it would bring the tasks back, and nobody would come by to end them.
func TestAPassThatADeleteOvertakesBringsNoTaskBack(t *testing.T) {
	c := newCluster(t)
	table := &listing{Table: lease.NewMemory()}
	c.Leases = lease.New(table, lease.Options{Clock: c})
	c.put("a")
	c.pass("a")
	c.target("a", store.Paused)
	c.pass("a")
	c.target("a", store.Started)
	c.function.takeStarted()
	other := c.Options
	other.Store, other.Owner = c.another(), "other"
	table.happen = func() { // before the leases are listed the first time
		table.happen = func() { // and before they are raised
			if err := other.Store.Configs().DeleteConnector(t.Context(), "a"); err != nil {
				t.Error(err)
			}
			if _, err := coordinator.New(other).Pass(t.Context(), "a"); err != nil {
				t.Error(err)
			}
		}
	}
	c.pass("a")
	if started := c.function.takeStarted(); len(started) > 0 {
		t.Errorf("started %+v", started)
	}
	if items, err := c.Leases.List(t.Context(), "a"); err != nil || len(items) > 1 { // the right to plan stays
		t.Errorf("leases are %+v, %v", items, err)
	}
}

// A task that cannot be started must not keep its siblings from being started.
func TestATaskThatCannotBeStartedDoesNotHoldBackTheOthers(t *testing.T) {
	c := newCluster(t)
	c.function.plan(3, nil)
	c.put("a")
	c.Invoker = refusing{c.invoker, 0}
	if result, err := c.Pass(t.Context(), "a"); err == nil || !slices.Equal(result.Started, []int{1, 2}) {
		t.Errorf("the pass did %+v, %v", result, err)
	}
}

type refusing struct {
	*invoke.InProcess
	task int
}

func (r refusing) Start(ctx context.Context, function string, req *invoke.Request) error {
	if req.Task == r.task {
		return errors.New("the request is too large")
	}
	return r.InProcess.Start(ctx, function, req)
}

// A task is asked to leave because the configuration changed, but fails before it sees that. What it fails with is about the
// old configuration: the corrected one starts at once.
func TestAFailureUnderTheOldConfigurationDoesNotDelayTheNewOne(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "run", req.Generation, c.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	two := "2"
	c.put("a", store.Property{Name: "v", Value: &two})
	c.pass("a")
	if err := c.Leases.Release(t.Context(), held, lease.Outcome{Err: "wrong password", Attempts: 5, NotBefore: c.now.Add(30 * time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("the pass did %+v", result)
	}
}

// After a failed attempt planning waits up to a minute; but not with a configuration that was corrected since.
func TestACorrectedConfigurationIsPlannedAtOnce(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.function.plan(0, errors.New("no such host"))
	for range 2 {
		c.pass("a")
	}
	c.function.plan(1, nil)
	if result := c.pass("a"); result.Published {
		t.Errorf("the same configuration did not wait: %+v", result)
	}
	two := "2"
	c.put("a", store.Property{Name: "v", Value: &two})
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("the pass did %+v", result)
	}
}

// A pass publishes tasks; before it reads them back, the connector is paused. Were it to start them, they would be of the generation
// that says paused, and nothing would ever tell them.
func TestAConnectorThatIsPausedWhileItIsPlannedDoesNotRun(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.Invoker = &during{InProcess: c.invoker, happen: func() { c.target("a", store.Paused) }}
	c.pass("a")
	if started := c.function.takeStarted(); len(started) != 0 || c.connectorState("a") != store.StatePaused {
		t.Errorf("%d tasks of a connector that is %s were started", len(started), c.connectorState("a"))
	}
}

// A release of Ferry without the class of a running connector must not say RUNNING in turn with FAILED.
func TestAConnectorWhoseClassIsGoneStaysFailed(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	c.Catalog = new(catalog.Catalog)
	var seen []store.State
	for range 2 {
		next := c.statusRecords()
		c.pass("a")
		seen = append(seen, c.connectorState("a"))
		if len(seen) == 2 && c.statusRecords() != next {
			t.Error("the status is written again although it is what it was")
		}
	}
	if !slices.Equal(seen, []store.State{store.StateFailed, store.StateFailed}) {
		t.Errorf("the connector was %v", seen)
	}
}

// statusRecords returns how many records the status topic has.
func (c *cluster) statusRecords() (n int64) {
	c.t.Helper()
	ends, err := kadm.NewClient(c.client()).ListEndOffsets(c.t.Context(), "status")
	if err != nil {
		c.t.Fatal(err)
	}
	ends.Each(func(o kadm.ListedOffset) { n += o.Offset })
	return n
}

// A task asks for its connector to be planned anew, and the plan is what it was. That answers it: were every pass to plan again
// until the task has reported again, each would disturb the very run that is going to.
func TestAWishToBePlannedAnewIsAnsweredOnce(t *testing.T) {
	for _, tasks := range []int{1, 2} { // the plan stays, the plan changes
		c := newCluster(t)
		c.put("a")
		c.pass("a")
		wish := func(req invoke.Request) {
			held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, rand.Text(), req.Generation, c.now.Add(time.Minute))
			if err != nil {
				t.Fatal(err)
			}
			facts, _ := json.Marshal(invoke.Report{Replan: true})
			if err := c.Leases.Release(t.Context(), held, lease.Outcome{Facts: facts}); err != nil {
				t.Fatal(err)
			}
		}
		wish(c.function.takeStarted()[0])
		c.function.plan(tasks, nil)
		c.pass("a")
		req := c.function.takeStarted()[0]
		held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "run", req.Generation, c.now.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		c.pass("a")
		if err := c.Leases.Check(t.Context(), held); err != nil {
			t.Errorf("the task that runs is disturbed: %v", err)
		}
		if c.function.planned != 2 {
			t.Errorf("the connector was planned %d times", c.function.planned)
		}
		if err := c.Leases.Release(t.Context(), held, lease.Outcome{}); err != nil {
			t.Fatal(err)
		}
		wish(req)
		if c.pass("a"); c.function.planned != 3 {
			t.Errorf("with the second wish, the connector was planned %d times", c.function.planned)
		}
	}
}
