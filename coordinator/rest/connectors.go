package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// connectorInfo is a connector as GET /connectors/{name} shows it.
type connectorInfo struct {
	Name   string           `json:"name"`
	Config store.Properties `json:"config"`
	Tasks  []taskID         `json:"tasks"`
	Type   string           `json:"type"`
}

type taskID struct {
	Connector string `json:"connector"`
	Task      int    `json:"task"`
}

// info describes a connector; c is nil for one that has no tasks yet.
func (h *handler) info(name string, config store.Properties, c *store.Connector) connectorInfo {
	info := connectorInfo{Name: name, Config: config, Tasks: []taskID{}, Type: h.typeOf(config)}
	if c != nil {
		for i := range c.Tasks {
			info.Tasks = append(info.Tasks, taskID{name, i})
		}
	}
	return info
}

// typeOf returns source, sink or unknown.
func (h *handler) typeOf(config store.Properties) string {
	class, _ := config.Get(connectorconfig.ConnectorClassKey)
	return h.validator.TypeOf(class)
}

// list is GET /connectors: names, or with expand what is known about each.
func (h *handler) list(ctx context.Context, r *request) (*response, error) {
	if err := h.syncConfigs(ctx, r); err != nil {
		return nil, err
	}
	snapshot := h.Store.Configs().Snapshot()
	expand := r.URL.Query()["expand"]
	if len(expand) == 0 {
		return ok(append([]string{}, snapshot.Names()...))
	}
	if err := h.syncStatuses(ctx, r); err != nil {
		return nil, err
	}
	all := make(map[string]map[string]any, len(snapshot.Connectors))
	for name, c := range snapshot.Connectors {
		if expanded, complete := h.expand(name, c, expand); complete {
			all[name] = expanded
		}
	}
	return ok(all)
}

// expand describes one connector. It is not complete when a status is asked for and there is none; Connect leaves such
// connectors out.
func (h *handler) expand(name string, c *store.Connector, expand []string) (expanded map[string]any, complete bool) {
	expanded = make(map[string]any)
	for _, e := range expand {
		switch e {
		case "info":
			expanded[e] = h.info(name, c.Config, c)
		case "status":
			state, found := h.stateOf(name)
			if !found {
				return nil, false
			}
			expanded[e] = state
		}
	}
	return expanded, true
}

// get is GET /connectors/{name}.
func (h *handler) get(ctx context.Context, r *request) (*response, error) {
	c, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	return ok(h.info(c.Name, c.Config, c))
}

// create is POST /connectors.
func (h *handler) create(ctx context.Context, r *request) (*response, error) {
	name, config, initial, err := readCreate(r)
	if err != nil {
		return nil, err
	}
	r.subject = name
	if config, err = named(config, name); err != nil {
		return nil, err
	}
	if err := h.check(ctx, config); err != nil {
		return nil, err
	}
	err = h.update(ctx, func(tx *store.Tx) error {
		if _, exists := tx.Snapshot.Connectors[name]; exists {
			return errorf(http.StatusConflict, "Connector %s already exists", name)
		}
		return tx.PutConnector(name, config, initial)
	})
	if err != nil {
		return nil, err
	}
	h.Trigger(name)
	return &response{status: http.StatusCreated, body: h.info(name, config, h.startedAlready(name)), location: location(r, name)}, nil
}

// startedAlready returns a connector that was just written, with its tasks, in standalone mode: there Kafka Connect answers when they
// are started, and in distributed mode before.
func (h *handler) startedAlready(name string) *store.Connector {
	if !h.Worker.Standalone {
		return nil
	}
	return h.Store.Configs().Snapshot().Connectors[name]
}

// readCreate reads the body of POST /connectors. The name is trimmed, and empty if there is none; validation refuses that.
func readCreate(r *request) (name string, config store.Properties, initial *store.TargetState, err error) {
	fields, err := r.fields("name", "config", "initial_state")
	if err != nil {
		return "", nil, nil, err
	}
	if name, _, err = textOf(fields["name"]); err != nil {
		return "", nil, nil, err
	}
	if initial, err = initialState(fields); err != nil {
		return "", nil, nil, err
	}
	raw := fields["config"]
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil, nil, errorf(http.StatusInternalServerError, "The request has no configuration: set \"config\" to a JSON object of strings")
	}
	if err := decode(raw, &config); err != nil {
		return "", nil, nil, err
	}
	return strings.TrimFunc(name, func(c rune) bool { return c <= ' ' }), config, initial, nil
}

// initialState reads the target state that a new connector begins with; nil when none is given.
func initialState(fields map[string]json.RawMessage) (*store.TargetState, error) {
	text, given, err := textOf(fields["initial_state"])
	if err != nil || !given {
		return nil, err
	}
	states := map[string]store.TargetState{"RUNNING": store.Started, "PAUSED": store.Paused, "STOPPED": store.Stopped}
	state, known := states[strings.ToUpper(text)]
	if !known {
		return nil, errorf(http.StatusInternalServerError, "Cannot construct instance of `InitialState` from %q: use RUNNING, PAUSED or STOPPED", text)
	}
	return &state, nil
}

// named makes the configuration say the connector's name, which it must not contradict.
func named(config store.Properties, name string) (store.Properties, error) {
	included, given := config.Get(connectorconfig.NameKey)
	if given && included != name {
		return nil, errorf(http.StatusBadRequest, "Connector name configuration (%s) doesn't match connector name in the URL (%s)", included, name)
	}
	return config.With(connectorconfig.NameKey, name), nil
}

// check validates a configuration that is about to be stored. Validation lets a null pass where the connector defines the key, as in
// Kafka Connect, whose connector fails then; here it is not stored.
func (h *handler) check(ctx context.Context, config store.Properties) error {
	infos, err := h.validator.Validate(ctx, config)
	if err != nil {
		return err
	}
	if infos.ErrorCount > 0 {
		return invalid(infos.ErrorCount, infos.Messages())
	}
	var nulls []string
	for _, p := range config {
		if p.Value == nil {
			nulls = append(nulls, fmt.Sprintf("Invalid value null for configuration %s: Null value can not be supplied as the configuration value.", p.Name))
		}
	}
	if len(nulls) > 0 {
		return invalid(len(nulls), nulls)
	}
	return nil
}

// invalid is the refusal of a configuration.
func invalid(count int, messages []string) *Error {
	return errorf(http.StatusBadRequest, "Connector configuration is invalid and contains the following %d error(s):\n%s\n"+
		"You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`",
		count, strings.Join(messages, "\n"))
}

// remove is DELETE /connectors/{name}.
func (h *handler) remove(ctx context.Context, r *request) (*response, error) {
	err := h.changeConnector(ctx, r.connector(), connectorNotFound, func(tx *store.Tx, c *store.Connector) error {
		return tx.DeleteConnector(c.Name)
	})
	if err != nil {
		return nil, err
	}
	return empty(http.StatusNoContent)
}
