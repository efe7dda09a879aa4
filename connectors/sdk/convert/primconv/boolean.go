package primconv

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// boolean writes a BOOLEAN as one byte, 0 or 1.
type boolean struct{}

// AppendData accepts BOOLEAN, with a BOOLEAN schema or none.
func (boolean) AppendData(dst []byte, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	if s != nil && s.Type() != connect.TypeBoolean {
		return nil, connect.DataError("Invalid schema type for BooleanConverter: " + s.Type().String())
	}
	switch v.Kind() {
	case connect.KindNull:
		return nil, nil
	case connect.KindBool:
		if v.Bool() {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	}
	return nil, connect.DataError("BooleanConverter is not compatible with objects of type class " + v.Kind().JavaClass())
}

// ReadData accepts exactly one byte, 0 or 1.
func (boolean) ReadData(_ *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	switch {
	case data == nil:
		return connect.OptionalBooleanSchema, connect.Null(), nil
	case len(data) != 1:
		return nil, connect.Value{}, unreadable("boolean", "Size of data received by BooleanDeserializer is not 1")
	case data[0] > 1:
		return nil, connect.Value{}, unreadable("boolean", "Unexpected byte received by BooleanDeserializer: "+strconv.Itoa(int(int8(data[0]))))
	}
	return connect.OptionalBooleanSchema, connect.Bool(data[0] == 1), nil
}

// unreadable is the error about bytes that do not hold a value of a type.
func unreadable(typeName, reason string) error {
	e := connect.DataError("Failed to deserialize " + typeName + ": ")
	e.Cause = &connect.Error{Kind: connect.KindData, Class: connect.SerializationException, Message: reason}
	return e
}
