package vectors

import (
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// EqualValue says how got differs from the value that want describes, naming the place; nil means not at all. s is the
// schema that a struct in want belongs to unless it carries its own; nil for schemaless data. Maps are compared in order,
// unless the Java object was a HashMap: then as sets. NaN equals NaN, -0.0 differs from 0.0.
func EqualValue(want json.RawMessage, s *connect.Schema, got connect.Value) error {
	return equalAt("value", want, s, got)
}

// EqualSchema says how got differs from the schema that want describes; nil means not at all. Parameters are compared without
// regard to order, as Java does.
func EqualSchema(want json.RawMessage, got *connect.Schema) error {
	w, err := Schema(want)
	if err != nil {
		return err
	}
	if !w.Equal(got) {
		return fmt.Errorf("got %s, want %s", DescribeSchema(got), DescribeSchema(w))
	}
	return nil
}

// EqualBytes says how got differs from the bytes that want describes; nil means not at all. A nil slice is not an empty one.
func EqualBytes(want json.RawMessage, got []byte) error {
	w, err := Bytes(want)
	if err != nil {
		return err
	}
	if (w == nil) != (got == nil) || string(w) != string(got) {
		return fmt.Errorf("got %s, want %s", describeBytes(got), describeBytes(w))
	}
	return nil
}

func describeBytes(b []byte) string {
	if b == nil {
		return "null"
	}
	return fmt.Sprintf("%q", b)
}

func equalAt(at string, raw json.RawMessage, s *connect.Schema, got connect.Value) error {
	want, err := Value(s, raw)
	if err != nil {
		return err
	}
	var j dataJSON
	if !isNull(raw) {
		if err := json.Unmarshal(raw, &j); err != nil {
			return fmt.Errorf("decode value: %w", err)
		}
	}
	if want.Kind() == got.Kind() {
		switch want.Kind() {
		case connect.KindArray:
			return equalArray(at, &j, s, got.Array())
		case connect.KindMap:
			return equalMap(at, &j, s, got.Map())
		case connect.KindStruct:
			return equalStruct(at, &j, want.Struct(), got.Struct())
		}
	}
	if !want.Equal(got) {
		return fmt.Errorf("%s is %s, want %s", at, describe(got), describe(want))
	}
	return nil
}

func equalArray(at string, j *dataJSON, s *connect.Schema, got []connect.Value) error {
	if len(*j.Array) != len(got) {
		return fmt.Errorf("%s has %d elements, want %d", at, len(got), len(*j.Array))
	}
	for i, raw := range *j.Array {
		if err := equalAt(fmt.Sprintf("%s[%d]", at, i), raw, elementSchema(s), got[i]); err != nil {
			return err
		}
	}
	return nil
}

func equalMap(at string, j *dataJSON, s *connect.Schema, got connect.Map) error {
	if len(*j.Map) != got.Len() {
		return fmt.Errorf("%s has %d entries, want %d: %s", at, got.Len(), len(*j.Map), got.Value())
	}
	for i, entry := range *j.Map {
		key, err := Value(keySchema(s), entry[0])
		if err != nil {
			return err
		}
		where := i
		if j.HashOrder {
			where = position(got, key)
		}
		if where < 0 {
			return fmt.Errorf("%s has no entry with key %s", at, describe(key))
		}
		k, v := got.Entry(where)
		if !k.Equal(key) {
			return fmt.Errorf("%s has key %s at position %d, want %s", at, describe(k), i, describe(key))
		}
		if err := equalAt(at+"{"+key.String()+"}", entry[1], elementSchema(s), v); err != nil {
			return err
		}
	}
	return nil
}

func position(m connect.Map, key connect.Value) int {
	for i := range m.Len() {
		if k, _ := m.Entry(i); k.Equal(key) {
			return i
		}
	}
	return -1
}

func equalStruct(at string, j *dataJSON, want, got connect.Struct) error {
	if !want.Schema().Equal(got.Schema()) {
		return fmt.Errorf("%s has %s, want %s", at, DescribeSchema(got.Schema()), DescribeSchema(want.Schema()))
	}
	for _, f := range *j.Struct {
		name, raw, err := field(f)
		if err != nil {
			return err
		}
		i := want.Schema().FieldIndex(name)
		if err := equalAt(at+"."+name, raw, want.Schema().Fields()[i].Schema, got.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// describe renders a value with its kind, since Java's text alone does not tell 5 from 5.
func describe(v connect.Value) string {
	switch v.Kind() {
	case connect.KindNull:
		return "null"
	case connect.KindString:
		return fmt.Sprintf("string %q", v.Str())
	case connect.KindBytes:
		return fmt.Sprintf("bytes %x", v.Bytes())
	}
	return v.Kind().String() + " " + v.String()
}

// DescribeSchema renders a schema in full, for messages of tests.
func DescribeSchema(s *connect.Schema) string {
	if s == nil {
		return "no schema"
	}
	text := s.Type().String()
	if name, ok := s.Name(); ok {
		text += fmt.Sprintf(" name=%q", name)
	}
	if version, ok := s.Version(); ok {
		text += fmt.Sprintf(" version=%d", version)
	}
	if doc, ok := s.Doc(); ok {
		text += fmt.Sprintf(" doc=%q", doc)
	}
	if params, ok := s.Parameters(); ok {
		text += fmt.Sprintf(" parameters=%v", params)
	}
	if s.Optional() {
		text += " optional"
	}
	if def, ok := s.Default(); ok {
		text += " default=" + describe(def)
	}
	return text + describeElements(s)
}

func describeElements(s *connect.Schema) string {
	switch s.Type() {
	case connect.TypeArray:
		return " of (" + DescribeSchema(s.ValueSchema()) + ")"
	case connect.TypeMap:
		return " of (" + DescribeSchema(s.KeySchema()) + ") to (" + DescribeSchema(s.ValueSchema()) + ")"
	case connect.TypeStruct:
		text := " {"
		for _, f := range s.Fields() {
			text += " " + f.Name + ": " + DescribeSchema(f.Schema) + ";"
		}
		return text + " }"
	}
	return ""
}
