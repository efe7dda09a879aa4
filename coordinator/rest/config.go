package rest

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"net/http"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// getConfig is GET /connectors/{name}/config.
func (h *handler) getConfig(ctx context.Context, r *request) (*response, error) {
	c, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusOK, body: c.Config, etag: etagOf(c)}, nil
}

// putConfig is PUT /connectors/{name}/config: it creates a connector, or replaces the configuration of one.
func (h *handler) putConfig(ctx context.Context, r *request) (*response, error) {
	config, err := r.properties()
	if err != nil {
		return nil, err
	}
	name := r.connector()
	if config, err = named(config, name); err != nil {
		return nil, err
	}
	if err := h.check(ctx, config); err != nil {
		return nil, err
	}
	var before *store.Connector
	err = h.update(ctx, func(tx *store.Tx) error {
		before = tx.Snapshot.Connectors[name]
		if err := r.precondition(before); err != nil {
			return err
		}
		return tx.PutConnector(name, config, nil)
	})
	if err != nil {
		return nil, err
	}
	h.Trigger(name)
	resp := &response{status: http.StatusOK, body: h.info(name, config, cmp.Or(h.startedAlready(name), before))}
	if before == nil {
		resp.status, resp.location = http.StatusCreated, location(r, name)
	}
	return resp, nil
}

// patchAttempts bounds how often a patch is made of a configuration that somebody else replaced meanwhile.
const patchAttempts = 8

// patchConfig is PATCH /connectors/{name}/config: a null removes a property, anything else sets it. The name in the
// configuration may be changed, as in Connect; it has no meaning.
//
// Two patches at once both count: what was patched and validated is written only if it is still what it was made of, and else made
// anew. Those of one process come one after the other, so that they need not be.
func (h *handler) patchConfig(ctx context.Context, r *request) (*response, error) {
	patch, err := r.properties()
	if err != nil {
		return nil, err
	}
	resp, err := h.patchInTurn(ctx, r, patch)
	if err == nil {
		h.Trigger(r.connector())
	}
	return resp, err
}

func (h *handler) patchInTurn(ctx context.Context, r *request, patch store.Properties) (*response, error) {
	end, err := h.patches.take(ctx, r.connector())
	if err != nil {
		return nil, err
	}
	defer end()
	var resp *response
	for range patchAttempts {
		if resp, err = h.patch(ctx, r, patch); !errors.Is(err, errStale) {
			break
		}
	}
	return resp, err
}

// patch makes one attempt; errStale says that it came too late.
func (h *handler) patch(ctx context.Context, r *request, patch store.Properties) (*response, error) {
	base, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	if err := r.precondition(base); err != nil {
		return nil, err
	}
	config := base.Config.Patch(patch)
	if err := h.check(ctx, config); err != nil {
		return nil, err
	}
	err = h.updateConnector(ctx, base.Name, connectorNotFound, func(tx *store.Tx, c *store.Connector) error {
		if !maps.Equal(c.Config.Map(), base.Config.Map()) {
			return errStale
		}
		return tx.PutConnector(base.Name, config, nil)
	})
	if err != nil {
		return nil, err
	}
	return ok(h.info(base.Name, config, base))
}
