package transform_test

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

func TestStructureTransformsConform(t *testing.T) {
	records := conformanceRecords()
	for _, c := range []struct {
		class  string
		config []string
	}{
		{"Cast$Key", []string{"spec", "id:string,f0:string,k0:string"}},
		{"Cast$Value", []string{"spec", "id:int32,text:float64,at:string,price:float32,flag:int8,f1:boolean"}},
		{"ExtractField$Key", []string{"field", "nested.text", "field.syntax.version", "V2"}},
		{"ExtractField$Value", []string{"field", "text"}},
		{"Flatten$Key", []string{"delimiter", "_"}},
		{"Flatten$Value", nil},
		{"HoistField$Key", []string{"field", "key"}},
		{"HoistField$Value", []string{"field", "value"}},
		{"InsertField$Key", []string{"timestamp.field", "ts"}},
		{"InsertField$Value", []string{"topic.field", "topic", "static.field", "s!", "static.value", "x"}},
		{"MaskField$Key", []string{"fields", "id,text,f0,k0", "replacement", "7"}},
		{"MaskField$Value", []string{"fields", "id,text,at,price,flag,f1,k1"}},
		{"RegexRouter", []string{"regex", "(.*)", "replacement", "eu.$1"}},
		{"ReplaceField$Key", []string{"exclude", "id,f0", "renames", "text:words"}},
		{"ReplaceField$Value", []string{"include", "id,nested"}},
		{"SetSchemaMetadata$Key", []string{"schema.version", "7"}},
		{"SetSchemaMetadata$Value", []string{"schema.name", "com.acme.Order"}},
		{"ValueToKey", []string{"fields", "text,id"}},
	} {
		t.Run(c.class, func(t *testing.T) {
			connecttest.Transform(t, connecttest.TransformHarness{Class: classNamed(t, c.class), Config: pairs(c.config), Records: records})
		})
	}
}

func classNamed(t testing.TB, name string) connect.TransformClass {
	t.Helper()
	for _, c := range transform.Classes() {
		if c.Name == "org.apache.kafka.connect.transforms."+name {
			return c
		}
	}
	t.Fatalf("no class %s", name)
	return connect.TransformClass{}
}

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
		var records []connect.Record
		for _, part := range []struct {
			schema *connect.Schema
			value  connect.Value
		}{{s, full.Value()}, {s, sparse.Value()}, {nil, m.Value()}, {nil, connect.Null()}} {
			records = append(records, connect.Record{
				Topic: "orders", Timestamp: 1700000000000, KeySchema: part.schema, Key: part.value, ValueSchema: part.schema, Value: part.value,
			})
		}
		return records
	}
}
