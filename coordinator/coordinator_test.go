package coordinator_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/connectors/sdk/txn"
	"github.com/ferry-connect/ferry/connectors/sdk/txn/txntest"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

func TestANewConnectorIsPlannedPublishedAndStarted(t *testing.T) {
	c := newCluster(t)
	c.function.plan(2, nil)
	c.put("a")
	if result := c.pass("a"); !result.Published || !slices.Equal(result.Started, []int{0, 1}) {
		t.Errorf("the pass did %+v", result)
	}
	started := c.function.takeStarted()
	if len(started) != 2 || started[0].Tasks != 2 || started[0].TaskConfig["task.class"] != "T" {
		t.Errorf("started %+v", started)
	}
	if got := c.connectorState("a"); got != store.StateRunning {
		t.Errorf("the connector is %s", got)
	}
	if got := c.taskStates("a"); !slices.Equal(got, []store.State{store.StateRunning, store.StateRunning}) {
		t.Errorf("the tasks are %v", got)
	}
	if conn := c.Store.Configs().Snapshot().Connectors["a"]; conn.PendingFencing || conn.FencedTasks != 2 {
		t.Errorf("fencing is %+v", conn)
	}
}

func TestAPassThatFindsNothingToDoPublishesNothing(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	next := c.Store.Configs().Snapshot().Next
	for range 3 {
		if result := c.pass("a"); result.Published {
			t.Error("a task set was published again")
		}
	}
	if got := c.Store.Configs().Snapshot().Next; got != next {
		t.Errorf("the config topic grew from %d to %d", next, got)
	}
	if c.function.planned != 1 {
		t.Errorf("the connector was planned %d times", c.function.planned)
	}
}

func TestATaskWhoseLeaseIsTakenIsNotStarted(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	until := c.now.Add(time.Minute)
	held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "somebody", req.Generation, until)
	if err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); len(result.Started) != 0 || !result.Next.Equal(held.Until) {
		t.Errorf("the pass did %+v, the lease is held until %s", result, held.Until)
	}
}

func TestPauseEndsRunningTasksByANewGeneration(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "somebody", req.Generation, c.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	c.target("a", store.Paused)
	c.pass("a")
	if _, ok := errors.AsType[*lease.GenerationError](c.Leases.Check(t.Context(), held)); !ok {
		t.Error("the running task does not see that it is paused")
	}
	if c.connectorState("a") != store.StatePaused || !slices.Equal(c.taskStates("a"), []store.State{store.StatePaused}) {
		t.Errorf("states are %s, %v", c.connectorState("a"), c.taskStates("a"))
	}
	if len(c.function.takeStarted()) != 0 {
		t.Error("a paused task was started")
	}
	c.target("a", store.Started)
	if err := c.Leases.Release(t.Context(), held, lease.Outcome{}); err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) || c.connectorState("a") != store.StateRunning {
		t.Errorf("after resume the pass did %+v, the connector is %s", result, c.connectorState("a"))
	}
}

func TestStopLeavesNoTasksAndResumePlansAnew(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	c.target("a", store.Stopped)
	c.pass("a")
	if conn := c.Store.Configs().Snapshot().Connectors["a"]; conn.TaskCount != 0 {
		t.Errorf("%d tasks are left", conn.TaskCount)
	}
	if c.connectorState("a") != store.StateStopped || len(c.taskStates("a")) != 0 {
		t.Errorf("states are %s, %v", c.connectorState("a"), c.taskStates("a"))
	}
	c.function.takeStarted()
	c.target("a", store.Started)
	if result := c.pass("a"); !result.Published || len(c.function.takeStarted()) != 1 {
		t.Errorf("after resume the pass did %+v", result)
	}
}

// A connector is deleted and created again, and paused before it is planned: it has no tasks, and must not show those it had.
func TestAPausedConnectorShowsNoTasksThatItHasNot(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	if err := c.Store.Configs().PutTasks(t.Context(), "a", nil); err != nil {
		t.Fatal(err)
	}
	c.target("a", store.Paused)
	c.pass("a")
	if c.connectorState("a") != store.StatePaused || len(c.taskStates("a")) != 0 {
		t.Errorf("states are %s, %v", c.connectorState("a"), c.taskStates("a"))
	}
}

