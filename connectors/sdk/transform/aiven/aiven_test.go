package aiven_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/aiven"
)

// personSchema has a field of each sort that the transforms look at.
func personSchema() *connect.Schema {
	withDefault := connect.NewSchema(connect.TypeString).Optional().Default(connect.String("none")).MustBuild()
	return connect.NewStructSchema().Name("com.acme.Person").Version(2).
		Field("name", connect.StringSchema).Field("nick", connect.OptionalStringSchema).Field("note", withDefault).
		Field("age", connect.Int32Schema).Field("born", connect.Int64Schema).Field("seen", connect.OptionalTimestampSchema).
		Optional().MustBuild()
}

func person(a *connect.Arena, s *connect.Schema) connect.Value {
	st := a.NewStruct(s)
	st.SetField(0, connect.String(a.CopyString("Ada Straße")))
	st.SetField(3, connect.Int32(36))
	st.SetField(4, connect.Int64(1_700_000_000))
	st.SetField(5, connect.TimeMillis(1_700_000_000_123))
	return st.Value()
}

func personMap(a *connect.Arena) connect.Value {
	m := a.NewMap(4)
	for i, v := range []connect.Value{
		connect.String(a.CopyString("Ada")), connect.Int32(36), connect.Null(), connect.Int64(1_700_000_000),
	} {
		m.SetKey(i, connect.String([]string{"name", "age", "nick", "born"}[i]))
		m.SetValue(i, v)
	}
	return m.Value()
}

// records are a struct, a map, plain texts with and without schema, and a tombstone, each as key and as value.
func records(a *connect.Arena) []connect.Record {
	s := personSchema()
	var list []connect.Record
	for _, part := range []struct {
		schema *connect.Schema
		value  connect.Value
	}{
		{s, person(a, s)},
		{nil, personMap(a)},
		{connect.StringSchema, connect.String(a.CopyString("text"))},
		{nil, connect.String(a.CopyString("text"))},
		{nil, connect.Null()},
		{s, connect.Null()},
	} {
		list = append(list, connect.Record{Topic: "t", Offset: 5, KeySchema: part.schema, Key: part.value, ValueSchema: part.schema, Value: part.value})
	}
	return list
}

// usual are configurations of all classes.
func usual() map[string][]string {
	return map[string][]string{
		"CaseTransform$Key":                {"field.names", "name,nick", "case", "upper"},
		"CaseTransform$Value":              {"field.names", "name,age,nothing", "case", "lower"},
		"ConcatFields$Key":                 {"field.names", "name,nick,age", "output.field.name", "all", "delimiter", "-", "field.replace.missing", "*"},
		"ConcatFields$Value":               {"field.names", "name", "output.field.name", "all"},
		"ExtractTimestamp$Key":             {"field.name", "born", "timestamp.resolution", "seconds"},
		"ExtractTimestamp$Value":           {"field.name", "seen"},
		"ExtractTopic$Key":                 {"field.name", "age"},
		"ExtractTopic$Value":               {"skip.missing.or.null", "true"},
		"ExtractTopicFromSchemaName$Value": {"schema.name.regex", `(?:[.]|^)([^.]*)$`},
		"ExtractTopicFromValueSchema$Name": nil,
		"FilterByFieldValue$Key":           {"field.name", "name", "field.value", "Ada"},
		"FilterByFieldValue$Value":         {"field.name", "age", "field.value.pattern", "3", "field.value.matches", "false"},
		"Hash$Key":                         {"function", "md5"},
		"Hash$Value":                       {"function", "sha256", "field.name", "name"},
		"KeyToValue":                       {"key.fields", "name,age", "value.fields", "name,years"},
		"MakeTombstone":                    nil,
		"TombstoneHandler":                 {"behavior", "fail"},
	}
}

func TestEveryTransformConforms(t *testing.T) {
	cases := make(map[string]connecttest.TransformCase)
	for name, config := range usual() {
		cases[name] = connecttest.TransformCase{Config: config, Schemaless: map[string][][]string{
			"FilterByFieldValue$Value": {{"field.name", "f1", "field.value.pattern", ".*1.*"}, {"field.name", "f0", "field.value", "1"}},
			"MakeTombstone":            {{}},
		}[name]}
	}
	connecttest.TransformClasses(t, aiven.Classes(), records, cases)
}

