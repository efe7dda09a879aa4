package datagen

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// field parses a record with one field of the given type and returns what it makes for the first records.
func field(t *testing.T, typ string, records int) []connect.Value {
	t.Helper()
	g, err := parseSchema(`{"type": "record", "name": "r", "fields": [{"name": "f", "type": ` + typ + `}]}`)
	if err != nil {
		t.Fatalf("%s: %v", typ, err)
	}
	made := make([]connect.Value, records)
	var d draft
	for n := range made {
		d.begin(nil, newRandom(1, 0, int64(n)), int64(n))
		made[n] = g.generate(&d).Struct().Field(0)
		if err := connect.ValidateValue("f", g.schema.Fields()[0].Schema, made[n]); err != nil {
			t.Fatalf("%s makes %s: %v", typ, made[n], err)
		}
	}
	return made
}

func TestArgumentsDecideTheValues(t *testing.T) {
	within := func(min, max int64) func(connect.Value) bool {
		return func(v connect.Value) bool { return v.Int() >= min && v.Int() < max }
	}
	matches := func(expression string) func(connect.Value) bool {
		re := regexp.MustCompile("^(?:" + expression + ")$")
		return func(v connect.Value) bool { return re.MatchString(v.String()) }
	}
	for _, c := range []struct {
		typ string
		ok  func(connect.Value) bool
	}{
		{`{"type": "int", "arg.properties": {"range": {"min": -3, "max": 4}}}`, within(-3, 4)},
		{`{"type": "long", "arg.properties": {"range": {"min": 5000000000}}}`, func(v connect.Value) bool { return v.Int() >= 5_000_000_000 }},
		{`{"type": "double", "arg.properties": {"range": {"min": 1.5, "max": 2}}}`, func(v connect.Value) bool { return v.Float() >= 1.5 && v.Float() < 2 }},
		{`"float"`, func(v connect.Value) bool { return v.Kind() == connect.KindFloat32 && v.Float() >= 0 && v.Float() <= 1 }},
		{`{"type": "boolean", "arg.properties": {"odds": 1}}`, connect.Value.Bool},
		{`{"type": "boolean", "arg.properties": {"odds": 0.0}}`, func(v connect.Value) bool { return !v.Bool() }},
		{`"string"`, matches("[a-z]{8,15}")},
		{`{"type": "string", "arg.properties": {"length": 3}}`, matches("[a-z]{3}")},
		{`{"type": "string", "arg.properties": {"length": {"min": 0, "max": 2}, "prefix": "<", "suffix": ">"}}`, matches("<[a-z]?>")},
		{`{"type": "string", "arg.properties": {"regex": "User_[1-9]{0,2}(x|yz)?"}}`, matches("User_[1-9]{0,2}(x|yz)?")},
		{`{"type": "string", "arg.properties": {"options": ["a", "b"], "prefix": "_"}}`, matches("_[ab]")},
		{`{"type": "int", "arg.properties": {"options": [1, 5]}}`, matches("[15]")},
		{`{"type": "bytes", "arg.properties": {"length": 4}}`, func(v connect.Value) bool { return len(v.Bytes()) == 4 }},
		{`{"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}`, matches("[0-9]{1,2}\\.[0-9]{2}")},
		{`{"type": "fixed", "name": "f4", "size": 4}`, func(v connect.Value) bool { return len(v.Bytes()) == 4 }},
		{`{"type": "enum", "name": "e", "symbols": ["X", "Y"]}`, matches("X|Y")},
		{`{"type": "array", "items": "int", "arg.properties": {"length": {"min": 1, "max": 3}}}`, func(v connect.Value) bool { return len(v.Array()) == 1 || len(v.Array()) == 2 }},
		{`{"type": "map", "values": "int", "arg.properties": {"length": 3, "keys": {"options": ["k"]}}}`, func(v connect.Value) bool { _, ok := v.Map().Get("k"); return ok && v.Map().Len() == 1 }},
		{`{"type": "long", "logicalType": "timestamp-millis", "arg.properties": {"range": {"min": 10, "max": 12}}}`,
			func(v connect.Value) bool { return v.Kind() == connect.KindTime && v.Millis() >= 10 && v.Millis() < 12 }},
		{`{"type": "int", "logicalType": "date", "arg.properties": {"options": [3]}}`, func(v connect.Value) bool { return v.Millis() == 3*86_400_000 }},
		{`{"type": "int", "logicalType": "no-such-type"}`, func(v connect.Value) bool { return v.Kind() == connect.KindInt32 }},
		{`{"type": {"type": "int", "arg.properties": {"options": [1]}}}`, matches("1")},
		{`{"type": "record", "name": "in", "fields": [{"name": "x", "type": {"type": "int", "arg.properties": {"options": [1]}}}]}`, matches(`Struct\{x=1\}`)},
		{`{"type": "record", "name": "in", "fields": [{"name": "x", "type": "int"}], "arg.properties": {"options": [{"x": 9}]}}`, matches(`Struct\{x=9\}`)},
	} {
		for _, v := range field(t, c.typ, 200) {
			if !c.ok(v) {
				t.Errorf("%s makes %s", c.typ, v)
				break
			}
		}
	}
}

