package transform_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

func TestEveryTransformConforms(t *testing.T) {
	connecttest.TransformClasses(t, transform.Classes(), conformanceRecords(), map[string]connecttest.TransformCase{
		"Cast$Key": {Config: []string{"spec", "id:string,f0:string,k0:string"}},
		"Cast$Value": {
			Config: []string{"spec", "id:int32,text:float64,at:string,price:float32,flag:int8,f1:boolean"},
			Schemaless: [][]string{
				{"spec", "f0:int8,f1:int16,f2:int32"}, {"spec", "f0:int64,f1:float32,f2:float64"}, {"spec", "f0:boolean,f1:string,f2:string"},
			},
		},
		"DropHeaders":      {Config: []string{"headers", "a"}},
		"ExtractField$Key": {Config: []string{"field", "nested.text", "field.syntax.version", "V2"}},
		"ExtractField$Value": {
			Config: []string{"field", "text"}, Schemaless: [][]string{{"field", "f1"}, {"field", "n.f2", "field.syntax.version", "V2"}},
		},
		"Filter":        {Records: dropped},
		"Flatten$Key":   {Config: []string{"delimiter", "_"}},
		"Flatten$Value": {Schemaless: [][]string{{}, {"delimiter", ""}}},
		"HeaderFrom$Key": {
			Config: []string{"fields", "id,text", "headers", "h1,h1", "operation", "copy"},
		},
		"HeaderFrom$Value": {
			Config:     []string{"fields", "id,nested", "headers", "h1,h2", "operation", "move"},
			Schemaless: [][]string{{"fields", "f1,f0", "headers", "a,b", "operation", "move"}, {"fields", "f2", "headers", "a", "operation", "copy"}},
		},
		"HoistField$Key":    {Config: []string{"field", "key"}},
		"HoistField$Value":  {Config: []string{"field", "value"}, Schemaless: [][]string{{"field", "all"}}},
		"InsertField$Key":   {Config: []string{"timestamp.field", "ts"}},
		"InsertField$Value": {Config: []string{"topic.field", "topic", "static.field", "s!", "static.value", "x"}, Schemaless: [][]string{{"topic.field", "topic", "static.field", "s", "static.value", "x"}}},
		"InsertHeader":      {Config: []string{"header", "h", "value.literal", "[1,2]"}},
		"MaskField$Key":     {Config: []string{"fields", "id,text,f0,k0", "replacement", "7"}},
		"MaskField$Value": {
			Config: []string{"fields", "id,text,at,price,flag,f1,k1"}, Schemaless: [][]string{{"fields", "f2,f0"}, {"fields", "f1,f2", "replacement", "42.5"}},
		},
		"RegexRouter":      {Config: []string{"regex", "(.*)", "replacement", "eu.$1"}, Schemaless: [][]string{{"regex", "(.)(.*)", "replacement", "$2$1"}}},
		"ReplaceField$Key": {Config: []string{"exclude", "id,f0", "renames", "text:words"}},
		"ReplaceField$Value": {
			Config: []string{"include", "id,nested"}, Schemaless: [][]string{{"exclude", "f1", "renames", "f2:g2"}, {"include", "f2,n", "renames", "n:m"}},
		},
		"SetSchemaMetadata$Key":   {Config: []string{"schema.version", "7"}},
		"SetSchemaMetadata$Value": {Config: []string{"schema.name", "com.acme.Order"}},
		"TimestampConverter$Key":  {Config: []string{"field", "at", "target.type", "string", "format", "yyyy-MM-dd HH:mm:ss z"}},
		"TimestampConverter$Value": {
			Config: []string{"field", "id", "target.type", "Timestamp", "unix.precision", "microseconds"},
		},
		"TimestampRouter": {Config: []string{"timestamp.format", "yyyy-MM-dd'T'HH"}, Schemaless: [][]string{{"topic.format", "${timestamp}/${topic}", "timestamp.format", "yyyy.MM"}}},
		"ValueToKey":      {Config: []string{"fields", "text,id"}, Schemaless: [][]string{{"fields", "f2,f0"}}},
	})
}

