package confluent_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/confluent"
)

// Schemas of a record with a text inside a struct.
func schemas(t testing.TB) (inner, outer *connect.Schema) {
	t.Helper()
	inner = connect.NewStructSchema().Field("city", connect.OptionalStringSchema).Field("zip", connect.Int32Schema).MustBuild()
	return inner, connect.NewStructSchema().Name("person").Field("name", connect.StringSchema).Field("address", inner).MustBuild()
}

func person(a *connect.Arena, inner, outer *connect.Schema, city connect.Value) connect.Value {
	address, st := a.NewStruct(inner), a.NewStruct(outer)
	address.SetField(0, city)
	address.SetField(1, connect.Int32(1010))
	st.SetField(0, connect.String(a.CopyString("ada")))
	st.SetField(1, address.Value())
	return st.Value()
}

func TestEveryTransformConforms(t *testing.T) {
	inner, outer := schemas(t)
	records := func(a *connect.Arena) []connect.Record {
		v := person(a, inner, outer, connect.String(a.CopyString("vienna")))
		text := connect.String(a.CopyString("text"))
		m := connect.NewMap([]connect.Value{connect.String("name"), text, connect.String("at"), connect.String(a.CopyString("2019-08-06"))}).Value()
		zip := connect.Bytes(a.CopyBytes(gzipped("hello")))
		headers := []connect.Header{{Key: "to", Schema: connect.StringSchema, Value: connect.String(a.CopyString("elsewhere"))}}
		return []connect.Record{
			{Topic: "t", KeySchema: outer, Key: v, ValueSchema: outer, Value: v, Headers: headers},
			{Topic: "t", Key: m, Value: m}, {Topic: "t", KeySchema: connect.StringSchema, Key: text, ValueSchema: connect.StringSchema, Value: text}, {Topic: "t"},
			{Topic: "t", KeySchema: connect.BytesSchema, Key: zip, Value: zip},
		}
	}
	connecttest.TransformClasses(t, confluent.Classes(), records, map[string]connecttest.TransformCase{
		"Drop$Key":            {},
		"Drop$Value":          {Config: []string{"schema.behavior", "force_optional"}},
		"ExtractTopic$Key":    {},
		"ExtractTopic$Value":  {Config: []string{"field", "$.address.city", "field.format", "JSON_PATH", "skip.missing.or.null", "true"}},
		"ExtractTopic$Header": {Config: []string{"field", "to"}},
		"Filter$Key":          {Config: []string{"filter.condition", "$.address[?(@.city == 'vienna')]", "filter.type", "include", "missing.or.null.behavior", "exclude"}},
		"Filter$Value": {
			Config:     []string{"filter.condition", "$.name", "filter.type", "exclude"},
			Schemaless: [][]string{{"filter.condition", "$.n[?(@.f1 > 5)]", "filter.type", "include", "missing.or.null.behavior", "exclude"}},
		},
		"GzipDecompress$Key":     {},
		"GzipDecompress$Value":   {},
		"MessageTimestampRouter": {Config: []string{"message.timestamp.keys", "at", "message.timestamp.format", "yyyy-MM-dd", "topic.timestamp.format", "yyyy.MM"}},
		"ReplaceField$Key":       {Config: []string{"exclude", "name", "renames", "address.city:town"}},
		"ReplaceField$Value": {
			Config: []string{"include", "address.zip,name"}, Schemaless: [][]string{{"exclude", "f1,n.f2", "renames", "n.f0:g0"}, {"include", "n.f1,f0"}},
		},
		"TombstoneHandler": {Config: []string{"behavior", "fail"}},
	})
}

