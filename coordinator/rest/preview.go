package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// previewTime bounds a preview, the start of a function included.
const previewTime = 30 * time.Second

// preview is POST /ferry/transform/preview: what a connector's converters and transforms do with records. Kafka Connect has no such
// thing, so mistakes of the caller have status 400 here. Nothing is stored, and the connector need not exist.
func (h *handler) preview(ctx context.Context, r *request) (*response, error) {
	config, records, err := readPreview(r)
	if err != nil {
		return nil, err
	}
	class, _ := config.Get(connectorconfig.ConnectorClassKey)
	entry, found := h.Catalog.Find(class)
	if !found || entry.Function == "" {
		return nil, errorf(http.StatusBadRequest, "\"config\" names the connector.class %q, and there is no such connector: GET /connector-plugins lists what there is", class)
	}
	name, _ := config.Get(connectorconfig.NameKey)
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	answer, err := h.Invoker.Invoke(ctx, entry.Function, &invoke.Request{Op: invoke.OpPreview, Connector: name, Config: config.Map(), Records: records})
	switch {
	case err != nil:
		return nil, fmt.Errorf("preview with the connector's own code, function %s: %w", entry.Function, err)
	case answer.Error != nil:
		return nil, errorf(previewStatus(answer.Error.Kind), "%s", messageOf(failureOf(answer.Error)))
	case answer.Preview == nil:
		return nil, fmt.Errorf("function %s did not answer what it was asked: deploy the connector again", entry.Function)
	}
	return ok(answer.Preview)
}

func failureOf(f *invoke.Failure) *connect.Error {
	return &connect.Error{Kind: f.Kind, Class: f.Class, Message: f.Message, Hint: f.Hint}
}

// previewStatus is 400 for what the caller can do something about.
func previewStatus(kind connect.ErrorKind) int {
	if kind == connect.KindConfig || kind == connect.KindData {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// readPreview reads the body: an object of config and records.
func readPreview(r *request) (config store.Properties, records []json.RawMessage, err error) {
	if len(r.body) > invoke.PreviewBytes {
		return config, nil, errorf(http.StatusRequestEntityTooLarge, "The request has %d bytes, and a preview takes at most %d: send fewer or smaller records at once", len(r.body), invoke.PreviewBytes)
	}
	fields, err := r.fields("config", "records")
	if err == nil && isGiven(fields["config"]) {
		err = decode(fields["config"], &config)
	}
	if err == nil && isGiven(fields["records"]) {
		err = decode(fields["records"], &records)
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return config, nil, errorf(http.StatusBadRequest, "%s", e.Message)
	}
	switch {
	case err != nil:
		return config, nil, err
	case !isGiven(fields["config"]):
		return config, nil, errorf(http.StatusBadRequest, "\"config\" is missing: it is the connector's configuration, a JSON object of strings")
	case len(records) == 0 || len(records) > invoke.PreviewRecords:
		return config, nil, errorf(http.StatusBadRequest, "\"records\" has %d records, and must be an array of 1 to %d", len(records), invoke.PreviewRecords)
	}
	return config, records, nil
}

func isGiven(raw json.RawMessage) bool { return len(raw) > 0 && string(raw) != "null" }