func TestEveryPredicateConforms(t *testing.T) {
	on := func(topic string) func(*connect.Arena) connect.Record {
		return func(a *connect.Arena) connect.Record {
			return connect.Record{Topic: a.CopyString(topic), Value: connect.String(a.CopyString("v"))}
		}
	}
	connecttest.PredicateClasses(t, transform.Predicates(), map[string]connecttest.PredicateHarness{
		"HasHeaderKey": {
			Config: connecttest.Config("name", "trace"), Other: on("orders"),
			Matching: func(a *connect.Arena) connect.Record {
				return connect.Record{Topic: "orders", Headers: append(a.Headers(2)[:1], connect.Header{Key: a.CopyString("trace")})}
			},
		},
		"RecordIsTombstone": {Matching: func(*connect.Arena) connect.Record { return connect.Record{ValueSchema: connect.OptionalStringSchema} }, Other: on("orders")},
		"TopicNameMatches":  {Config: connecttest.Config("pattern", "ord(?=er).*"), Matching: on("orders"), Other: on("ordeals")},
	})
}

// dropped returns what no transform sees again.
func dropped(*connect.Arena) []connect.Record { return []connect.Record{{Topic: "orders"}} }

// conformanceRecords returns what makes a struct, the same with defaults in place of values, a map, and a tombstone, each as key
// and as value.
func conformanceRecords() func(*connect.Arena) []connect.Record {
	inner := connect.NewStructSchema().Field("text", connect.OptionalStringSchema).Field("n", connect.Int32Schema).MustBuild()
	text := connect.NewSchema(connect.TypeString).Optional().Default(connect.String("1.5")).MustBuild()
	s := connect.NewStructSchema().Name("order").Version(3).
		Field("id", connect.Int64Schema).Field("text", text).Field("at", connect.TimestampSchema).
		Field("price", connect.NewDecimalSchema(2).MustBuild()).Field("flag", connect.BooleanSchema).Field("nested", inner).
		Optional().MustBuild()
	return func(a *connect.Arena) []connect.Record {
		nested := a.NewStruct(inner)
		nested.SetField(0, connect.String(a.CopyString("deep")))
		nested.SetField(1, connect.Int32(4))
		fields := []connect.Value{
			connect.Int64(1 << 40), connect.String(a.CopyString("2.25")), connect.TimeMillis(1700000000123), connect.Decimal(1999, 2),
			connect.Bool(true), nested.Value(),
		}
		full, sparse, m := a.NewStruct(s), a.NewStruct(s), a.NewMap(len(fields))
		copy(full.Fields(), fields)
		copy(sparse.Fields(), fields)
		sparse.SetField(1, connect.Null())
		for i, f := range s.Fields() {
			m.SetKey(i, connect.String(a.CopyString(f.Name)))
			m.SetValue(i, fields[i])
		}
		for _, i := range []int{2, 3, 5} { // what has no meaning without a schema
			m.SetValue(i, connect.Int32(int32(i)))
		}
		headers := []connect.Header{
			{Key: "a", Schema: connect.StringSchema, Value: connect.String(a.CopyString("1"))}, {Key: "b"}, {Key: "a", Schema: connect.Int32Schema, Value: connect.Int32(2)},
		}
		var records []connect.Record
		for _, part := range []struct {
			schema *connect.Schema
			value  connect.Value
		}{{s, full.Value()}, {s, sparse.Value()}, {nil, m.Value()}, {nil, connect.Null()}} {
			records = append(records, connect.Record{
				Topic: "orders", Timestamp: 1700000000000, Headers: headers, KeySchema: part.schema, Key: part.value, ValueSchema: part.schema, Value: part.value,
			})
		}
		return records
	}
}
