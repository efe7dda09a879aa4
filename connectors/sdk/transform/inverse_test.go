package transform_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

// requiredStruct returns a random record of a required struct of up to 13 fields, with a field of each sort that the pairs name.
func requiredStruct(r *rand.Rand) connect.Record {
	b := connect.NewStructSchema().Name("s")
	for i := range r.IntN(10) {
		b.Field("f"+strconv.Itoa(i), connecttest.AnySchema(r, 1))
	}
	b.Field("text", connect.OptionalStringSchema).Field("n", connect.Int32Schema).Field("at", connect.Int64Schema).Field("any", connecttest.AnySchema(r, 2))
	s := b.MustBuild()
	v := connecttest.AnyValue(r, s, nil)
	v.Struct().SetField(s.FieldIndex("at"), connect.Int64(r.Int64N(200_000_000_000_000)-60_000_000_000_000)) // from the year 69 to 6407
	record := sinkRecord(s, v)
	record.KeySchema, record.Key = s, v
	record.Headers = []connect.Header{{Key: "other", Schema: connect.StringSchema, Value: connect.String("1")}}
	return record
}

func TestPairsOfTransformsUndoEachOther(t *testing.T) {
	type step []string
	const stamp = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"
	for name, steps := range map[string][]step{
		"hoist and extract":         {{"HoistField$Value", "field", "all"}, {"ExtractField$Value", "field", "all"}},
		"hoist and extract the key": {{"HoistField$Key", "field", "all"}, {"ExtractField$Key", "field", "all"}},
		"hoist twice, extract both": {{"HoistField$Value", "field", "b"}, {"HoistField$Value", "field", "a"}, {"ExtractField$Value", "field", "a.b", "field.syntax.version", "V2"}},
		"rename there and back":     {{"ReplaceField$Value", "renames", "text:words,n:m"}, {"ReplaceField$Value", "renames", "m:n,words:text"}},
		"insert and exclude":        {{"InsertField$Value", "topic.field", "t", "timestamp.field", "ts!", "offset.field", "o"}, {"ReplaceField$Value", "exclude", "o,ts,t"}},
		"a header in and out":       {{"InsertHeader", "header", "h", "value.literal", "[1,2]"}, {"DropHeaders", "headers", "h"}},
		"a number as text":          {{"Cast$Value", "spec", "n:string"}, {"Cast$Value", "spec", "n:int32"}},
		"a number wider":            {{"Cast$Value", "spec", "n:int64"}, {"Cast$Value", "spec", "n:int32"}},
		"milliseconds as Timestamp": {{"TimestampConverter$Value", "field", "at", "target.type", "Timestamp"}, {"TimestampConverter$Value", "field", "at", "target.type", "unix"}},
		"milliseconds as text":      {{"TimestampConverter$Value", "field", "at", "target.type", "string", "format", stamp}, {"TimestampConverter$Value", "field", "at", "target.type", "unix", "format", stamp}},
		"metadata there and back":   {{"SetSchemaMetadata$Value", "schema.name", "other"}, {"SetSchemaMetadata$Value", "schema.name", "s"}},
		"a topic there and back":    {{"RegexRouter", "regex", "(.*)", "replacement", "eu.$1"}, {"RegexRouter", "regex", `eu\.(.*)`, "replacement", "$1"}},
		"a dated topic and back":    {{"TimestampRouter"}, {"RegexRouter", "regex", `(.*)-\d{8}`, "replacement", "$1"}},
		"a header copied and gone":  {{"HeaderFrom$Value", "fields", "n", "headers", "h", "operation", "copy"}, {"DropHeaders", "headers", "h"}},
		"nothing masked":            {{"MaskField$Value", "fields", "missing"}},
	} {
		var chain []connect.Transform
		for _, s := range steps {
			chain = append(chain, newTransform(t, transformsPackage+s[0], s[1:]...))
		}
		r := rand.New(rand.NewPCG(5, 6))
		for range 200 {
			before := requiredStruct(r)
			after := before
			for _, tr := range chain {
				apply(t, tr, &after, nil)
			}
			if !sameRecord(&before, &after) {
				t.Fatalf("%s:\n%s of %s on %s became\n%s of %s on %s", name, before.Value, before.ValueSchema, before.Topic, after.Value, after.ValueSchema, after.Topic)
			}
		}
	}
}

func sameRecord(a, b *connect.Record) bool {
	if a.Topic != b.Topic || a.Timestamp != b.Timestamp || len(a.Headers) != len(b.Headers) {
		return false
	}
	for i, h := range a.Headers {
		if h.Key != b.Headers[i].Key || !h.Value.Equal(b.Headers[i].Value) || !h.Schema.Equal(b.Headers[i].Schema) {
			return false
		}
	}
	return a.KeySchema.Equal(b.KeySchema) && a.ValueSchema.Equal(b.ValueSchema) && a.Key.Equal(b.Key) && a.Value.Equal(b.Value)
}

// Once done these change nothing any more.
func TestTransformsThatAreDoneStayDone(t *testing.T) {
	for _, c := range [][]string{
		{"Flatten$Value"}, {"Flatten$Value", "delimiter", "_"}, {"MaskField$Value", "fields", "text,n,at"}, {"MaskField$Value", "fields", "text,n", "replacement", "7"},
		{"Cast$Value", "spec", "n:string,at:int8"}, {"ReplaceField$Value", "exclude", "text,n"}, {"ReplaceField$Value", "include", "text,at"},
		{"SetSchemaMetadata$Value", "schema.version", "3"}, {"DropHeaders", "headers", "other"}, {"ValueToKey", "fields", "n,text"},
		{"TimestampConverter$Value", "field", "at", "target.type", "Date"}, {"RegexRouter", "regex", "orders.*", "replacement", "all"},
	} {
		tr := newTransform(t, transformsPackage+c[0], c[1:]...)
		r := rand.New(rand.NewPCG(7, 8))
		for range 200 {
			once := requiredStruct(r)
			if _, err := tr.Apply(&once, nil); err != nil {
				continue // maps with a schema cannot be flattened
			}
			twice := once
			apply(t, tr, &twice, nil)
			if !sameRecord(&once, &twice) {
				t.Fatalf("%q: once %s of %s, twice %s of %s", c, once.Value, once.ValueSchema, twice.Value, twice.ValueSchema)
			}
		}
	}
}