func TestADeletedConnectorLosesStatusAndLeases(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	if err := c.Store.Configs().DeleteConnector(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	if _, ok := c.Store.Statuses().Connector("a"); ok || len(c.taskStates("a")) != 0 {
		t.Error("a status is left")
	}
	req := c.function.takeStarted()[0]
	_, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "late", req.Generation, c.now.Add(time.Minute))
	if _, ok := errors.AsType[*lease.GenerationError](err); !ok {
		t.Errorf("a late invocation of a deleted connector got %v", err)
	}
	c.pass("a") // and once more, as two triggers do
}

func TestAConnectorThatCannotBePlannedIsFailedAndTriedAgainLater(t *testing.T) {
	c := newCluster(t)
	c.function.plan(1, connect.ConfigError("no such table"))
	c.put("a")
	result := c.pass("a")
	status, _ := c.Store.Statuses().Connector("a")
	if status.State != store.StateFailed || !strings.Contains(status.Trace, "no such table") {
		t.Errorf("status is %+v", status)
	}
	if !result.Next.After(c.now) {
		t.Errorf("the next attempt is at %s", result.Next)
	}
	c.function.plan(1, nil)
	c.pass("a")
	if c.function.planned != 1 {
		t.Error("it was planned again before its time")
	}
	c.now = result.Next
	c.pass("a")
	if c.connectorState("a") != store.StateRunning {
		t.Errorf("the connector is %s", c.connectorState("a"))
	}
}

// frozen plays a task that stopped in the middle of a transaction, with a record written.
func (c *cluster) frozen(id string) *txn.Committer {
	c.t.Helper()
	cl := c.client(kgo.TransactionalID(id), kgo.DefaultProduceTopic("out"))
	if err := cl.BeginTransaction(); err != nil {
		c.t.Fatal(err)
	}
	r := kgo.StringRecord("late")
	if err := cl.ProduceSync(c.t.Context(), r).FirstErr(); err != nil {
		c.t.Fatal(err)
	}
	committer := txn.NewCommitter(cl)
	if err := committer.See(c.t.Context(), r); err != nil {
		c.t.Fatal(err)
	}
	return committer
}

func TestFewerTasksFenceTheTransactionalIdsOfAllOldOnes(t *testing.T) {
	c := newCluster(t)
	c.function.plan(3, nil)
	c.put("a")
	c.pass("a")
	frozen := c.frozen("g-a-2")
	c.function.plan(1, nil)
	c.put("a", store.Property{Name: "changed", Value: ptr("yes")})
	c.pass("a")
	if err := frozen.Commit(t.Context()); err == nil {
		t.Error("a task of the old set committed")
	}
	if conn := c.Store.Configs().Snapshot().Connectors["a"]; conn.PendingFencing || conn.FencedTasks != 1 {
		t.Errorf("fencing is %+v", conn)
	}
}

func TestSourcesThatRunAtLeastOnceHaveNothingToFence(t *testing.T) {
	c := newCluster(t)
	c.AtLeastOnce = true
	c.function.plan(3, nil)
	c.put("a")
	c.pass("a")
	exactlyOnce := c.frozen("g-a-2") // of before exactly-once was switched off
	c.function.plan(1, nil)
	c.put("a", store.Property{Name: "changed", Value: ptr("yes")})
	c.function.takeStarted()
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("the pass did %+v", result)
	}
	c.target("a", store.Stopped)
	c.pass("a")
	if err := c.Fence(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if err := exactlyOnce.Commit(t.Context()); err != nil {
		t.Errorf("it was fenced: %v", err)
	}
}

// The new task set may never touch what an old task wrote: only the fencing round can end it.
func TestFencingEndsATransactionThatHangs(t *testing.T) {
	c := newCluster(t)
	c.function.plan(3, nil)
	c.put("a")
	c.pass("a")
	// given an offset that was committed, as the broker says, and that nobody sees
	txntest.Forget(c.broker, "CompleteCommit")
	old := c.client(kgo.TransactionalID("g-a-2"))
	if err := old.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	key := []byte(`["a",{"file":"x"}]`)
	r := &kgo.Record{Topic: "offsets", Key: key, Value: []byte(`{"position":7}`)}
	if err := old.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	committer := txn.NewCommitter(old)
	if err := cmp.Or(committer.See(t.Context(), r), committer.Commit(t.Context())); err != nil {
		t.Fatal(err)
	}
	// when there are fewer tasks
	c.function.plan(1, nil)
	c.put("a", store.Property{Name: "changed", Value: ptr("yes")})
	c.pass("a")
	// then it is there
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	found, err := c.Store.Offsets().All(ctx, "a", "")
	if err != nil || len(found) != 1 {
		t.Errorf("found %v, %v", found, err)
	}
}

