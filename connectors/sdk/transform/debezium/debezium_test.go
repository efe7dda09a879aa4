package debezium_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/debezium"
)

// table is a table of a database: the schemas of its keys, its rows and its events.
type table struct{ key, row, source, event *connect.Schema }

func named(kind connect.Type, name string) *connect.Schema {
	return connect.NewSchema(kind).Name(name).Optional().MustBuild()
}

func newTable(name string) table {
	row := connect.NewStructSchema().Name(name+".Value").
		Field("id", connect.Int32Schema).Field("name", connect.OptionalStringSchema).
		Field("level", connect.NewSchema(connect.TypeInt32).Optional().Default(connect.Int32(1)).MustBuild()).
		Field("at", named(connect.TypeString, "io.debezium.time.ZonedTimestamp")).Field("day", named(connect.TypeString, "io.debezium.time.ZonedTime")).
		Field("ms", named(connect.TypeInt64, "io.debezium.time.Timestamp")).Field("us", named(connect.TypeInt64, "io.debezium.time.MicroTimestamp")).
		Field("ns", named(connect.TypeInt64, "io.debezium.time.NanoTimestamp")).Field("ts", connect.OptionalTimestampSchema).
		Optional().MustBuild()
	source := connect.NewStructSchema().Name("io.debezium.connector.postgresql.Source").
		Field("table", connect.StringSchema).Field("ts_ms", connect.Int64Schema).Field("lsn", connect.OptionalInt64Schema).MustBuild()
	transaction := connect.NewStructSchema().Field("id", connect.StringSchema).Optional().MustBuild()
	return table{
		key: connect.NewStructSchema().Name(name+".Key").Field("id", connect.Int32Schema).MustBuild(), row: row, source: source,
		event: connect.NewStructSchema().Name(name+".Envelope").Version(2).Field("before", row).Field("after", row).Field("source", source).
			Field("transaction", transaction).Field("op", connect.StringSchema).Field("ts_ms", connect.OptionalInt64Schema).MustBuild(),
	}
}

func (t table) newRow(a *connect.Arena, name string) connect.Value {
	row := a.NewStruct(t.row)
	for i, v := range []connect.Value{
		connect.Int32(7), connect.String(a.CopyString(name)), connect.Null(),
		connect.String(a.CopyString("2011-01-11T16:40:30.123456789+00:00")), connect.String(a.CopyString("16:40:30Z")),
		connect.Int64(1_294_764_030_123), connect.Int64(1_294_764_030_123_456), connect.Int64(1_294_764_030_123_456_789), connect.TimeMillis(1_294_764_030_123),
	} {
		row.SetField(i, v)
	}
	return row.Value()
}

// record returns a change event of the table people.
func (t table) record(a *connect.Arena, op string, before, after connect.Value) connect.Record {
	source, event, key := a.NewStruct(t.source), a.NewStruct(t.event), a.NewStruct(t.key)
	source.SetField(0, connect.String("people"))
	source.SetField(1, connect.Int64(1_700_000_000_000))
	source.SetField(2, connect.Int64(55))
	for i, v := range []connect.Value{before, after, source.Value(), connect.Null(), connect.String(op), connect.Int64(1_700_000_000_500)} {
		event.SetField(i, v)
	}
	key.SetField(0, connect.Int32(7))
	return connect.Record{
		Topic: "db.people", Timestamp: 5, Partition: 2, KeySchema: t.key, Key: key.Value(), ValueSchema: t.event, Value: event.Value(),
		Headers: []connect.Header{{Key: "h", Schema: connect.StringSchema, Value: connect.String(a.CopyString("text"))}},
	}
}

