package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"maps"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// input is the name of a record that a transform is measured with.
type input string

// The inputs. The first two are the record of ten fields.
const (
	asStruct  input = "struct"
	asMap     input = "map"       // without a schema
	nested    input = "nested"    // two structs, one in the other
	nestedMap input = "nestedmap" // two maps, one in the other
	dated     input = "dated"     // a map with a time in text
	gzipped   input = "gzip"      // bytes
	event     input = "event"     // of Debezium
	outbox    input = "outbox"    // an event of an outbox table
)

// inputNumber is the record of ten fields that is taken.
const inputNumber = 12_345

func newInputs() (map[input]connect.Record, error) {
	schema := records.NewSchema()
	value := records.Fill(nil, schema, inputNumber)
	fields := mapOf(value.Struct())
	outer := structOf("", "record", value, schema, "number", connect.Int32(1), connect.Int32Schema)
	compressed, err := compress(records.NewRecord(inputNumber).AppendJSON(nil))
	if err != nil {
		return nil, err
	}
	return map[input]connect.Record{
		asStruct:  newInput(schema, value),
		asMap:     newInput(nil, fields),
		nested:    newInput(outer.Struct().Schema(), outer),
		nestedMap: newInput(nil, connect.NewMap([]connect.Value{connect.String("record"), fields, connect.String("number"), connect.Int32(1)}).Value()),
		dated:     newInput(nil, fields.Map().Put(nil, "at", connect.String("2026-11-30T12:34:56")).Value()),
		gzipped:   newInput(connect.BytesSchema, connect.Bytes(compressed)),
		event:     newEvent("inventory.Customer", value, schema),
		outbox: newEvent("inventory.Outbox", structOf("inventory.Outbox.Value",
			"id", connect.String("406c07f3-26f0-4eea-a50c-109940064b8f"), connect.StringSchema, "aggregateid", connect.String("1"), connect.StringSchema,
			"aggregatetype", connect.String("Order"), connect.StringSchema, "type", connect.String("OrderCreated"), connect.StringSchema,
			"payload", connect.String(string(records.NewRecord(inputNumber).AppendJSON(nil))), connect.OptionalStringSchema), nil),
	}, nil
}

// newInput returns a record from Kafka with a key of one field and two headers.
func newInput(s *connect.Schema, v connect.Value) connect.Record {
	key := structOf("bench.Key", "user", connect.String("user-1"), connect.StringSchema)
	return connect.Record{
		Topic: "orders-eu", Partition: 3, Offset: inputNumber, OriginalTopic: "orders-eu", OriginalPartition: 3, OriginalOffset: inputNumber,
		Timestamp: 1_700_000_000_000, TimestampType: connect.CreateTime, KeySchema: key.Struct().Schema(), Key: key, ValueSchema: s, Value: v,
		Headers: []connect.Header{
			{Key: "trace", Schema: connect.StringSchema, Value: connect.String("4bf92f3577b34da6")},
			{Key: "origin", Schema: connect.StringSchema, Value: connect.String("bench")},
		},
	}
}

// newEvent returns an insertion of a row as Debezium writes it; of a row with a time in text if s is not nil.
func newEvent(table string, row connect.Value, s *connect.Schema) connect.Record {
	if s != nil {
		zoned := connect.NewSchema(connect.TypeString).Name("io.debezium.time.ZonedTimestamp").MustBuild()
		row = structOf(table+".Value", "id", row.Struct().Field(0), connect.Int64Schema, "name", row.Struct().Field(2), connect.StringSchema,
			"at", connect.String("2026-11-30T12:34:56.789Z"), zoned, "created", row.Struct().Field(7), connect.TimestampSchema)
	}
	rowSchema := connect.NewSchemaLike(row.Struct().Schema())
	for _, f := range row.Struct().Schema().Fields() {
		rowSchema.Field(f.Name, f.Schema)
	}
	after := connect.NewStruct(rowSchema.Optional().MustBuild())
	copy(after.Fields(), row.Struct().Fields())
	source := structOf("io.debezium.connector.postgresql.Source", "table", connect.String("customers"), connect.StringSchema,
		"ts_ms", connect.Int64(1_700_000_000_000), connect.Int64Schema, "lsn", connect.Int64(55), connect.Int64Schema)
	v := structOf(table+".Envelope", "before", connect.Null(), after.Schema(), "after", after.Value(), after.Schema(), "source", source, source.Struct().Schema(),
		"op", connect.String("c"), connect.StringSchema, "ts_ms", connect.Int64(1_700_000_000_500), connect.Int64Schema)
	r := newInput(v.Struct().Schema(), v)
	r.Topic = "shop." + table
	return r
}

// structOf returns a struct of the given fields: a name, a value and a schema each.
func structOf(name string, fields ...any) connect.Value {
	b := connect.NewStructSchema()
	if name != "" {
		b.Name(name)
	}
	for i := 0; i < len(fields); i += 3 {
		b.Field(fields[i].(string), fields[i+2].(*connect.Schema))
	}
	st := connect.NewStruct(b.MustBuild())
	for i := 1; i < len(fields); i += 3 {
		st.SetField(i/3, fields[i].(connect.Value))
	}
	return st.Value()
}

// mapOf returns the fields of a struct as a JsonConverter reads them without a schema: numbers are INT64 or FLOAT64.
func mapOf(st connect.Struct) connect.Value {
	var slots []connect.Value
	for i, f := range st.Schema().Fields() {
		v := st.Field(i)
		switch v.Kind() {
		case connect.KindInt32, connect.KindTime:
			v = connect.Int64(v.Int())
		case connect.KindFloat32:
			v = connect.Float64(v.Float())
		}
		slots = append(slots, connect.String(f.Name), v)
	}
	return connect.NewMap(slots).Value()
}

func compress(data []byte) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// newNaiveInputs returns the inputs that the naive transforms are measured with.
func newNaiveInputs() (map[input]naiveData, error) {
	var fields map[string]any
	if err := json.Unmarshal(records.NewRecord(inputNumber).AppendJSON(nil), &fields); err != nil {
		return nil, err
	}
	flat := naiveData{
		topic: "orders-eu", time: 1_700_000_000_000, key: map[string]any{"user": "user-1"}, value: fields,
		schema:  map[string]any{"type": "struct", "fields": []any{}, "optional": false},
		headers: []naiveHeader{{"trace", "4bf92f3577b34da6"}, {"origin", "bench"}},
	}
	deep := flat
	deep.value = map[string]any{"record": maps.Clone(fields), "number": 1.0}
	return map[input]naiveData{asMap: flat, nestedMap: deep}, nil
}
