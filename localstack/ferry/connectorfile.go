package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
)

// connectorFileError says that a connector file could not be read, validated or created.
type connectorFileError struct {
	path string
	err  error
}

func (e *connectorFileError) Error() string {
	return fmt.Sprintf("connector file %s: %v", e.path, e.err)
}
func (e *connectorFileError) Unwrap() error { return e.err }

// connectorFile is what a connector file asks for: the body of a POST to /connectors.
type connectorFile struct {
	Name         string             `json:"name"`
	Config       map[string]*string `json:"config"`
	InitialState string             `json:"initial_state,omitempty"`
}

// readConnectorFile reads a connector file as Kafka Connect's standalone worker does, whatever the file is called: as a flat
// JSON object with a name among its keys, as a JSON object of name, config and initial_state, or as a Java properties file.
func readConnectorFile(path string) (*connectorFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &connectorFileError{path, err}
	}
	f, err := parseConnectorFile(text)
	if err != nil {
		return nil, &connectorFileError{path, err}
	}
	return f, nil
}

var errNoName = errors.New("it is missing the mandatory 'name' configuration")

func parseConnectorFile(text []byte) (*connectorFile, error) {
	if flat, err := flatObject(text); err == nil {
		return named(flat)
	}
	var request struct {
		Name         string          `json:"name"`
		Config       json.RawMessage `json:"config"`
		InitialState string          `json:"initial_state"`
	}
	if err := json.Unmarshal(text, &request); err == nil {
		return fromRequest(request.Name, request.InitialState, request.Config)
	}
	props, err := provider.ParseProperties(string(text))
	if err != nil {
		return nil, fmt.Errorf("it is neither JSON nor a Java properties file: %w", err)
	}
	config := make(map[string]*string, len(props))
	for k, v := range props {
		config[k] = &v
	}
	return named(config)
}

// named takes the connector's name from its configuration.
func named(config map[string]*string) (*connectorFile, error) {
	name := config["name"]
	if name == nil || *name == "" {
		return nil, errNoName
	}
	return &connectorFile{Name: *name, Config: config}, nil
}

func fromRequest(name, state string, raw json.RawMessage) (*connectorFile, error) {
	config, err := flatObject(raw)
	if err != nil {
		return nil, fmt.Errorf("its 'config' must be an object of strings: %w", err)
	}
	if inner := config["name"]; inner != nil && *inner != name {
		return nil, fmt.Errorf("the name %q in its 'config' is not its name %q", *inner, name)
	}
	if name == "" {
		return nil, errNoName
	}
	config["name"] = &name
	return &connectorFile{Name: name, Config: config, InitialState: state}, nil
}

// flatObject reads a JSON object whose values are scalars. Numbers and booleans are taken as their text.
func flatObject(text []byte) (map[string]*string, error) {
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("it is null")
	}
	flat := make(map[string]*string, len(members))
	for k, v := range members {
		switch v := v.(type) {
		case nil:
			flat[k] = nil
		case string:
			flat[k] = &v
		case json.Number, bool:
			text := fmt.Sprint(v)
			flat[k] = &text
		default:
			return nil, fmt.Errorf("the value of %q is not a string", k)
		}
	}
	return flat, nil
}
