package preview_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/functions/preview"
)

const (
	apache     = "org.apache.kafka.connect."
	transforms = apache + "transforms."
)

// open makes a preview of a sink or of a source with converters of JSON without schemas, and with settings in pairs.
func open(t testing.TB, class string, settings ...string) *preview.Preview {
	t.Helper()
	json := apache + "json.JsonConverter"
	config := map[string]string{
		"key.converter": apache + "storage.StringConverter", "value.converter": json, "value.converter.schemas.enable": "false",
	}
	for i := 0; i < len(settings); i += 2 {
		config[settings[i]] = settings[i+1]
	}
	plugins, err := connect.NewRegistry(builtin.With(
		&connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return nil }},
		&connect.Class{Name: "test.Source", Source: func() connect.Source { return nil }},
	))
	if err != nil {
		t.Fatal(err)
	}
	c, err := plugins.Connector(class)
	if err != nil {
		t.Fatal(err)
	}
	p, err := preview.New(preview.Options{Connector: "c", Class: c, Plugins: plugins, Config: config, OffsetsTopic: "offsets"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t *testing.T, v any) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestWhatIsNoRecordIsRefusedByField(t *testing.T) {
	for _, c := range []struct{ class, record, field, message string }{
		{"Sink", ``, "", "must be a JSON object"},
		{"Sink", `[]`, "", "must be a JSON object"},
		{"Sink", `null`, "", "must be a JSON object"},
		{"Sink", `{"topic":"t"`, "", "unexpected EOF"},
		{"Sink", `{"topic":"t"} {}`, "", "text behind"},
		{"Sink", "{\"topic\":\"\xff\"}", "", "not UTF-8"},
		{"Sink", `{}`, "topic", "missing"},
		{"Sink", `{"topic":""}`, "topic", "missing"},
		{"Sink", `{"topic":5}`, "topic", "must be text, and is 5"},
		{"Sink", `{"topic":"t","topic":"u"}`, "topic", "there twice"},
		{"Sink", `{"topic":"t","Value":1}`, "Value", "no such field"},
		{"Sink", `{"topic":"t","partition":-1}`, "partition", "whole number from 0 to 2147483647, and is -1"},
		{"Sink", `{"topic":"t","partition":2147483648}`, "partition", "whole number"},
		{"Sink", `{"topic":"t","partition":"1"}`, "partition", "whole number"},
		{"Sink", `{"topic":"t","offset":1.5}`, "offset", "whole number"},
		{"Sink", `{"topic":"t","timestamp":"2026-01-01"}`, "timestamp", "whole number"},
		{"Sink", `{"topic":"t","timestampType":"CreateTime"}`, "timestampType", "no timestamp"},
		{"Sink", `{"topic":"t","timestamp":1,"timestampType":"Never"}`, "timestampType", "CreateTime or LogAppendTime"},
		{"Sink", `{"topic":"t","value":1,"valueText":"1"}`, "valueText", "there is value already"},
		{"Sink", `{"topic":"t","valueText":1}`, "valueText", "must be text"},
		{"Sink", `{"topic":"t","valueBase64":"?"}`, "valueBase64", "not Base64"},
		{"Sink", `{"topic":"t","headers":{"a":1}}`, "headers", "an array of"},
		{"Sink", `{"topic":"t","headers":[1]}`, "headers[0]", "must be a JSON object"},
		{"Sink", `{"topic":"t","headers":[{"key":"a"},{"value":1}]}`, "headers[1].key", "missing"},
		{"Sink", `{"topic":"t","headers":[{"key":"a","val":1}]}`, "headers[0].val", "no such field"},
		{"Sink", `{"topic":"t","headers":[{"key":"a","valueBase64":"?"}]}`, "headers[0].valueBase64", "not Base64"},
		{"Source", `{"topic":"t","offset":1}`, "offset", "a source's record has none"},
		{"Source", `{"topic":"t","timestamp":1,"timestampType":"CreateTime"}`, "timestampType", "a source's record has none"},
		{"Source", `{"topic":"t","keyText":"a"}`, "keyText", `"payload"`},
		{"Source", `{"topic":"t","value":{"schema":{"type":"moon"},"payload":1}}`, "value", "Unknown schema type: moon"},
		{"Source", `{"topic":"t","value":{"schema":{"type":"string"},"payload":null}}`, "value", "Invalid null value"},
		{"Source", `{"topic":"t","headers":[{"key":"a","value":{"schema":{"type":"moon"},"payload":1}}]}`, "headers[0].value", "moon"},
	} {
		t.Run(c.record, func(t *testing.T) {
			res := open(t, "test."+c.class).Record(7, []byte(c.record))
			if res.Outcome != preview.Invalid || res.Line != 7 || res.Error.Field != c.field || !strings.Contains(res.Error.Message, c.message) {
				t.Errorf("it became %s, want an error of %q that says %q", res.JSON(), c.field, c.message)
			}
		})
	}
}

// What is given as JSON becomes the bytes that the converter reads, and is shown again as it was given.
func TestDataIsWrittenAndReadInTheFormOfItsConverter(t *testing.T) {
	for _, c := range []struct{ converter, given, payload, shown string }{
		{"json.JsonConverter", `{"a":1}`, `{"a":1}`, `{"value":{"a":1}}`},
		{"json.JsonConverter", `"text"`, `"text"`, `{"value":"text"}`},
		{"json.JsonConverter", `123456789012345678`, `123456789012345678`, `{"value":123456789012345678}`},
		{"json.JsonConverter", `null`, `null`, `{"value":null}`},
		{"storage.StringConverter", `"text"`, `"text"`, `{"value":"text"}`},
		{"storage.StringConverter", `{"a": 1}`, `"{\"a\": 1}"`, `{"value":"{\"a\": 1}"}`},
		{"converters.ByteArrayConverter", `"text"`, `"dGV4dA=="`, `{"value":"text"}`},
		{"converters.LongConverter", `-5`, `-5`, `{"value":-5}`},
		{"converters.IntegerConverter", `5`, `5`, `{"value":5}`},
		{"converters.ShortConverter", `5`, `5`, `{"value":5}`},
		{"converters.FloatConverter", `0.1`, `0.1`, `{"value":0.1}`},
		{"converters.DoubleConverter", `1`, `1.0`, `{"value":1.0}`},
		{"converters.BooleanConverter", `true`, `true`, `{"value":true}`},
	} {
		t.Run(c.converter+" "+c.given, func(t *testing.T) {
			sink := open(t, "test.Sink", "value.converter", apache+c.converter).Record(1, []byte(`{"topic":"t","value":`+c.given+`}`))
			if sink.Outcome != preview.Passed {
				t.Fatalf("the sink's became %s", sink.JSON())
			}
			payload, value := struct{ Payload json.RawMessage }{}, sink.After.Value.JSON
			if json.Unmarshal(value, &payload) == nil && payload.Payload != nil {
				value = payload.Payload
			}
			if string(value) != c.payload {
				t.Errorf("the sink gets %s, want %s", value, c.payload)
			}
			source := open(t, "test.Source", "value.converter", apache+c.converter).Record(1, []byte(`{"topic":"t","value":`+string(sink.After.Value.JSON)+`}`))
			if source.Kafka == nil {
				t.Fatalf("the source's became %s", source.JSON())
			}
			shown := text(t, source.Kafka)
			if want := c.shown[1 : len(c.shown)-1]; !strings.Contains(shown, want) {
				t.Errorf("the source writes %s, want %s", shown, want)
			}
		})
	}
}

func TestJSONThatIsNothingOfTheConverterIsRefused(t *testing.T) {
	for _, c := range []struct{ converter, given string }{
		{"Short", "40000"}, {"Long", `"5"`}, {"Integer", "1.0"}, {"Float", "1e39"}, {"Boolean", "1"}, {"Boolean", `"true"`},
	} {
		p := open(t, "test.Sink", "value.converter", apache+"converters."+c.converter+"Converter")
		if res := p.Record(1, []byte(`{"topic":"t","value":`+c.given+`}`)); res.Outcome != preview.Invalid || res.Error.Field != "value" || !strings.Contains(res.Error.Message, c.converter+"Converter") {
			t.Errorf("%s: %s became %s", c.converter, c.given, res.JSON())
		}
	}
}

func TestBytesPassAsTheyAreGiven(t *testing.T) {
	p := open(t, "test.Sink", "value.converter", apache+"converters.ByteArrayConverter", "header.converter", apache+"converters.ByteArrayConverter")
	res := p.Record(1, []byte(`{"topic":"t","keyText":"k","valueBase64":"/wA=","headers":[{"key":"h","valueText":"x"},{"key":"n","value":null}]}`))
	want := base64.StdEncoding.EncodeToString([]byte{0xff, 0})
	if got := text(t, res.After); !strings.Contains(got, `"payload":"`+want+`"`) || !strings.Contains(got, `"payload":"k"`) || !strings.Contains(got, `"payload":"eA=="`) {
		t.Errorf("the sink gets %s", got)
	}
	source := open(t, "test.Source", "value.converter", apache+"converters.ByteArrayConverter")
	if res := source.Record(1, []byte(`{"topic":"t","value":{"schema":{"type":"bytes"},"payload":"/wA="}}`)); !strings.Contains(text(t, res.Kafka), `"valueBase64":"/wA="`) {
		t.Errorf("the source writes %s", res.JSON())
	}
}

// The changes of the package comment, one transform each.
func TestEachChangeHasAPathATypeAndAValue(t *testing.T) {
	const withSchema = `{"schema":{"type":"struct","name":"A","fields":[{"field":"id","type":"int64"},{"field":"at","type":"int64","optional":true},` +
		`{"field":"tags","type":"array","items":{"type":"string"}}]},"payload":{"id":1,"at":1700000000000,"tags":["x","y"]}}`
	for _, c := range []struct{ name, keys, value, want string }{
		{"topic", "type=RegexRouter regex=t replacement=u", `{}`, `[{"path":"topic","before":{"type":"string","value":"t"},"after":{"type":"string","value":"u"}}]`},
		{"a field that is added", "type=InsertField$Value static.field=a.b static.value=x", `{"a":1}`, `[{"path":"value[\"a.b\"]","before":null,"after":{"type":"string","value":"x"}}]`},
		{"a field that is removed", "type=ReplaceField$Value exclude=a", `{"a":1,"b":2}`, `[{"path":"value.a","before":{"type":"int64","value":1},"after":null}]`},
		{"a type without a schema", "type=Cast$Value spec=a:int8", `{"a":1}`, `[{"path":"value.a","before":{"type":"int64","value":1},"after":{"type":"int8","value":1}}]`},
		{"a type of a schema", "type=TimestampConverter$Value field=at target.type=Timestamp", withSchema, `[{"path":"value.at","before":{"type":"int64","value":1700000000000},"after":{"type":"timestamp","value":1700000000000}}]`},
		{"a schema's name", "type=SetSchemaMetadata$Value schema.name=B schema.version=2", withSchema, `[{"path":"value","attribute":"name","before":{"value":"A"},"after":{"value":"B"}},{"path":"value","attribute":"version","before":null,"after":{"value":2}}]`},
		{"the whole", "type=ExtractField$Value field=tags", withSchema, `[{"path":"value","before":{"type":"struct","value":{"id":1,"at":1700000000000,"tags":["x","y"]}},"after":{"type":"array<string>","value":["x","y"]}}]`},
		{"a header", "type=InsertHeader header=h value.literal=1", `{}`, `[{"path":"headers.h","before":null,"after":{"type":"int8","value":1}}]`},
		{"the key", "type=ValueToKey fields=a", `{"a":1}`, `[{"path":"key","before":{"type":"null","value":null},"after":{"type":"map","value":{"a":1}}}]`},
		{"a tombstone", "type=InsertField$Value static.field=a static.value=b", `null`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := []string{"transforms", "x"}
			for pair := range strings.FieldsSeq(c.keys) {
				key, value, _ := strings.Cut(pair, "=")
				if key == "type" {
					value = transforms + value
				}
				settings = append(settings, "transforms.x."+key, value)
			}
			res := open(t, "test.Source", settings...).Record(1, []byte(`{"topic":"t","value":`+c.value+`}`))
			if res.Outcome != preview.Passed || len(res.Steps) != 1 {
				t.Fatalf("it became %s", res.JSON())
			}
			got := ""
			if len(res.Steps[0].Changes) > 0 {
				got = text(t, res.Steps[0].Changes)
			}
			if got != c.want || (res.Steps[0].Outcome == preview.Changed) != (c.want != "") {
				t.Errorf("the changes are\n%s, want\n%s", got, c.want)
			}
		})
	}
}