func TestIterationCounts(t *testing.T) {
	for typ, want := range map[string]string{
		`{"type": "int", "arg.properties": {"iteration": {"start": 5}}}`:                                    "5 6 7 8 9",
		`{"type": "long", "arg.properties": {"iteration": {"start": 1, "step": 10, "restart": 25}}}`:        "1 11 21 1 11",
		`{"type": "long", "arg.properties": {"iteration": {"start": 3, "restart": 0}}}`:                     "3 2 1 3 2",
		`{"type": "int", "arg.properties": {"iteration": {"start": 0, "step": -2}}}`:                        "0 -2 -4 -6 -8",
		`{"type": "int", "arg.properties": {"iteration": {"start": 0, "restart": 4, "initial": 3}}}`:        "3 0 1 2 3",
		`{"type": "double", "arg.properties": {"iteration": {"start": 0.5, "step": 0.5, "restart": 1.75}}}`: "0.5 1.0 1.5 0.5 1.0",
		`{"type": "boolean", "arg.properties": {"iteration": {"start": true}}}`:                             "true false true false true",
		`{"type": "string", "arg.properties": {"iteration": {"start": 1}, "prefix": "id-"}}`:                "id-1 id-2 id-3 id-4 id-5",
	} {
		var got []string
		for _, v := range field(t, typ, 5) {
			got = append(got, v.String())
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %s", typ, got, want)
		}
	}
}

func TestAUnionWithNullIsOptional(t *testing.T) {
	nulls := 0
	for _, v := range field(t, `["null", "int"]`, 1000) {
		if v.IsNull() {
			nulls++
		}
	}
	if nulls < 400 || nulls > 600 {
		t.Fatalf("%d of 1000 are null", nulls)
	}
}

func TestNamedTypesCanBeUsedAgain(t *testing.T) {
	g, err := parseSchema(`{"type": "record", "name": "r", "namespace": "n.s", "fields": [
		{"name": "a", "type": {"type": "enum", "name": "color", "symbols": ["RED"]}},
		{"name": "b", "type": ["null", "color"]},
		{"name": "c", "type": {"type": "array", "items": "n.s.color"}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if name, _ := g.schema.Name(); name != "n.s.r" {
		t.Errorf("the record is called %s", name)
	}
	b := g.schema.Fields()[1].Schema
	if name, _ := b.Name(); name != "n.s.color" || !b.Optional() {
		t.Errorf("the second field is %s, optional %v", name, b.Optional())
	}
}

func TestParseSchemaRefuses(t *testing.T) {
	inField := func(typ string) string {
		return `{"type": "record", "name": "r", "fields": [{"name": "f", "type": ` + typ + `}]}`
	}
	for text, want := range map[string]string{
		``:                                        "not JSON",
		small + small:                             "follows",
		`"int"`:                                   "must be a record",
		`{"type": "record", "name": "r"}`:         "no fields",
		`{"type": "record", "fields": []}`:        "no name",
		inField(`"r"`):                            "contains itself",
		inField(`"other"`):                        `unknown type "other"`,
		inField(`["int", "string"]`):              "null and one other type",
		inField(`["null", "int", "string"]`):      "null and one other type",
		inField(`17`):                             "no type",
		inField(`{"type": "enum", "name": "e"}`):  "no symbols",
		inField(`{"type": "fixed", "name": "x"}`): "size",
		inField(`{"type": "array"}`):              "items",
		inField(`{"type": "int", "arg.properties": 1}`):                                         "must be an object",
		inField(`{"type": "int", "arg.properties": {"options": {"file": "x"}}}`):                "list of values",
		inField(`{"type": "int", "arg.properties": {"options": ["x"]}}`):                        "option 0",
		inField(`{"type": "int", "arg.properties": {"options": [3000000000]}}`):                 "no int",
		inField(`{"type": "int", "arg.properties": {"range": {"min": 5, "max": 5}}}`):           "empty",
		inField(`{"type": "int", "arg.properties": {"range": {"min": 0.5}}}`):                   "whole number",
		inField(`{"type": "double", "arg.properties": {"range": {"min": 2, "max": 1}}}`):        "empty",
		inField(`{"type": "int", "arg.properties": {"iteration": {"start": 0, "step": 0}}}`):    "never gets",
		inField(`{"type": "int", "arg.properties": {"iteration": {"restart": 9, "step": -1}}}`): "never gets",
		inField(`{"type": "string", "arg.properties": {"regex": "("}}`):                         "regex",
		inField(`{"type": "string", "arg.properties": {"regex": "\\bx"}}`):                      "makes no text",
		inField(`{"type": "bytes", "arg.properties": {"length": 2000000000}}`):                  "length",
		inField(`{"type": "string", "arg.properties": {"length": -1}}`):                         "length",
		inField(`{"type": "string", "arg.properties": {"length": {"min": 3, "max": 2}}}`):       "length",
	} {
		if _, err := parseSchema(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want …%s…", text, err, want)
		}
	}
}

func FuzzParseSchema(f *testing.F) {
	for _, q := range quickstarts {
		text, err := q.schema()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g, err := parseSchema(text)
		if err != nil || len(text) > 1<<12 || strings.Contains(text, "length") || strings.Contains(text, "size") {
			return // large collections take their time
		}
		var d draft
		for n := range int64(3) {
			d.begin(nil, newRandom(n, 0, n), n)
			if v := g.generate(&d); connect.ValidateValue("value", g.schema, v) != nil {
				t.Fatalf("%s makes %s: %v", text, v, connect.ValidateValue("value", g.schema, v))
			}
		}
	})
}
