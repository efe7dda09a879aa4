package jsonconv

import (
	"bytes"
	"hash/maphash"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// array reads an array whose elements have the plan elem, or none.
func (r *reader) array(elem *plan, sh *shape) (connect.Value, bool) {
	if r.data[r.pos] != '[' || r.depth == maxDepth {
		return connect.Null(), false
	}
	r.depth++
	base := len(r.stack)
	r.pos = skipSpace(r.data, r.pos+1)
	if r.pos < len(r.data) && r.data[r.pos] == ']' {
		r.pos++
	} else if !r.elements(elem, sh) {
		return connect.Null(), false
	}
	r.depth--
	return connect.Array(r.pop(base)), true
}

// elements pushes the elements of an array and steps over its bracket.
func (r *reader) elements(elem *plan, sh *shape) bool {
	for {
		v, ok := r.any(elem, sh)
		if !ok {
			return false
		}
		r.stack = append(r.stack, v)
		r.pos = skipSpace(r.data, r.pos)
		if r.pos == len(r.data) {
			return false
		}
		switch r.data[r.pos] {
		case ']':
			r.pos++
			return true
		case ',':
			r.pos = skipSpace(r.data, r.pos+1)
		default:
			return false
		}
	}
}

// pop moves what was pushed since base into the arena.
func (r *reader) pop(base int) []connect.Value {
	slots := r.arena.Values(len(r.stack) - base)
	copy(slots, r.stack[base:])
	r.stack = r.stack[:base]
	return slots
}

// shape is what an object without schema looked like: the text before each of its values, and the shapes of these. As long
// as an object is written like its shape, its names need not be parsed, nor compared with each other, because they are known
// to be distinct.
type shape struct {
	members []shapeMember
	misses  uint32
}

type shapeMember struct {
	lead  lead          // from the end of the value before, such as `,"name":`, white space included
	name  connect.Value // in the lead, so that the names of all records are the same memory
	child *shape        // of the object that is the value, or of those in the array that is; else nil
}

const (
	// shapeBudget is how many members a reader learns in its life.
	shapeBudget = 8192
	// shapeMembers is the largest object whose shape is learned, shapeLead the longest text before a value.
	shapeMembers = 256
	shapeLead    = 256
)

// object reads a map whose keys are strings and whose values have the plan elem, or none.
func (r *reader) object(elem *plan, sh *shape) (connect.Value, bool) {
	if r.data[r.pos] != '{' || r.depth == maxDepth {
		return connect.Null(), false
	}
	r.depth++
	base, known, start := len(r.stack), 0, r.pos
	if sh != nil && len(sh.members) > 0 {
		slots := r.arena.Values(2 * len(sh.members))
		var ok bool
		if known, ok = r.known(sh, slots); !ok {
			return connect.Null(), false
		}
		if known > 0 && r.next('}') {
			r.depth--
			return connect.NewMap(slots[:2*known]).Value(), true
		}
		r.stack = append(r.stack, slots[:2*known]...)
	}
	if !r.entries(elem, sh, known) {
		return connect.Null(), false
	}
	r.distinct(base, known)
	if sh != nil {
		r.learn(sh, start, r.stack[base:])
	}
	r.depth--
	return connect.NewMap(r.pop(base)).Value(), true
}

// known reads the members that come as sh says into slots, and returns how many there were.
func (r *reader) known(sh *shape, slots []connect.Value) (n int, ok bool) {
	for ; n < len(sh.members); n++ {
		m := &sh.members[n]
		if !m.lead.begins(r.data[r.pos:]) {
			break
		}
		slots[2*n] = m.name
		i := r.pos + len(m.lead.text)
		var end int
		if slots[2*n+1], end = simple(r.data, i, 0); end > 0 {
			r.pos = end
			continue
		}
		r.pos = i
		if slots[2*n+1], ok = r.infer(m.child); !ok {
			return n, false
		}
	}
	return n, true
}

// entries pushes the members of an object of which n were read, and steps over its brace.
func (r *reader) entries(elem *plan, sh *shape, n int) bool {
	if n == 0 {
		r.pos++ // the brace
	}
	for first := n == 0; ; first = false {
		more, ok := r.nextMember(first)
		if !ok {
			return false
		}
		if !more {
			return true
		}
		name, ok := r.name()
		if !ok {
			return false
		}
		v, ok := r.any(elem, nil)
		if !ok {
			return false
		}
		r.stack = append(r.stack, connect.StringBytes(name), v)
	}
}

// distinct drops all but the last of the entries with equal names from the stack above base; it takes the place of the
// first. The first known entries are distinct already.
func (r *reader) distinct(base, known int) {
	entries := r.stack[base:]
	const scanned = 16
	if len(entries)/2 > scanned {
		r.distinctHashed(base)
		return
	}
	n := 2 * known
	for i := n; i < len(entries); i += 2 {
		at := 0
		for at < n && entries[at].Str() != entries[i].Str() {
			at += 2
		}
		entries[at], entries[at+1] = entries[i], entries[i+1]
		if at == n {
			n += 2
		}
	}
	r.stack = r.stack[:base+n]
}

//nolint:gochecknoglobals // immutable; one per process, so that nobody can choose names that collide
var nameSeed = maphash.MakeSeed()

func (r *reader) distinctHashed(base int) {
	entries := r.stack[base:]
	size := 64
	for size < len(entries) {
		size *= 2
	}
	if cap(r.table) < size {
		r.table = make([]int32, size)
	}
	table := r.table[:size] // holds positions plus one; 0 is free
	clear(table)
	n := 0
	for i := 0; i < len(entries); i += 2 {
		name := entries[i].Bytes()
		slot := int(maphash.Bytes(nameSeed, name)) & (size - 1)
		at := n
		for ; table[slot] != 0; slot = (slot + 1) & (size - 1) {
			if j := int(table[slot] - 1); bytes.Equal(entries[j].Bytes(), name) {
				at = j
				break
			}
		}
		entries[at], entries[at+1] = entries[i], entries[i+1]
		if at == n {
			table[slot] = int32(n + 1)
			n += 2
		}
	}
	r.stack = r.stack[:base+n]
}

// learn makes sh the shape of the object that begins at start and has the given entries. It gets rarer the more often a
// shape turns out wrong, and ends when the budget is used up, so that a topic of ever new objects costs nothing in the long
// run.
func (r *reader) learn(sh *shape, start int, entries []connect.Value) {
	n := len(entries) / 2
	if n == 0 || n > shapeMembers || n > r.budget {
		return
	}
	sh.misses++
	if sh.misses&(sh.misses-1) != 0 {
		return
	}
	r.budget -= n
	sh.members = make([]shapeMember, 0, n)
	at := start
	for i := 0; i < len(entries); i += 2 {
		quote := skipSpace(r.data, skipSpace(r.data, at)+1) // over the brace or the comma
		end, value, _ := skipName(r.data, quote)            // it was read already
		if string(r.data[quote+1:end-1]) != entries[i].Str() || value-at > shapeLead {
			return // an escape, or a name that came twice
		}
		m := shapeMember{lead: newLead(bytes.Clone(r.data[at:value]))}
		m.name = connect.StringBytes(m.lead.text[quote+1-at : end-1-at])
		if k := entries[i+1].Kind(); k == connect.KindMap || k == connect.KindArray {
			m.child = &shape{}
		}
		sh.members = append(sh.members, m)
		at, _ = skipValue(r.data, value, 0)
	}
}
