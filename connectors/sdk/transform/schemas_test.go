package transform_test

import (
	"runtime"
	"strconv"
	"testing"
	"weak"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// perSchema are transforms that have a plan for each schema.
func perSchema(t testing.TB) map[string]func() connect.Transform {
	t.Helper()
	made := make(map[string]func() connect.Transform)
	for class, config := range map[string][]string{
		"Cast$Value":               {"spec", "f0:string,f3:boolean"},
		"ExtractField$Value":       {"field", "f3"},
		"Flatten$Value":            nil,
		"HeaderFrom$Value":         {"fields", "f3", "headers", "h", "operation", "move"},
		"HoistField$Value":         {"field", "all"},
		"InsertField$Value":        {"topic.field", "topic"},
		"MaskField$Value":          {"fields", "f0,f3"},
		"ReplaceField$Value":       {"exclude", "f0"},
		"SetSchemaMetadata$Value":  {"schema.version", "2"},
		"TimestampConverter$Value": {"field", "f0", "target.type", "Timestamp"},
		"ValueToKey":               {"fields", "f3,f0"},
	} {
		made[class] = func() connect.Transform {
			return newTransform(t, "org.apache.kafka.connect.transforms."+class, config...)
		}
	}
	return made
}

// variant returns one of any number of schemas, which differ in name and in the order of their fields.
func variant(i int) *connect.Schema {
	b := connect.NewStructSchema().Name("order" + strconv.Itoa(i))
	for j := range 5 {
		if n := (i + j) % 5; n == 0 {
			b.Field("f0", connect.Int64Schema)
		} else {
			b.Field("f"+strconv.Itoa(n), connect.OptionalStringSchema)
		}
	}
	return b.MustBuild()
}

func variantRecord(i int, s *connect.Schema) connect.Record {
	st := connect.NewStruct(s)
	for j, f := range s.Fields() {
		st.SetField(j, connect.String(f.Name+"-"+strconv.Itoa(i)))
		if f.Name == "f0" {
			st.SetField(j, connect.Int64(int64(i)))
		}
	}
	return sinkRecord(s, st.Value())
}

func TestAThousandSchemasInOneBatch(t *testing.T) {
	const schemas = 1000
	for class, make := range perSchema(t) {
		shared := make()
		known := [schemas]*connect.Schema{}
		for i := range known {
			known[i] = variant(i)
		}
		for i := range 2 * schemas {
			i = i * 7 % schemas // in another order than they were made
			got, want := variantRecord(i, known[i]), variantRecord(i, known[i])
			apply(t, shared, &got, nil)
			apply(t, make(), &want, nil) // knows this schema only
			if !got.Value.Equal(want.Value) || !got.Key.Equal(want.Key) || !got.ValueSchema.Equal(want.ValueSchema) || !got.KeySchema.Equal(want.KeySchema) {
				t.Fatalf("%s: schema %d gives %s %s and key %s, want %s %s and %s", class, i, got.ValueSchema, got.Value, got.Key, want.ValueSchema, want.Value, want.Key)
			}
		}
	}
}

func TestOnlyTheLatestSchemasAreKept(t *testing.T) {
	const schemas, remembered = 1000, 16
	for class, make := range perSchema(t) {
		tr := make()
		var seen []weak.Pointer[connect.Schema]
		for i := range schemas {
			s := variant(i)
			seen = append(seen, weak.Make(s))
			r := variantRecord(i, s)
			apply(t, tr, &r, nil)
		}
		runtime.GC()
		alive := 0
		for _, p := range seen {
			if p.Value() != nil {
				alive++
			}
		}
		runtime.KeepAlive(tr)
		if alive > remembered {
			t.Errorf("%s keeps %d of %d schemas", class, alive, schemas)
		}
	}
}
