package debezium_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/debezium"
)

// outboxEvent is an insertion into the outbox table of the documentation, with some columns more.
func outboxEvent(op string, payload connect.Value) connect.Record {
	row := connect.NewStructSchema().Name("db.outboxevent.Value").
		Field("id", connect.StringSchema).Field("aggregateid", connect.StringSchema).Field("aggregatetype", connect.StringSchema).
		Field("payload", connect.OptionalStringSchema).Field("type", connect.StringSchema).
		Field("at", connect.NewSchema(connect.TypeInt64).Name("io.debezium.time.MicroTimestamp").Optional().MustBuild()).
		Field("plain", connect.OptionalInt64Schema).Field("version", connect.OptionalInt32Schema).Field("part", connect.OptionalInt32Schema).
		Optional().MustBuild()
	event := connect.NewStructSchema().Name("db.outboxevent.Envelope").
		Field("before", row).Field("after", row).Field("op", connect.StringSchema).Field("ts_ms", connect.OptionalInt64Schema).MustBuild()
	after, v := connect.NewStruct(row), connect.NewStruct(event)
	for i, field := range []connect.Value{
		connect.String("406c07f3"), connect.String("1"), connect.String("Order"), payload, connect.String("OrderCreated"),
		connect.Int64(1_556_890_294_344_000), connect.Int64(5), connect.Int32(3), connect.Int32(9),
	} {
		after.SetField(i, field)
	}
	v.SetField(1, after.Value())
	v.SetField(2, connect.String(op))
	v.SetField(3, connect.Int64(1_556_890_294_484))
	return connect.Record{Topic: "db.outboxevent", Partition: 4, KeySchema: connect.StringSchema, Key: connect.String("406c07f3"), ValueSchema: event, Value: v.Value()}
}

func TestOutboxRowsBecomeMessages(t *testing.T) {
	text := connect.String(`{"id": 1}`)
	insert := outboxEvent("c", text)
	const head = "outbox.event.Order: key 1 "
	placed := func(p string, more ...string) []string {
		return append([]string{"table.fields.additional.placement", p}, more...)
	}
	for _, c := range []struct {
		config []string
		record connect.Record
		want   string
	}{
		{nil, insert, head + `{"id": 1} of Schema{STRING}, id=406c07f3`},
		{nil, outboxEvent("r", text), head},
		{nil, outboxEvent("d", text), "dropped"},
		{nil, outboxEvent("u", text), "dropped"},
		{[]string{"table.op.invalid.behavior", "error"}, outboxEvent("u", text), "dropped"},
		{[]string{"table.op.invalid.behavior", "fatal"}, outboxEvent("u", text), "Unexpected update message received 406c07f3, fail."},
		{nil, connect.Record{Topic: "db.outboxevent"}, "dropped"},
		{nil, connect.Record{Value: connect.String("x")}, "x of null"},
		{[]string{"table.field.event.key", "type", "route.by.field", "type", "route.topic.regex", "Order(.*)", "route.topic.replacement", "new.$1"}, insert, "new.Created: key OrderCreated "},
		{[]string{"route.topic.regex", "x"}, insert, "Order: key 1 "},
		{placed("type:header:eventType"), insert, head + `{"id": 1} of Schema{STRING}, id=406c07f3, eventType=OrderCreated`},
		{placed("type:envelope:eventType"), insert, head + `Struct{payload={"id": 1},eventType=OrderCreated} of Schema{db.outboxevent.Order.Value:STRUCT}, id=406c07f3`},
		{placed("type:envelope,at:header"), insert, head + `Struct{payload={"id": 1},type=OrderCreated} of Schema{db.outboxevent.Order.Value:STRUCT}, id=406c07f3, at=1556890294344000`},
		{placed("nothing:header"), insert, "nothing is not a valid field name"},
		{placed("nothing:header", "table.fields.additional.error.on.missing", "false"), insert, head},
		{placed("type:partition"), insert, "Field 'type' is not of type INT32"},
		{nil, outboxEvent("c", connect.Null()), head + "null of Schema{STRING}"},
		{[]string{"route.tombstone.on.empty.payload", "true"}, outboxEvent("c", connect.String(" ")), head + "null of null, id=406c07f3"},
		{[]string{"table.field.event.payload", "body"}, insert, "Unable to find payload field body in event"},
		{[]string{"table.field.event.id", "uuid"}, insert, "Unable to find event-id field uuid in event"},
		{[]string{"table.field.event.key", "x"}, insert, "x is not a valid field name"},
		{[]string{"route.by.field", "x"}, insert, "x is not a valid field name"},
		{[]string{"table.field.event.timestamp", "x"}, insert, "Unable to find timestamp field x in event"},
		{[]string{"table.field.event.timestamp", "plain"}, insert, "Unsupported field type INT64 (without logical schema name) for event timestamp"},
		{[]string{"table.expand.json.payload", "true"}, insert, head + "Struct{id=1} of Schema{payload:STRUCT}"},
		{[]string{"table.expand.json.payload", "true"}, outboxEvent("c", connect.String("plain")), head + "plain of Schema{STRING}"},
		{placed("type:envelope", "table.expand.json.payload", "true"), insert, head + "Struct{payload=Struct{id=1},type=OrderCreated} of "},
	} {
		if got := outcome(t, "outbox.EventRouter", c.config, c.record); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q of %s:\ngot  %s\nwant %s", c.config, c.record.Value, got, c.want)
		}
	}
}

