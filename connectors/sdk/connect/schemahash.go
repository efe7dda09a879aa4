package connect

// Hash returns a number that equal schemas share and others nearly never do. It was worked out when the schema was built, from the
// hashes of those in it, so that asking costs nothing: by it a cache finds what it knows of a schema that was made anew for every
// record, without comparing it with each. Documentation and default do not count beyond their being there.
func (s *Schema) Hash() uint64 {
	switch {
	case s == nil:
		return 0
	case s.hash == 0: // one of the shared ones, which no builder made; they have neither fields nor parameters
		return s.computeHash()
	}
	return s.hash
}

func (s *Schema) computeHash() uint64 {
	h := hasher(fnvOffset)
	h.number(uint64(s.typ))
	for i, set := range [...]bool{s.optional, s.hasName, s.hasVersion, s.hasDoc, s.hasDefault, s.hasParams} {
		if set {
			h.number(uint64(i + 1))
		}
	}
	h.text(s.name)
	h.number(uint64(s.version))
	h.number(uint64(len(s.doc)))
	var params uint64 // they are equal in any order
	for _, p := range s.params {
		one := hasher(fnvOffset)
		one.text(p.Key)
		one.text(p.Value)
		params += uint64(one)
	}
	h.number(params)
	for i := range s.fields {
		h.text(s.fields[i].Name)
		h.number(s.fields[i].Schema.Hash())
	}
	h.number(s.key.Hash())
	h.number(s.value.Hash())
	return max(1, uint64(h)) // 0 says that there is none yet
}

// hasher is FNV-1a, which needs neither a seed nor memory.
type hasher uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (h *hasher) text(s string) {
	for i := range len(s) {
		*h = (*h ^ hasher(s[i])) * fnvPrime
	}
	h.number(uint64(len(s))) // so that names do not run into each other
}

// number takes eight bytes at once. The shift brings the upper half down, which the multiplication alone only moves up.
func (h *hasher) number(n uint64) {
	*h = (*h ^ hasher(n)) * fnvPrime
	*h ^= *h >> 32
}
