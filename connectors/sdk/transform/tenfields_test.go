package transform_test

import (
	"strconv"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// tenFieldCases apply transforms to the record of ten fields that everything is measured with, as a struct and as a map.
func tenFieldCases(t testing.TB) map[string]func() {
	t.Helper()
	s := records.NewSchema()
	structValue := records.Fill(nil, s, 12345)
	asStruct, asMap, nested := sinkRecord(s, structValue), sinkRecord(nil, plainMap(structValue)), nestedRecord(s, structValue)
	nestedMap := sinkRecord(nil, connect.NewMap([]connect.Value{connect.String("a"), asMap.Value, connect.String("b"), connect.Int32(1)}).Value())
	cases := make(map[string]func())
	for _, c := range []struct {
		class  string
		config []string
		what   string
	}{
		{"Cast$Value", []string{"spec", "seq:int64,balance:float32,score:float64,active:int8"}, "numbers"},
		{"Cast$Value", []string{"spec", "seq:string,balance:string,created:string"}, "to text"},
		{"ExtractField$Value", []string{"field", "name"}, ""},
		{"HoistField$Value", []string{"field", "record"}, ""},
		{"MaskField$Value", []string{"fields", "name,email,balance"}, ""},
		{"MaskField$Value", []string{"fields", "name,email", "replacement", "***"}, "replacement"},
		{"SetSchemaMetadata$Value", []string{"schema.name", "com.acme.Rec", "schema.version", "2"}, ""},
		{"ValueToKey", []string{"fields", "id"}, ""},
	} {
		name := c.class + " " + c.what
		cases[name+" struct"] = inBatches(t, newTransform(t, "org.apache.kafka.connect.transforms."+c.class, c.config...), asStruct)
		if c.class != "SetSchemaMetadata$Value" && c.what != "to text" {
			cases[name+" map"] = inBatches(t, newTransform(t, "org.apache.kafka.connect.transforms."+c.class, c.config...), asMap)
		}
	}
	const flatten, extract = "org.apache.kafka.connect.transforms.Flatten$Value", "org.apache.kafka.connect.transforms.ExtractField$Value"
	cases["Flatten$Value struct"] = inBatches(t, newTransform(t, flatten), nested)
	cases["Flatten$Value map"] = inBatches(t, newTransform(t, flatten), nestedMap)
	cases["ExtractField$Value path struct"] = inBatches(t, newTransform(t, extract, "field", "a.note", "field.syntax.version", "V2"), nested)
	cases["ExtractField$Value path map"] = inBatches(t, newTransform(t, extract, "field", "a.note", "field.syntax.version", "V2"), nestedMap)
	return cases
}

// inBatches applies tr to the same record again and again with an arena that is reset after every fifty, so that a figure is little
// else but that of the transform.
func inBatches(t testing.TB, tr connect.Transform, original connect.Record) func() {
	t.Helper()
	a, r, n := new(connect.Arena), new(connect.Record), 0
	return func() {
		*r = original
		if keep, err := tr.Apply(r, a); !keep || err != nil {
			t.Fatalf("keep is %t, error is %v", keep, err)
		}
		if n++; n%50 == 0 {
			a.Reset()
		}
	}
}

// plainMap returns the fields of a struct as a map, instants as numbers.
func plainMap(v connect.Value) connect.Value {
	m := connecttest.MapOf(v).Map()
	for i := range m.Len() {
		if _, field := m.Entry(i); field.Kind() == connect.KindTime {
			m.SetValue(i, connect.Int64(field.Millis()))
		}
	}
	return m.Value()
}

// nestedRecord returns a record with v in the field a, and a field b beside it.
func nestedRecord(s *connect.Schema, v connect.Value) connect.Record {
	outer := connect.NewStruct(connect.NewStructSchema().Field("a", s).Field("b", connect.Int32Schema).MustBuild())
	outer.SetField(0, v)
	outer.SetField(1, connect.Int32(1))
	return sinkRecord(outer.Schema(), outer.Value())
}

func TestTenFieldsTakeNoAllocation(t *testing.T) {
	for name, run := range tenFieldCases(t) {
		if n := testing.AllocsPerRun(200, run); n != 0 {
			t.Errorf("%s takes %v allocations", name, n)
		}
	}
}

// A cast between every pair of types must not allocate either, except that of a decimal beyond 64 bits.
func TestCastsTakeNoAllocation(t *testing.T) {
	from := map[string]connect.Value{
		"int64": connect.Int64(5), "float64": connect.Float64(1.0 / 3), "float32": connect.Float32(0.1), "boolean": connect.Bool(true),
		"whole text": connect.String("12"), "decimal": connect.Decimal(-123456, 3),
	}
	for name, v := range from {
		var s *connect.Schema
		if v.Kind() == connect.KindDecimal {
			s = connect.NewDecimalSchema(3).MustBuild()
		}
		for _, to := range []string{"int8", "int16", "int32", "int64", "float32", "float64", "boolean", "string"} {
			run := inBatches(t, newTransform(t, "org.apache.kafka.connect.transforms.Cast$Value", "spec", to), sinkRecord(s, v))
			if n := testing.AllocsPerRun(100, run); n != 0 {
				t.Errorf("%s to %s takes %v allocations", name, to, n)
			}
		}
	}
}

func BenchmarkTenFields(b *testing.B) {
	for name, run := range tenFieldCases(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}

// Flattening grows with the number of fields, not with its square, unless names could collide.
func BenchmarkFlattenWideMap(b *testing.B) {
	inner := connect.NewMap(nil)
	for i := range 1000 {
		inner = inner.Put(nil, "field"+strconv.Itoa(i), connect.Int32(int32(i)))
	}
	r := sinkRecord(nil, connect.NewMap([]connect.Value{connect.String("a"), inner.Value(), connect.String("b"), connect.Int32(1)}).Value())
	run := inBatches(b, newTransform(b, "org.apache.kafka.connect.transforms.Flatten$Value"), r)
	b.ReportAllocs()
	for b.Loop() {
		run()
	}
}
