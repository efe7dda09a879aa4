package connect

// Transform changes one record in place. One is made for each use in each task; it is called from one goroutine and may
// keep caches, bounded ones.
type Transform interface {
	// Apply changes r, whose new values take their memory from a, and reports whether the record goes on; false drops it. It
	// must not change in place what another record can see: a default, a constant, a shared schema, but also the values and headers
	// that r came with, and the room behind these, since a source may give many records the same. After an error of KindRetriable r
	// is as it was, since Apply is called again with it; after any other its content is unspecified.
	Apply(r *Record, a *Arena) (keep bool, err error)
}

// Predicate decides whether a transform applies to a record. It is used like a Transform and changes nothing.
type Predicate interface {
	// Test reports whether the record matches.
	Test(r *Record) (bool, error)
}
