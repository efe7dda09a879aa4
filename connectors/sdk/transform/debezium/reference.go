package debezium

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// reference names a field of a change event, and its name where it is added.
type reference struct {
	parent string // the struct it is in, empty for the event itself
	field  string
	name   string
}

// newReference reads field, struct.field, field:name or struct.field:name. Without a name it is the prefix, the struct and the field.
func newReference(s, prefix string) (ref reference, ok bool) {
	path, name, renamed := strings.Cut(strings.TrimSpace(s), ":")
	if path == "" || renamed && (name == "" || strings.Contains(name, ":")) {
		return ref, false
	}
	parent, field, nested := strings.Cut(path, ".")
	if !nested {
		parent, field = parentOf(path), path
	}
	field, _, _ = strings.Cut(field, ".")
	switch {
	case field == "":
		return ref, false
	case renamed:
	case nested:
		name = parent + "_" + field
	default:
		name = field
	}
	return reference{parent: parent, field: field, name: prefix + name}, true
}

// parentOf returns the struct that a field without one is in.
func parentOf(field string) string {
	switch field {
	case "id", "data_collection_order", "total_order":
		return "transaction"
	case "op", "ts_ms":
		return ""
	case "updateDescription":
		return "updateDescription"
	}
	return "source"
}

// found is a reference that has been found in a schema.
type found struct {
	name   string
	schema *connect.Schema // the field's, made optional
	parent int             // field of the event, -1 for the event itself
	field  int
}

// findAll finds references in the schema of an event. Those that are not there are left out.
func findAll(refs []reference, event *connect.Schema) (all []found, err error) {
	for _, ref := range refs {
		f, s := found{name: ref.name, parent: -1}, event
		if ref.parent != "" {
			if f.parent = event.FieldIndex(ref.parent); f.parent >= 0 {
				s = event.Fields()[f.parent].Schema
			}
		}
		if s.Type() != connect.TypeStruct {
			continue
		}
		if f.field = s.FieldIndex(ref.field); f.field < 0 { // another transform may have put it into the event
			f.parent, f.field, s = -1, event.FieldIndex(ref.field), event
		}
		if f.field < 0 {
			continue
		}
		if f.schema, err = smt.Optional(s.Fields()[f.field].Schema); err != nil {
			return nil, err
		}
		all = append(all, f)
	}
	return all, nil
}

// in returns the value of the field in an event, null when the struct it is in is null.
func (f *found) in(event connect.Struct) connect.Value {
	if f.parent < 0 {
		return event.Field(f.field)
	}
	parent := event.Field(f.parent)
	if parent.Kind() != connect.KindStruct || f.field >= len(parent.Struct().Fields()) {
		return connect.Null()
	}
	return parent.Struct().Field(f.field)
}

// addHeaders adds fields of an event to the headers of a record.
func addHeaders(r *connect.Record, a *connect.Arena, fields []found, event connect.Struct) {
	if len(fields) == 0 {
		return
	}
	headers := roomFor(a, r.Headers, len(fields))
	for i := range fields {
		h := connect.Header{Key: fields[i].name, Schema: fields[i].schema, Value: fields[i].in(event)}
		if h.Value.IsNull() {
			h.Schema = nil
		}
		headers = append(headers, h)
	}
	r.Headers = headers
}

// roomFor returns a copy of headers, which records may share, with room for more.
func roomFor(a *connect.Arena, headers []connect.Header, more int) []connect.Header {
	room := a.Headers(len(headers) + more)
	return room[:copy(room, headers)]
}
