// Command coordinator is the coordinator function: each event makes a pass over one connector, or over all.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/ferry-connect/ferry/functions/control"
	"github.com/ferry-connect/ferry/functions/environment"
)

func main() {
	env, err := environment.Read()
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stderr, nil)).Error("the coordinator function cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(&handler{env: env})
}

// handler is used for one event at a time, as Lambda does.
type handler struct {
	env      *environment.Environment
	plane    *control.Plane
	rotation environment.Rotation
}

// event is what a schedule, the API or a person sends.
type event struct {
	// Connector names the connector to pass over; empty for all.
	Connector string `json:"connector"`
}

// answer says what the passes did.
type answer struct {
	Passes []passed `json:"passes"`
}

type passed struct {
	Connector string `json:"connector"`
	Published bool   `json:"published,omitempty"`
	Started   []int  `json:"started,omitempty"`
	Error     string `json:"error,omitempty"`
}

// Invoke implements lambda.Handler. A failed pass does not keep others from being made; the event fails at the end, so that
// failures are counted where they are watched.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("decode the event: %w", err)
	}
	if h.rotation.Happened(ctx, h.env.Worker) {
		h.renew()
	}
	if h.plane == nil {
		plane, err := control.Open(ctx, h.env)
		if err != nil {
			return nil, err
		}
		h.plane = plane
	}
	names := []string{e.Connector}
	if e.Connector == "" {
		var err error
		if names, err = h.plane.Coordinator.Names(ctx); err != nil {
			return nil, err
		}
	}
	var a answer
	var failed []error
	for _, name := range names {
		result, err := h.plane.Coordinator.Pass(ctx, name)
		p := passed{Connector: name, Published: result.Published, Started: result.Started}
		if err != nil {
			p.Error = err.Error()
			failed = append(failed, err)
		}
		a.Passes = append(a.Passes, p)
	}
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	return json.Marshal(a)
}

// renew makes the event connect anew, with the secrets that the worker's configuration has now.
func (h *handler) renew() {
	env, err := environment.Read()
	if err != nil {
		h.env.Log.Error("a secret of the worker has changed, and the environment cannot be read anew", "error", err)
		return
	}
	if h.plane != nil {
		h.plane.Close()
	}
	h.env, h.plane = env, nil
}
