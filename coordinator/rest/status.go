package rest

import (
	"context"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// connectorState is the state of a connector and its tasks.
type connectorState struct {
	Name      string      `json:"name"`
	Connector state       `json:"connector"`
	Tasks     []taskState `json:"tasks"`
	Type      string      `json:"type"`
}

// state has strings only: clients read it as a map of strings.
type state struct {
	State    store.State `json:"state"`
	WorkerID string      `json:"worker_id"`
	Version  *string     `json:"version"`
	Trace    string      `json:"trace,omitempty"`
}

type taskState struct {
	ID int `json:"id"`
	state
}

func describe(s store.Status) state {
	d := state{State: s.State, WorkerID: s.WorkerID, Trace: s.Trace}
	if s.Version != "" {
		d.Version = &s.Version
	}
	return d
}

// stateOf returns what the status topic last said; found is false when it says nothing about the connector.
func (h *handler) stateOf(name string) (s connectorState, found bool) {
	status, found := h.Store.Statuses().Connector(name)
	if !found {
		return s, false
	}
	s = connectorState{Name: name, Connector: describe(status), Tasks: []taskState{}, Type: "unknown"}
	if c, exists := h.Store.Configs().Snapshot().Connectors[name]; exists {
		s.Type = h.typeOf(c.Config)
	}
	for _, t := range h.Store.Statuses().Tasks(name) {
		s.Tasks = append(s.Tasks, taskState{t.Task, describe(t)})
	}
	return s, true
}

// status is GET /connectors/{name}/status. Whether the connector exists is not asked.
func (h *handler) status(ctx context.Context, r *request) (*response, error) {
	if err := h.syncBoth(ctx, r); err != nil {
		return nil, err
	}
	s, found := h.stateOf(r.connector())
	if !found {
		return nil, notFound(noStatus, r.connector())
	}
	return ok(s)
}

// syncBoth reads the config and the status topic to their ends.
func (h *handler) syncBoth(ctx context.Context, r *request) error {
	if err := h.syncConfigs(ctx, r); err != nil {
		return err
	}
	return h.syncStatuses(ctx, r)
}

// taskStatus is GET /connectors/{name}/tasks/{task}/status.
func (h *handler) taskStatus(ctx context.Context, r *request) (*response, error) {
	task, err := r.task()
	if err != nil {
		return nil, err
	}
	if err := h.syncStatuses(ctx, r); err != nil {
		return nil, err
	}
	s, found := h.Store.Statuses().Task(r.connector(), task)
	if !found {
		return nil, notFound("No status found for task %s-%d", r.connector(), task)
	}
	return ok(taskState{task, describe(s)})
}
