package jsonconv

import "github.com/ferry-connect/ferry/connectors/sdk/connect"

// AppendSchema appends a schema, which must not be nil, as it stands in the envelope of a message, with decimals as numbers. Errors are
// KindData; then dst's content beyond its length is unspecified. It is for people and tools: the converter keeps such text with its
// plans.
func AppendSchema(dst []byte, s *connect.Schema) ([]byte, error) {
	w := writer{numericDecimals: true}
	return w.appendSchema(dst, newPlan(s), "", false)
}
