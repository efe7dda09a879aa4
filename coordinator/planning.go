package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/plan"
	"github.com/ferry-connect/ferry/coordinator/store"
)

const (
	// planTask is the number under which a connector's own lease lies beside those of its tasks.
	planTask = -1
	// planTime is how long planning and publishing may take before another pass may try, if the pass does not end before.
	planTime = 2 * time.Minute
	// maxPlanPause bounds the wait between attempts to plan, as Kafka Connect bounds its own.
	maxPlanPause = time.Minute
)

// planState is what the connector's own lease remembers of the last attempt to plan.
type planState struct {
	// Generation of the config topic that was planned, or that could not be.
	Generation int64 `json:"generation"`
	// Failure is why it could not be planned.
	Failure *invoke.Failure `json:"failure,omitempty"`
	// Answered are the wishes of tasks to be planned anew that were fulfilled.
	Answered wishes `json:"answered,omitempty"`
}

// wishes are, by task, the epochs whose holders asked for the connector to be planned anew. A report stays with its lease until the
// next holder's, so that a wish is seen by many passes.
type wishes map[int]int64

// planIfDue makes sure that the published tasks are those of the current configuration, and reports whether they are.
func (p *pass) planIfDue(ctx context.Context) (planned bool, err error) {
	if !p.planDue() {
		return true, nil
	}
	if p.planState().Generation != p.conn.Generation { // what failed was another configuration
		if err := p.forgetPlan(ctx); err != nil {
			return false, fmt.Errorf("let the new configuration be planned at once: %w", err)
		}
	}
	key := lease.Key{Connector: p.name, Task: planTask}
	held, err := p.Leases.Acquire(ctx, key, p.Owner+"/"+newName(), 0, p.planUntil(ctx))
	if wait, refused := refusal(err); refused {
		p.result.Next = wait
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("acquire the right to plan: %w", err)
	}
	state, out := planState{Answered: p.wishes()}, lease.Outcome{}
	err = p.publish(ctx)
	lost := overtaken(err) // not a failure of the plan, and nothing to remember: see Pass
	if err != nil && !lost {
		state.Failure, state.Answered = invoke.FailureOf(err), p.planState().Answered
		out.Err, out.Attempts = state.Failure.Message, held.Attempts+1
		out.NotBefore = p.Now().Add(min(250*time.Millisecond<<min(out.Attempts, 12), maxPlanPause))
		p.result.Next = out.NotBefore
	}
	if state.Generation = p.conn.Generation; !lost {
		out.Facts, _ = json.Marshal(state)
	}
	if releaseErr := p.Leases.Release(ctx, held, out); releaseErr != nil {
		return false, fmt.Errorf("release the right to plan: %w", releaseErr)
	}
	if state.Failure != nil {
		p.Log.Error("could not plan the connector", "connector", p.name, "error", err)
		return false, p.putConnectorStatus(ctx, store.StateFailed, state.Failure.Trace)
	}
	return err == nil, err
}

// refusal returns until when the right to plan is somebody else's, or not to be had.
func refusal(err error) (until time.Time, refused bool) {
	if held, ok := errors.AsType[*lease.HeldError](err); ok {
		return held.Until, true
	}
	if early, ok := errors.AsType[*lease.NotBeforeError](err); ok {
		return early.At, true
	}
	return time.Time{}, false
}

// planDue reports whether the connector has to be split into tasks: it never was, its configuration is newer than the
// tasks, records of the task set are missing, or a task asked for it.
func (p *pass) planDue() bool {
	if !p.conn.Consistent || p.conn.Applied == nil || !maps.Equal(p.conn.Applied, p.conn.Config.Map()) {
		return true
	}
	if len(p.conn.Tasks) == 0 {
		// The empty set is what a stop wrote, unless it is what the last plan came to.
		s := p.planState()
		return s.Failure != nil || s.Generation != p.conn.Generation
	}
	answered := p.planState().Answered
	for task, epoch := range p.wishes() {
		if answered[task] != epoch {
			return true
		}
	}
	return false
}

func (p *pass) wishes() wishes {
	w := make(wishes)
	for i := range p.conn.Tasks {
		if report, ok := p.report(i); ok && report.Replan {
			w[i] = p.items[i].Released
		}
	}
	return w
}

func (p *pass) planState() planState {
	var s planState
	if it, ok := p.items[planTask]; !ok || json.Unmarshal(it.Facts, &s) != nil {
		return planState{} // facts of another shape are from another version
	}
	return s
}

// report returns what the last invocation of a task left behind.
func (p *pass) report(task int) (invoke.Report, bool) { return reportOf(p.items[task]) }

func reportOf(it lease.Item) (invoke.Report, bool) {
	var r invoke.Report
	if len(it.Facts) == 0 || json.Unmarshal(it.Facts, &r) != nil {
		return invoke.Report{}, false // facts of another shape are from another version
	}
	return r, true
}

// publish asks the connector's function for task configurations and writes them if they differ from the published ones.
func (p *pass) publish(ctx context.Context) error {
	config := p.conn.Config.Map()
	resp, err := p.ask(ctx, &invoke.Request{Op: invoke.OpPlan, Connector: p.name, Config: config, MaxTasks: plan.MaxTasks(config), Loggers: p.Store.Configs().Snapshot().Loggers})
	if err != nil {
		return err
	}
	if !plan.Changed(p.conn.Tasks, resp.TaskConfigs, p.conn.Applied, config) && p.conn.Consistent {
		return nil
	}
	if err := p.Store.Configs().PutTasksFor(ctx, p.conn, resp.TaskConfigs); err != nil {
		return fmt.Errorf("publish %d task configurations: %w", len(resp.TaskConfigs), err)
	}
	p.result.Published = true
	if err := p.reload(ctx); err != nil {
		return err
	}
	if p.conn.Target != store.Started || !maps.Equal(p.conn.Applied, p.conn.Config.Map()) {
		return store.ErrChanged // tasks started now would never hear of it: they would be of the generation that says so
	}
	if !slices.EqualFunc(p.conn.Tasks, resp.TaskConfigs, maps.Equal) {
		return store.ErrChanged // a stop and a resume came behind the tasks: an empty set must not pass for what was planned
	}
	return nil
}

// ask invokes the connector's function and waits.
func (p *pass) ask(ctx context.Context, req *invoke.Request) (*invoke.Response, error) {
	function, err := p.function()
	if err != nil {
		return nil, err
	}
	resp, err := p.Invoker.Invoke(ctx, function, req)
	if err != nil {
		return nil, err
	}
	return resp, resp.Error.Err()
}
