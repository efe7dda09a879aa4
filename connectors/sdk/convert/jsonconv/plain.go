package jsonconv

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// plain is the reader that decides: slow, in Kafka Connect's order, with its messages. One is made for each message it
// reads, after the message was validated as a whole; it never looks at what it is not asked for.
type plain struct {
	*document
	replaceWithDefault bool
}

const (
	malformed  = "Converting byte[] to Kafka Connect data failed due to serialization error: "
	noEnvelope = `JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ` +
		"If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration."
)

// newPlain validates a message and returns its reader and its value.
func newPlain(data []byte, replaceWithDefault bool) (*plain, node, error) {
	d, n, err := newDocument(data)
	if err != nil {
		e := connect.DataError(malformed)
		e.Cause = &connect.Error{Kind: connect.KindData, Class: connect.SerializationException, Message: err.Error()}
		return nil, n, e
	}
	return &plain{document: d, replaceWithDefault: replaceWithDefault}, n, nil
}

// plainDocument reads a message that is a value of s, or of no schema when s is nil.
func (r *reader) plainDocument(a *connect.Arena, data []byte, s *connect.Schema) (*connect.Schema, connect.Value, error) {
	p, n, err := newPlain(data, r.replaceWithDefault)
	if err != nil {
		return nil, connect.Null(), err
	}
	v, err := p.convert(a, s, n)
	if err != nil {
		return nil, connect.Null(), err
	}
	return s, v, nil
}

// plainEnvelope reads a message with its schema.
func (r *reader) plainEnvelope(a *connect.Arena, data []byte) (*connect.Schema, connect.Value, error) {
	p, n, err := newPlain(data, r.replaceWithDefault)
	if err != nil {
		return nil, connect.Null(), err
	}
	o := p.object(n)
	schema, payload := o.get("schema"), o.get("payload")
	if len(o.members) != 2 || schema.kind == nodeMissing || payload.kind == nodeMissing {
		return nil, connect.Null(), connect.DataError(noEnvelope)
	}
	pl, err := r.planOf(p, schema)
	if err != nil {
		return nil, connect.Null(), err
	}
	var s *connect.Schema
	if pl != nil {
		s = pl.schema
	}
	v, err := p.convert(a, s, payload)
	if err != nil {
		return nil, connect.Null(), err
	}
	return s, v, nil
}

// numeral returns the number n is, zero if it is none.
func (p *plain) numeral(n node) numeral {
	if n.kind != nodeNumber {
		return numeral{short: true}
	}
	num, _, _ := readNumeral(p.data, n.from) // valid already
	return num
}

func (p *plain) isTrue(n node) bool { return n.kind == nodeBoolean && p.data[n.from] == 't' }

// convert reads n as a value of s, or as whatever it is when s is nil.
func (p *plain) convert(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	if s == nil {
		return p.infer(a, n)
	}
	if n.kind == nodeMissing || n.kind == nodeNull {
		return p.null(s)
	}
	if s.Logical() != connect.LogicalNone {
		return p.logical(a, s, n)
	}
	num := p.numeral(n)
	switch s.Type() {
	case connect.TypeInt8:
		return connect.Int8(int8(num.int64())), nil
	case connect.TypeInt16:
		return connect.Int16(int16(num.int64())), nil
	case connect.TypeInt32:
		return connect.Int32(int32(num.int64())), nil
	case connect.TypeInt64:
		return connect.Int64(num.int64()), nil
	case connect.TypeFloat32:
		return connect.Float32(num.float32()), nil
	case connect.TypeFloat64:
		return connect.Float64(num.float64()), nil
	case connect.TypeBoolean:
		return connect.Bool(p.isTrue(n)), nil
	case connect.TypeString:
		return p.string(a, n), nil
	case connect.TypeBytes:
		return p.bytes(a, n)
	case connect.TypeArray:
		return p.array(a, s, n)
	case connect.TypeMap:
		return p.mapping(a, s, n)
	default:
		return p.structure(a, s, n)
	}
}

func (p *plain) null(s *connect.Schema) (connect.Value, error) {
	if def, ok := s.Default(); ok && p.replaceWithDefault {
		return def, nil
	}
	if s.Optional() {
		return connect.Null(), nil
	}
	return connect.Null(), connect.DataError("Invalid null value for required " + s.Type().String() + " field")
}

func (p *plain) string(a *connect.Arena, n node) connect.Value {
	if n.kind != nodeString {
		return connect.Null()
	}
	_, form := scanText(p.data, n.from+1)
	return textValue(a, p.data[n.from+1:n.to-1], form)
}

func (p *plain) bytes(a *connect.Arena, n node) (connect.Value, error) {
	if n.kind != nodeString {
		return connect.Null(), nil
	}
	b, ok := decodeBase64(a, p.text(n))
	if !ok {
		e := connect.DataError("Invalid bytes field")
		e.Cause = connect.DataError("not base64")
		return connect.Null(), e
	}
	return connect.Bytes(b), nil
}

// array reads the elements of an array, or the values of an object; anything else has none.
func (p *plain) array(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	var items []node
	switch n.kind {
	case nodeArray:
		items = p.elements(n)
	case nodeObject:
		for _, m := range p.object(n).members {
			items = append(items, m.value)
		}
	}
	out := a.Values(len(items))
	for i, item := range items {
		v, err := p.convert(a, s.ValueSchema(), item)
		if err != nil {
			return connect.Null(), err
		}
		out[i] = v
	}
	return connect.Array(out), nil
}

