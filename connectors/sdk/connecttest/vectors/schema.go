package vectors

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// schemaJSON is a schema as the vectors write it.
type schemaJSON struct {
	Type        string          `json:"type"`
	Optional    bool            `json:"optional"`
	Name        *string         `json:"name"`
	Version     *int32          `json:"version"`
	Doc         *string         `json:"doc"`
	Default     json.RawMessage `json:"default"`
	Parameters  json.RawMessage `json:"parameters"`
	Fields      []fieldJSON     `json:"fields"`
	KeySchema   json.RawMessage `json:"keySchema"`
	ValueSchema json.RawMessage `json:"valueSchema"`
}

type fieldJSON struct {
	Name   string          `json:"name"`
	Schema json.RawMessage `json:"schema"`
}

// Schema decodes a schema; JSON null, or nothing, is the nil schema.
func Schema(raw json.RawMessage) (*connect.Schema, error) {
	if isNull(raw) {
		return nil, nil
	}
	var j schemaJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("decode schema %s: %w", raw, err)
	}
	b, err := j.builder()
	if err != nil {
		return nil, err
	}
	s, err := b.Build()
	if err != nil || j.Default == nil {
		return s, err
	}
	v, err := Value(s, j.Default) // a struct default belongs to the schema itself, as it is without the default
	if err != nil {
		return nil, fmt.Errorf("decode default of %s: %w", s, err)
	}
	return b.Default(v).Build()
}

// builder returns the schema without its default.
func (j schemaJSON) builder() (*connect.SchemaBuilder, error) {
	b, err := j.typed()
	if err != nil {
		return nil, err
	}
	if j.Name != nil {
		b.Name(*j.Name)
	}
	if j.Version != nil {
		b.Version(*j.Version)
	}
	if j.Doc != nil {
		b.Doc(*j.Doc)
	}
	if j.Optional {
		b.Optional()
	}
	if err := addParameters(b, j.Parameters); err != nil {
		return nil, err
	}
	for _, f := range j.Fields {
		s, err := Schema(f.Schema)
		if err != nil {
			return nil, fmt.Errorf("decode field %s: %w", f.Name, err)
		}
		b.Field(f.Name, s)
	}
	return b, nil
}

func (j schemaJSON) typed() (*connect.SchemaBuilder, error) {
	for t := connect.TypeInt8; t <= connect.TypeStruct; t++ {
		if t.String() != j.Type {
			continue
		}
		key, err := Schema(j.KeySchema)
		if err != nil {
			return nil, fmt.Errorf("decode key schema: %w", err)
		}
		value, err := Schema(j.ValueSchema)
		if err != nil {
			return nil, fmt.Errorf("decode value schema: %w", err)
		}
		switch t {
		case connect.TypeArray:
			return connect.NewArraySchema(value), nil
		case connect.TypeMap:
			return connect.NewMapSchema(key, value), nil
		}
		return connect.NewSchema(t), nil
	}
	return nil, fmt.Errorf("decode schema: unknown type %q", j.Type)
}

// addParameters keeps the order of the JSON object, which is that of the Java map.
func addParameters(b *connect.SchemaBuilder, raw json.RawMessage) error {
	if isNull(raw) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("decode parameters: %w", err)
	}
	b.Parameters() // an empty map differs from none
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("decode parameters: %w", err)
		}
		var value *string
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("decode parameter %v: %w", key, err)
		}
		if value == nil {
			return fmt.Errorf("decode parameter %v: null: %w", key, ErrNoCounterpart)
		}
		b.Parameter(key.(string), *value)
	}
	return nil
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || string(bytes.TrimSpace(raw)) == "null"
}
