package transform

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// copyBasics takes over name, version, documentation and parameters of s, which may be of another type than b.
func copyBasics(b *connect.SchemaBuilder, s *connect.Schema) *connect.SchemaBuilder {
	if name, ok := s.Name(); ok {
		b.Name(name)
	}
	if version, ok := s.Version(); ok {
		b.Version(version)
	}
	return copyNotes(b, s)
}

// copyNotes takes over documentation and parameters of s.
func copyNotes(b *connect.SchemaBuilder, s *connect.Schema) *connect.SchemaBuilder {
	if doc, ok := s.Doc(); ok {
		b.Doc(doc)
	}
	if params, ok := s.Parameters(); ok {
		b.Parameters(params...)
	}
	return b
}

// errNoFields is the error about a schema that should be that of a struct.
func errNoFields() error { return connect.DataError("Cannot list fields on non-struct type") }
