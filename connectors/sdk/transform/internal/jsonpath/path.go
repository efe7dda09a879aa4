package jsonpath

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// Path is a compiled path. It is immutable.
type Path struct{ steps []step }

type stepKind uint8

const (
	child stepKind = iota
	index
	wildcard
	filter
)

type step struct {
	kind      stepKind
	name      string
	index     int
	predicate predicate
}

// Outcome is what a path finds.
type Outcome uint8

// The outcomes.
const (
	// None: nothing satisfies a predicate or is under a wildcard.
	None Outcome = iota
	// Missing: a step that leads to one place leads nowhere, or to null.
	Missing
	// Found: there is something other than null at the end of the path.
	Found
)

// IsDefinite reports whether the path leads to one place at most.
func (p *Path) IsDefinite() bool {
	for _, s := range p.steps {
		if s.kind == wildcard || s.kind == filter {
			return false
		}
	}
	return true
}

// IsRoot reports whether the path is $ alone.
func (p *Path) IsRoot() bool { return len(p.steps) == 0 }

// Get returns what is at the end of a definite path in v, null when there is nothing. Null fields are their defaults.
func (p *Path) Get(v connect.Value) connect.Value {
	for i := range p.steps {
		v = p.steps[i].to(v)
	}
	return v
}

// Match looks for the path in v. It fails only when a regular expression takes too long.
func (p *Path) Match(v connect.Value) (Outcome, error) { return match(v, v, p.steps, true) }

// match follows steps from v. definite says that all steps so far lead to one place.
func match(root, v connect.Value, steps []step, definite bool) (Outcome, error) {
	for i := range steps {
		if v.IsNull() {
			break
		}
		switch s := &steps[i]; s.kind {
		case wildcard:
			return matchAny(root, v, nil, steps[i+1:])
		case filter:
			if v.Kind() == connect.KindArray {
				return matchAny(root, v, s.predicate, steps[i+1:])
			}
			if holds, err := s.holds(root, v); !holds {
				return None, err
			}
			definite = false
		default:
			v = s.to(v)
		}
	}
	switch {
	case !v.IsNull():
		return Found, nil
	case definite:
		return Missing, nil
	}
	return None, nil
}

// matchAny follows steps from all members of v for which the predicate, if there is one, holds.
func matchAny(root, v connect.Value, only predicate, steps []step) (Outcome, error) {
	for i := range members(v) {
		m := memberAt(v, i)
		if only != nil {
			holds, err := only.test(root, m)
			if err != nil {
				return None, err
			}
			if !holds {
				continue
			}
		}
		if found, err := match(root, m, steps, false); found == Found || err != nil {
			return found, err
		}
	}
	return None, nil
}

// members returns the number of elements, fields or entries.
func members(v connect.Value) int {
	switch v.Kind() {
	case connect.KindArray:
		return len(v.Array())
	case connect.KindStruct:
		return len(v.Struct().Fields())
	case connect.KindMap:
		return v.Map().Len()
	}
	return 0
}

func memberAt(v connect.Value, i int) (m connect.Value) {
	switch v.Kind() {
	case connect.KindArray:
		return v.Array()[i]
	case connect.KindStruct:
		return v.Struct().FieldOrDefault(i)
	}
	_, m = v.Map().Entry(i)
	return m
}

// holds tests the predicate of a filter on something that is no array: only structs and maps can satisfy it.
func (s *step) holds(root, v connect.Value) (bool, error) {
	if v.Kind() != connect.KindStruct && v.Kind() != connect.KindMap {
		return false, nil
	}
	return s.predicate.test(root, v)
}

// to follows a step that leads to one place.
func (s *step) to(v connect.Value) connect.Value {
	switch {
	case s.kind == index && v.Kind() == connect.KindArray:
		elems, i := v.Array(), s.index
		if i < 0 {
			i += len(elems)
		}
		if i >= 0 && i < len(elems) {
			return elems[i]
		}
	case s.kind == child && v.Kind() == connect.KindStruct:
		st := v.Struct()
		if i := st.Schema().FieldIndex(s.name); i >= 0 {
			return st.FieldOrDefault(i)
		}
	case s.kind == child && v.Kind() == connect.KindMap:
		found, _ := v.Map().Get(s.name)
		return found
	}
	return connect.Null()
}
