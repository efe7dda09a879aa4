package debezium

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// jsonExpander makes structs of texts that are JSON objects, and arrays of those that are arrays. Their schemas are made of what is in
// them: numbers are INT32, INT64 or FLOAT64, all is optional, names of structs are paths. Empty arrays are left out, and so are nulls
// unless they are kept as BYTES. The elements of an array must be of one type; those that are objects get the fields of all of them.
// What cannot be expanded stays as it is; what follows the JSON is ignored.
type jsonExpander struct {
	keepsNulls bool
	schemas    smt.Plans[*connect.Schema] // those of equal shape share one
}

// jsonDepth bounds how deep JSON nests.
const jsonDepth = 200

var errNotExpandable = errors.New("the JSON has no schema")

// jsonNode is JSON as it was written.
type jsonNode struct {
	value  connect.Value // of texts, numbers, booleans and null
	kind   connect.Kind
	names  []string // of an object's members
	inside []jsonNode
}

// expand returns the schema and the data of a text; ok is false when it stays as it is. name is what names of structs begin with.
func (e *jsonExpander) expand(name, text string) (*connect.Schema, connect.Value, bool) {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return nil, connect.Value{}, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	node, err := readJSON(d, 0)
	if err != nil {
		return nil, connect.Value{}, false
	}
	s, err := e.schema(name, &node)
	if err != nil || s == nil {
		return nil, connect.Value{}, false
	}
	shared, err := e.schemas.Find(s, func(s *connect.Schema) (*connect.Schema, error) { return s, nil })
	if err != nil {
		return nil, connect.Value{}, false
	}
	v, err := node.data(*shared)
	return *shared, v, err == nil
}

func readJSON(d *json.Decoder, depth int) (node jsonNode, err error) {
	token, err := d.Token()
	if err != nil || depth > jsonDepth {
		return node, errors.Join(err, errNotExpandable)
	}
	switch t := token.(type) {
	case json.Delim:
		return readInside(d, t, depth)
	case string:
		node.kind, node.value = connect.KindString, connect.String(t)
	case bool:
		node.kind, node.value = connect.KindBool, connect.Bool(t)
	case json.Number:
		node.value, err = number(t.String())
		node.kind = node.value.Kind()
	}
	return node, err
}

func readInside(d *json.Decoder, open json.Delim, depth int) (node jsonNode, err error) {
	node.kind = connect.KindArray
	if open == '{' {
		node.kind = connect.KindStruct
	}
	for d.More() {
		if node.kind == connect.KindStruct {
			name, err := d.Token()
			if err != nil {
				return node, err
			}
			text, _ := name.(string)
			node.names = append(node.names, text)
		}
		inner, err := readJSON(d, depth+1)
		if err != nil {
			return node, err
		}
		node.inside = append(node.inside, inner)
	}
	_, err = d.Token()
	return node, err
}

// number returns an INT32 or an INT64 if the number is one, otherwise a FLOAT64. Whole numbers beyond 64 bits have no type.
func number(text string) (connect.Value, error) {
	if strings.ContainsAny(text, ".eE") {
		f, err := strconv.ParseFloat(text, 64)
		return connect.Float64(f), err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if int64(int32(n)) == n {
		return connect.Int32(int32(n)), err
	}
	return connect.Int64(n), err
}

// schema returns the schema of a node, nil if it is to be left out.
func (e *jsonExpander) schema(name string, node *jsonNode) (*connect.Schema, error) {
	switch node.kind {
	case connect.KindString:
		return connect.OptionalStringSchema, nil
	case connect.KindBool:
		return connect.OptionalBooleanSchema, nil
	case connect.KindInt32:
		return connect.OptionalInt32Schema, nil
	case connect.KindInt64:
		return connect.OptionalInt64Schema, nil
	case connect.KindFloat64:
		return connect.OptionalFloat64Schema, nil
	case connect.KindArray:
		if len(node.inside) == 0 {
			return nil, nil
		}
		element, err := e.elementSchema(name, node.inside)
		if err != nil {
			return nil, err
		}
		return connect.NewArraySchema(element).Optional().Build()
	case connect.KindStruct:
		return e.objectSchema(name, node)
	}
	if e.keepsNulls {
		return connect.OptionalBytesSchema, nil
	}
	return nil, nil
}

func (e *jsonExpander) objectSchema(name string, node *jsonNode) (*connect.Schema, error) {
	b, seen := connect.NewStructSchema().Name(name).Optional(), make(map[string]bool)
	for i, field := range node.names {
		s, err := e.schema(name+"."+field, &node.inside[i])
		if err != nil {
			return nil, err
		}
		if s != nil && !seen[field] {
			seen[field] = true
			b.Field(field, s)
		}
	}
	return b.Build()
}

// elementSchema returns the schema that all elements of an array have. Nulls have every one.
func (e *jsonExpander) elementSchema(name string, elements []jsonNode) (merged *connect.Schema, err error) {
	for i := range elements {
		if elements[i].kind == connect.KindNull {
			continue
		}
		s, err := e.schema(name, &elements[i])
		switch {
		case err != nil:
			return nil, err
		case s == nil:
			return nil, errNotExpandable
		case merged == nil || merged.Equal(s):
			merged = s
		case merged.Type() != connect.TypeStruct || s.Type() != connect.TypeStruct:
			return nil, errNotExpandable
		default:
			if merged, err = merge(merged, s); err != nil {
				return nil, err
			}
		}
	}
	if merged == nil {
		return nil, errNotExpandable
	}
	return merged, nil
}

// merge returns a struct schema with the fields of two. A field of both is the first's, unless that was null.
func merge(s, with *connect.Schema) (*connect.Schema, error) {
	b := connect.NewSchemaLike(s).Optional()
	for _, f := range s.Fields() {
		if i := with.FieldIndex(f.Name); i >= 0 && f.Schema.Type() == connect.TypeBytes {
			f = with.Fields()[i]
		}
		b.Field(f.Name, f.Schema)
	}
	for _, f := range with.Fields() {
		if s.FieldIndex(f.Name) < 0 {
			b.Field(f.Name, f.Schema)
		}
	}
	return b.Build()
}

// data returns a node as data of a schema.
func (n *jsonNode) data(s *connect.Schema) (v connect.Value, err error) {
	switch {
	case n.kind == connect.KindNull:
		return connect.Null(), nil
	case n.kind == connect.KindArray && s.Type() == connect.TypeArray:
		elements := make([]connect.Value, len(n.inside))
		for i := range n.inside {
			if elements[i], err = n.inside[i].data(s.ValueSchema()); err != nil {
				return v, err
			}
		}
		return connect.Array(elements), nil
	case n.kind == connect.KindStruct && s.Type() == connect.TypeStruct:
		st := connect.NewStruct(s)
		for i, name := range n.names {
			at := s.FieldIndex(name)
			if at < 0 {
				continue
			}
			if v, err = n.inside[i].data(s.Fields()[at].Schema); err != nil {
				return v, err
			}
			st.SetField(at, v)
		}
		return st.Value(), nil
	}
	return n.value, connect.ValidateValue("", s, n.value)
}
