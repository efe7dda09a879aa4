package jsonconv

import (
	"math"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// writer appends values as JSON.
type writer struct {
	plans              cache[uint64] // by the schema's hash
	last               *plan         // the plan used last
	scratch            []byte
	numericDecimals    bool
	replaceWithDefault bool
}

// plan returns the plan of a schema. Schemas are nearly always recognised by their address; a source that builds an equal
// schema for each record pays for a comparison, but not for a plan, however many others come between.
func (w *writer) plan(s *connect.Schema) (*plan, error) {
	if w.last != nil && w.last.schema == s {
		return w.last, nil
	}
	p := w.plans.get(s.Hash())
	if p != nil && !p.schema.Equal(s) {
		p = nil
	}
	if p == nil {
		p = newPlan(s)
		envelope, err := w.appendSchema([]byte(`{"schema":`), p, "", false)
		if err != nil {
			return nil, err
		}
		p.envelope = append(envelope, `,"payload":`...)
		w.plans.put(s.Hash(), p, 2*len(p.envelope))
	}
	p.schema = s // the one that comes next is likely the same
	w.last = p
	return p, nil
}

// append appends a value of p's schema.
func (w *writer) append(dst []byte, p *plan, v connect.Value) ([]byte, error) {
	if v.Kind() != p.kind {
		return w.appendOther(dst, p, v)
	}
	switch p.op {
	case opInt8, opInt16, opInt32, opInt64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case opFloat32:
		return appendFloat32(dst, v.Float32()), nil
	case opFloat64:
		return appendFloat64(dst, v.Float()), nil
	case opBoolean:
		return strconv.AppendBool(dst, v.Bool()), nil
	case opString:
		return appendText(dst, v.Str()), nil
	case opBytes:
		return appendBase64(dst, v.Bytes()), nil
	case opArray:
		return w.appendArray(dst, p.elem, v.Array())
	case opMap:
		return w.appendMap(dst, p, v.Map())
	case opStruct:
		return w.appendStruct(dst, p, v.Struct())
	}
	return w.appendLogical(dst, p, v)
}

// appendOther deals with null and with values the schema does not describe.
func (w *writer) appendOther(dst []byte, p *plan, v connect.Value) ([]byte, error) {
	s := p.schema
	if v.IsNull() {
		if def, ok := s.Default(); ok && w.replaceWithDefault {
			return w.append(dst, p, def)
		}
		if s.Optional() {
			return append(dst, "null"...), nil
		}
		return dst, connect.DataError("Conversion error: null value for field that is required and has no default value")
	}
	class := "class " + v.Kind().JavaClass()
	switch p.op {
	case opDecimal:
		return dst, connect.DataError("Invalid type for Decimal, expected BigDecimal but was " + class)
	case opDate:
		return dst, connect.DataError("Invalid type for Date, expected Date but was " + class)
	case opTime:
		return dst, connect.DataError("Invalid type for Time, expected Date but was " + class)
	case opTimestamp:
		return dst, connect.DataError("Invalid type for Timestamp, expected Date but was " + class)
	case opBytes:
		return dst, connect.DataError("Invalid type for bytes type: " + class)
	}
	return dst, connect.DataError("Invalid type for " + s.Type().String() + ": " + class)
}

func (w *writer) appendStruct(dst []byte, p *plan, st connect.Struct) (_ []byte, err error) {
	if s := st.Schema(); s != p.schema && !s.Equal(p.schema) {
		return dst, connect.DataError("Mismatching schema.")
	}
	slots := st.Fields()
	if len(slots) == 0 {
		return append(dst, '{', '}'), nil
	}
	for i := range p.fields {
		f := &p.fields[i]
		dst = append(dst, f.lead.text...)
		if dst, err = w.append(dst, f.plan, slots[i]); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func (w *writer) appendArray(dst []byte, elem *plan, values []connect.Value) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = w.appendAny(dst, elem, v); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap appends a map of p's schema, or of none when p is nil: as an object if its keys are strings, else as an array
// of pairs.
func (w *writer) appendMap(dst []byte, p *plan, m connect.Map) ([]byte, error) {
	var key, elem *plan
	asObject := false
	if p != nil {
		key, elem = p.key, p.elem
	}
	if key != nil {
		asObject = key.schema.Type() == connect.TypeString
	} else {
		asObject = hasStringKeys(m)
	}
	if asObject {
		return w.appendObject(dst, key, elem, m)
	}
	return w.appendPairs(dst, key, elem, m)
}

func hasStringKeys(m connect.Map) bool {
	for i := range m.Len() {
		if k, _ := m.Entry(i); k.Kind() != connect.KindString {
			return false
		}
	}
	return true
}

func (w *writer) appendObject(dst []byte, key, elem *plan, m connect.Map) (_ []byte, err error) {
	dst = append(dst, '{')
	for i := range m.Len() {
		k, v := m.Entry(i)
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = w.appendKey(dst, key, k); err != nil {
			return dst, err
		}
		if dst, err = w.appendAny(append(dst, ':'), elem, v); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendKey appends a key as the name of a member: what is no string in JSON, such as the null of an optional key or the
// number of a logical type, is put in quotes.
func (w *writer) appendKey(dst []byte, key *plan, k connect.Value) (_ []byte, err error) {
	if k.Kind() == connect.KindString && (key == nil || key.op == opString) {
		return appendText(dst, k.Str()), nil
	}
	if w.scratch, err = w.appendAny(w.scratch[:0], key, k); err != nil {
		return dst, err
	}
	if w.scratch[0] == '"' {
		return append(dst, w.scratch...), nil
	}
	return append(append(append(dst, '"'), w.scratch...), '"'), nil
}

func (w *writer) appendPairs(dst []byte, key, elem *plan, m connect.Map) (_ []byte, err error) {
	dst = append(dst, '[')
	for i := range m.Len() {
		k, v := m.Entry(i)
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = w.appendAny(append(dst, '['), key, k); err != nil {
			return dst, err
		}
		if dst, err = w.appendAny(append(dst, ','), elem, v); err != nil {
			return dst, err
		}
		dst = append(dst, ']')
	}
	return append(dst, ']'), nil
}

// appendAny appends a value whose plan may be nil: then it has no schema.
func (w *writer) appendAny(dst []byte, p *plan, v connect.Value) ([]byte, error) {
	if p != nil {
		return w.append(dst, p, v)
	}
	switch v.Kind() {
	case connect.KindNull:
		return append(dst, "null"...), nil
	case connect.KindBool:
		return strconv.AppendBool(dst, v.Bool()), nil
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case connect.KindFloat32:
		return appendFloat32(dst, v.Float32()), nil
	case connect.KindFloat64:
		return appendFloat64(dst, v.Float()), nil
	case connect.KindString:
		return appendText(dst, v.Str()), nil
	case connect.KindBytes:
		return appendBase64(dst, v.Bytes()), nil
	case connect.KindArray:
		return w.appendArray(dst, nil, v.Array())
	case connect.KindMap:
		return w.appendMap(dst, nil, v.Map())
	case connect.KindStruct:
		return dst, connect.DataError("Mismatching schema.")
	}
	return dst, connect.DataError("Java class class " + v.Kind().JavaClass() + " does not have corresponding schema type.")
}

func (w *writer) appendLogical(dst []byte, p *plan, v connect.Value) ([]byte, error) {
	switch p.op {
	case opDate:
		days, err := connect.EncodeDate(p.schema, v)
		return strconv.AppendInt(dst, int64(days), 10), err
	case opTime:
		millis, err := connect.EncodeTime(p.schema, v)
		return strconv.AppendInt(dst, int64(millis), 10), err
	case opTimestamp:
		return strconv.AppendInt(dst, v.Millis(), 10), nil
	}
	if w.numericDecimals {
		if n, ok := v.Unscaled64(); ok {
			return javatext.AppendDecimal64(dst, n, v.Scale()), nil
		}
		return javatext.AppendDecimal(dst, v.Unscaled(), v.Scale()), nil
	}
	var buf [32]byte
	unscaled, err := connect.AppendDecimal(buf[:0], p.schema, v)
	if err != nil {
		return dst, err
	}
	return appendBase64(dst, unscaled), nil
}

// appendFloat32 appends a number, or a string for what is none in JSON.
func appendFloat32(dst []byte, f float32) []byte {
	if !(math.Abs(float64(f)) <= math.MaxFloat64) { // NaN or infinite
		return append(javatext.AppendFloat(append(dst, '"'), f), '"')
	}
	return javatext.AppendFloat(dst, f)
}

func appendFloat64(dst []byte, f float64) []byte {
	if !(math.Abs(f) <= math.MaxFloat64) { // NaN or infinite
		return append(javatext.AppendDouble(append(dst, '"'), f), '"')
	}
	return javatext.AppendDouble(dst, f)
}
