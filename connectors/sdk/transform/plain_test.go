package transform_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// plainField is a field of a struct with all that belongs to it. A plain struct is a list of them, and a plain transform makes a new
// list, record by record, without a plan. It is slow and says what is meant; the real one must do the same.
type plainField struct {
	name   string
	schema *connect.Schema
	value  connect.Value
}

// plainly is what a transform means for a struct: how the new schema begins, and what its fields are; nil where it does not say.
type plainly func(r *connect.Record, s *connect.Schema, fields []plainField) (*connect.SchemaBuilder, []plainField)

// orDefault is the value of a field, or its default where that is null.
func (f plainField) orDefault() plainField {
	if def, ok := f.schema.Default(); ok && f.value.IsNull() {
		f.value = def
	}
	return f
}

func allOrDefault(fields []plainField) (list []plainField) {
	for _, f := range fields {
		list = append(list, f.orDefault())
	}
	return list
}

func fieldsOf(v connect.Value) (fields []plainField) {
	for i, f := range v.Struct().Schema().Fields() {
		fields = append(fields, plainField{f.Name, f.Schema, v.Struct().Field(i)})
	}
	return fields
}

// build makes a schema and a struct of fields, with every check of Kafka Connect's builders.
func build(b *connect.SchemaBuilder, fields []plainField) (*connect.Schema, connect.Value, error) {
	for _, f := range fields {
		b.Field(f.name, f.schema)
	}
	s, err := b.Build()
	if err != nil {
		return nil, connect.Value{}, err
	}
	st := connect.NewStruct(s)
	for _, f := range fields {
		if err := st.Put(f.name, f.value); err != nil {
			return nil, connect.Value{}, err
		}
	}
	return s, st.Value(), nil
}

// interpretation is a configuration of a class at random, and what it means.
type interpretation struct {
	class   string
	config  []string
	meaning plainly
	key     bool // the result is the key
}

// someNames returns names of fields, with some that no schema has.
func someNames(r *rand.Rand, most int) []string {
	var names []string
	for range 1 + r.IntN(most) {
		if name := "f" + strconv.Itoa(r.IntN(9)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func interpretations(r *rand.Rand) []interpretation {
	names, kept := someNames(r, 4), someNames(r, 6)
	from, to, field := "f"+strconv.Itoa(r.IntN(9)), []string{"f1", "g"}[r.IntN(2)], "f"+strconv.Itoa(r.IntN(5))
	delimiter := []string{".", "_", ""}[r.IntN(3)]
	return []interpretation{
		{class: "ReplaceField$Value", config: []string{"exclude", strings.Join(names, ",")}, meaning: replaced(names, nil, "", "")},
		{class: "ReplaceField$Value", config: []string{"include", strings.Join(kept, ","), "exclude", names[0]}, meaning: replaced(names[:1], kept, "", "")},
		{class: "ReplaceField$Value", config: []string{"renames", from + ":" + to}, meaning: replaced(nil, nil, from, to)},
		{class: "InsertField$Value", config: []string{"topic.field", "topic!", "offset.field", "f3"}, meaning: inserted("f3")},
		{class: "InsertField$Value", config: []string{"topic.field", "topic!", "offset.field", "offset?"}, meaning: inserted("offset")},
		{class: "MaskField$Value", config: []string{"fields", strings.Join(names, ",")}, meaning: masked(names)},
		{class: "HoistField$Value", config: []string{"field", "all"}, meaning: hoisted},
		{class: "Flatten$Value", config: []string{"delimiter", delimiter}, meaning: flattened(delimiter)},
		{class: "SetSchemaMetadata$Value", config: []string{"schema.name", "n", "schema.version", "7"}, meaning: renamed},
		{class: "ValueToKey", config: []string{"fields", strings.Join(names, ",")}, meaning: chosen(names), key: true},
		{class: "Cast$Value", config: []string{"spec", field + ":string"}, meaning: castToText(field)},
		{class: "HeaderFrom$Value", config: []string{"fields", field, "headers", "h", "operation", "move"}, meaning: moved(field)},
		{class: "TimestampConverter$Value", config: []string{"field", field, "target.type", "Timestamp"}, meaning: inTime(field)},
	}
}

// plainSchema returns a random struct schema: fields of all types, with defaults, and structs inside as deep as depth says.
func plainSchema(r *rand.Rand, depth int) *connect.Schema {
	b := connect.NewStructSchema().Name("s").Version(int32(r.IntN(3)))
	if r.IntN(3) == 0 {
		b.Doc("a struct").Parameter("p", "v")
	}
	for i := range 2 + r.IntN(7) {
		name := "f" + strconv.Itoa(i)
		if depth > 0 && r.IntN(4) == 0 {
			inner := plainSchema(r, depth-1)
			b.Field(name, inner)
			continue
		}
		s := connecttest.AnySchema(r, 0)
		f := connect.NewSchemaLike(s).SetOptional(s.Optional())
		if r.IntN(3) == 0 {
			f.Default(connecttest.AnyValue(r, s, nil))
		}
		b.Field(name, f.MustBuild())
	}
	if depth < 2 {
		b.SetOptional(r.IntN(2) == 0)
	}
	return b.MustBuild()
}

func TestTransformsDoWhatTheyPlainlyMean(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	applied := make(map[string]int)
	for range 120 {
		for _, c := range interpretations(r) {
			tr := newTransform(t, transformsPackage+c.class, c.config...)
			schemas := []*connect.Schema{plainSchema(r, 2), plainSchema(r, 2)}
			for range 6 {
				s := schemas[r.IntN(len(schemas))]
				got := sinkRecord(s, connecttest.AnyValue(r, s, nil))
				if got.Value.IsNull() {
					continue
				}
				in := got
				b, fields := c.meaning(&in, s, fieldsOf(in.Value))
				if b == nil {
					continue
				}
				wantSchema, want, wantErr := build(b, fields)
				_, err := tr.Apply(&got, nil)
				schema, v := got.ValueSchema, got.Value
				if c.key {
					schema, v = got.KeySchema, got.Key
				}
				switch {
				case (err == nil) != (wantErr == nil):
					t.Fatalf("%s %q of %s: got error %v, want %v", c.class, c.config, in.Value, err, wantErr)
				case err == nil && !(schema.Equal(wantSchema) && v.Equal(want)):
					t.Fatalf("%s %q of %s:\ngot  %s\nwant %s, schemas are equal: %t", c.class, c.config, in.Value, v, want, schema.Equal(wantSchema))
				case err == nil:
					applied[c.class]++
				}
			}
		}
	}
	for _, c := range interpretations(r) {
		if applied[c.class] < 30 {
			t.Errorf("%s was compared %d times", c.class, applied[c.class])
		}
	}
}