func TestMessagesHaveTimestampPartitionAndVersion(t *testing.T) {
	for _, c := range []struct {
		config    []string
		timestamp int64
		partition int32
		version   int32 // 0 for none
	}{
		{nil, 1_556_890_294_484, connect.NoPartition, 0},
		{[]string{"table.field.event.timestamp", "at"}, 1_556_890_294_344, connect.NoPartition, 0},
		{[]string{"table.fields.additional.placement", "part:partition,type:envelope", "table.field.event.schema.version", "version"}, 1_556_890_294_484, 9, 3},
	} {
		tr, err := connecttest.TransformClass(t, debezium.Classes(), "outbox.EventRouter").New(connecttest.Config(c.config...))
		if err != nil {
			t.Fatal(err)
		}
		r := outboxEvent("c", connect.String("x"))
		if keep, err := tr.Apply(&r, nil); !keep || err != nil {
			t.Fatalf("%q: %t, %v", c.config, keep, err)
		}
		if version, _ := r.ValueSchema.Version(); r.Timestamp != c.timestamp || r.Partition != c.partition || version != c.version {
			t.Errorf("%q: timestamp %d, partition %d, version %d", c.config, r.Timestamp, r.Partition, version)
		}
	}
}

func TestJSONIsExpanded(t *testing.T) {
	const order = `{"id": 1, "lineItems": [{"id": 1, "item": "Debezium in Action", "price": 39.98}, {"id": 2, "gift": true}], "big": 3000000000, "none": null, "empty": []}`
	for _, c := range []struct {
		text, nulls string
		want        string // the value, and then the schemas of its fields; empty if the text stays
	}{
		{order, "ignore", "Struct{id=1,lineItems=[Struct{id=1,item=Debezium in Action,price=39.98}, Struct{id=2,gift=true}],big=3000000000} INT32 ARRAY INT64"},
		{`{"a": null, "b": {"c": null}}`, "optional_bytes", "Struct{b=Struct{}} BYTES STRUCT"},
		{`[1, null, 2]`, "ignore", "[1, null, 2]"},
		{`{"a": [[1], [2, 3]]}`, "ignore", "Struct{a=[[1], [2, 3]]} ARRAY"},
		{`{"a": [1, "x"]}`, "ignore", ""},
		{`{"a": [1, 2.5]}`, "ignore", ""},
		{`{"a": [null]}`, "ignore", ""},
		{`{"a": 99999999999999999999}`, "ignore", ""},
		{`{"a": 1`, "ignore", ""},
		{`{"a": 1} x`, "ignore", "Struct{a=1} INT32"},
		{`[]`, "ignore", ""},
		{`5`, "ignore", ""},
		{strings.Repeat("[", 5000), "ignore", ""},
	} {
		tr, err := connecttest.TransformClass(t, debezium.Classes(), "outbox.EventRouter").New(map[string]string{"table.expand.json.payload": "true", "table.json.payload.null.behavior": c.nulls})
		if err != nil {
			t.Fatal(err)
		}
		r := outboxEvent("c", connect.String(c.text))
		if keep, err := tr.Apply(&r, nil); !keep || err != nil {
			t.Fatalf("%s: %t, %v", c.text, keep, err)
		}
		got := r.Value.String()
		for _, f := range r.ValueSchema.Fields() {
			got += " " + f.Schema.Type().String()
		}
		if c.want == "" {
			c.want = c.text
		}
		if got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.text, got, c.want)
		}
		if err := connect.ValidateValue("", r.ValueSchema, r.Value); err != nil {
			t.Errorf("%s: %v", c.text, err)
		}
		first := r.ValueSchema
		r = outboxEvent("c", connect.String(c.text))
		if _, err := tr.Apply(&r, nil); err != nil || c.want != c.text && r.ValueSchema != first {
			t.Errorf("%s: the same JSON has another schema, %v", c.text, err)
		}
	}
}

func TestMessagesWithoutJSONAreMadeWithoutAllocation(t *testing.T) {
	tr, err := connecttest.TransformClass(t, debezium.Classes(), "outbox.EventRouter").New(map[string]string{"table.fields.additional.placement": "type:envelope,at:header,part:partition"})
	if err != nil {
		t.Fatal(err)
	}
	a, r, original := new(connect.Arena), new(connect.Record), outboxEvent("c", connect.String("x"))
	if n := testing.AllocsPerRun(100, func() {
		*r = original
		if _, err := tr.Apply(r, a); err != nil {
			t.Fatal(err)
		}
		a.Reset()
	}); n != 0 {
		t.Errorf("takes %v allocations", n)
	}
}
