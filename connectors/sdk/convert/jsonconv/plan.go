package jsonconv

import (
	"bytes"
	"encoding/binary"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// op is what a plan does with a value: the type of the schema, or its logical type if it has one.
type op uint8

const (
	opInt8 op = iota + 1 // in the order of connect.Type
	opInt16
	opInt32
	opInt64
	opFloat32
	opFloat64
	opBoolean
	opString
	opBytes
	opArray
	opMap
	opStruct
	opDecimal // in the order of connect.Logical
	opDate
	opTime
	opTimestamp
)

// plan is a schema made ready for reading and writing. It is immutable, but for the envelope of a plan that is used for
// writing.
type plan struct {
	schema   *connect.Schema
	op       op
	kind     connect.Kind // of a value that is not null
	envelope []byte       // `{"schema":…,"payload":`; made by the writer
	key      *plan
	elem     *plan
	fields   []fieldPlan
}

// fieldPlan is a field with the text that comes before its value: `{"name":` for the first one, `,"name":` for the others.
type fieldPlan struct {
	*plan
	lead lead
}

// lead is text that is expected before a value. Its first 16 bytes are compared in two steps, without a call.
type lead struct {
	text               []byte
	head, tail         uint64 // the first and second 8 bytes
	headBits, tailBits uint64 // which bits of them there are
}

func newLead(text []byte) lead {
	var bytes, mask [16]byte
	for i := range copy(bytes[:], text) {
		mask[i] = 0xFF
	}
	order := binary.LittleEndian
	return lead{
		text: text, head: order.Uint64(bytes[:]), tail: order.Uint64(bytes[8:]),
		headBits: order.Uint64(mask[:]), tailBits: order.Uint64(mask[8:]),
	}
}

// begins reports whether d begins with the text.
func (l *lead) begins(d []byte) bool {
	if len(d) < 16 {
		return bytes.HasPrefix(d, l.text)
	}
	if (binary.LittleEndian.Uint64(d)^l.head)&l.headBits|(binary.LittleEndian.Uint64(d[8:])^l.tail)&l.tailBits != 0 {
		return false
	}
	return len(l.text) <= 16 || bytes.HasPrefix(d, l.text)
}

func newPlan(s *connect.Schema) *plan {
	p := &plan{schema: s, op: op(s.Type()), kind: s.Type().Kind()}
	switch s.Logical() {
	case connect.LogicalDecimal:
		p.op, p.kind = opDecimal, connect.KindDecimal
	case connect.LogicalDate, connect.LogicalTime, connect.LogicalTimestamp:
		p.op, p.kind = opDate+op(s.Logical()-connect.LogicalDate), connect.KindTime
	}
	if s.KeySchema() != nil {
		p.key = newPlan(s.KeySchema())
	}
	if s.ValueSchema() != nil {
		p.elem = newPlan(s.ValueSchema())
	}
	if p.op != opStruct {
		return p
	}
	p.fields = make([]fieldPlan, len(s.Fields()))
	for i, f := range s.Fields() {
		p.fields[i] = fieldPlan{plan: newPlan(f.Schema), lead: newLead(appendLead(nil, i, f.Name))}
	}
	return p
}

// appendLead appends what comes before the value of the i-th member of an object.
func appendLead(dst []byte, i int, name string) []byte {
	if i == 0 {
		dst = append(dst, '{')
	} else {
		dst = append(dst, ',')
	}
	return append(appendText(dst, name), ':')
}
