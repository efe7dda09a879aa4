package task

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/preview"
)

// NewPreview returns a Preview of a connector's configuration, whose placeholders are looked up as a task looks them up. What they
// stand for is replaced by them in all results, as far as it can be recognised there. Of o it takes Plugins, Worker, Providers and Log.
// The keys of the connector itself are not looked at. Errors are KindConfig and name the key.
func NewPreview(ctx context.Context, o Options, connector string, config map[string]string) (*preview.Preview, error) {
	h := &Handler{Options: o}
	class, err := h.Plugins.Connector(config["connector.class"])
	if err != nil {
		return nil, fmt.Errorf("connector.class: %w", err)
	}
	w, err := h.resolve(ctx, &invoke.Request{Op: invoke.OpPreview, Connector: connector, Config: recordKeys(config)})
	if err != nil {
		return nil, err
	}
	w.class = class
	return h.newPreview(w)
}

// recordKeys returns the keys that say what is done with records. The others, a password of the database among them, are none of a
// preview's business, and are not even looked up.
func recordKeys(config map[string]string) map[string]string {
	kept := make(map[string]string)
	for key, value := range config {
		if ofChain(key) || ofConverter(key) || strings.HasPrefix(key, "errors.") || key == OffsetsTopicKey {
			kept[key] = value
		}
	}
	return kept
}

func ofChain(key string) bool {
	return key == "transforms" || key == "predicates" || strings.HasPrefix(key, "transforms.") || strings.HasPrefix(key, "predicates.")
}

func ofConverter(key string) bool {
	for _, kind := range []string{"key", "value", "header"} {
		if prefix := kind + ".converter"; key == prefix || strings.HasPrefix(key, prefix+".") {
			return true
		}
	}
	return false
}

// resolveForPreview is resolve for a request that came through the API, whose results go to whoever asked. A chain can be made to take a
// secret apart, and to show it piece by piece, or to tell of it by what it drops; nothing that is hidden afterwards keeps it from
// that. So no secret gets into the chain: its placeholders are resolved to stand-ins, which the results show as placeholders again.
// Those of converters are looked up, since they may need them to read anything at all.
func (h *Handler) resolveForPreview(ctx context.Context, req *invoke.Request) (*work, error) {
	chain, rest := make(map[string]string), recordKeys(req.Config)
	others := &Handler{Options: h.Options}
	others.Providers = make(map[string]configdef.ConfigProvider)
	for key, value := range rest {
		if !ofChain(key) {
			continue
		}
		chain[key] = value
		delete(rest, key)
		for _, v := range configdef.Variables(value) {
			others.Providers[v.Provider] = standIns(v.Provider)
		}
	}
	stood, err := others.resolve(ctx, &invoke.Request{Config: chain})
	if err != nil {
		return stood, err
	}
	w, err := h.resolve(ctx, &invoke.Request{Op: req.Op, Connector: req.Connector, Config: rest}, stood.values)
	w.Request = req
	if err != nil {
		return w, err
	}
	maps.Copy(w.config, stood.config)
	return w, nil
}

// standIns is a config provider that knows a text for every key, by which nothing is told of the secret. It has letters and digits
// only, which mean nothing in a pattern.
type standIns string

// Get implements configdef.ConfigProvider.
func (s standIns) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	data := make(map[string]string, len(keys))
	for _, key := range keys {
		sum := sha256.Sum256([]byte(string(s) + "\x00" + path + "\x00" + key))
		data[key] = "standin" + hex.EncodeToString(sum[:8])
	}
	return configdef.ConfigData{Data: data}, nil
}

func (h *Handler) newPreview(w *work) (*preview.Preview, error) {
	p, err := preview.New(preview.Options{
		Connector: w.Connector, Class: w.class, Plugins: h.Plugins, Config: w.config, Worker: settings(h.Worker),
		OffsetsTopic: cmp.Or(w.config[OffsetsTopicKey], h.Worker.OffsetTopic), Hide: w.secrets.Hide, Log: w.log,
	})
	if err != nil {
		return nil, &connect.Error{Kind: connect.KindOf(err), Class: connect.ConfigException, Message: w.secrets.Hide(err.Error())}
	}
	return p, nil
}

// preview shows what becomes of the records of a request.
func (h *Handler) preview(ctx context.Context, w *work) *invoke.Response {
	standing := make(map[string]string)
	for key, value := range w.Config {
		if ofChain(key) && configdef.HasVariable(value) {
			standing[key] = value
		}
	}
	p, err := h.newPreview(w)
	if err != nil {
		return w.failed(withHint(err, standing))
	}
	results := make([]json.RawMessage, 0, len(w.Records))
	size := 0
	for i, record := range w.Records {
		if err := ctx.Err(); err != nil {
			return w.failed(connect.RetriableError(fmt.Sprintf("the preview was not done in time: %d of %d records were", i, len(w.Records)), context.Cause(ctx)))
		}
		result := p.Record(i+1, record).JSON()
		if size += len(result); size > invoke.PreviewResultBytes {
			return w.failed(&connect.Error{Kind: connect.KindData, Class: connect.DataException,
				Message: fmt.Sprintf("the results of the first %d records are larger than %d bytes", i+1, invoke.PreviewResultBytes),
				Hint:    "ask for fewer or smaller records at once"})
		}
		results = append(results, result)
	}
	return &invoke.Response{Preview: &invoke.Preview{Results: results, StandIns: standing}}
}

// withHint says what to do about a configuration that cannot be made of stand-ins, if it has any.
func withHint(err error, standing map[string]string) error {
	if len(standing) == 0 {
		return err
	}
	e := &connect.Error{Kind: connect.KindOf(err), Class: connect.ConfigException, Message: err.Error()}
	e.Hint = "placeholders of transforms and predicates are not looked up here, since the results could tell what they stand for; `ferry transform` looks them up"
	return e
}