func TestAPassThatDiedBeforeFencingIsCarriedOnByTheNext(t *testing.T) {
	c := newCluster(t)
	c.function.plan(2, nil)
	c.put("a")
	c.pass("a")
	frozen := c.frozen("g-a-1")
	// The pass that published this set went no further.
	if err := c.Store.Configs().PutTasks(t.Context(), "a", []map[string]string{{"task.class": "T"}}); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	if err := frozen.Commit(t.Context()); err == nil {
		t.Error("a task of the old set committed")
	}
}

func TestATasksFailureIsShownUnlessItPassesByItself(t *testing.T) {
	for _, test := range []struct {
		failure error
		want    store.State
	}{
		{connect.DataError("bad record"), store.StateFailed},
		{connect.RetriableError("broker away", nil), store.StateRunning},
		{nil, store.StateRunning},
	} {
		c := newCluster(t)
		c.put("a")
		c.pass("a")
		c.run(c.function.takeStarted()[0], test.failure)
		c.pass("a")
		if got := c.taskStates("a"); !slices.Equal(got, []store.State{test.want}) {
			t.Errorf("after %v the task is %v, want %s", test.failure, got, test.want)
		}
		if topics := c.Store.Statuses().Topics("a"); !slices.Equal(topics, []string{"t"}) {
			t.Errorf("topics are %v", topics)
		}
	}
}

func TestRestartForgetsAFailureAndStartsAtOnce(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	c.run(c.function.takeStarted()[0], connect.DataError("bad record"))
	if result := c.pass("a"); len(result.Started) != 0 || !result.Next.Equal(c.now.Add(time.Minute)) {
		t.Fatalf("a failed task was started before its time: %+v", result)
	}
	if err := c.Restart(t.Context(), "a", []int{0}, false); err != nil {
		t.Fatal(err)
	}
	if result := c.pass("a"); !slices.Equal(result.Started, []int{0}) {
		t.Errorf("after the restart the pass did %+v", result)
	}
	if got := c.taskStates("a"); !slices.Equal(got, []store.State{store.StateRunning}) {
		t.Errorf("after the restart the task is %v", got)
	}
}

// A connector was deleted and created again: the status of its old tasks is still there, and no lease yet, since whoever plans it
// has died. A restart of what the status shows has nothing to do.
func TestRestartOfATaskWithoutALeaseIsNoFailure(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	if err := c.Store.Configs().DeleteConnector(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	c.put("a")
	if err := c.Restart(t.Context(), "a", []int{0}, true); err != nil {
		t.Error(err)
	}
}

func TestRestartOfARunningTaskMakesItLeave(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a"}, "somebody", req.Generation, c.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Restart(t.Context(), "a", []int{0}, false); err != nil {
		t.Fatal(err)
	}
	if c.Leases.Check(t.Context(), held) == nil {
		t.Error("the running task does not see the restart")
	}
	// A change of the configuration after it is a larger generation still.
	c.put("a", store.Property{Name: "changed", Value: ptr("yes")})
	c.pass("a")
	item, err := c.Leases.List(t.Context(), "a")
	if err != nil || item[len(item)-1].Generation <= held.Generation+1 {
		t.Errorf("leases are %+v, %v", item, err)
	}
}

func TestAConnectorOfAnUnknownClassIsFailedAndTheOthersGoOn(t *testing.T) {
	c := newCluster(t)
	if err := c.Store.Configs().PutConnector(t.Context(), "x", store.Properties{}.With("connector.class", "Nope"), nil); err != nil {
		t.Fatal(err)
	}
	c.put("a")
	c.pass("x")
	c.pass("a")
	if c.connectorState("x") != store.StateFailed || c.connectorState("a") != store.StateRunning {
		t.Errorf("states are %s and %s", c.connectorState("x"), c.connectorState("a"))
	}
}