func TestAPredicateADropAndAFailureAreToldByTheirStep(t *testing.T) {
	settings := []string{
		"transforms", "drop,hoist", "predicates", "dead", "predicates.dead.type", transforms + "predicates.RecordIsTombstone",
		"transforms.drop.type", transforms + "Filter", "transforms.drop.predicate", "dead",
		"transforms.hoist.type", transforms + "ExtractField$Value", "transforms.hoist.field", "a",
		"errors.tolerance", "all", "errors.deadletterqueue.topic.name", "dead-letters",
	}
	p := open(t, "test.Sink", settings...)
	if res := p.Record(1, []byte(`{"topic":"t","value":{"a":1}}`)); res.Steps[0].Outcome != preview.Skipped || res.Steps[0].Predicate.Name != "dead" || res.Outcome != preview.Passed {
		t.Errorf("a record that the predicate does not match became %s", res.JSON())
	}
	if res := p.Record(2, []byte(`{"topic":"t"}`)); res.Outcome != preview.Dropped || len(res.Steps) != 1 || res.After != nil {
		t.Errorf("a tombstone became %s", res.JSON())
	}
	res := p.Record(3, []byte(`{"topic":"t","value":"text"}`))
	want := preview.Error{
		Message: "Only Map objects supported in absence of schema for [field extraction], found: java.lang.String", Stage: "TRANSFORMATION",
		Class: transforms + "ExtractField$Value", Transform: "hoist", Exception: connect.DataException, Kind: "data",
		Task: preview.TaskGoesOn, DeadLetters: "dead-letters",
	}
	if res.Outcome != preview.Failed || *res.Error != want || res.Steps[1].Outcome != preview.Failed {
		t.Errorf("a text became %s", res.JSON())
	}
	if res := p.Record(4, []byte(`{"topic":"t","valueText":"{"}`)); res.Before != nil || res.Error.Stage != "VALUE_CONVERTER" || res.Error.Transform != "" || res.Error.Cause == "" {
		t.Errorf("half an object became %s", res.JSON())
	}
	if res := open(t, "test.Source").Record(5, []byte(`{"topic":"offsets"}`)); res.Outcome != preview.Failed || res.Error.Stage != "KAFKA_PRODUCE" || res.Error.Task != preview.TaskStops {
		t.Errorf("a record for the offsets topic became %s", res.JSON())
	}
}

