package values

import (
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// Convert returns v as a value of the schema to. from is the schema of v, nil when it has none; it matters for instants
// only. A null is an error unless to is optional. Text that has to be made takes its memory from a, which may be nil.
func Convert(a *connect.Arena, to, from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return nullFor(to.Optional())
	}
	switch to.Type() {
	case connect.TypeBytes:
		return convertToBytes(to, v)
	case connect.TypeString:
		return ConvertToString(a, v), nil
	case connect.TypeBoolean:
		return ConvertToBoolean(from, v)
	case connect.TypeInt8:
		return ConvertToByte(from, v)
	case connect.TypeInt16:
		return ConvertToShort(from, v)
	case connect.TypeInt32:
		return convertToInt32(to, from, v)
	case connect.TypeInt64:
		if to.Logical() == connect.LogicalTimestamp {
			return ConvertToTimestamp(from, v)
		}
		return ConvertToLong(from, v)
	case connect.TypeFloat32:
		return ConvertToFloat(from, v)
	case connect.TypeFloat64:
		return ConvertToDouble(from, v)
	case connect.TypeArray:
		return convertToKind(connect.KindArray, to, v)
	case connect.TypeMap:
		return convertToKind(connect.KindMap, to, v)
	}
	if v.Kind() != connect.KindStruct {
		return connect.Value{}, unable(v, to.String(), nil)
	}
	return v, nil
}

func convertToInt32(to, from *connect.Schema, v connect.Value) (connect.Value, error) {
	switch to.Logical() {
	case connect.LogicalDate:
		return ConvertToDate(from, v)
	case connect.LogicalTime:
		return ConvertToTime(from, v)
	}
	return ConvertToInteger(from, v)
}

func convertToBytes(to *connect.Schema, v connect.Value) (connect.Value, error) {
	if to.Logical() == connect.LogicalDecimal {
		return convertToDecimal(to, v)
	}
	switch v.Kind() {
	case connect.KindBytes:
		return v, nil
	case connect.KindDecimal:
		b, err := connect.AppendDecimal(nil, to, v)
		return connect.Bytes(b), err
	}
	return connect.Value{}, unable(v, to.String(), nil)
}

// ConvertToBoolean returns a BOOLEAN: text that says true or false, or else whether the number is not zero. Null stays null.
func ConvertToBoolean(from *connect.Schema, v connect.Value) (connect.Value, error) {
	switch v.Kind() {
	case connect.KindNull, connect.KindBool:
		return v, nil
	case connect.KindString:
		p, err := parseText(v)
		if err != nil || p.Kind() == connect.KindBool {
			return p, err
		}
	}
	n, err := asLong(from, v, nil)
	return connect.Bool(n != 0), err
}

// ConvertToByte returns an INT8: the lowest 8 bits of the number. Null stays null.
func ConvertToByte(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindInt8 {
		return v, nil
	}
	n, err := asLong(from, v, nil)
	return connect.Int8(int8(n)), err
}

// ConvertToShort returns an INT16: the lowest 16 bits of the number. Null stays null.
func ConvertToShort(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindInt16 {
		return v, nil
	}
	n, err := asLong(from, v, nil)
	return connect.Int16(int16(n)), err
}

// ConvertToInteger returns an INT32: the lowest 32 bits of the number. Null stays null.
func ConvertToInteger(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindInt32 {
		return v, nil
	}
	n, err := asLong(from, v, nil)
	return connect.Int32(int32(n)), err
}

// ConvertToLong returns an INT64: a fraction is cut off, floating numbers saturate, decimals wrap around. Null stays null.
func ConvertToLong(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindInt64 {
		return v, nil
	}
	n, err := asLong(from, v, nil)
	return connect.Int64(n), err
}

// ConvertToFloat returns a FLOAT32. Null stays null.
func ConvertToFloat(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindFloat32 {
		return v, nil
	}
	f, err := asDouble(from, v)
	return connect.Float32(float32(f)), err
}

// ConvertToDouble returns a FLOAT64. Null stays null.
func ConvertToDouble(from *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindFloat64 {
		return v, nil
	}
	f, err := asDouble(from, v)
	return connect.Float64(f), err
}

// ConvertToString returns v as AppendText writes it; text is returned as it is. Null stays null. The memory comes from a,
// which may be nil.
func ConvertToString(a *connect.Arena, v connect.Value) connect.Value {
	if v.Kind() == connect.KindNull || v.Kind() == connect.KindString {
		return v
	}
	return connect.StringBytes(AppendText(a.Bytes(usualText)[:0], v)) // longer text grows on the heap
}

// usualText is enough for every scalar.
const usualText = 32

// ConvertToDecimal returns a decimal. Text and numbers keep the scale of their own text: scale only says how bytes are read.
func ConvertToDecimal(scale int32, v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return nullFor(false)
	}
	return convertToDecimal(connect.NewDecimalSchema(scale).MustBuild(), v)
}

