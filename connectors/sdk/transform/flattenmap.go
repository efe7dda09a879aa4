package transform

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func (t *flattener) flattenMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, flattenPurpose)
	if err != nil {
		return err
	}
	seen := mapSurvey{delimiter: t.delimiter, ambiguous: len(t.delimiter) != 1}
	seen.look(from)
	to := flatMapWriter{
		MapWriter: smt.NewMapWriter(a, seen.entries), arena: a, delimiter: t.delimiter, distinct: !seen.nested || !seen.ambiguous,
	}
	if err := to.add(from, ""); err != nil {
		return err
	}
	t.Set(r, nil, to.Value())
	return nil
}

// mapSurvey is what has to be known about a map and those inside of it before it can be flattened.
type mapSurvey struct {
	delimiter string
	entries   int  // that are not maps
	nested    bool // whether there are maps in it
	// ambiguous says that two joined names may be equal. With a delimiter of one byte and names that are not empty and do not
	// contain it, joined names can be taken apart again, hence differ: looking for duplicates would take time that grows with the
	// square of their number.
	ambiguous bool
}

func (s *mapSurvey) look(m connect.Map) {
	for i := range m.Len() {
		k, v := m.Entry(i)
		if k.Kind() == connect.KindString && (k.Str() == "" || strings.Contains(k.Str(), s.delimiter)) {
			s.ambiguous = true
		}
		if v.Kind() == connect.KindMap {
			s.nested = true
			s.look(v.Map())
			continue
		}
		s.entries++
	}
}

// flatMapWriter fills a flat map.
type flatMapWriter struct {
	smt.MapWriter
	arena     *connect.Arena
	delimiter string
	distinct  bool // no two names are equal
}

// add adds the entries of a map and of those inside of it.
func (w *flatMapWriter) add(m connect.Map, prefix string) error {
	for i := range m.Len() {
		k, v := m.Entry(i)
		if k.Kind() != connect.KindString {
			return smt.NotAString(k)
		}
		name := k
		if prefix != "" {
			name = w.join(prefix, k.Str())
		}
		switch v.Kind() {
		case connect.KindMap:
			if err := w.add(v.Map(), name.Str()); err != nil {
				return err
			}
			continue
		case connect.KindDecimal, connect.KindTime:
			return connect.DataError("Flatten transformation was passed a value of type class " + smt.ClassName(v) + " which is not supported by Connect's data API")
		case connect.KindStruct:
			return connect.DataError("Flatten transformation does not support class " + smt.ClassName(v) + " for record without schemas (for field " + name.Str() + ").")
		}
		if w.distinct {
			w.Append(name, v)
		} else {
			w.Put(name.Str(), v)
		}
	}
	return nil
}

func (w *flatMapWriter) join(prefix, name string) connect.Value {
	b := w.arena.Bytes(len(prefix) + len(w.delimiter) + len(name))[:0]
	return connect.StringBytes(append(append(append(b, prefix...), w.delimiter...), name...))
}
