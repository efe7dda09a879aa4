package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// schema reads a schema.
func (p *plain) schema(n node) (*connect.Schema, error) {
	o := p.object(n)
	typ, ok := p.member(o, "type")
	if !ok {
		return nil, connect.DataError("Schema must contain 'type' field")
	}
	b, err := p.builder(typ, o)
	if err != nil {
		return nil, err
	}
	b.SetOptional(p.isTrue(o.get("optional")))
	if name, ok := p.member(o, "name"); ok {
		b.Name(name)
	}
	if version := p.numeral(o.get("version")); version.integer {
		b.Version(int32(version.int64()))
	}
	if doc, ok := p.member(o, "doc"); ok {
		b.Doc(doc)
	}
	if err := p.parameters(b, o.get("parameters")); err != nil {
		return nil, err
	}
	return p.withDefault(b, o.get("default"))
}

func (p *plain) builder(typ string, o object) (*connect.SchemaBuilder, error) {
	switch typ {
	case "array":
		items, err := p.nested(o.get("items"), "Array schema did not specify the element type")
		if err != nil {
			return nil, err
		}
		return connect.NewArraySchema(items), nil
	case "map":
		keys, err := p.nested(o.get("keys"), "Map schema did not specify the key type")
		if err != nil {
			return nil, err
		}
		values, err := p.nested(o.get("values"), "Map schema did not specify the value type")
		if err != nil {
			return nil, err
		}
		return connect.NewMapSchema(keys, values), nil
	case "struct":
		return p.structBuilder(o.get("fields"))
	}
	for t, name := range typeNames {
		if name == typ && name != "" {
			return connect.NewSchema(connect.Type(t)), nil
		}
	}
	return nil, connect.DataError("Unknown schema type: " + typ)
}

func (p *plain) nested(n node, missing string) (*connect.Schema, error) {
	if n.kind == nodeMissing || n.kind == nodeNull {
		return nil, connect.DataError(missing)
	}
	return p.schema(n)
}

func (p *plain) structBuilder(n node) (*connect.SchemaBuilder, error) {
	if n.kind != nodeArray {
		return nil, connect.DataError(`Struct schema's "fields" argument is not an array.`)
	}
	b := connect.NewStructSchema()
	for _, field := range p.elements(n) {
		name, ok := p.member(p.object(field), "field")
		if !ok {
			return nil, connect.DataError("Struct schema's field name not specified properly")
		}
		s, err := p.schema(field)
		if err != nil {
			return nil, err
		}
		b.Field(name, s)
	}
	return b, nil
}

func (p *plain) parameters(b *connect.SchemaBuilder, n node) error {
	for _, m := range p.object(n).members {
		if m.value.kind != nodeString {
			return connect.DataError("Schema parameters must have string values.")
		}
		b.Parameter(m.name, string(p.text(m.value)))
	}
	return nil
}

// withDefault builds the schema. A default is converted by the schema as it is without one. That a struct can then never
// have a default, because its schema differs from that of the default, is how Kafka Connect does it.
func (p *plain) withDefault(b *connect.SchemaBuilder, n node) (*connect.Schema, error) {
	s, err := b.Build()
	if err != nil || n.kind == nodeMissing {
		return s, err
	}
	def, err := p.convert(nil, s, n)
	if err != nil {
		return nil, err
	}
	if s.Type() == connect.TypeStruct && def.Kind() == connect.KindStruct {
		return nil, &connect.Error{
			Kind: connect.KindData, Class: connect.SchemaBuilderException, Message: "Invalid default value",
			Cause: connect.DataError("Struct schemas do not match."),
		}
	}
	if def.IsNull() { // an optional schema whose default is null has none
		return s, nil
	}
	return b.Default(def).Build()
}
