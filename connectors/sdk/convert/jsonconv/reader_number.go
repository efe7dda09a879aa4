package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

func (r *reader) number(p *plan) (connect.Value, bool) {
	c := r.data[r.pos]
	if c != '-' && !isDigit(c) {
		return connect.Null(), false
	}
	if m, scale, end, ok := readShort(r.data, r.pos); ok {
		if v, ok := short(p.op, m, scale, c == '-'); ok {
			r.pos = end
			return v, true
		}
	}
	return r.numberOf(p)
}

// short returns m × 10^-scale as the value of the commonest types, if it has few digits.
func short(op op, m uint64, scale int, negative bool) (connect.Value, bool) {
	i := int64(m)
	if negative {
		i = -i
	}
	switch op {
	case opInt32:
		return connect.Int32(int32(i)), scale == 0
	case opInt64:
		return connect.Int64(i), scale == 0
	case opTimestamp:
		return connect.TimeMillis(i), scale == 0
	case opFloat32:
		return connect.Float32(float32(i) / float32(exactPowers[scale])), m < 1<<24 && scale <= 10
	case opFloat64:
		return connect.Float64(float64(i) / exactPowers[scale]), m < 1<<53
	}
	return connect.Null(), false
}

// numberOf reads any number.
func (r *reader) numberOf(p *plan) (connect.Value, bool) {
	n, end, ok := readNumeral(r.data, r.pos)
	if !ok {
		return connect.Null(), false
	}
	r.pos = end
	switch p.op {
	case opInt8:
		return connect.Int8(int8(n.int64())), true
	case opInt16:
		return connect.Int16(int16(n.int64())), true
	case opInt32:
		return connect.Int32(int32(n.int64())), true
	case opInt64:
		return connect.Int64(n.int64()), true
	case opFloat32:
		return connect.Float32(n.float32()), true
	case opFloat64:
		return connect.Float64(n.float64()), true
	case opDecimal:
		return n.decimal(), true
	case opTimestamp:
		return connect.TimeMillis(n.int64()), n.integer
	}
	if !n.fitsInt32() {
		return connect.Null(), false
	}
	var v connect.Value
	var err error
	if p.op == opDate {
		v, err = connect.DecodeDate(p.schema, int32(n.int64()))
	} else {
		v, err = connect.DecodeTime(p.schema, int32(n.int64()))
	}
	return v, err == nil
}

// inferNumber reads a number without schema: INT64 or FLOAT64.
func (r *reader) inferNumber(negative bool) (connect.Value, bool) {
	if m, scale, end, ok := readShort(r.data, r.pos); ok && m < 1<<53 {
		r.pos = end
		i := int64(m)
		if negative {
			i = -i
		}
		if scale == 0 {
			return connect.Int64(i), true
		}
		return connect.Float64(float64(i) / exactPowers[scale]), true // both exact, so rounded once
	}
	n, end, ok := readNumeral(r.data, r.pos)
	if !ok {
		return connect.Null(), false
	}
	r.pos = end
	return n.infer(), true
}
