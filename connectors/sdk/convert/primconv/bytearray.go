package primconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// byteArray passes bytes as they are.
type byteArray struct{}

// AppendData accepts BYTES, with a BYTES schema or none.
func (byteArray) AppendData(dst []byte, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	if s != nil && s.Type() != connect.TypeBytes {
		return nil, connect.DataError("Invalid schema type for ByteArrayConverter: " + s.Type().String())
	}
	switch v.Kind() {
	case connect.KindNull:
		return nil, nil
	case connect.KindBytes:
		return append(dst, v.Bytes()...), nil
	}
	return nil, connect.DataError("ByteArrayConverter is not compatible with objects of type class " + v.Kind().JavaClass())
}

// ReadData returns a value that points at data.
func (byteArray) ReadData(_ *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return connect.OptionalBytesSchema, connect.Null(), nil
	}
	return connect.OptionalBytesSchema, connect.Bytes(data), nil
}
