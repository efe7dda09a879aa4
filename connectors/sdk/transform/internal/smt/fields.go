package smt

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// NullField returns what field i of a new struct of schema s is when field j of from, where it comes from, is null: the
// default or null. A null that the field does not take is an error, as it is for Struct.put: the struct was incomplete before.
func NullField(s *connect.Schema, i int, from connect.Struct, j int, useDefault bool) (connect.Value, error) {
	var v connect.Value
	if useDefault {
		v = from.FieldOrDefault(j)
	}
	if f := &s.Fields()[i]; v.IsNull() && !f.Schema.Optional() {
		return v, connect.ValidateValue(f.Name, f.Schema, v)
	}
	return v, nil
}

// CopyFields copies the fields of from to those of to, whose schema begins with the same names. A null becomes the default of its
// field in from, if useDefaults says so.
func CopyFields(to, from connect.Struct, useDefaults bool) (err error) {
	fields := to.Fields()
	for i := range fields[:copy(fields, from.Fields())] {
		if fields[i].IsNull() {
			if fields[i], err = NullField(to.Schema(), i, from, i, useDefaults); err != nil {
				return err
			}
		}
	}
	return nil
}

// SameFields fails when a struct does not have the fields of the schema that it is said to be of. That is a mistake of whoever made
// the struct; going on would take one field for another. The rest of the schema may differ: the struct that is the default of
// a schema is of that schema without the default.
func SameFields(st connect.Struct, s *connect.Schema) error {
	if st.Schema() == s {
		return nil
	}
	is := func(f, g connect.Field) bool { return f.Name == g.Name && f.Schema.Equal(g.Schema) }
	if !slices.EqualFunc(st.Schema().Fields(), s.Fields(), is) {
		return connect.DataError("Struct schemas do not match.")
	}
	return nil
}

// MapWriter fills a new map in an arena.
type MapWriter struct {
	slots []connect.Value
	n     int // slots filled
}

// NewMapWriter returns a writer with room for the given number of entries.
func NewMapWriter(a *connect.Arena, entries int) MapWriter {
	return MapWriter{slots: a.Values(2 * entries)}
}

// CopyMap returns a copy of m that has room for more entries.
func CopyMap(a *connect.Arena, m connect.Map, more int) MapWriter {
	w := NewMapWriter(a, m.Len()+more)
	w.n = copy(w.slots, m.Slots())
	return w
}

// Append adds an entry whose key is not in the map.
func (w *MapWriter) Append(k, v connect.Value) {
	w.slots[w.n], w.slots[w.n+1] = k, v
	w.n += 2
}

// Set replaces the value of the i-th entry.
func (w *MapWriter) Set(i int, v connect.Value) { w.slots[2*i+1] = v }

// Put adds an entry or replaces the value of its key.
func (w *MapWriter) Put(key string, v connect.Value) {
	m := connect.NewMap(w.slots[:w.n])
	if i := m.Index(key); i >= 0 {
		m.SetValue(i, v)
		return
	}
	w.Append(connect.String(key), v)
}

// Value returns the map.
func (w *MapWriter) Value() connect.Value { return connect.NewMap(w.slots[:w.n]).Value() }

// NotAString is the error about a key of a map that should be a field name.
func NotAString(k connect.Value) error {
	return &connect.Error{
		Kind: connect.KindData, Class: "java.lang.ClassCastException",
		Message: "class " + ClassName(k) + " cannot be cast to class java.lang.String",
		Hint:    "the keys of a map without schema must be strings",
	}
}
