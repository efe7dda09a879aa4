package offsets

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Index holds the newest record of every source partition of one connector, found by the key's bytes and by its meaning.
// The zero Index with a Connector is empty and ready. It must not be used concurrently.
type Index struct {
	// Connector is the connector whose records are kept.
	Connector string

	entries map[string]*Entry   // by key bytes
	same    map[string][]*Entry // by meaning
	order   []string            // meanings, by first appearance
}

// Entry is one record of the offsets topic.
type Entry struct {
	Key       []byte
	Partition connect.Value // a map, or null
	Value     []byte        // nil after a reset
	Timestamp int64         // milliseconds since the epoch
}

// Apply takes in one record; records of one key must come in their order. Records of other connectors are skipped. A key
// that cannot be parsed is an error, after which the index is as before; Kafka Connect skips those with a warning.
func (x *Index) Apply(key, value []byte, timestamp int64) error {
	if e, ok := x.entries[string(key)]; ok {
		e.Value, e.Timestamp = bytes.Clone(value), timestamp
		return nil
	}
	connector, partition, err := ParseKey(key)
	if err != nil || connector != x.Connector {
		return err
	}
	if x.entries == nil {
		x.entries, x.same = make(map[string]*Entry), make(map[string][]*Entry)
	}
	e := &Entry{Key: bytes.Clone(key), Partition: partition, Value: bytes.Clone(value), Timestamp: timestamp}
	x.entries[string(key)] = e
	m := meaning(partition)
	if len(x.same[m]) == 0 {
		x.order = append(x.order, m)
	}
	x.same[m] = append(x.same[m], e)
	return nil
}

// Exact returns the record with exactly this key, nil when there is none. A reset partition is still a record.
func (x *Index) Exact(key []byte) *Entry { return x.entries[string(key)] }

// Find returns the record of a partition whatever the order of the key's entries and whatever the types of its numbers; nil
// when there is none. Of several records, under keys of different bytes, the newest one that is no reset counts, because a
// writer of one kind never sees the key of the other; if all are resets, the newest of those.
func (x *Index) Find(partition connect.Value) *Entry {
	v, err := Normalize(partition)
	if err != nil {
		return nil
	}
	return newest(x.same[meaning(v)])
}

// Keys returns every record of a partition, as Find recognises it: what a reset must write tombstones for.
func (x *Index) Keys(partition connect.Value) []*Entry {
	v, err := Normalize(partition)
	if err != nil {
		return nil
	}
	return x.same[meaning(v)]
}

// Entries returns the records that hold an offset, one for each partition, in order of first appearance. A null partition is
// left out, as in Kafka Connect's own listing.
func (x *Index) Entries() []*Entry {
	var found []*Entry
	for _, m := range x.order {
		if e := newest(x.same[m]); e.Value != nil && !e.Partition.IsNull() {
			found = append(found, e)
		}
	}
	return found
}

func newest(entries []*Entry) *Entry {
	var best *Entry
	for _, e := range entries {
		if best == nil || newer(e, best) {
			best = e
		}
	}
	return best
}

func newer(e, than *Entry) bool {
	if (e.Value == nil) != (than.Value == nil) {
		return than.Value == nil
	}
	return e.Timestamp > than.Timestamp
}

// meaning is a text that is the same for equal partitions as ParseKey returns them.
func meaning(v connect.Value) string { return string(appendMeaning(nil, v)) }

func appendMeaning(dst []byte, v connect.Value) []byte {
	switch v.Kind() {
	case connect.KindMap:
		m := v.Map()
		sorted := make([]int, m.Len())
		for i := range sorted {
			sorted[i] = i
		}
		slices.SortFunc(sorted, func(i, j int) int {
			a, _ := m.Entry(i)
			b, _ := m.Entry(j)
			return cmp.Compare(a.Str(), b.Str())
		})
		dst = append(dst, '{')
		for _, i := range sorted {
			key, value := m.Entry(i)
			dst = append(appendMeaning(append(AppendString(dst, key.Str()), ':'), value), ',')
		}
		return append(dst, '}')
	case connect.KindArray:
		dst = append(dst, '[')
		for _, e := range v.Array() {
			dst = append(appendMeaning(dst, e), ',')
		}
		return append(dst, ']')
	}
	return appendPrimitive(dst, v)
}
