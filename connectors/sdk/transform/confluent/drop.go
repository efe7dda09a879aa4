package confluent

// Drop makes the key or the value of records null.
//
// Supported: Drop$Key and Drop$Value with all keys of release 1.6. A schema that is made optional keeps everything else.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func drop() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "schema.behavior", Type: configdef.TypeString, Default: "nullify", Importance: configdef.ImportanceMedium,
		Validator: configdef.ValidString("nullify", "retain", "validate", "force_optional"),
		Documentation: "What becomes of a schema: nullify removes it, retain keeps it, validate keeps it but refuses one that is not optional, " +
			"force_optional makes it optional.",
	})
	variant := func(suffix string, o operand) connect.TransformClass {
		return class("Drop"+suffix, def, func(c configdef.Config) (connect.Transform, error) {
			return &dropper{operand: o, behavior: c.String("schema.behavior")}, nil
		})
	}
	return []connect.TransformClass{variant("$Key", keyOperand), variant("$Value", valueOperand)}
}

type dropper struct {
	operand
	behavior  string
	optionals optionals
}

// Apply implements connect.Transform.
func (t *dropper) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	s, _ := t.get(r)
	switch {
	case s == nil || t.behavior == "nullify":
		s = nil
	case t.behavior == "validate" && !s.Optional():
		return false, connect.DataError("The " + t.String() + " cannot be dropped: its schema " + s.String() + " is not optional")
	case t.behavior == "force_optional" && !s.Optional():
		if s, err = t.optionals.of(s); err != nil {
			return false, err
		}
	}
	t.set(r, s, connect.Null())
	return true, nil
}

// optionals remembers the optional copies of the latest schemas, so that equal input always gives the same output schema.
type optionals struct {
	from, to [16]*connect.Schema
	oldest   int
}

func (o *optionals) of(s *connect.Schema) (*connect.Schema, error) {
	for i, from := range o.from {
		if from == s || from != nil && from.Equal(s) {
			return o.to[i], nil
		}
	}
	to, err := optional(s)
	if err != nil {
		return nil, err
	}
	o.from[o.oldest], o.to[o.oldest] = s, to
	o.oldest = (o.oldest + 1) % len(o.from)
	return to, nil
}

// optional returns a copy of s that is optional.
func optional(s *connect.Schema) (*connect.Schema, error) {
	b := connect.NewSchema(s.Type())
	switch s.Type() {
	case connect.TypeArray:
		b = connect.NewArraySchema(s.ValueSchema())
	case connect.TypeMap:
		b = connect.NewMapSchema(s.KeySchema(), s.ValueSchema())
	}
	if name, ok := s.Name(); ok {
		b.Name(name)
	}
	if version, ok := s.Version(); ok {
		b.Version(version)
	}
	if doc, ok := s.Doc(); ok {
		b.Doc(doc)
	}
	if params, ok := s.Parameters(); ok {
		b.Parameters(params...)
	}
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	b.Optional()
	def, ok := s.Default()
	if !ok {
		return b.Build()
	}
	if def.Kind() == connect.KindStruct { // it is of the schema as it was; its fields stay
		bare, err := b.Build()
		if err != nil {
			return nil, err
		}
		copied := connect.NewStruct(bare)
		copy(copied.Fields(), def.Struct().Fields())
		def = copied.Value()
	}
	return b.Default(def).Build()
}