// events are an insertion, an update, a deletion, a tombstone, a truncation and something else.
func events(a *connect.Arena) []connect.Record {
	t := newTable("db.people")
	null := connect.Null()
	insert := t.record(a, "c", null, t.newRow(a, "ada"))
	tombstone := insert
	tombstone.ValueSchema, tombstone.Value = nil, null
	heartbeat := insert
	heartbeat.KeySchema, heartbeat.Key, heartbeat.ValueSchema, heartbeat.Value = nil, null, t.key, insert.Key
	return []connect.Record{
		insert, t.record(a, "u", t.newRow(a, "ada"), t.newRow(a, "eva")), t.record(a, "d", t.newRow(a, "ada"), null), tombstone,
		t.record(a, "t", null, null), heartbeat,
	}
}

func usual() map[string][]string {
	return map[string][]string{
		"ByLogicalTableRouter":  {"topic.regex", `(.*)\.people`, "topic.replacement", "$1.all"},
		"outbox.EventRouter":    {"table.field.event.key", "id", "table.field.event.payload", "name", "route.by.field", "name"},
		"ExtractNewRecordState": {"add.fields", "op,source.ts_ms,id", "add.headers", "lsn", "delete.tombstone.handling.mode", "rewrite"},
		"HeaderToValue":         {"headers", "h", "fields", "source.h", "operation", "copy"},
		"TimezoneConverter":     {"converted.timezone", "Pacific/Easter", "exclude.list", "source:people:day"},
	}
}

func TestEveryTransformConforms(t *testing.T) {
	cases := map[string]connecttest.TransformCase{"transforms.Filter": {Refused: true}, "ContentBasedRouter": {Refused: true}}
	for name, config := range usual() {
		cases[name] = connecttest.TransformCase{Config: config}
	}
	connecttest.TransformClasses(t, debezium.Classes(), events, cases)
	t.Run("HeaderToValue moves headers", func(t *testing.T) {
		connecttest.Transform(t, connecttest.TransformHarness{
			Class: connecttest.TransformClass(t, debezium.Classes(), "HeaderToValue"), Records: events,
			Config: connecttest.Config("headers", "h", "fields", "h", "operation", "move"),
		})
	})
	t.Run("ExtractNewRecordState drops fields", func(t *testing.T) {
		connecttest.Transform(t, connecttest.TransformHarness{
			Class: connecttest.TransformClass(t, debezium.Classes(), "ExtractNewRecordState"), Config: map[string]string{"drop.fields.header.name": "drop", "drop.fields.from.key": "true"},
			Records: func(a *connect.Arena) []connect.Record {
				list := events(a)
				names := connect.Array([]connect.Value{connect.String(a.CopyString("name")), connect.String(a.CopyString("id"))})
				for i := range list {
					list[i].Headers = append(list[i].Headers, connect.Header{Key: "drop", Schema: connect.NewArraySchema(connect.StringSchema).MustBuild(), Value: names})
				}
				return list
			},
		})
	})
}

// describe shows a record: its topic where it changed, its key where it did, the value, and headers that were added.
func describe(before, r *connect.Record, keep bool, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case !keep:
		return "dropped"
	}
	text := r.Value.String() + " of " + r.ValueSchema.String()
	if !r.Key.Equal(before.Key) {
		text = "key " + r.Key.String() + " " + text
	}
	if r.Topic != before.Topic {
		text = r.Topic + ": " + text
	}
	for _, h := range r.Headers {
		if h.Key != "h" {
			text += ", " + h.Key + "=" + h.Value.String()
		}
	}
	return text
}

func outcome(t *testing.T, class string, config []string, r connect.Record) string {
	t.Helper()
	tr, err := connecttest.TransformClass(t, debezium.Classes(), class).New(connecttest.Config(config...))
	if err != nil {
		t.Fatalf("%s %q: %v", class, config, err)
	}
	before := r
	r.Headers = slices.Clone(r.Headers) // they are changed in place
	keep, err := tr.Apply(&r, new(connect.Arena))
	if err != nil && connect.KindOf(err) != connect.KindData {
		t.Errorf("%s %q: the error is of kind %s: %v", class, config, connect.KindOf(err), err)
	}
	return describe(&before, &r, keep, err)
}

