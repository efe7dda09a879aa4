package jsonconv

import (
	"bytes"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// reader is the fast reader. Its methods report false when something is not as they expect; the message is then read
// again by the plain reader. What was cut from the arena until then stays unused.
type reader struct {
	replaceWithDefault bool
	plans              cache[string] // by the text of the schema

	// prefix is the beginning of the last message, up to its payload, and payload the plan of the schema in it.
	prefix  []byte
	payload *plan

	shapes shape // of the last document without schema
	budget int   // members that may still be learned

	// of the message being read
	arena *connect.Arena
	data  []byte
	pos   int
	depth int
	stack []connect.Value // values of arrays and maps whose length is not known yet
	table []int32         // hash table for finding equal names
}

// maxPrefix bounds what is kept of a message for comparison.
const maxPrefix = 1 << 20

// retainStack bounds the stack that is kept from message to message.
const retainStack = 16 * 1024

func (r *reader) begin(a *connect.Arena, data []byte, depth int) {
	r.arena, r.data, r.pos, r.depth = a, data, 0, depth
	r.stack = r.stack[:0]
}

func (r *reader) finish() {
	r.arena, r.data = nil, nil
	if cap(r.stack) > retainStack {
		r.stack = nil
	}
	if cap(r.table) > retainStack {
		r.table = nil
	}
}

// document reads a message that is a bare value of p, or of no schema if p is nil. Scalars must end the message, since
// what may follow them is not simple.
func (r *reader) document(a *connect.Arena, data []byte, p *plan) (connect.Value, bool) {
	r.begin(a, data, 0)
	defer r.finish()
	r.pos = skipSpace(data, 0)
	v, ok := r.any(p, &r.shapes)
	if !ok || r.pos < len(data) && data[r.pos-1] != '}' && data[r.pos-1] != ']' && data[r.pos-1] != '"' {
		return connect.Null(), false
	}
	return v, true
}

// envelope reads a message with its schema first and its payload second.
func (r *reader) envelope(a *connect.Arena, data []byte) (*connect.Schema, connect.Value, bool) {
	r.begin(a, data, 1)
	defer r.finish()
	p := r.payload
	if len(r.prefix) > 0 && bytes.HasPrefix(data, r.prefix) {
		r.pos = len(r.prefix)
	} else {
		var ok bool
		if p, ok = r.readPrefix(); !ok {
			return nil, connect.Null(), false
		}
	}
	v, ok := r.any(p, &r.shapes)
	if !ok {
		return nil, connect.Null(), false
	}
	if r.pos = skipSpace(data, r.pos); r.pos == len(data) || data[r.pos] != '}' {
		return nil, connect.Null(), false // a third member, or a second payload
	}
	if p == nil {
		return nil, v, true
	}
	return p.schema, v, true
}

// readPrefix reads everything before the payload and remembers it.
func (r *reader) readPrefix() (*plan, bool) {
	if !r.member("schema", '{') {
		return nil, false
	}
	start := r.pos
	end, err := skipValue(r.data, start, 1)
	if err != nil {
		return nil, false
	}
	r.pos = end
	if !r.member("payload", ',') {
		return nil, false
	}
	p, ok := r.planOfText(r.data[start:end])
	if !ok {
		return nil, false
	}
	if r.pos <= maxPrefix {
		r.prefix, r.payload = append(r.prefix[:0], r.data[:r.pos]...), p
	}
	return p, true
}

// member steps over opener, the given name and the colon, and white space between them.
func (r *reader) member(name string, opener byte) bool {
	if !r.next(opener) || !r.next('"') {
		return false
	}
	if end := r.pos + len(name); end > len(r.data) || string(r.data[r.pos:end]) != name {
		return false
	}
	r.pos += len(name)
	if r.pos == len(r.data) || r.data[r.pos] != '"' {
		return false
	}
	r.pos++
	if !r.next(':') {
		return false
	}
	r.pos = skipSpace(r.data, r.pos)
	return true
}

// next skips white space and steps over c, if that is what follows.
func (r *reader) next(c byte) bool {
	r.pos = skipSpace(r.data, r.pos)
	if r.pos == len(r.data) || r.data[r.pos] != c {
		return false
	}
	r.pos++
	return true
}

// planOfText returns the plan of the schema whose text is raw, nil for null.
func (r *reader) planOfText(raw []byte) (*plan, bool) {
	if p := r.plans.get(string(raw)); p != nil {
		return p, true
	}
	doc, n, err := newPlain(raw, r.replaceWithDefault)
	if err != nil {
		return nil, false
	}
	p, err := r.planOf(doc, n)
	return p, err == nil
}

// planOf returns the plan of the schema n, nil for null.
func (r *reader) planOf(doc *plain, n node) (*plan, error) {
	if n.kind == nodeNull {
		return nil, nil
	}
	raw := doc.raw(n)
	if p := r.plans.get(string(raw)); p != nil {
		return p, nil
	}
	s, err := doc.schema(n)
	if err != nil {
		return nil, err
	}
	p := newPlan(s)
	r.plans.put(string(raw), p, 2*len(raw))
	return p, nil
}

func (r *reader) any(p *plan, sh *shape) (connect.Value, bool) {
	if p == nil {
		return r.infer(sh)
	}
	return r.value(p)
}

// value reads a value of p; r.pos is at its first byte.
func (r *reader) value(p *plan) (connect.Value, bool) {
	if r.pos >= len(r.data) {
		return connect.Null(), false
	}
	c := r.data[r.pos]
	if c <= ' ' { // behind a lead
		if r.pos = skipSpace(r.data, r.pos); r.pos == len(r.data) {
			return connect.Null(), false
		}
		c = r.data[r.pos]
	}
	if c == 'n' {
		return r.null(p)
	}
	switch p.op {
	case opString:
		if c != '"' {
			return connect.Null(), false
		}
		return r.text()
	case opBoolean:
		return r.boolean()
	case opBytes, opDecimal:
		if c == '"' {
			return r.binary(p)
		}
		if p.op == opBytes {
			return connect.Null(), false
		}
	case opArray:
		return r.array(p.elem, nil)
	case opMap:
		if p.key.op != opString {
			return connect.Null(), false
		}
		return r.object(p.elem, nil)
	case opStruct:
		return r.structure(p)
	}
	return r.number(p)
}

func (r *reader) null(p *plan) (connect.Value, bool) {
	if !r.literal("null") {
		return connect.Null(), false
	}
	return r.absent(p)
}

// absent is what a null of p reads as.
func (r *reader) absent(p *plan) (connect.Value, bool) {
	if def, ok := p.schema.Default(); ok && r.replaceWithDefault {
		return def, true
	}
	return connect.Null(), p.schema.Optional()
}

func (r *reader) literal(text string) bool {
	end := r.pos + len(text)
	if end > len(r.data) || string(r.data[r.pos:end]) != text {
		return false
	}
	r.pos = end
	return true
}

func (r *reader) boolean() (connect.Value, bool) {
	if r.literal("true") {
		return connect.Bool(true), true
	}
	return connect.Bool(false), r.literal("false")
}

func (r *reader) text() (connect.Value, bool) {
	start := r.pos + 1
	end, form := scanText(r.data, start)
	if end < 0 || end-start >= maxString {
		return connect.Null(), false
	}
	r.pos = end + 1
	raw := r.data[start:end]
	if form == 0 {
		return connect.StringBytes(raw), true
	}
	if form&nonASCII != 0 && !utf8.Valid(raw) {
		return connect.Null(), false
	}
	return textValue(r.arena, raw, form), true
}

func (r *reader) binary(p *plan) (connect.Value, bool) {
	start := r.pos + 1
	end, form := scanText(r.data, start)
	if end < 0 || form != 0 || end-start >= maxString {
		return connect.Null(), false
	}
	r.pos = end + 1
	b, ok := decodeBase64(r.arena, r.data[start:end])
	if !ok || p.op == opBytes {
		return connect.Bytes(b), ok
	}
	v, err := connect.DecodeDecimal(p.schema, b)
	return v, err == nil
}

// infer reads a value without schema; sh is what it looked like last time, or nil.
func (r *reader) infer(sh *shape) (connect.Value, bool) {
	if r.pos = skipSpace(r.data, r.pos); r.pos >= len(r.data) {
		return connect.Null(), false
	}
	switch c := r.data[r.pos]; {
	case c == '"':
		return r.text()
	case c == '{':
		return r.object(nil, sh)
	case c == '[':
		return r.array(nil, sh)
	case c == 't' || c == 'f':
		return r.boolean()
	case c == 'n':
		return connect.Null(), r.literal("null")
	case c == '-' || isDigit(c):
		return r.inferNumber(c == '-')
	}
	return connect.Null(), false
}