// away is a transform whose other system is never there.
type away struct{}

func (away) Apply(*connect.Record, *connect.Arena) (bool, error) {
	return false, connect.RetriableError("away", nil)
}

func TestAFailureThatMayPassIsTriedAgainOrToleratedAsTheConfigurationSays(t *testing.T) {
	class := &connect.Class{Name: "test.Source", Source: func() connect.Source { return nil }}
	all := builtin.With(class)
	all.Transforms = append(all.Transforms, &connect.TransformClass{Name: "test.Away", New: func(map[string]string) (connect.Transform, error) { return away{}, nil }})
	plugins, err := connect.NewRegistry(all)
	if err != nil {
		t.Fatal(err)
	}
	for timeout, want := range map[string]string{"": preview.TaskTriesAgain, "1000": preview.TaskGoesOn} {
		config := map[string]string{"key.converter": apache + "storage.StringConverter", "value.converter": apache + "storage.StringConverter",
			"transforms": "x", "transforms.x.type": "test.Away", "errors.tolerance": "all", "errors.retry.timeout": timeout}
		p, err := preview.New(preview.Options{Connector: "c", Class: class, Plugins: plugins, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		if res := p.Record(1, []byte(`{"topic":"t"}`)); res.Outcome != preview.Failed || res.Error.Kind != "retriable" || res.Error.Task != want {
			t.Errorf("with errors.retry.timeout=%q it became %s, want that the task %s", timeout, res.JSON(), want)
		}
	}
}

// Nothing of a record is left when the next one comes.
func TestRecordsDoNotSeeEachOther(t *testing.T) {
	p := open(t, "test.Source", "transforms", "x", "transforms.x.type", transforms+"InsertHeader", "transforms.x.header", "h", "transforms.x.value.literal", "1")
	one := []byte(`{"topic":"t","key":"k","value":{"a":[1,2]},"headers":[{"key":"a","value":"b"}]}`)
	first := p.Record(1, one)
	before := string(first.JSON())
	p.Record(2, []byte(`{"topic":"other","key":"KKKK","value":{"zzzz":"zzzzzzzzzzzz"},"headers":[{"key":"zzzz","value":"zzzz"}]}`))
	if after := string(first.JSON()); after != before {
		t.Errorf("the first result has become %s, and was %s", after, before)
	}
	if again := string(p.Record(1, one).JSON()); again != before {
		t.Errorf("the same record became %s, and was %s", again, before)
	}
}

// A result can be given again: what comes out of a source is what goes into a sink.
func TestWhatASourceWritesASinkReads(t *testing.T) {
	source, sink := open(t, "test.Source"), open(t, "test.Sink")
	out := source.Record(1, []byte(`{"topic":"t","key":"k","value":{"a":1.5,"b":null},"timestamp":5,"partition":3,"headers":[{"key":"h","value":"x y"}]}`))
	in := sink.Record(1, []byte(text(t, out.Kafka)))
	if in.Outcome != preview.Passed || string(in.After.Value.JSON) != string(out.After.Value.JSON) || *in.After.Partition != 3 || *in.After.Timestamp != 5 {
		t.Errorf("%s was read as %s", text(t, out.Kafka), in.JSON())
	}
}

func TestHidingReachesEveryPlace(t *testing.T) {
	const secret = "hunter2hunter2"
	plugins, err := connect.NewRegistry(builtin.With(&connect.Class{Name: "test.Source", Source: func() connect.Source { return nil }}))
	if err != nil {
		t.Fatal(err)
	}
	class, _ := plugins.Connector("test.Source")
	for name, own := range map[string]map[string]string{
		"key":    {"transforms.x.type": transforms + "HoistField$Key", "transforms.x.field": secret},
		"value":  {"transforms.x.type": transforms + "HoistField$Value", "transforms.x.field": secret},
		"header": {"transforms.x.type": transforms + "InsertHeader", "transforms.x.header": secret, "transforms.x.value.literal": secret},
		"topic":  {"transforms.x.type": transforms + "RegexRouter", "transforms.x.regex": ".*", "transforms.x.replacement": secret},
		"schema": {"transforms.x.type": transforms + "SetSchemaMetadata$Value", "transforms.x.schema.name": secret},
		"alias": {"transforms": secret, "transforms." + secret + ".type": transforms + "Filter", "transforms." + secret + ".predicate": secret,
			"predicates": secret, "predicates." + secret + ".type": transforms + "predicates.RecordIsTombstone"},
		"failed alias": {"transforms": secret, "transforms." + secret + ".type": transforms + "HoistField$Value", "transforms." + secret + ".field": "f",
			"transforms." + secret + ".predicate": secret, "predicates": secret, "predicates." + secret + ".type": transforms + "predicates.HasHeaderKey", "predicates." + secret + ".name": secret},
		"error": {"transforms.x.type": transforms + "ExtractField$Value", "transforms.x.field": secret},
	} {
		t.Run(name, func(t *testing.T) {
			config := map[string]string{"transforms": "x", "key.converter": apache + "json.JsonConverter", "value.converter": apache + "json.JsonConverter"}
			maps.Copy(config, own)
			p, err := preview.New(preview.Options{Connector: "c", Class: class, Plugins: plugins, Config: config,
				Hide: strings.NewReplacer(secret, "${x:y}", base64.StdEncoding.EncodeToString([]byte(secret)), "${x:y}").Replace})
			if err != nil {
				t.Fatal(err)
			}
			record := `{"topic":"t","key":"k","value":{"schema":{"type":"struct","fields":[{"field":"b","type":"bytes"},{"field":"n","type":"int64"}]},"payload":{"b":"` +
				base64.StdEncoding.EncodeToString([]byte(secret)) + `","n":5}}}`
			got := string(p.Record(1, []byte(record)).JSON())
			if strings.Contains(got, secret) || strings.Contains(got, "aHVudGVy") || !strings.Contains(got, "${x:y}") {
				t.Errorf("it is shown: %s", got)
			}
		})
	}
}