func convertToDecimal(to *connect.Schema, v connect.Value) (connect.Value, error) {
	switch {
	case v.Kind() == connect.KindDecimal:
		return v, nil
	case v.Kind() == connect.KindBytes:
		return connect.DecodeDecimal(to, v.Bytes())
	case v.IsInteger():
		return decimalOfText(string(javatext.AppendDouble(nil, float64(v.Int()))))
	case v.IsNumber():
		return decimalOfText(string(javatext.AppendDouble(nil, v.Float())))
	case v.Kind() == connect.KindString:
		return decimalOfText(v.Str())
	}
	return connect.Value{}, unable(v, to.String(), nil)
}

func decimalOfText(s string) (connect.Value, error) {
	if d, ok := parseDecimal(s); ok {
		return d, nil
	}
	return connect.Value{}, numberFormatError(s)
}

// ConvertToList returns v if it is an array, or the array that its text says.
func ConvertToList(v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return nullFor(false)
	}
	return convertToKind(connect.KindArray, connect.NewArraySchema(nil).MustBuild(), v)
}

// ConvertToMap returns v if it is a map, or the map that its text says.
func ConvertToMap(v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return nullFor(false)
	}
	return convertToKind(connect.KindMap, connect.NewMapSchema(nil, nil).MustBuild(), v)
}

// ConvertToStruct returns v if it is a struct; nothing else becomes one.
func ConvertToStruct(v connect.Value) (connect.Value, error) {
	if v.IsNull() {
		return nullFor(false)
	}
	if v.Kind() != connect.KindStruct {
		return connect.Value{}, unable(v, "Schema{STRUCT}", nil)
	}
	return v, nil
}

func convertToKind(kind connect.Kind, to *connect.Schema, v connect.Value) (connect.Value, error) {
	if v.Kind() == connect.KindString {
		var err error
		if v, err = parseText(v); err != nil {
			return connect.Value{}, err
		}
	}
	if v.Kind() != kind {
		return connect.Value{}, unable(v, to.String(), nil)
	}
	return v, nil
}

func nullFor(optional bool) (connect.Value, error) {
	if optional {
		return connect.Null(), nil
	}
	return connect.Value{}, connect.DataError("Unable to convert a null value to a schema that requires a value")
}

// parseText parses a string for its value. A text that means null is an error: Kafka Connect trips over it.
func parseText(v connect.Value) (connect.Value, error) {
	_, p := ParseString(v.Str())
	if p.IsNull() {
		return p, &connect.Error{
			Kind: connect.KindData, Class: connect.NullPointerException,
			Message: `the text "` + v.Str() + `" means null, where a value is required`,
		}
	}
	return p, nil
}

// asLong returns a number, a decimal text or, if the schema says what it means, an instant as a long.
func asLong(from *connect.Schema, v connect.Value, cause error) (int64, error) {
	switch {
	case v.IsInteger():
		return v.Int(), nil
	case v.IsNumber():
		return doubleToLong(v.Float()), nil
	case v.Kind() == connect.KindDecimal:
		return DecimalToLong(v), nil
	case v.Kind() == connect.KindString && cause == nil:
		d, err := decimalOfText(v.Str())
		if err == nil {
			return DecimalToLong(d), nil
		}
		cause = err
	}
	if from == nil {
		return 0, unable(v, "a number", cause)
	}
	if v.Kind() == connect.KindTime {
		if n, ok, err := instantAsLong(from, v); ok {
			return n, err
		}
	}
	return 0, unable(v, from.String(), cause)
}

func instantAsLong(from *connect.Schema, v connect.Value) (n int64, ok bool, err error) {
	switch from.Logical() {
	case connect.LogicalDate:
		days, err := connect.EncodeDate(from, v)
		return int64(days), true, err
	case connect.LogicalTime:
		millis, err := connect.EncodeTime(from, v)
		return int64(millis), true, err
	case connect.LogicalTimestamp:
		return v.Millis(), true, nil
	}
	return 0, false, nil
}

func asDouble(from *connect.Schema, v connect.Value) (float64, error) {
	var cause error
	switch {
	case v.IsInteger():
		return float64(v.Int()), nil
	case v.IsNumber():
		return v.Float(), nil
	case v.Kind() == connect.KindDecimal:
		return DecimalToFloat(v, 64), nil
	case v.Kind() == connect.KindString:
		d, err := decimalOfText(v.Str())
		if err == nil {
			return DecimalToFloat(d, 64), nil
		}
		cause = err
	}
	n, err := asLong(from, v, cause)
	return float64(n), err
}

func unable(v connect.Value, to string, cause error) error {
	text := v.String()
	if v.Kind() == connect.KindTime {
		text = string(javatext.AppendDate(nil, v.Millis()))
	}
	e := connect.DataError("Unable to convert " + text + " (class " + v.Kind().JavaClass() + ") to " + to)
	e.Cause = cause
	return e
}
