package rest

import (
	"context"
	"net/http"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// pause is PUT /connectors/{name}/pause.
func (h *handler) pause(ctx context.Context, r *request) (*response, error) {
	return h.target(ctx, r.connector(), store.Paused)
}

// resume is PUT /connectors/{name}/resume.
func (h *handler) resume(ctx context.Context, r *request) (*response, error) {
	return h.target(ctx, r.connector(), store.Started)
}

func (h *handler) target(ctx context.Context, name string, state store.TargetState) (*response, error) {
	err := h.changeConnector(ctx, name, unknownConnector, func(tx *store.Tx, _ *store.Connector) error {
		return tx.PutTarget(name, state)
	})
	if err != nil {
		return nil, err
	}
	return empty(http.StatusAccepted)
}

// stop is PUT /connectors/{name}/stop: an empty task set, then the target state, as Connect's leader writes them.
func (h *handler) stop(ctx context.Context, r *request) (*response, error) {
	err := h.changeConnector(ctx, r.connector(), unknownConnector, func(tx *store.Tx, c *store.Connector) error {
		if err := tx.PutTasks(c.Name, nil); err != nil {
			return err
		}
		return tx.PutTarget(c.Name, store.Stopped)
	})
	if err != nil {
		return nil, err
	}
	return empty(http.StatusNoContent)
}
