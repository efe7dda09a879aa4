package rest

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// changeAttempts bounds how often a change is decided anew because somebody else claimed first.
const changeAttempts = 8

// change decides on the newest snapshot and writes. decide is called again when another process has claimed the config
// topic meanwhile, so it must decide from the snapshot alone.
//
// The first change claims before it looks. If it looked first, this could happen: this process sees that no connector x
// exists; another creates x; this one claims with its first write, which succeeds, and replaces what the other wrote.
func (h *handler) change(ctx context.Context, decide func(*store.Snapshot) error) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	for attempt := range changeAttempts {
		if attempt > 0 {
			// Two that claim from each other without a pause would both give up in the end.
			if err := pause(ctx, rand.N(10*time.Millisecond<<attempt)); err != nil {
				return err
			}
		}
		if err := h.look(ctx); err != nil {
			return err
		}
		before := h.Store.Configs().Snapshot()
		err := decide(before)
		if !errors.Is(err, store.ErrFenced) {
			// Nobody else can have written in between: the claim would be lost.
			changeOf(ctx).of(before, h.Store.Configs().Snapshot())
			return err
		}
		h.claimed = false
	}
	return errConflict
}

// pause returns after d, or earlier with the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// look reads the config topic to its end, under a claim.
func (h *handler) look(ctx context.Context) error {
	if h.claimed {
		return h.Store.Configs().Sync(ctx)
	}
	if err := h.Store.Configs().Claim(ctx); err != nil {
		return err
	}
	h.claimed = true
	return nil
}

// changeConnector is change for a connector that must exist; missing is the error's text, with %s for the name.
func (h *handler) changeConnector(ctx context.Context, name, missing string, decide func(*store.Connector) error) error {
	err := h.change(ctx, func(s *store.Snapshot) error {
		c, ok := s.Connectors[name]
		if !ok {
			return notFound(missing, name)
		}
		return decide(c)
	})
	if err == nil {
		h.Trigger(name)
	}
	return err
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
