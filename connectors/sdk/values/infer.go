package values

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// InferSchema returns the schema of v as its kind alone tells (kafka-connect: Values.inferSchema); nil when it does not:
// null, decimals, instants, empty arrays and maps, and those whose elements are of different types. Elements that are
// arrays or maps themselves get a schema without element schemas, which is all that Kafka Connect keeps. An array or a map
// of nothing but nulls is a KindData error.
func InferSchema(v connect.Value) (*connect.Schema, error) {
	switch v.Kind() {
	case connect.KindBool:
		return connect.BooleanSchema, nil
	case connect.KindInt8:
		return connect.Int8Schema, nil
	case connect.KindInt16:
		return connect.Int16Schema, nil
	case connect.KindInt32:
		return connect.Int32Schema, nil
	case connect.KindInt64:
		return connect.Int64Schema, nil
	case connect.KindFloat32:
		return connect.Float32Schema, nil
	case connect.KindFloat64:
		return connect.Float64Schema, nil
	case connect.KindString:
		return connect.StringSchema, nil
	case connect.KindBytes:
		return connect.BytesSchema, nil
	case connect.KindStruct:
		return v.Struct().Schema(), nil
	case connect.KindArray:
		return inferArray(v.Array())
	case connect.KindMap:
		return inferMap(v.Map())
	}
	return nil, nil
}

func inferArray(elems []connect.Value) (*connect.Schema, error) {
	if len(elems) == 0 {
		return nil, nil
	}
	var d detector
	for i := range elems {
		if ok, err := d.see(elems[i]); !ok {
			return nil, err
		}
	}
	elem, err := d.schema()
	if err != nil {
		return nil, err
	}
	return connect.NewArraySchema(elem).Build()
}

func inferMap(m connect.Map) (*connect.Schema, error) {
	if m.Len() == 0 {
		return nil, nil
	}
	var keys, values detector
	for i := range m.Len() {
		k, v := m.Entry(i)
		if ok, err := keys.see(k); !ok {
			return nil, err
		}
		if ok, err := values.see(v); !ok {
			return nil, err
		}
	}
	key, err := keys.schema()
	if err != nil {
		return nil, err
	}
	value, err := values.schema()
	if err != nil {
		return nil, err
	}
	return connect.NewMapSchema(key, value).Build()
}

// detector finds the one type of several values.
type detector struct {
	typ      connect.Type
	optional bool
}

// see reports whether v can be of the type that was seen so far.
func (d *detector) see(v connect.Value) (bool, error) {
	if v.IsNull() {
		d.optional = true
		return true, nil
	}
	s, err := InferSchema(v)
	if err != nil || s == nil {
		return false, err
	}
	if d.typ == 0 {
		d.typ = s.Type()
	}
	return d.typ == s.Type(), nil
}

func (d *detector) schema() (*connect.Schema, error) {
	if d.typ == 0 {
		return nil, &connect.Error{Kind: connect.KindData, Class: connect.SchemaBuilderException, Message: "fieldType cannot be null"}
	}
	return connect.NewSchema(d.typ).SetOptional(d.optional).Build()
}
