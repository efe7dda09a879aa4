package connect

import "unsafe"

// Map is a view of a KindMap: entries in insertion order, as slots key, value, key, value. Copying a Map copies the
// view, not the entries. The zero Map is empty.
type Map struct{ entries []Value }

// NewMap returns a map over slots, which holds key, value, key, value … and is shared.
func NewMap(slots []Value) Map { return Map{entries: slots[:len(slots)&^1]} }

// Value returns the map as a Value.
func (m Map) Value() Value {
	return Value{ptr: unsafe.Pointer(unsafe.SliceData(m.entries)), num: uint64(len(m.entries)), meta: meta{kind: KindMap}}
}

// Slots returns the slots that the map is over: key, value, key, value … Writing to them changes the map.
func (m Map) Slots() []Value { return m.entries }

// Len returns the number of entries.
func (m Map) Len() int { return len(m.entries) / 2 }

// Entry returns the i-th key and value in insertion order.
func (m Map) Entry(i int) (key, value Value) { return m.entries[2*i], m.entries[2*i+1] }

// SetValue replaces the i-th value.
func (m Map) SetValue(i int, v Value) { m.entries[2*i+1] = v }

// SetKey replaces the i-th key.
func (m Map) SetKey(i int, k Value) { m.entries[2*i] = k }

// Index returns the position of the entry whose key is the string key, or -1. Schemaless records have few keys, so a
// scan beats a hash.
func (m Map) Index(key string) int {
	for i := 0; i < len(m.entries); i += 2 {
		if k := &m.entries[i]; k.kind == KindString && k.Str() == key {
			return i / 2
		}
	}
	return -1
}

// Get returns the value under the string key; ok is false when there is none.
func (m Map) Get(key string) (v Value, ok bool) {
	if i := m.Index(key); i >= 0 {
		return m.entries[2*i+1], true
	}
	return Value{}, false
}

// Put returns a map in which key has value v: m itself, changed in place, when the key exists, else a longer copy whose
// slots come from a (or the heap when a is nil).
func (m Map) Put(a *Arena, key string, v Value) Map {
	if i := m.Index(key); i >= 0 {
		m.entries[2*i+1] = v
		return m
	}
	slots := a.Values(len(m.entries) + 2)
	n := copy(slots, m.entries)
	slots[n], slots[n+1] = String(key), v
	return Map{entries: slots}
}

// Equal reports whether both maps have equal entries, in any order, as java.util.Map does.
func (m Map) Equal(o Map) bool {
	if len(m.entries) != len(o.entries) {
		return false
	}
	for i := 0; i < len(m.entries); i += 2 {
		if !o.has(i, m.entries[i], m.entries[i+1]) {
			return false
		}
	}
	return true
}

// has looks for an equal entry, first at the same position: maps that are equal mostly have the same order.
func (m Map) has(at int, key, value Value) bool {
	if m.entries[at].Equal(key) {
		return m.entries[at+1].Equal(value)
	}
	for i := 0; i < len(m.entries); i += 2 {
		if m.entries[i].Equal(key) {
			return m.entries[i+1].Equal(value)
		}
	}
	return false
}
