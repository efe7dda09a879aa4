// Package quickstart sets up two connectors that move a text file of this machine through Kafka into another file, over
// the REST API, as a user would.
package quickstart

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
)

// Names of what is set up.
const (
	Source = "quickstart-source"
	Sink   = "quickstart-sink"
	Topic  = "quickstart-lines"
	// CopyName is the name of the file that the sink writes.
	CopyName = "quickstart-copy.txt"
)

const stringConverter = "org.apache.kafka.connect.storage.StringConverter"

// Options is what Run needs; all fields are required.
type Options struct {
	// URL is the REST API's.
	URL    string
	Client *http.Client
	// File returns what to read; it is only asked when that is not decided yet.
	File func() (File, error)
	// Chosen says that the user named the file: then a source that reads another one is changed.
	Chosen bool
	// Copy is the file that the sink writes.
	Copy string
	// Look describes the file of a source that exists already.
	Look func(path string) (File, error)
}

// Result says what is there now.
type Result struct {
	// File is what the source reads.
	File File
	// Copy is what the sink writes.
	Copy string
	// Created are the connectors that did not exist before; Changed is set when the source was given another file.
	Created []string
	Changed bool
}

// Run makes sure that both connectors exist. What exists is left as it is, so a second start goes on where the first
// stopped; but a file that the user names takes the place of the source's.
func Run(ctx context.Context, o Options) (Result, error) {
	var r Result
	if err := r.source(ctx, o); err != nil {
		return r, fmt.Errorf("set up %s: %w", Source, err)
	}
	if err := r.sink(ctx, o); err != nil {
		return r, fmt.Errorf("set up %s: %w", Sink, err)
	}
	return r, nil
}

func (r *Result) source(ctx context.Context, o Options) error {
	existing, err := config(ctx, o, Source)
	if err != nil {
		return err
	}
	if existing != nil && !o.Chosen {
		r.File, err = o.Look(existing["file"])
		return err
	}
	if r.File, err = o.File(); err != nil {
		return err
	}
	switch {
	case existing == nil:
		r.Created = append(r.Created, Source)
		return create(ctx, o, Source, map[string]string{
			"connector.class": "FileStreamSource", "tasks.max": "1", "file": r.File.Path, "topic": Topic,
			"key.converter": stringConverter, "value.converter": stringConverter,
		})
	case existing["file"] != r.File.Path:
		r.Changed = true
		changed := maps.Clone(existing)
		changed["file"] = r.File.Path
		return send(ctx, o, http.MethodPut, "/connectors/"+Source+"/config", changed, http.StatusOK)
	}
	return nil
}

func (r *Result) sink(ctx context.Context, o Options) error {
	existing, err := config(ctx, o, Sink)
	if err != nil {
		return err
	}
	if existing != nil {
		r.Copy = existing["file"]
		return nil
	}
	r.Copy = o.Copy
	r.Created = append(r.Created, Sink)
	return create(ctx, o, Sink, map[string]string{
		"connector.class": "FileStreamSink", "tasks.max": "1", "topics": Topic, "file": o.Copy,
		"key.converter": stringConverter, "value.converter": stringConverter,
	})
}

// config returns the configuration of a connector, nil when it does not exist.
func config(ctx context.Context, o Options, name string) (map[string]string, error) {
	var c map[string]string
	err := call(ctx, o, http.MethodGet, "/connectors/"+name+"/config", nil, http.StatusOK, &c)
	if status := (*statusError)(nil); errors.As(err, &status) && status.code == http.StatusNotFound {
		return nil, nil
	}
	return c, err
}

func create(ctx context.Context, o Options, name string, config map[string]string) error {
	return send(ctx, o, http.MethodPost, "/connectors", map[string]any{"name": name, "config": config}, http.StatusCreated)
}

func send(ctx context.Context, o Options, method, path string, body any, want int) error {
	return call(ctx, o, method, path, body, want, nil)
}

// statusError is an answer of the API that is not what was asked for.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("the API answered %d: %s", e.code, e.message)
}

func call(ctx context.Context, o Options, method, path string, body any, want int, answer any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, o.URL+path, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := o.Client.Do(req)
	if err != nil {
		return err // names method and URL
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", method, path, err)
	}
	if resp.StatusCode != want {
		var problem struct{ Message string }
		if json.Unmarshal(text, &problem) != nil {
			problem.Message = string(text)
		}
		return &statusError{resp.StatusCode, problem.Message}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: understand the answer: %w", method, path, err)
	}
	return nil
}