func ptr(s string) *string { return &s }

func TestALevelOfTheClusterGoesWithTheRequest(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	if err := c.Store.Configs().PutLoggerLevel(t.Context(), loggers.SinkTask, "debug"); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	started := c.function.takeStarted()
	if len(started) != 1 || len(started[0].Loggers) != 1 || started[0].Loggers[0].Namespace != loggers.SinkTask {
		t.Errorf("started were %+v", started)
	}
	if got, _ := c.Loggers.Level(loggers.SinkTask); got.Level != slog.LevelDebug {
		t.Errorf("the coordinator's own level is %v", got.Level)
	}
}

func TestATaskThatFailedSaysSoWhileItIsPausedUntilItIsRestarted(t *testing.T) {
	c := newCluster(t)
	c.function.plan(2, nil)
	c.put("a")
	c.pass("a")
	for _, req := range c.function.takeStarted() {
		var failure error
		if req.Task == 1 {
			failure = connect.FatalError("broken", nil)
		}
		c.run(req, failure)
	}
	c.pass("a")
	c.target("a", store.Paused)
	c.pass("a")
	c.pass("a")
	if got := fmt.Sprint(c.taskStates("a")); got != "[PAUSED FAILED]" {
		t.Errorf("paused, the tasks are %s", got)
	}
	if err := c.Restart(t.Context(), "a", []int{1}, false); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	if got := fmt.Sprint(c.taskStates("a")); got != "[PAUSED PAUSED]" {
		t.Errorf("restarted, the tasks are %s", got)
	}
}

// The report of a run stays until the next, and many passes see it.
func TestTopicsThatWereResetComeBackWithTheNextRecordsOnly(t *testing.T) {
	c := newCluster(t)
	topics := func() string { return fmt.Sprint(c.Store.Statuses().Topics("a")) }
	c.put("a")
	c.pass("a")
	c.run(c.function.takeStarted()[0], nil)
	c.pass("a")
	if topics() != "[t]" {
		t.Fatalf("topics are %s", topics())
	}
	if err := c.Store.Statuses().ResetTopics(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	c.pass("a")
	if topics() != "[]" {
		t.Errorf("after the reset topics are %s", topics())
	}
	c.now = c.now.Add(time.Minute)
	c.run(c.function.takeStarted()[0], nil)
	c.pass("a")
	if topics() != "[t]" {
		t.Errorf("after further records topics are %s", topics())
	}
}

func TestTheTopicsOfTheLastRunAreKnownWhenTheConnectorIsPausedOrStopped(t *testing.T) {
	for _, target := range []store.TargetState{store.Paused, store.Stopped} {
		c := newCluster(t)
		c.put("a")
		c.pass("a")
		c.run(c.function.takeStarted()[0], nil)
		c.target("a", target)
		c.pass("a")
		if got := fmt.Sprint(c.Store.Statuses().Topics("a")); got != "[t]" {
			t.Errorf("%s: topics are %s", target, got)
		}
	}
}

// A task that runs when its connector is stopped ends later, and tells then.
func TestTheTopicsOfARunThatAStopEndedAreKnown(t *testing.T) {
	c := newCluster(t)
	c.put("a")
	c.pass("a")
	req := c.function.takeStarted()[0]
	held, err := c.Leases.Acquire(t.Context(), lease.Key{Connector: "a", Task: 0}, "run", req.Generation, c.now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	c.target("a", store.Stopped)
	c.pass("a")
	out := lease.Outcome{}
	out.Facts, _ = json.Marshal(invoke.Report{Facts: json.RawMessage(`{"topics":["t"]}`)})
	if err := c.Leases.Release(t.Context(), held, out); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(time.Hour)
	c.pass("a")
	if got := fmt.Sprint(c.Store.Statuses().Topics("a")); got != "[]" {
		t.Errorf("of long ago topics are %s", got)
	}
	c.now = c.now.Add(-time.Hour)
	c.pass("a")
	if got := fmt.Sprint(c.Store.Statuses().Topics("a")); got != "[t]" {
		t.Errorf("topics are %s", got)
	}
}
