package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// putConnectorStatus writes the connector's status unless it says so already.
func (p *pass) putConnectorStatus(ctx context.Context, state store.State, trace string) error {
	if cur, ok := p.Store.Statuses().Connector(p.name); ok && cur.State == state && cur.Trace == trace && cur.WorkerID == p.WorkerID {
		return nil
	}
	if err := p.Store.Statuses().PutConnector(ctx, p.name, p.status(state, trace)); err != nil {
		return fmt.Errorf("write status %s of the connector: %w", state, err)
	}
	return nil
}

// putTaskStatuses writes the statuses of tasks, those that do not say so already, all at once.
func (p *pass) putTaskStatuses(ctx context.Context, stateOf func(task int) (state store.State, trace string)) error {
	var changed []store.Status
	for i := range p.conn.Tasks {
		state, trace := stateOf(i)
		if cur, ok := p.Store.Statuses().Task(p.name, i); ok && cur.State == state && cur.Trace == trace && cur.WorkerID == p.WorkerID {
			continue
		}
		status := p.status(state, trace)
		status.Task = i
		changed = append(changed, status)
	}
	if err := p.Store.Statuses().PutTasks(ctx, p.name, changed...); err != nil {
		return fmt.Errorf("write the statuses of its tasks: %w", err)
	}
	return nil
}

// all is the same state for every task.
func all(state store.State, trace string) func(int) (store.State, string) {
	return func(int) (store.State, string) { return state, trace }
}

func (p *pass) status(state store.State, trace string) store.Status {
	class, _ := p.conn.Config.Get("connector.class")
	plugin, _ := p.Catalog.Find(class)
	return store.Status{State: state, Trace: trace, WorkerID: p.WorkerID, Generation: p.statusGeneration(), Version: plugin.Version}
}

// statusGeneration is the generation in status records. Java readers hold it in 32 bits and compare it: it has to grow.
func (p *pass) statusGeneration() int64 {
	return p.conn.Generation & 0x7fffffff
}

// tellOfLeases shows in the status that nothing can run, because the leases cannot be read or written: the table is missing, the
// role lacks a permission, somebody edited an item. What passes by itself, or with the next pass, is not told.
func (p *pass) tellOfLeases(ctx context.Context, cause error) error {
	if p.conn == nil || ctx.Err() != nil || overtaken(cause) || errors.Is(cause, lease.ErrThrottled) || errors.Is(cause, lease.ErrAmbiguous) {
		return nil
	}
	trace := connect.Trace(connect.FatalError("the tasks cannot be run", cause))
	if err := p.putTaskStatuses(ctx, all(store.StateFailed, trace)); err != nil {
		return err
	}
	return p.putConnectorStatus(ctx, store.StateFailed, trace)
}

// tellOfTasks derives the state of each task from what its last invocations reported.
func (p *pass) tellOfTasks(ctx context.Context) error {
	if err := p.putTaskStatuses(ctx, p.taskState); err != nil {
		return err
	}
	for i := range p.conn.Tasks {
		if err := p.putTopics(ctx, p.items[i]); err != nil {
			return err
		}
	}
	return p.dropTaskStatuses(ctx, len(p.conn.Tasks))
}

// taskState is RUNNING also between invocations: it is Kafka Connect's word for a task that would move records if there were
// any. A failure that passes by itself does not make a task FAILED, nor do fewer crashes than are no accident any more.
func (p *pass) taskState(task int) (state store.State, trace string) {
	it := p.items[task]
	if n := it.Crashes(p.Now()); n >= lease.CrashLoop {
		return store.StateFailed, connect.Trace(crashLoop(n))
	}
	if report, ok := p.report(task); ok && it.Attempts > 0 && report.Failure != nil && report.Failure.Kind != connect.KindRetriable {
		return store.StateFailed, report.Failure.Trace
	}
	return store.StateRunning, ""
}

// pausedState leaves a task that has failed as it is.
func (p *pass) pausedState(task int) (state store.State, trace string) {
	if cur, ok := p.Store.Statuses().Task(p.name, task); ok && cur.State == store.StateFailed {
		return cur.State, cur.Trace
	}
	return store.StatePaused, ""
}

func crashLoop(n int) error {
	return &connect.Error{
		Kind: connect.KindFatal, Class: connect.ConnectException,
		Message: fmt.Sprintf("the task's function ended %d times in a row without an answer, and never released its lease: "+
			"out of memory? killed at its timeout?", n),
		Hint: "its log tells; a function with more memory or a longer timeout may do. The task is tried again, later each time, and a restart does it at once",
	}
}

// putTopics records the topics that the last invocation of a task used, those that are not known yet.
func (p *pass) putTopics(ctx context.Context, it lease.Item) error {
	report, ok := reportOf(it)
	if !ok || !p.TrackTopics {
		return nil
	}
	var facts struct {
		Topics      []string  `json:"topics"`
		CommittedAt time.Time `json:"committedAt"`
	}
	if err := json.Unmarshal(report.Facts, &facts); err != nil {
		return nil //nolint:nilerr // facts of another shape are from another version
	}
	at := facts.CommittedAt // not now: this may be the report of a run of before the topics were reset
	if at.IsZero() {
		at = p.Now()
	}
	for _, topic := range facts.Topics {
		if err := p.Store.Statuses().PutTopic(ctx, p.name, topic, it.Task, at); err != nil {
			return fmt.Errorf("record topic %s: %w", topic, err)
		}
	}
	return nil
}

// lastReport is how long after it was retired a lease may still get the report of its holder: as long as an invocation lasts. An older
// one may be that of a connector of the same name that was deleted.
const lastReport = 15 * time.Minute

// putAllTopics is putTopics for every task that has left a report, those too that a stop has ended since.
func (p *pass) putAllTopics(ctx context.Context) error {
	for _, it := range p.last {
		if it.Task == planTask || it.Retired && p.Now().Sub(it.RetiredAt) > lastReport {
			continue
		}
		if err := p.putTopics(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// dropTaskStatuses tombstones the status of tasks that no longer exist.
func (p *pass) dropTaskStatuses(ctx context.Context, from int) error {
	var gone []int
	for _, s := range p.Store.Statuses().Tasks(p.name) {
		if s.Task >= from {
			gone = append(gone, s.Task)
		}
	}
	if err := p.Store.Statuses().DeleteTasks(ctx, p.name, gone...); err != nil {
		return fmt.Errorf("drop the statuses of tasks from %d on: %w", from, err)
	}
	return nil
}