// outcome shows what a transform did: topic and timestamp where they changed, the key where it changed, the value with its schema.
func outcome(t *testing.T, class string, config []string, r connect.Record) string {
	t.Helper()
	tr, err := connecttest.TransformClass(t, aiven.Classes(), class).New(connecttest.Config(config...))
	if err != nil {
		t.Fatalf("%s %q: %v", class, config, err)
	}
	before := r
	keep, err := tr.Apply(&r, new(connect.Arena))
	switch {
	case err != nil && connect.KindOf(err) != connect.KindData:
		t.Errorf("%s %q: the error is of kind %s: %v", class, config, connect.KindOf(err), err)
		return ""
	case err != nil:
		return err.Error()
	case !keep:
		return "dropped"
	case r.Topic != before.Topic:
		return "topic " + r.Topic
	case r.Timestamp != before.Timestamp:
		return "at " + connect.Int64(r.Timestamp).String()
	}
	text := r.Value.String() + " of " + r.ValueSchema.String()
	if !r.Key.Equal(before.Key) {
		text = "key " + r.Key.String() + ", " + text
	}
	return text
}

func TestTransformsDoWhatTheirDocumentationSays(t *testing.T) {
	s := personSchema()
	full := connect.Record{Topic: "t", Offset: 5, ValueSchema: s, Value: person(nil, s)}
	m := connect.Record{Topic: "t", Offset: 5, Value: personMap(nil)}
	text := connect.Record{Topic: "t", Offset: 5, ValueSchema: connect.StringSchema, Value: connect.String("new")}
	plain := connect.Record{Topic: "t", Offset: 5, Value: connect.Int32(5)}
	blank := connect.Record{Topic: "t", Offset: 5, Value: connect.String(" ")}
	tombstone := connect.Record{Topic: "t", Offset: 5, ValueSchema: s}
	const seen, name = "seen=Tue Nov 14 22:13:20 UTC 2023", "Schema{com.acme.Person:STRUCT}"
	for _, c := range []struct {
		class  string
		config []string
		record connect.Record
		want   string // what came out, or the beginning of an error
	}{
		{"CaseTransform$Value", []string{"field.names", "name,nick,age,nothing", "case", "upper"}, full, "Struct{name=ADA STRASSE,note=none,age=36,born=1700000000," + seen + "} of " + name},
		{"CaseTransform$Value", []string{"field.names", "note", "case", "upper"}, full, "Struct{name=Ada Straße,note=NONE,age=36,born=1700000000," + seen + "} of " + name},
		{"CaseTransform$Value", []string{"field.names", "name, nick,nothing", "case", "lower"}, m, "{name=ada, age=36, nick=null, born=1700000000, nothing=null} of null"},
		{"CaseTransform$Value", []string{"field.names", "name", "case", "lower"}, plain, "Value type must be STRUCT or MAP: SinkRecord{"},
		{"CaseTransform$Value", []string{"field.names", "name", "case", "lower"}, tombstone, "value Value can't be null: SinkRecord{"},

		{"ConcatFields$Value", []string{"field.names", "name,nick,nothing,note,age", "output.field.name", "all", "delimiter", "-", "field.replace.missing", "*"}, full, "Struct{name=Ada Straße,note=none,age=36,born=1700000000," + seen + ",all=Ada Straße-*-*-none-36} of Schema{STRUCT}"},
		{"ConcatFields$Value", []string{"field.names", "name,nick,age", "output.field.name", "name"}, m, "{name=Ada36, age=36, nick=null, born=1700000000} of null"},
		{"ConcatFields$Value", []string{"field.names", "name", "output.field.name", "age"}, full, "Cannot create field because of field name duplication age"},
		{"ConcatFields$Value", []string{"field.names", "name", "output.field.name", "x"}, tombstone, "value Value can't be null: SinkRecord{"},
		{"ConcatFields$Value", []string{"field.names", "name", "output.field.name", "x"}, plain, "Value type must be STRUCT or MAP: SinkRecord{"},

		{"ExtractTimestamp$Value", []string{"field.name", "born"}, full, "at 1700000000"},
		{"ExtractTimestamp$Value", []string{"field.name", "born", "timestamp.resolution", "seconds"}, m, "at 1700000000000"},
		{"ExtractTimestamp$Value", []string{"field.name", "seen", "timestamp.resolution", "seconds"}, full, "at 1700000000123"},
		{"ExtractTimestamp$Value", []string{"field.name", "age"}, full, "age field must be INT64 or org.apache.kafka.connect.data.Timestamp: SinkRecord{"},
		{"ExtractTimestamp$Value", []string{"field.name", "nick"}, full, "nick field must be present and its value can't be null: SinkRecord{"},
		{"ExtractTimestamp$Value", []string{"field.name", "nothing"}, full, "nothing field must be present and its value can't be null: SinkRecord{"},
		{"ExtractTimestamp$Value", []string{"field.name", "born"}, plain, "value type must be STRUCT or MAP: SinkRecord{"},
		{"ExtractTimestamp$Key", []string{"field.name", "born"}, full, "key can't be null: SinkRecord{"},

		{"ExtractTopic$Value", nil, text, "topic new"},
		{"ExtractTopic$Value", nil, plain, "topic 5"},
		{"ExtractTopic$Value", []string{"field.name", "name"}, full, "topic Ada Straße"},
		{"ExtractTopic$Value", []string{"field.name", "note"}, full, "topic none"},
		{"ExtractTopic$Value", []string{"field.name", "age"}, m, "topic 36"},
		{"ExtractTopic$Value", nil, full, "value schema type must be [INT8, INT16, INT32, INT64, FLOAT32, FLOAT64, BOOLEAN, STRING] if field name is not specified: SinkRecord{"},
		{"ExtractTopic$Value", nil, m, "type in value {name=Ada, age=36, nick=null, born=1700000000} must be [class java.lang.Byte, "},
		{"ExtractTopic$Value", nil, blank, "value can't be null or empty: SinkRecord{"},
		{"ExtractTopic$Value", []string{"skip.missing.or.null", "true"}, blank, "  of null"},
		{"ExtractTopic$Value", []string{"field.name", "nick"}, full, "nick in value can't be null or empty: SinkRecord{"},
		{"ExtractTopic$Value", []string{"field.name", "nothing"}, full, "nothing in value schema can't be missing: SinkRecord{"},
		{"ExtractTopic$Value", []string{"field.name", "nothing"}, m, "nothing in value can't be null or empty: SinkRecord{"},
		{"ExtractTopic$Value", []string{"field.name", "name"}, text, "value schema type must be STRUCT if field name is specified: SinkRecord{"},
		{"ExtractTopic$Value", []string{"field.name", "name"}, plain, "value type must be Map if field name is specified: SinkRecord{"},
		{"ExtractTopic$Value", []string{"field.name", "name", "skip.missing.or.null", "true"}, tombstone, "value can't be null if field name is specified: SinkRecord{"},

		{"ExtractTopicFromSchemaName$Value", nil, full, "topic com.acme.Person"},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.regex", `(?:[.]|^)([^.]*)$`}, full, "topic Person"},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.regex", `(\d+)`}, full, "topic com.acme.Person"},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.regex", `(com).(acme)`}, full, "topic com.acme.Person"},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.topic-map", "a:b,com.acme.Person:people"}, full, "topic people"},
		{"ExtractTopicFromSchemaName$Value", nil, text, " value schema name can't be null: SinkRecord{"},
		{"ExtractTopicFromSchemaName$Value", nil, m, " value schema name can't be null: SinkRecord{"},
		{"ExtractTopicFromValueSchema$Name", nil, full, "topic com.acme.Person"},
		{"ExtractTopicFromValueSchema$Name", nil, text, "new of Schema{STRING}"},
		{"ExtractTopicFromValueSchema$Name", nil, m, " value schema can't be null: SinkRecord{"},

		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value", "Ada"}, m, "{name=Ada,"},
		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value", "Eva"}, m, "dropped"},
		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value", "Eva", "field.value.matches", "false"}, m, "{name=Ada,"},
		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value.pattern", "^Ada"}, full, "Struct{name=Ada"},
		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value.pattern", "(?=.*z)"}, full, "dropped"},
		{"FilterByFieldValue$Value", []string{"field.name", "age", "field.value.pattern", "6$"}, full, "Struct{name=Ada"},
		{"FilterByFieldValue$Value", []string{"field.name", "age", "field.value", "36"}, full, "dropped"}, // an INT8 equals no INT32
		{"FilterByFieldValue$Value", []string{"field.name", "nothing", "field.value", "36"}, full, "dropped"},
		{"FilterByFieldValue$Value", []string{"field.name", "nick", "field.value.pattern", ".*"}, full, "dropped"},
		{"FilterByFieldValue$Value", []string{"field.value", "new"}, text, "new of "},
		{"FilterByFieldValue$Value", []string{"field.value.pattern", "5"}, plain, "5 of "},
		{"FilterByFieldValue$Value", []string{"field.value", "new"}, tombstone, "null of "},
		{"FilterByFieldValue$Value", []string{"field.name", "name", "field.value", "new"}, plain, "value type must be STRUCT or MAP if field name is specified: SinkRecord{"},

		{"Hash$Value", []string{"function", "md5"}, text, "22af645d1859cb5ca6da0c484f1f37ea of "},
		{"Hash$Value", []string{"function", "sha1"}, text, "c2a6b03f190dfb2b4aa91f8af8d477a9bc3401dc of "},
		{"Hash$Value", []string{"function", "sha256"}, text, "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437 of "},
		{"Hash$Value", []string{"function", "md5", "field.name", "name"}, full, "Struct{name=695697316ed3d41bba6d9db6c40b9513,"},
		{"Hash$Value", []string{"function", "md5"}, m, "value schema can't be null: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5"}, full, "value schema type must be STRING if field name is not specified: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "name"}, text, "value schema type must be STRUCT if field name is specified: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "name"}, tombstone, "value can't be null if field name is specified: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "x"}, full, "x in value schema can't be missing: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "age"}, full, "age schema type in value must be STRING: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "nick"}, full, "nick in value can't be null: SinkRecord{"},
		{"Hash$Value", []string{"function", "md5", "field.name", "nick", "skip.missing.or.null", "true"}, full, "Struct{name=Ada Straße,age"},

		{"MakeTombstone", nil, full, "null of null"},
		{"TombstoneHandler", []string{"behavior", "DROP_SILENT"}, tombstone, "dropped"},
		{"TombstoneHandler", []string{"behavior", "drop_warn"}, full, "Struct{"},
		{"TombstoneHandler", []string{"behavior", "fail"}, tombstone, "Tombstone record encountered, failing due to configured 'fail' behavior"},
	} {
		if got := outcome(t, c.class, c.config, c.record); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %q of %s:\ngot  %s\nwant %s", c.class, c.config, c.record.Value, got, c.want)
		}
	}
}

