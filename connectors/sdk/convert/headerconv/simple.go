// Package headerconv holds SimpleHeaderConverter, the header converter that Kafka Connect uses unless told otherwise. It
// writes every value as text and guesses the type when it reads; package values has the rules.
package headerconv

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

// SimpleHeaderConverter returns the class org.apache.kafka.connect.storage.SimpleHeaderConverter. It has no configuration.
func SimpleHeaderConverter() connect.HeaderConverterClass {
	return connect.HeaderConverterClass{
		Name:   "org.apache.kafka.connect.storage.SimpleHeaderConverter",
		Config: configdef.MustNew(),
		New:    func(map[string]string) (connect.HeaderConverter, error) { return simple{}, nil },
	}
}

type simple struct{}

// AppendHeader writes v as text, whatever its schema.
func (simple) AppendHeader(dst []byte, _, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	switch v.Kind() {
	case connect.KindNull:
		return nil, nil
	case connect.KindString:
		return values.AppendUTF8(dst, v.Str()), nil
	}
	return values.AppendText(dst, v), nil
}

// ReadHeader guesses the type of a text. It never fails: what is nothing else is a string.
func (simple) ReadHeader(a *connect.Arena, _, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return nil, connect.Null(), nil
	}
	s, v := values.ParseString(values.DecodeUTF8(a, data))
	return s, v, nil
}
