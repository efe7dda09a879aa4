package datagen

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// optionsOf returns the generator for options, nil when there are none.
func (a args) optionsOf(s *connect.Schema) (generator, error) {
	given, ok := a["options"]
	if !ok {
		return nil, nil
	}
	list, ok := given.([]any)
	if !ok || len(list) == 0 {
		return nil, errors.New("options must be a list of values; options in a file are not supported")
	}
	values := make(options, len(list))
	for i, v := range list {
		var err error
		if values[i], err = valueOf(s, v); err != nil {
			return nil, fmt.Errorf("option %d: %w", i, err)
		}
	}
	return values, nil
}

// valueOf makes a JSON value a value of the schema.
func valueOf(s *connect.Schema, v any) (connect.Value, error) {
	if v == nil && s.Optional() {
		return connect.Null(), nil
	}
	switch s.Type() {
	case connect.TypeArray:
		return arrayOf(s, v)
	case connect.TypeMap:
		return mapOf(s, v)
	case connect.TypeStruct:
		return structOf(s, v)
	case connect.TypeBoolean:
		if b, ok := v.(bool); ok {
			return connect.Bool(b), nil
		}
	case connect.TypeString:
		if t, ok := v.(string); ok {
			return connect.String(t), nil
		}
	case connect.TypeBytes:
		if t, ok := v.(string); ok && s.Logical() == connect.LogicalNone {
			return latin1(t), nil
		}
	default:
		if n, ok := v.(json.Number); ok {
			return numberOf(s, n)
		}
	}
	return connect.Null(), fmt.Errorf("%v is no %v", v, s.Type())
}

// latin1 returns the bytes that Avro writes in JSON as the characters of the same number.
func latin1(t string) connect.Value {
	b := make([]byte, 0, len(t))
	for _, r := range t {
		b = append(b, byte(r))
	}
	return connect.Bytes(b)
}

func numberOf(s *connect.Schema, n json.Number) (connect.Value, error) {
	switch s.Type() {
	case connect.TypeFloat32, connect.TypeFloat64:
		f, err := n.Float64()
		if s.Type() == connect.TypeFloat32 {
			return connect.Float32(float32(f)), err
		}
		return connect.Float64(f), err
	}
	i, err := n.Int64()
	if err != nil {
		return connect.Null(), fmt.Errorf("%s is no whole number", n)
	}
	switch {
	case s.Logical() == connect.LogicalDate:
		return connect.TimeMillis(i * 24 * 60 * 60 * 1000), nil
	case s.Logical() != connect.LogicalNone:
		return connect.TimeMillis(i), nil
	case s.Type() == connect.TypeInt64:
		return connect.Int64(i), nil
	case i < math.MinInt32 || i > math.MaxInt32:
		return connect.Null(), fmt.Errorf("%s is no int", n)
	}
	return connect.Int32(int32(i)), nil
}

func arrayOf(s *connect.Schema, v any) (connect.Value, error) {
	list, ok := v.([]any)
	if !ok {
		return connect.Null(), fmt.Errorf("%v is no array", v)
	}
	elems := make([]connect.Value, len(list))
	for i, e := range list {
		var err error
		if elems[i], err = valueOf(s.ValueSchema(), e); err != nil {
			return connect.Null(), err
		}
	}
	return connect.Array(elems), nil
}

func mapOf(s *connect.Schema, v any) (connect.Value, error) {
	o, ok := v.(object)
	if !ok {
		return connect.Null(), fmt.Errorf("%v is no map", v)
	}
	slots := make([]connect.Value, 0, 2*len(o))
	for _, key := range slices.Sorted(maps.Keys(o)) {
		value, err := valueOf(s.ValueSchema(), o[key])
		if err != nil {
			return connect.Null(), err
		}
		slots = append(slots, connect.String(key), value)
	}
	return connect.NewMap(slots).Value(), nil
}

func structOf(s *connect.Schema, v any) (connect.Value, error) {
	o, ok := v.(object)
	if !ok {
		return connect.Null(), fmt.Errorf("%v is no record", v)
	}
	made := connect.NewStruct(s)
	for i, f := range s.Fields() {
		value, err := valueOf(f.Schema, o[f.Name])
		if err != nil {
			return connect.Null(), fmt.Errorf("field %s: %w", f.Name, err)
		}
		made.SetField(i, value)
	}
	return made.Value(), nil
}
