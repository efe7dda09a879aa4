package debezium

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// envelope puts a message and the columns that are placed beside it into a struct. The schema's name is that of the row with the routed
// value before its last part.
func (t *outboxRouter) envelope(
	a *connect.Arena, plan *outboxPlan, row connect.Struct, routed string, schema *connect.Schema, payload connect.Value,
) (*connect.Schema, connect.Value, error) {
	version := connect.Null()
	if t.version != "" {
		if version = row.Field(plan.version); version.Kind() != connect.KindInt32 && !version.IsNull() {
			return nil, version, connect.DataError("Field '" + t.version + "' is not of type INT32")
		}
	}
	message, err := t.envelopes.FindFor(schema, smt.HashText(routed)+31*plan.row.Hash(),
		func(m *messagePlan) bool {
			return m.topic == routed && m.version.Equal(version) && m.row.Equal(plan.row)
		},
		func(s *connect.Schema) (m messagePlan, err error) {
			m = messagePlan{row: plan.row, topic: strings.Clone(routed), version: version}
			m.schema, err = t.envelopeSchema(plan, routed, version, s)
			return m, err
		})
	if err != nil {
		return nil, payload, err
	}
	to := a.NewStruct(message.schema)
	to.SetField(0, payload)
	if payload.IsNull() {
		if err := connect.ValidateValue("payload", schema, payload); err != nil {
			return nil, payload, err
		}
	}
	n := 1
	for i, add := range t.additions {
		if at := plan.additions[i]; at >= 0 && add.placement == "envelope" {
			to.SetField(n, row.FieldOrDefault(at))
			n++
		}
	}
	return message.schema, to.Value(), nil
}

func (t *outboxRouter) envelopeSchema(plan *outboxPlan, routed string, version connect.Value, payload *connect.Schema) (*connect.Schema, error) {
	name := strings.Clone(routed)
	if row, ok := plan.row.Name(); ok {
		dot := strings.LastIndexByte(row, '.') + 1
		name = row[:dot] + routed + "." + row[dot:]
	}
	b := connect.NewStructSchema().Name(name).Field("payload", payload)
	if !version.IsNull() {
		b.Version(int32(version.Int()))
	}
	for i, add := range t.additions {
		if at := plan.additions[i]; at >= 0 && add.placement == "envelope" {
			b.Field(add.name, plan.row.Fields()[at].Schema)
		}
	}
	return b.Build()
}
