package smt

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

const (
	// maxPlans and maxFields bound what a transform remembers: that many schemas, with that many fields, nested ones included, in
	// all of them. A plan takes some 100 bytes a field and 500 beside, so it comes to 10 MiB at most.
	maxPlans  = 8192
	maxFields = 1 << 16
	// patience is how many schemas that find no room pass until one of them gets the place of the oldest. If each got one, more
	// schemas in turn than there is room for would push each other out, and none would ever be found again; so most are.
	patience = 8
)

// Plans remembers what to do for an input schema. A plan is found by the pointer to its schema, and by the schema's hash when others
// came between; a schema that equals a known one but lies elsewhere takes over its plan. So equal input gives the same output
// schema, by which whatever comes next finds its own plan, and a schema that is made anew for every record costs one comparison.
// Memory is bounded, see maxPlans. The zero Plans is ready for use.
type Plans[P any] struct {
	last   *planned[P]            // found last, known or not
	known  map[uint64]*planned[P] // by their hash
	queue  []*planned[P]          // what is known, the oldest first
	fields int                    // of the schemas in it
	passed int                    // schemas that found no room
}

type planned[P any] struct {
	schema *connect.Schema
	hash   uint64 // of the schema and of what else the plan was made for
	fields int
	plan   P
}

// Find returns the plan for s, and makes it by build when there is none. It is valid until the next call. Errors are not
// remembered.
func (p *Plans[P]) Find(s *connect.Schema, build func(*connect.Schema) (P, error)) (*P, error) {
	if p.last != nil && p.last.schema == s {
		return &p.last.plan, nil
	}
	return p.FindFor(s, 0, func(*P) bool { return true }, build)
}

// FindFor is Find where a plan depends on something beside the schema: hash is one of that, and made tells whether a plan was made
// for it.
func (p *Plans[P]) FindFor(s *connect.Schema, hash uint64, made func(*P) bool, build func(*connect.Schema) (P, error)) (*P, error) {
	if p.last != nil && p.last.schema == s && made(&p.last.plan) {
		return &p.last.plan, nil
	}
	hash = 31*hash ^ s.Hash() // they may be the same
	found := p.known[hash]
	if found == nil && p.last != nil && p.last.hash == hash {
		found = p.last
	}
	if found != nil && found.schema.Equal(s) && made(&found.plan) {
		found.schema = s
		p.last = found
		return &found.plan, nil
	}
	plan, err := build(s)
	if err != nil {
		return nil, err
	}
	p.last = &planned[P]{schema: s, hash: hash, fields: countFields(s, maxFields), plan: plan}
	p.remember(p.last)
	return &p.last.plan, nil
}

// remember makes a plan known, unless another schema has the same hash or there is no room.
func (p *Plans[P]) remember(n *planned[P]) {
	if p.known[n.hash] != nil || n.fields > maxFields {
		return
	}
	if !p.fits(n) {
		if p.passed++; p.passed%patience != 0 {
			return
		}
	}
	for !p.fits(n) {
		oldest := p.queue[0]
		delete(p.known, oldest.hash)
		p.fields -= oldest.fields
		p.queue[0] = nil
		p.queue = p.queue[1:]
	}
	if p.known == nil {
		p.known = make(map[uint64]*planned[P])
	}
	p.known[n.hash] = n
	p.queue = append(p.queue, n)
	p.fields += n.fields
}

func (p *Plans[P]) fits(n *planned[P]) bool {
	return len(p.queue) < maxPlans && p.fields+n.fields <= maxFields
}

// countFields counts the fields of a schema and of those in it, and stops when it has more than limit.
func countFields(s *connect.Schema, limit int) (n int) {
	for _, inner := range []*connect.Schema{s.KeySchema(), s.ValueSchema()} {
		if inner != nil && n <= limit {
			n += countFields(inner, limit-n)
		}
	}
	for _, f := range s.Fields() {
		if n++; n > limit {
			break
		}
		n += countFields(f.Schema, limit-n)
	}
	return n
}

// HashText returns a number that equal texts share: FNV-1a.
func HashText(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
