package task

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// validate checks a configuration that has placeholders, as the coordinator checks one that has none.
func (h *Handler) validate(ctx context.Context, w *work) *invoke.Response {
	infos, err := h.infos(ctx, w)
	if err != nil {
		return w.failed(err)
	}
	// What is wrong with one key can quote another.
	for _, info := range infos.Configs {
		if info.Value != nil {
			w.hide(info.Value.Errors)
			w.hide(info.Value.RecommendedValues)
		}
	}
	answer, err := json.Marshal(infos)
	if err != nil {
		return w.failed(fmt.Errorf("encode what was found: %w", err))
	}
	return &invoke.Response{Infos: answer}
}

func (h *Handler) infos(ctx context.Context, w *work) (*connectorconfig.ConfigInfos, error) {
	load := h.Catalog
	if load == nil {
		load = catalog.Load
	}
	classes, err := load()
	if err != nil {
		return nil, fmt.Errorf("load the catalog: %w", err)
	}
	v, err := connectorconfig.New(connectorconfig.Options{Catalog: classes, Worker: h.Worker, Invoker: itself{h, w}})
	if err != nil {
		return nil, err
	}
	return v.ValidateResolved(ctx, w.properties(w.Request.Config), w.properties(w.config))
}

// properties returns a configuration with the keys that were submitted as null.
func (w *work) properties(config map[string]string) store.Properties {
	p := store.PropertiesOf(config)
	for _, name := range w.Nulls {
		p = append(p, store.Property{Name: name})
	}
	return p
}

// hide hides secrets in each of the texts.
func (w *work) hide(texts []string) {
	for i := range texts {
		texts[i] = w.secrets.Hide(texts[i])
	}
}

// itself answers what validation asks the connector's function: this one, with the placeholders resolved.
type itself struct {
	h *Handler
	w *work
}

// Invoke implements connectorconfig.Invoker. All that is asked is a check of the configuration at hand.
func (i itself) Invoke(ctx context.Context, _ string, _ *invoke.Request) (*invoke.Response, error) {
	return &invoke.Response{Messages: i.h.messages(ctx, i.w)}, nil
}
