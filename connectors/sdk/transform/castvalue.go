package transform

import (
	"math"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

// castValue returns v, a value of s or of no schema, as one of type to. The rules are those of Java's casts:
//
//   - Integers take the lowest bits. Of a floating number the fraction is cut off, and what is too large is the largest INT32, or
//     INT64 when that is asked for; INT8 and INT16 are the lowest bits of that INT32. NaN is 0.
//   - Decimals lose their fraction and wrap around. To a floating type they are rounded to the nearest.
//   - A number is true when it is not zero as an INT64: 0.5 is false. True is 1.
//   - Text is read as Java reads numbers: the whole of it, no fraction for an integer, no blanks around it. Only `true` in any case
//     is true, everything else false.
//   - Dates, times and timestamps are days or milliseconds, which needs a schema that says so.
//   - Everything becomes text: numbers as in Java, bytes in base64, instants by their value (see values.AppendText).
//
// Only a text that has to be made takes memory, from a. Errors are KindData.
func castValue(a *connect.Arena, s *connect.Schema, v connect.Value, to connect.Type) (connect.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	if err := castable(s, v); err != nil {
		return v, err
	}
	if to == connect.TypeString {
		return values.ConvertToString(a, v), nil
	}
	if v.Kind() == connect.KindTime && s != nil {
		var err error
		if v, err = encodeInstant(s, v); err != nil {
			return v, err
		}
	}
	return castScalar(v, to)
}

// castScalar casts to a number or a boolean.
func castScalar(v connect.Value, to connect.Type) (connect.Value, error) {
	switch to {
	case connect.TypeInt8:
		n, err := castToInteger(v, 8)
		return connect.Int8(int8(n)), err
	case connect.TypeInt16:
		n, err := castToInteger(v, 16)
		return connect.Int16(int16(n)), err
	case connect.TypeInt32:
		n, err := castToInteger(v, 32)
		return connect.Int32(int32(n)), err
	case connect.TypeInt64:
		n, err := castToInteger(v, 64)
		return connect.Int64(n), err
	case connect.TypeFloat32:
		f, err := castToFloat32(v)
		return connect.Float32(f), err
	case connect.TypeFloat64:
		f, err := castToFloat64(v)
		return connect.Float64(f), err
	}
	return castToBoolean(v)
}

// castable checks that a value of the type of s, or of its own type, can be cast at all.
func castable(s *connect.Schema, v connect.Value) error {
	var t connect.Type
	if s != nil {
		t = s.Type()
	} else {
		var ok bool
		if t, ok = connect.TypeOf(v.Kind()); !ok {
			return connect.DataError("Cast transformation was passed a value of type class " + smt.ClassName(v) + " which is not supported by Connect's data API")
		}
	}
	if t > connect.TypeBytes {
		return connect.DataError("Cast transformation does not support casting from " + t.String() +
			"; supported types are [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING, BYTES]")
	}
	return nil
}

// encodeInstant returns the number that stands for an instant under a logical type; without one the instant itself.
func encodeInstant(s *connect.Schema, v connect.Value) (connect.Value, error) {
	switch s.Logical() {
	case connect.LogicalDate:
		days, err := connect.EncodeDate(s, v)
		return connect.Int32(days), err
	case connect.LogicalTime:
		millis, err := connect.EncodeTime(s, v)
		return connect.Int32(millis), err
	case connect.LogicalTimestamp:
		return connect.Int64(v.Millis()), nil
	}
	return v, nil
}

func castToInteger(v connect.Value, bits int) (int64, error) {
	switch v.Kind() {
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return v.Int(), nil
	case connect.KindFloat32, connect.KindFloat64:
		return truncated(v.Float(), max(bits, 32)), nil
	case connect.KindBool:
		return bit(v), nil
	case connect.KindDecimal:
		return values.DecimalToLong(v), nil
	case connect.KindString:
		n, err := javatext.ParseInt(v.Str(), bits)
		return n, outOfRange(v, err)
	}
	return 0, notCastable(v)
}

// truncated is the cast from a floating type to an integer of 32 or 64 bits: saturating, NaN becomes 0.
func truncated(f float64, bits int) int64 {
	lowest, highest := int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits)
	switch {
	case math.IsNaN(f):
		return 0
	case f >= float64(highest):
		return highest
	case f <= float64(lowest):
		return lowest
	}
	return int64(f)
}

func bit(v connect.Value) int64 {
	if v.Bool() {
		return 1
	}
	return 0
}

func castToFloat32(v connect.Value) (float32, error) {
	switch v.Kind() {
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return float32(v.Int()), nil
	case connect.KindFloat32:
		return v.Float32(), nil
	case connect.KindFloat64:
		return float32(v.Float()), nil
	case connect.KindBool:
		return float32(bit(v)), nil
	case connect.KindDecimal:
		return float32(values.DecimalToFloat(v, 32)), nil
	case connect.KindString:
		f, err := javatext.ParseFloat(v.Str())
		return f, outOfRange(v, err)
	}
	return 0, notCastable(v)
}

func castToFloat64(v connect.Value) (float64, error) {
	switch v.Kind() {
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return float64(v.Int()), nil
	case connect.KindFloat32, connect.KindFloat64:
		return v.Float(), nil
	case connect.KindBool:
		return float64(bit(v)), nil
	case connect.KindDecimal:
		return values.DecimalToFloat(v, 64), nil
	case connect.KindString:
		f, err := javatext.ParseDouble(v.Str())
		return f, outOfRange(v, err)
	}
	return 0, notCastable(v)
}

func castToBoolean(v connect.Value) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindBool:
		return v, nil
	case connect.KindString:
		return connect.Bool(strings.EqualFold(v.Str(), "true")), nil
	}
	n, err := castToInteger(v, 64)
	return connect.Bool(n != 0), err
}

func notCastable(v connect.Value) error {
	return connect.DataError("Unexpected type in Cast transformation: class " + smt.ClassName(v))
}

// outOfRange makes the error about a text that is no number one about the record.
func outOfRange(v connect.Value, err error) error {
	if err == nil {
		return nil
	}
	e := connect.DataError("Value (" + v.String() + ") was out of range for requested data type")
	e.Cause = err
	return e
}
