package rest

import (
	"context"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// update is store.Configs.Update, with what it changes noted for the audit log.
func (h *handler) update(ctx context.Context, decide func(*store.Tx) error) error {
	var before *store.Snapshot
	err := h.Store.Configs().Update(ctx, func(tx *store.Tx) error {
		before = tx.Snapshot
		return decide(tx)
	})
	if err == nil {
		changeOf(ctx).of(before, h.Store.Configs().Snapshot())
	}
	return err
}

// changeConnector is updateConnector, and a pass over the connector after it.
func (h *handler) changeConnector(ctx context.Context, name, missing string, decide func(*store.Tx, *store.Connector) error) error {
	err := h.updateConnector(ctx, name, missing, decide)
	if err == nil {
		h.Trigger(name)
	}
	return err
}

// updateConnector is an update of the config topic for a connector that must exist; missing is the error's text, with %s for the name.
// See store.Configs.Update for what decide must not do.
func (h *handler) updateConnector(ctx context.Context, name, missing string, decide func(*store.Tx, *store.Connector) error) error {
	return h.update(ctx, func(tx *store.Tx) error {
		c, ok := tx.Snapshot.Connectors[name]
		if !ok {
			return notFound(missing, name)
		}
		return decide(tx, c)
	})
}

// Texts for connectors that are not there; Kafka Connect has one for each kind of request.
const (
	connectorNotFound = "Connector %s not found"
	unknownConnector  = "Unknown connector %s"
	unknownToRestart  = "Unknown connector: %s"
	noStatus          = "No status found for connector %s"
)

// find returns the connector that a request is about, from the config topic, read to its end.
func (h *handler) find(ctx context.Context, r *request, missing string) (*store.Connector, error) {
	if err := h.syncConfigs(ctx, r); err != nil {
		return nil, err
	}
	c, ok := h.Store.Configs().Snapshot().Connectors[r.connector()]
	if !ok {
		return nil, notFound(missing, r.connector())
	}
	return c, nil
}
