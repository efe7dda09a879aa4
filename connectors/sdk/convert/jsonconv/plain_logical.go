package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// logical reads a value of a logical type. The name decides, whatever the type of the schema.
func (p *plain) logical(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	num := p.numeral(n)
	switch s.Logical() {
	case connect.LogicalDecimal:
		return p.decimal(a, s, n)
	case connect.LogicalDate:
		if !num.fitsInt32() {
			return connect.Null(), connect.DataError("Invalid type for Date, underlying representation should be integer but was " + n.kind.String())
		}
		return connect.DecodeDate(s, int32(num.int64()))
	case connect.LogicalTime:
		if !num.fitsInt32() {
			return connect.Null(), connect.DataError("Invalid type for Time, underlying representation should be integer but was " + n.kind.String())
		}
		return connect.DecodeTime(s, int32(num.int64()))
	default:
		if !num.integer {
			return connect.Null(), connect.DataError("Invalid type for Timestamp, underlying representation should be integral but was " + n.kind.String())
		}
		return connect.DecodeTimestamp(s, num.int64())
	}
}

// decimal reads a number, which keeps its own scale, or the unscaled value in base64.
func (p *plain) decimal(a *connect.Arena, s *connect.Schema, n node) (connect.Value, error) {
	switch n.kind {
	case nodeNumber:
		num := p.numeral(n)
		return num.decimal(), nil
	case nodeString:
		b, ok := decodeBase64(a, p.text(n))
		if !ok {
			return connect.Null(), badDecimal(connect.DataError("not base64"))
		}
		v, err := connect.DecodeDecimal(s, b)
		if err != nil {
			return connect.Null(), badDecimal(err)
		}
		return v, nil
	}
	return connect.Null(), connect.DataError("Invalid type for Decimal, underlying representation should be numeric or bytes but was " + n.kind.String())
}

func badDecimal(cause error) error {
	e := connect.DataError("Invalid bytes for Decimal field")
	e.Cause = cause
	return e
}
