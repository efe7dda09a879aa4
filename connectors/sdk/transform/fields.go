package transform

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// nullField returns what field i of a new struct of schema s is when field j of from, where it comes from, is null: the
// default or null. A null that the field does not take is an error, as it is for Struct.put: the struct was incomplete before.
func nullField(s *connect.Schema, i int, from connect.Struct, j int, useDefault bool) (connect.Value, error) {
	var v connect.Value
	if useDefault {
		v = from.FieldOrDefault(j)
	}
	if f := &s.Fields()[i]; v.IsNull() && !f.Schema.Optional() {
		return v, connect.ValidateValue(f.Name, f.Schema, v)
	}
	return v, nil
}

// mapWriter fills a new map in an arena.
type mapWriter struct {
	slots []connect.Value
	n     int // slots filled
}

func newMapWriter(a *connect.Arena, entries int) mapWriter {
	return mapWriter{slots: a.Values(2 * entries)}
}

// append adds an entry whose key is not in the map.
func (w *mapWriter) append(k, v connect.Value) {
	w.slots[w.n], w.slots[w.n+1] = k, v
	w.n += 2
}

// put adds an entry or replaces the value of its key.
func (w *mapWriter) put(key string, v connect.Value) {
	m := connect.NewMap(w.slots[:w.n])
	if i := m.Index(key); i >= 0 {
		m.SetValue(i, v)
		return
	}
	w.append(connect.String(key), v)
}

func (w *mapWriter) value() connect.Value { return connect.NewMap(w.slots[:w.n]).Value() }
