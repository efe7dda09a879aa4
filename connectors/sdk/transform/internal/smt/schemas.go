package smt

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// CopyBasics takes over name, version, documentation and parameters of s, which may be of another type than b.
func CopyBasics(b *connect.SchemaBuilder, s *connect.Schema) *connect.SchemaBuilder {
	if name, ok := s.Name(); ok {
		b.Name(name)
	}
	if version, ok := s.Version(); ok {
		b.Version(version)
	}
	return CopyNotes(b, s)
}

// CopyNotes takes over documentation and parameters of s.
func CopyNotes(b *connect.SchemaBuilder, s *connect.Schema) *connect.SchemaBuilder {
	if doc, ok := s.Doc(); ok {
		b.Doc(doc)
	}
	if params, ok := s.Parameters(); ok {
		b.Parameters(params...)
	}
	return b
}

// ErrNoFields is the error about a schema that should be that of a struct.
func ErrNoFields() error { return connect.DataError("Cannot list fields on non-struct type") }

// Optional returns a copy of s that is optional.
func Optional(s *connect.Schema) (*connect.Schema, error) {
	b := connect.NewSchema(s.Type())
	switch s.Type() {
	case connect.TypeArray:
		b = connect.NewArraySchema(s.ValueSchema())
	case connect.TypeMap:
		b = connect.NewMapSchema(s.KeySchema(), s.ValueSchema())
	}
	CopyBasics(b, s)
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