func TestBadConfigurationsNameTheKey(t *testing.T) {
	for _, c := range []struct {
		class  string
		config []string
		want   string
	}{
		{"Filter", []string{"language", "jsr223.groovy", "condition", "value.op == 'u'"}, "io.debezium.transforms.Filter is not supported: it evaluates a script (condition, language jsr223.groovy), and Ferry runs none"},
		{"ContentBasedRouter", nil, "io.debezium.transforms.ContentBasedRouter is not supported: it evaluates a script (topic.expression"},
		{"ByLogicalTableRouter", nil, `Missing required configuration "topic.regex"`},
		{"ByLogicalTableRouter", []string{"topic.regex", "(", "topic.replacement", "x"}, "Invalid value ( for configuration topic.regex: "},
		{"ByLogicalTableRouter", []string{"topic.regex", "a", "topic.replacement", "x", "key.field.regex", "b"}, "key.field.replacement must be non-empty if key.field.regex is set."},
		{"ByLogicalTableRouter", []string{"topic.regex", "a", "topic.replacement", "x", "schema.name.adjustment.mode", "x"}, "Invalid value x for configuration schema.name.adjustment.mode: String must be one of: none, avro, avro_unicode"},
		{"ExtractNewRecordState", []string{"delete.tombstone.handling.mode", "keep"}, "Invalid value keep for configuration delete.tombstone.handling.mode: Value must be one of drop, tombstone, "},
		{"ExtractNewRecordState", []string{"add.fields", "op:a:b"}, "Invalid value op:a:b for configuration add.fields: Unexpected field name: op:a:b"},
		{"HeaderToValue", []string{"headers", "a,b", "fields", "a", "operation", "move"}, "'fields' config must have the same number of elements as 'headers' config."},
		{"HeaderToValue", []string{"headers", "a", "fields", "a", "operation", "steal"}, "Invalid value steal for configuration operation: "},
		{"TimezoneConverter", []string{"converted.timezone", "Mars/Base"}, "Invalid value Mars/Base for configuration converted.timezone: "},
		{"TimezoneConverter", []string{"converted.timezone", "+02:00", "include.list", "a"}, "Invalid value a for configuration include.list: "},
		{"TimezoneConverter", []string{"converted.timezone", "+02:00", "include.list", "a:b", "exclude.list", "a:b"}, "Both include and exclude lists are specified. Please specify only one."},
		{"outbox.EventRouter", []string{"table.fields.additional.placement", "a"}, "Invalid value a for configuration table.fields.additional.placement: "},
		{"outbox.EventRouter", []string{"table.fields.additional.placement", "a:body"}, "Invalid value a:body for configuration table.fields.additional.placement: The placement must be header, envelope or partition"},
		{"outbox.EventRouter", []string{"table.op.invalid.behavior", "x"}, "Invalid value x for configuration table.op.invalid.behavior: "},
		{"outbox.EventRouter", []string{"route.topic.regex", "("}, "Invalid value ( for configuration route.topic.regex: "},
	} {
		_, err := connecttest.TransformClass(t, debezium.Classes(), c.class).New(connecttest.Config(c.config...))
		if connect.KindOf(err) != connect.KindConfig || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, want %s", c.class, c.config, err, c.want)
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, config := range usual() {
		tr, err := connecttest.TransformClass(t, debezium.Classes(), name).New(connecttest.Config(config...))
		if err != nil {
			t.Fatal(err)
		}
		a, r := new(connect.Arena), new(connect.Record)
		for _, original := range events(nil) {
			if n := testing.AllocsPerRun(100, func() {
				*r = original
				r.Headers = append(a.Headers(4)[:0], original.Headers...)
				_, _ = tr.Apply(r, a) // a truncation is an error for some
				a.Reset()
			}); n != 0 && name != "outbox.EventRouter" { // that has a test of its own
				t.Errorf("%s of %s allocates %v times", name, original.Value, n)
			}
		}
	}
}
