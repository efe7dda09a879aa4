package connecttest

import (
	"fmt"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// recordText renders what makes a record different from others. It is on the heap and holds for ever.
func recordText(r *connect.Record) string {
	return r.Topic + " | " + valueText(r.Key) + " | " + valueText(r.Value)
}

// valueText is Java's text, but with kinds and with bytes in full.
func valueText(v connect.Value) string {
	switch v.Kind() {
	case connect.KindNull:
		return "null"
	case connect.KindBytes:
		return fmt.Sprintf("bytes %x", v.Bytes())
	case connect.KindArray:
		parts := make([]string, len(v.Array()))
		for i, e := range v.Array() {
			parts[i] = valueText(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case connect.KindMap:
		parts := make([]string, v.Map().Len())
		for i := range parts {
			k, e := v.Map().Entry(i)
			parts[i] = valueText(k) + ": " + valueText(e)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case connect.KindStruct:
		var parts []string
		for i, f := range v.Struct().Schema().Fields() {
			parts = append(parts, f.Name+": "+valueText(v.Struct().Field(i)))
		}
		return "struct {" + strings.Join(parts, ", ") + "}"
	}
	return v.Kind().String() + " " + v.String()
}

// checkRecord says whether key, value and headers are what their schemas promise.
func checkRecord(r *connect.Record) error {
	if err := connect.ValidateValue("key", r.KeySchema, r.Key); err != nil {
		return fmt.Errorf("record %s: %w", recordText(r), err)
	}
	if err := connect.ValidateValue("value", r.ValueSchema, r.Value); err != nil {
		return fmt.Errorf("record %s: %w", recordText(r), err)
	}
	for _, h := range r.Headers {
		if err := connect.ValidateValue(h.Key, h.Schema, h.Value); err != nil {
			return fmt.Errorf("header of record %s: %w", recordText(r), err)
		}
	}
	return nil
}
