package values

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// merger finds a schema that fits all elements of an array, all keys or all values of a map. Its schema is nil as long as
// all were null, and for good once two did not fit together.
type merger struct {
	schema *connect.Schema
	clash  bool
}

func (m *merger) merge(s *connect.Schema) {
	switch {
	case s == nil || m.clash:
	case m.schema == nil:
		m.schema = s
	default:
		m.schema = common(m.schema, s)
		m.clash = m.schema == nil
	}
}

// common returns the wider of two numeric schemas, and the later of two of the same type: arrays of different elements are
// still arrays. Kafka Connect does so, although the later schema may not describe the earlier elements.
func common(s, later *connect.Schema) *connect.Schema {
	switch {
	case s.Type() == later.Type():
		return later
	case s.Type() > connect.TypeFloat64 || later.Type() > connect.TypeFloat64:
		return nil
	case s.Type() > later.Type():
		return s
	}
	return later
}

// indexedEntries is the number of entries from which a map under construction keeps an index of its keys.
const indexedEntries = 16

// entries collects a map: a key that comes again replaces the value and keeps its place.
type entries struct {
	slots []connect.Value
	// index finds entries by the text of their key; different keys may have the same text.
	index map[string][]int
}

func (m *entries) put(k, v connect.Value) {
	if at := m.find(k); at >= 0 {
		m.slots[at+1] = v
		return
	}
	m.slots = append(m.slots, k, v)
	switch n := len(m.slots) / 2; {
	case m.index != nil:
		m.note(len(m.slots) - 2)
	case n == indexedEntries:
		m.index = make(map[string][]int, 2*n)
		for at := 0; at < len(m.slots); at += 2 {
			m.note(at)
		}
	}
}

func (m *entries) note(at int) {
	text := m.slots[at].String()
	m.index[text] = append(m.index[text], at)
}

func (m *entries) find(k connect.Value) int {
	if m.index != nil {
		for _, at := range m.index[k.String()] {
			if m.slots[at].Equal(k) {
				return at
			}
		}
		return -1
	}
	for at := 0; at < len(m.slots); at += 2 {
		if m.slots[at].Equal(k) {
			return at
		}
	}
	return -1
}

// aligned converts keys and values to their common schemas. Without a common schema of the keys, values stay as they are.
func (m *entries) aligned(keys, values *connect.Schema) (parsed, bool) {
	if keys == nil {
		values = nil
	}
	var to entries
	for at := 0; at < len(m.slots); at += 2 {
		k, v := m.slots[at], m.slots[at+1]
		var err error
		if keys != nil {
			if k, err = Convert(nil, keys, nil, k); err != nil {
				return parsed{}, false
			}
		}
		if values != nil {
			if v, err = Convert(nil, values, nil, v); err != nil {
				return parsed{}, false
			}
		}
		to.put(k, v)
	}
	return parsed{connect.NewMapSchema(keys, values).MustBuild(), connect.NewMap(to.slots).Value()}, true
}
