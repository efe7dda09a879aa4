package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// structure reads a struct. As long as the members come in the order of the schema and without white space, each begins
// with the lead of the next field and needs no look-up.
func (r *reader) structure(p *plan) (connect.Value, bool) {
	if r.data[r.pos] != '{' || r.depth == maxDepth {
		return connect.Null(), false
	}
	r.depth++
	st := r.arena.NewStruct(p.schema)
	slots := st.Fields()
	n, ok := 0, false
	for ; n < len(p.fields); n++ {
		f := &p.fields[n]
		if !f.lead.begins(r.data[r.pos:]) {
			break
		}
		i := r.pos + len(f.lead.text)
		var end int
		if slots[n], end = simple(r.data, i, f.op); end > 0 {
			r.pos = end
			continue
		}
		r.pos = i
		if slots[n], ok = r.value(f.plan); !ok {
			return connect.Null(), false
		}
	}
	if n < len(p.fields) || n == 0 || r.pos == len(r.data) || r.data[r.pos] != '}' {
		if !r.members(p, slots, n) {
			return connect.Null(), false
		}
	} else {
		r.pos++
	}
	r.depth--
	return st.Value(), true
}

// simple reads the value at d[i] if it is as nearly all are: a text of ASCII without escapes, or a short number, of a type
// that these are read as without further ado. Without a type, op is 0. If it is something else, end is 0.
func simple(d []byte, i int, op op) (v connect.Value, end int) {
	if i >= len(d) {
		return connect.Null(), 0
	}
	if d[i] == '"' {
		quote, form := scanText(d, i+1)
		if quote < 0 || form != 0 || quote-i >= maxString || op != opString && op != 0 {
			return connect.Null(), 0
		}
		return connect.StringBytes(d[i+1 : quote]), quote + 1
	}
	if d[i] != '-' && !isDigit(d[i]) {
		return connect.Null(), 0
	}
	m, scale, end, ok := readShort(d, i)
	if !ok {
		return connect.Null(), 0
	}
	if op == 0 {
		if op = opInt64; scale > 0 {
			op = opFloat64
		}
	}
	if v, ok = short(op, m, scale, d[i] == '-'); !ok {
		return connect.Null(), 0
	}
	return v, end
}

// members reads the rest of a struct of which the first n fields were read: in any order, with white space and unknown
// names. A name that comes again overwrites what was there.
func (r *reader) members(p *plan, slots []connect.Value, n int) bool {
	if n == 0 {
		r.pos++ // the brace
	}
	for guess, first := n, n == 0; ; first = false {
		more, ok := r.nextMember(first)
		if !ok {
			return false
		}
		if !more {
			break
		}
		name, ok := r.name()
		if !ok {
			return false
		}
		at := guess
		if at >= len(p.fields) || p.schema.Fields()[at].Name != string(name) {
			at = p.schema.FieldIndex(string(name))
		}
		if at < 0 {
			end, err := skipValue(r.data, r.pos, r.depth)
			if err != nil {
				return false
			}
			r.pos = end
			continue
		}
		if slots[at], ok = r.value(p.fields[at].plan); !ok {
			return false
		}
		guess = at + 1
	}
	return r.fill(p, slots)
}

// fill treats fields that did not come like those that came as null; for the latter it changes nothing.
func (r *reader) fill(p *plan, slots []connect.Value) (ok bool) {
	for i := range slots {
		if !slots[i].IsNull() {
			continue
		}
		if slots[i], ok = r.absent(p.fields[i].plan); !ok {
			return false
		}
	}
	return true
}

// nextMember steps over the comma before a member, or over the brace that ends the object; then more is false.
func (r *reader) nextMember(first bool) (more, ok bool) {
	r.pos = skipSpace(r.data, r.pos)
	if r.pos == len(r.data) {
		return false, false
	}
	switch c := r.data[r.pos]; {
	case c == '}':
		r.pos++
		return false, true
	case first:
		return true, true
	case c == ',':
		r.pos = skipSpace(r.data, r.pos+1)
		return true, true
	}
	return false, false
}

// name reads the name of a member and steps over the colon. The name points into the message or into the arena.
func (r *reader) name() ([]byte, bool) {
	start := r.pos + 1
	end, value, err := skipName(r.data, r.pos)
	if err != nil {
		return nil, false
	}
	r.pos = value
	raw := r.data[start : end-1]
	for _, c := range raw {
		if c == '\\' || c >= 0x80 {
			_, form := scanText(r.data, start)
			return decodeText(r.arena, raw, form), true
		}
	}
	return raw, true
}
