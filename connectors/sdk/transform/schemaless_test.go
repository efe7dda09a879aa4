package transform_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// A struct and the map of its fields must become a struct and the map of its fields: the compiled way agrees with the plain one,
// which looks names up record by record.
func TestStructsAndMapsGiveTheSameResult(t *testing.T) {
	for _, c := range []struct {
		class  string
		config []string
	}{
		{"Cast$Value", []string{"spec", "f0:int8,f1:int16,f2:int32"}},
		{"Cast$Value", []string{"spec", "f0:int64,f1:float32,f2:float64"}},
		{"Cast$Value", []string{"spec", "f0:boolean,f1:string,f2:string"}},
		{"ExtractField$Value", []string{"field", "f1"}},
		{"ExtractField$Value", []string{"field", "n.f2", "field.syntax.version", "V2"}},
		{"Flatten$Value", nil},
		{"Flatten$Value", []string{"delimiter", ""}},
		{"HoistField$Value", []string{"field", "all"}},
		{"InsertField$Value", []string{"topic.field", "topic", "static.field", "s", "static.value", "x"}},
		{"MaskField$Value", []string{"fields", "f2,f0"}},
		{"MaskField$Value", []string{"fields", "f1,f2", "replacement", "42.5"}},
		{"ReplaceField$Value", []string{"exclude", "f1", "renames", "f2:g2"}},
		{"ValueToKey", []string{"fields", "f2,f0"}},
	} {
		compiled := newTransform(t, "org.apache.kafka.connect.transforms."+c.class, c.config...)
		plain := newTransform(t, "org.apache.kafka.connect.transforms."+c.class, c.config...)
		r := rand.New(rand.NewPCG(3, 3))
		for range 300 {
			s := flatSchema(r, 2)
			st := connecttest.AnyValue(r, s, nil)
			withSchema, without := sinkRecord(s, st), sinkRecord(nil, toMap(st))
			_, err := compiled.Apply(&withSchema, nil)
			_, errPlain := plain.Apply(&without, nil)
			if (err == nil) != (errPlain == nil) || err != nil && err.Error() != errPlain.Error() {
				t.Fatalf("%s %q: struct %s gives error %v, the map gives %v", c.class, c.config, st, err, errPlain)
			}
			if got, want := describeParts(&withSchema), describeParts(&without); err == nil && got != want {
				t.Fatalf("%s %q: struct %s gives\n%s, the map gives\n%s", c.class, c.config, st, got, want)
			}
		}
	}
}

// flatSchema returns a random struct schema of scalars f0, f1 …, which are not of logical types, and of a struct n of the same
// kind as long as depth allows.
func flatSchema(r *rand.Rand, depth int) *connect.Schema {
	b := connect.NewStructSchema()
	for i := range 3 + r.IntN(10) {
		b.Field("f"+strconv.Itoa(i), connect.NewSchema(connect.TypeInt8+connect.Type(r.IntN(9))).SetOptional(r.IntN(3) == 0).MustBuild())
	}
	if depth > 0 {
		b.Field("n", flatSchema(r, depth-1))
	}
	return b.MustBuild()
}

// toMap returns what a struct is without its schema.
func toMap(v connect.Value) connect.Value {
	if v.Kind() != connect.KindStruct {
		return v
	}
	st := v.Struct()
	m := connect.NewMap(nil)
	for i, f := range st.Schema().Fields() {
		m = m.Put(nil, f.Name, toMap(st.Field(i)))
	}
	return m.Value()
}

// describeParts renders key and value without schemas.
func describeParts(r *connect.Record) string {
	return fmt.Sprintf("key %s value %s", typed(toMap(r.Key)), typed(toMap(r.Value)))
}

// typed renders a value with the kinds of all values in it, since their texts alone do not tell 5 from 5.
func typed(v connect.Value) string {
	if v.Kind() != connect.KindMap {
		return v.Kind().String() + " " + v.String()
	}
	text := "{"
	for i := range v.Map().Len() {
		k, entry := v.Map().Entry(i)
		text += k.String() + "=" + typed(entry) + " "
	}
	return text + "}"
}
