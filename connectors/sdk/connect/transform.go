package connect

// Transform changes one record in place. One is made for each use in each task; it is called from one goroutine and may
// keep caches, bounded ones.
type Transform interface {
	// Apply changes r, whose new values take their memory from a, and reports whether the record goes on; false drops it. It
	// must not change values in place that another record can see: a default, a constant, a shared schema. After an error
	// the content of r is unspecified; the runtime has the original.
	Apply(r *Record, a *Arena) (keep bool, err error)
}

// Predicate decides whether a transform applies to a record. It is used like a Transform and changes nothing.
type Predicate interface {
	// Test reports whether the record matches.
	Test(r *Record) (bool, error)
}

// PartReader is implemented by transforms and predicates that know whether they look at a record's key, value and
// headers. One that does not say is taken to look at everything. If nothing looks at a value and its converter is bytes in,
// bytes out, the runtime does not decode it at all.
type PartReader interface {
	// Reads reports which parts of a record Apply or Test may look at or replace.
	Reads() Parts
}

// Parts is a set of the parts of a record.
type Parts uint8

// The parts of a record that cost something to decode.
const (
	PartKey Parts = 1 << iota
	PartValue
	PartHeaders
)
