package rest

import (
	"context"
	"net/http"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// restart is POST /connectors/{name}/restart. Without parameters the connector itself is restarted: it is split into tasks
// anew. With them the answer is the plan, in which what will be restarted shows as RESTARTING.
func (h *handler) restart(ctx context.Context, r *request) (*response, error) {
	includeTasks, onlyFailed := r.flag("includeTasks"), r.flag("onlyFailed")
	if includeTasks || onlyFailed {
		return h.restartByPlan(ctx, r.connector(), includeTasks, onlyFailed)
	}
	c, err := h.find(ctx, r, unknownToRestart)
	if err != nil {
		return nil, err
	}
	if err := h.Restart(ctx, c.Name, []int{}, true); err != nil {
		return nil, err
	}
	h.Trigger(c.Name)
	return empty(http.StatusNoContent)
}

func (h *handler) restartByPlan(ctx context.Context, name string, includeTasks, onlyFailed bool) (*response, error) {
	if err := h.Store.Statuses().Sync(ctx); err != nil {
		return nil, err
	}
	var plan connectorState
	err := h.update(ctx, func(tx *store.Tx) error {
		if _, exists := tx.Snapshot.Connectors[name]; !exists {
			return notFound(unknownToRestart, name)
		}
		var found bool
		if plan, found = h.stateOf(name); !found {
			return notFound("Status for connector %s not found", name)
		}
		return tx.PutRestart(name, includeTasks, onlyFailed)
	})
	if err != nil {
		return nil, err
	}
	tasks, connector := mark(&plan, includeTasks, onlyFailed)
	if len(tasks) > 0 || connector {
		if err := h.announceRestart(ctx, name, tasks, connector); err != nil {
			return nil, err
		}
		if err := h.Restart(ctx, name, tasks, connector); err != nil {
			return nil, err
		}
		h.Trigger(name)
	}
	return &response{status: http.StatusAccepted, body: plan}, nil
}

// announceRestart writes RESTARTING into the status topic, as Connect does. The pass that follows writes what becomes of it.
func (h *handler) announceRestart(ctx context.Context, name string, tasks []int, connector bool) error {
	statuses := h.Store.Statuses()
	var restarting []store.Status
	for _, task := range tasks {
		if s, found := statuses.Task(name, task); found {
			restarting = append(restarting, h.restarting(s))
		}
	}
	if err := statuses.PutTasks(ctx, name, restarting...); err != nil {
		return err
	}
	if s, found := statuses.Connector(name); found && connector {
		return statuses.PutConnector(ctx, name, h.restarting(s))
	}
	return nil
}

func (h *handler) restarting(before store.Status) store.Status {
	return store.Status{Task: before.Task, State: store.StateRestarting, WorkerID: h.WorkerID, Generation: before.Generation, Version: before.Version}
}

// mark changes the states of what will be restarted, and returns what that is. The tasks are never nil.
func mark(plan *connectorState, includeTasks, onlyFailed bool) (tasks []int, connector bool) {
	tasks = []int{}
	if !onlyFailed || plan.Connector.State == store.StateFailed {
		plan.Connector.State = store.StateRestarting
		connector = true
	}
	if !includeTasks {
		return tasks, connector
	}
	for i := range plan.Tasks {
		if t := &plan.Tasks[i]; !onlyFailed || t.State == store.StateFailed {
			t.State = store.StateRestarting
			tasks = append(tasks, t.ID)
		}
	}
	return tasks, connector
}

// restartTask is POST /connectors/{name}/tasks/{task}/restart.
func (h *handler) restartTask(ctx context.Context, r *request) (*response, error) {
	task, err := r.task()
	if err != nil {
		return nil, err
	}
	c, err := h.find(ctx, r, unknownToRestart)
	if err != nil {
		return nil, err
	}
	switch {
	case task >= len(c.Tasks) && task < c.MostTasks:
		// Connect knows the configuration of a task that is gone, as after a stop, and finds no worker that has it. Clients know this text.
		return nil, errorf(http.StatusConflict, "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.")
	case task < 0 || task >= len(c.Tasks):
		return nil, notFound("Unknown task: %s-%d", c.Name, task)
	}
	if err := h.Restart(ctx, c.Name, []int{task}, false); err != nil {
		return nil, err
	}
	h.Trigger(c.Name)
	return empty(http.StatusNoContent)
}