func (p *plain) mapping(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	if s.KeySchema().Type() != connect.TypeString {
		return p.pairs(a, s, n)
	}
	if n.kind != nodeObject {
		return connect.Null(), connect.DataError("Maps with string fields should be encoded as JSON objects, but found " + n.kind.String())
	}
	members := p.object(n).members
	out := a.Values(2 * len(members))
	for i, m := range members {
		key, err := p.convert(a, s.KeySchema(), m.key)
		if err != nil {
			return connect.Null(), err
		}
		v, err := p.convert(a, s.ValueSchema(), m.value)
		if err != nil {
			return connect.Null(), err
		}
		out[2*i], out[2*i+1] = key, v
	}
	return connect.NewMap(out).Value(), nil
}

func (p *plain) pairs(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	if n.kind != nodeArray {
		return connect.Null(), connect.DataError("Maps with non-string fields should be encoded as JSON array of tuples, but found " + n.kind.String())
	}
	var out []connect.Value
	for _, entry := range p.elements(n) {
		if entry.kind != nodeArray {
			return connect.Null(), connect.DataError("Found invalid map entry instead of array tuple: " + entry.kind.String())
		}
		pair := p.elements(entry)
		if len(pair) != 2 {
			return connect.Null(), connect.DataError("Found invalid map entry, expected length 2 but found :" + strconv.Itoa(len(pair)))
		}
		k, err := p.convert(a, s.KeySchema(), pair[0])
		if err != nil {
			return connect.Null(), err
		}
		v, err := p.convert(a, s.ValueSchema(), pair[1])
		if err != nil {
			return connect.Null(), err
		}
		out = append(out, k, v)
	}
	slots := a.Values(len(out))
	copy(slots, out)
	return connect.NewMap(lastOfEqual(slots)).Value(), nil
}

// lastOfEqual drops all but the last of the entries with equal keys; it takes the place of the first.
func lastOfEqual(entries []connect.Value) []connect.Value {
	var buf []byte
	at := make(map[string]int, len(entries)/2)
	n := 0
	for i := 0; i < len(entries); i += 2 {
		buf = appendIdentity(buf[:0], entries[i])
		if j, ok := at[string(buf)]; ok {
			entries[j+1] = entries[i+1]
			continue
		}
		at[string(buf)] = n
		entries[n], entries[n+1] = entries[i], entries[i+1]
		n += 2
	}
	return entries[:n]
}

// appendIdentity appends text that is the same exactly for equal values.
func appendIdentity(dst []byte, v connect.Value) []byte {
	dst = append(dst, byte('0'+v.Kind()))
	switch v.Kind() {
	case connect.KindString, connect.KindBytes:
		dst = strconv.AppendInt(dst, int64(len(v.Bytes())), 10)
		return append(append(dst, ':'), v.Bytes()...)
	case connect.KindArray:
		dst = append(strconv.AppendInt(dst, int64(len(v.Array())), 10), ':')
		for _, e := range v.Array() {
			dst = appendIdentity(dst, e)
		}
		return dst
	case connect.KindStruct:
		for _, e := range v.Struct().Fields() {
			dst = appendIdentity(dst, e)
		}
		return dst
	}
	return append(v.AppendString(dst), ';')
}

// structure reads the fields in the order of the schema, and checks each as Struct.put does.
func (p *plain) structure(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	if n.kind != nodeObject {
		return connect.Null(), connect.DataError("Structs should be encoded as JSON objects, but found " + n.kind.String())
	}
	values := make([]node, len(s.Fields()))
	for _, m := range p.object(n).members {
		if i := s.FieldIndex(m.name); i >= 0 {
			values[i] = m.value
		}
	}
	st := a.NewStruct(s)
	for i, f := range s.Fields() {
		v, err := p.convert(a, f.Schema, values[i])
		if err == nil {
			err = connect.ValidateValue(f.Name, f.Schema, v)
		}
		if err != nil {
			return connect.Null(), err
		}
		st.SetField(i, v)
	}
	return st.Value(), nil
}

// infer reads a value without schema.
func (p *plain) infer(a *connect.Arena, n node) (connect.Value, error) {
	switch n.kind {
	case nodeBoolean:
		return connect.Bool(p.isTrue(n)), nil
	case nodeNumber:
		num := p.numeral(n)
		return num.infer(), nil
	case nodeString:
		return p.string(a, n), nil
	case nodeArray:
		items := p.elements(n)
		out := a.Values(len(items))
		for i, item := range items {
			out[i], _ = p.infer(a, item) // never fails
		}
		return connect.Array(out), nil
	case nodeObject:
		members := p.object(n).members
		out := a.Values(2 * len(members))
		for i, m := range members {
			out[2*i] = p.string(a, m.key)
			out[2*i+1], _ = p.infer(a, m.value)
		}
		return connect.NewMap(out).Value(), nil
	}
	return connect.Null(), nil
}

// infer returns the number as a value without schema: INT64 or FLOAT64.
func (n *numeral) infer() connect.Value {
	if n.integer {
		return connect.Int64(n.int64())
	}
	return connect.Float64(n.float64())
}
