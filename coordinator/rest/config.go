package rest

import (
	"cmp"
	"context"
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
	return ok(c.Config)
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
	err = h.change(ctx, func(s *store.Snapshot) error {
		before = s.Connectors[name]
		return h.Store.Configs().PutConnector(ctx, name, config, nil)
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

// patchConfig is PATCH /connectors/{name}/config: a null removes a property, anything else sets it. The name in the
// configuration may be changed, as in Connect; it has no meaning.
func (h *handler) patchConfig(ctx context.Context, r *request) (*response, error) {
	patch, err := r.properties()
	if err != nil {
		return nil, err
	}
	base, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	config := base.Config.Patch(patch)
	if err := h.check(ctx, config); err != nil {
		return nil, err
	}
	err = h.changeConnector(ctx, base.Name, connectorNotFound, func(c *store.Connector) error {
		if !maps.Equal(c.Config.Map(), base.Config.Map()) {
			return errStale
		}
		return h.Store.Configs().PutConnector(ctx, base.Name, config, nil)
	})
	if err != nil {
		return nil, err
	}
	return ok(h.info(base.Name, config, base))
}