func TestBadConfigurationsNameTheKey(t *testing.T) {
	for _, c := range []struct {
		class  string
		config []string
		want   string
	}{
		{"CaseTransform$Value", nil, `Missing required configuration "field.names"`},
		{"CaseTransform$Value", []string{"field.names", "a", "case", "title"}, "Invalid value title for configuration case: Unknown enum value title"},
		{"ConcatFields$Value", []string{"field.names", "a", "output.field.name", ""}, "Invalid value  for configuration output.field.name: String must be non-empty"},
		{"ExtractTimestamp$Value", []string{"field.name", ""}, "Invalid value  for configuration field.name: String must be non-empty"},
		{"ExtractTimestamp$Value", []string{"field.name", "a", "timestamp.resolution", "x"}, "Invalid value x for configuration timestamp.resolution: Unsupported resolution type 'x'. Supported are: milliseconds, seconds"},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.topic-map", "a:b", "schema.name.regex", "a"}, "schema.name.topic-map and schema.name.regex should not be defined together."},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.topic-map", "a"}, `schema.name.topic-map is not valid. Format should be: "SchemaValue1:NewValue1,SchemaValue2:NewValue2"`},
		{"ExtractTopicFromSchemaName$Value", []string{"schema.name.regex", "("}, "( set as schema.name.regex is not valid regex."},
		{"FilterByFieldValue$Value", nil, "Either field.value or field.value.pattern have to be set to apply filter transform"},
		{"FilterByFieldValue$Value", []string{"field.value", "a", "field.value.pattern", "a"}, "Either field.value or field.value.pattern have to be set to apply filter transform"},
		{"FilterByFieldValue$Value", []string{"field.value.pattern", "("}, "Invalid value ( for configuration field.value.pattern: Unclosed group"},
		{"FilterByFieldValue$Value", []string{"field.value", "null"}, "Invalid value null for configuration field.value: null equals no value"},
		{"Hash$Value", []string{"function", "sha512"}, "Invalid value sha512 for configuration function: String must be one of: md5, sha1, sha256"},
		{"KeyToValue", []string{"key.fields", "a,a", "value.fields", "x,x"}, "More than one key value is copied to the value field name 'x'"},
		{"KeyToValue", []string{"key.fields", "*,*,*,*", "value.fields", "a,b"}, "More than one key value is copied to the value field name '_key'"},
		{"TombstoneHandler", []string{"behavior", ""}, "Invalid value  for configuration behavior: String must be non-empty"},
		{"TombstoneHandler", []string{"behavior", "drop"}, "Invalid value drop for configuration behavior: Unsupported behavior name: drop. Supported are: drop_silent,drop_warn,fail"},
	} {
		_, err := connecttest.TransformClass(t, aiven.Classes(), c.class).New(connecttest.Config(c.config...))
		if connect.KindOf(err) != connect.KindConfig || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s %q: got %v, want %s", c.class, c.config, err, c.want)
		}
	}
}

func TestSteadyStateDoesNotAllocate(t *testing.T) {
	for name, config := range usual() {
		tr, err := connecttest.TransformClass(t, aiven.Classes(), name).New(connecttest.Config(config...))
		if err != nil {
			t.Fatal(err)
		}
		a, r, originals := new(connect.Arena), new(connect.Record), records(nil)
		for i := range originals {
			if *r = originals[i]; r.Value.IsNull() {
				continue
			}
			if _, err := tr.Apply(r, a); err != nil {
				continue // errors may allocate
			}
			if n := testing.AllocsPerRun(100, func() {
				*r = originals[i]
				if _, err := tr.Apply(r, a); err != nil {
					t.Fatal(err)
				}
				a.Reset()
			}); n != 0 && (name != "CaseTransform$Value" || originals[i].ValueSchema != nil) { // there a number becomes text
				t.Errorf("%s of %s allocates %v times", name, originals[i].Value, n)
			}
		}
	}
}