func TestTopicsAreExtracted(t *testing.T) {
	inner, outer := schemas(t)
	full := person(nil, inner, outer, connect.String("vienna"))
	for _, c := range []struct {
		class  string
		config []string
		value  connect.Value
		want   string // a topic, or the beginning of an error
	}{
		{"ExtractTopic$Value", nil, connect.String("new"), "new"},
		{"ExtractTopic$Value", nil, connect.Int32(5), "The topic must be a text, but the value is a java.lang.Integer"},
		{"ExtractTopic$Value", nil, connect.Null(), "The topic cannot be extracted: the value is missing or null"},
		{"ExtractTopic$Value", []string{"skip.missing.or.null", "true"}, connect.Null(), "old"},
		{"ExtractTopic$Value", []string{"field", "name"}, full, "ada"},
		{"ExtractTopic$Value", []string{"field", "name", "field.format", ""}, full, "ada"},
		{"ExtractTopic$Value", []string{"field", "address"}, full, "The topic must be a text, but field address of the value is a org.apache.kafka.connect.data.Struct"},
		{"ExtractTopic$Value", []string{"field", "nothing"}, full, "The topic cannot be extracted: field nothing of the value is missing or null"},
		{"ExtractTopic$Value", []string{"field", "nothing", "skip.missing.or.null", "true"}, full, "old"},
		{"ExtractTopic$Value", []string{"field", "name"}, connect.String("x"), "Only a struct or a map has a field name"},
		{"ExtractTopic$Value", []string{"field", `$["address"]['city']`, "field.format", "JSON_PATH"}, full, "vienna"},
		{"ExtractTopic$Value", []string{"field", `$.address["city"]`, "field.format", "JSON_PATH"}, full, "vienna"},
		{"ExtractTopic$Value", []string{"field", `$.address.street`, "field.format", "JSON_PATH", "skip.missing.or.null", "true"}, full, "old"},
		{"ExtractTopic$Header", []string{"field", "to"}, full, "last"},
		{"ExtractTopic$Header", []string{"field", "from"}, full, "The topic cannot be extracted: header from is missing or null"},
	} {
		tr, err := connecttest.TransformClass(t, confluent.Classes(), c.class).New(connecttest.Config(c.config...))
		if err != nil {
			t.Errorf("%s %q: %v", c.class, c.config, err)
			continue
		}
		r := connect.Record{Topic: "old", Value: c.value, Headers: []connect.Header{
			{Key: "to", Schema: connect.StringSchema, Value: connect.String("first")}, {Key: "to", Schema: connect.StringSchema, Value: connect.String("last")},
		}}
		keep, err := tr.Apply(&r, nil)
		switch {
		case err != nil && (connect.KindOf(err) != connect.KindData || !strings.HasPrefix(err.Error(), c.want)):
			t.Errorf("%s %q of %s: got %v, want %s", c.class, c.config, c.value, err, c.want)
		case err == nil && (!keep || r.Topic != c.want):
			t.Errorf("%s %q of %s: got %s, keep %t, want %s", c.class, c.config, c.value, r.Topic, keep, c.want)
		}
	}
}

func TestWhatIsNotSupportedIsRefused(t *testing.T) {
	for _, c := range []struct {
		class  string
		config []string
	}{
		{"ExtractTopic$Value", []string{"field", "$.a[0:1]", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field", "$..a", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field", "$.*", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field", "$[?(@.a == 1)]", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field", "$", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field", "a", "field.format", "JSON_PATH"}},
		{"ExtractTopic$Value", []string{"field.format", "XPATH"}},
		{"ExtractTopic$Header", nil},
		{"ExtractTopic$Header", []string{"field", "$.a", "field.format", "JSON_PATH"}},
		{"Drop$Key", []string{"schema.behavior", "keep"}},
		{"Filter$Value", []string{"filter.condition", "$..a", "filter.type", "include"}},
		{"Filter$Value", []string{"filter.condition", "$[?(@.a == null)]", "filter.type", "include"}},
		{"Filter$Value", []string{"filter.condition", "$.a", "filter.type", "drop"}},
		{"Filter$Value", []string{"filter.condition", "$.a", "filter.type", "include", "missing.or.null.behavior", "ignore"}},
		{"MessageTimestampRouter", []string{"message.timestamp.keys", "a", "message.timestamp.format", "", "topic.timestamp.format", "yyyy"}},
		{"MessageTimestampRouter", []string{"message.timestamp.keys", "a", "message.timestamp.format", "bbb", "topic.timestamp.format", "yyyy"}},
		{"MessageTimestampRouter", []string{"message.timestamp.keys", "", "message.timestamp.format", "yyyy", "topic.timestamp.format", "yyyy"}},
		{"ReplaceField$Value", []string{"renames", "a"}},
		{"TombstoneHandler", []string{"behavior", "drop"}},
	} {
		_, err := connecttest.TransformClass(t, confluent.Classes(), c.class).New(connecttest.Config(c.config...))
		if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "for configuration ") {
			t.Errorf("%s %q: got %v", c.class, c.config, err)
		}
	}
}

func TestDroppingTreatsTheSchemaAsConfigured(t *testing.T) {
	required := connect.NewStructSchema().Name("n").Version(2).Doc("d").Parameter("p", "q").
		Field("city", connect.OptionalStringSchema).Field("zip", connect.Int32Schema)
	bare := required.MustBuild()
	value := connect.NewStruct(bare)
	value.SetField(1, connect.Int32(7))
	withDefault := required.Default(value.Value()).MustBuild()
	for _, c := range []struct {
		behavior string
		in       *connect.Schema
		want     func(*connect.Schema) bool // of the schema after; nil means an error
	}{
		{"nullify", bare, func(s *connect.Schema) bool { return s == nil }},
		{"retain", bare, func(s *connect.Schema) bool { return s == bare }},
		{"validate", bare, nil},
		{"validate", connect.OptionalStringSchema, func(s *connect.Schema) bool { return s == connect.OptionalStringSchema }},
		{"force_optional", connect.OptionalStringSchema, func(s *connect.Schema) bool { return s == connect.OptionalStringSchema }},
		{"force_optional", withDefault, func(s *connect.Schema) bool {
			d, ok := s.Default()
			return s.Optional() && ok && d.Struct().Field(1).Int() == 7 && s.Equal(optionalTwin(bare, 7))
		}},
		{"force_optional", nil, func(s *connect.Schema) bool { return s == nil }},
	} {
		tr, err := connecttest.TransformClass(t, confluent.Classes(), "Drop$Value").New(map[string]string{"schema.behavior": c.behavior})
		if err != nil {
			t.Fatal(err)
		}
		r := connect.Record{ValueSchema: c.in, Value: connect.String("x")}
		keep, err := tr.Apply(&r, nil)
		if c.want == nil {
			if connect.KindOf(err) != connect.KindData {
				t.Errorf("%s of %s: got %v", c.behavior, c.in, err)
			}
			continue
		}
		if err != nil || !keep || !r.Value.IsNull() || !c.want(r.ValueSchema) {
			t.Errorf("%s of %s: got %s of %s, keep %t, %v", c.behavior, c.in, r.Value, r.ValueSchema, keep, err)
		}
	}
}

// optionalTwin is bare as an optional schema with a default.
func optionalTwin(bare *connect.Schema, zip int32) *connect.Schema {
	b := connect.NewSchemaLike(bare).Optional()
	for _, f := range bare.Fields() {
		b.Field(f.Name, f.Schema)
	}
	def := connect.NewStruct(b.MustBuild())
	def.SetField(1, connect.Int32(zip))
	return b.Default(def.Value()).MustBuild()
}

func TestTombstonesAreDroppedOrRefused(t *testing.T) {
	for behavior, fails := range map[string]bool{"ignore": false, "warn": false, "fail": true} {
		tr, err := connecttest.TransformClass(t, confluent.Classes(), "TombstoneHandler").New(map[string]string{"behavior": behavior})
		if err != nil {
			t.Fatal(err)
		}
		if keep, err := tr.Apply(&connect.Record{Topic: "t", ValueSchema: connect.OptionalStringSchema}, nil); keep || (err != nil) != fails {
			t.Errorf("%s: a tombstone is kept %t, %v", behavior, keep, err)
		}
		if keep, err := tr.Apply(&connect.Record{Topic: "t", Value: connect.String("")}, nil); !keep || err != nil {
			t.Errorf("%s: a record is kept %t, %v", behavior, keep, err)
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	inner, outer := schemas(t)
	v := person(nil, inner, outer, connect.String("vienna"))
	for class, config := range map[string][]string{
		"Drop$Value":         {"schema.behavior", "force_optional"},
		"ExtractTopic$Value": {"field", "$.address.city", "field.format", "JSON_PATH"},
		"TombstoneHandler":   nil,
		"Filter$Value":       {"filter.condition", "$[?(@.name == 'ada' && @.address.zip > 1000)]", "filter.type", "include"},
		"ReplaceField$Value": {"exclude", "name", "renames", "address.city:town"},
	} {
		tr, err := connecttest.TransformClass(t, confluent.Classes(), class).New(connecttest.Config(config...))
		if err != nil {
			t.Fatal(err)
		}
		a, r := new(connect.Arena), new(connect.Record)
		if n := testing.AllocsPerRun(100, func() {
			*r = connect.Record{Topic: "t", ValueSchema: outer, Value: v}
			if _, err := tr.Apply(r, a); err != nil {
				t.Fatal(err)
			}
			a.Reset()
		}); n != 0 {
			t.Errorf("%s allocates %v times", class, n)
		}
	}
}
