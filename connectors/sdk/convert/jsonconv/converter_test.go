package jsonconv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

const structSchema = `{"type":"struct","fields":[{"type":"int32","field":"a"},{"type":"string","optional":true,"field":"b"},` +
	`{"type":"double","default":2.5,"field":"c"}]}`

func envelope(schema, payload string) []byte {
	return []byte(`{"schema":` + schema + `,"payload":` + payload + `}`)
}

func TestMalformedInputIsADataErrorAndNeverAPanic(t *testing.T) {
	long := strings.Repeat("9", 1001)
	for name, text := range map[string]string{
		"arrays nested too deep":          strings.Repeat("[", 1001) + strings.Repeat("]", 1001),
		"a bomb of brackets":              strings.Repeat("[", 1_000_000),
		"a bomb of objects":               strings.Repeat(`{"a":`, 200_000),
		"a number of 1001 digits":         long,
		"a fraction of 1001 digits":       "0." + long,
		"an exponent that fits nothing":   "1e99999999999",
		"a scale beyond 32 bits":          "1e-2147483648",
		"no end of a string":              `"abc`,
		"an unknown escape":               `"\x"`,
		"half an escape":                  `"\u12"`,
		"a control character":             "\"a\x01\"",
		"no UTF-8":                        "\"\xff\xfe\"",
		"an overlong form":                "\"\xc0\x80\"",
		"a surrogate in UTF-8":            "\"\xed\xa0\x80\"",
		"a name that is too long":         `{"` + strings.Repeat("n", 50_001) + `":1}`,
		"a name without quotes":           `{a:1}`,
		"no value":                        `{"a":}`,
		"a comma too many":                `[1,]`,
		"a plus sign":                     `+1`,
		"no digit behind the point":       `1.`,
		"no digit in the exponent":        `1e+`,
		"something touching a number":     `1x`,
		"something touching a literal":    `nullx`,
		"NaN":                             `NaN`,
		"half a surrogate pair in UTF-16": "\xfe\xff\xd8\x00",
	} {
		t.Run(name, func(t *testing.T) {
			conv := newConverter(t, "schemas.enable", "false")
			checkMalformed(t, conv, []byte(text))
			checkMalformed(t, newConverter(t), envelope(`{"type":"string"}`, text))
			checkMalformed(t, newConverter(t), envelope(text, "1"))
			if _, v, err := conv.ReadData(nil, "", []byte(`{"a":1}`)); err != nil || v.String() != "{a=1}" {
				t.Errorf("afterwards a good message reads as %s, %v", v, err)
			}
		})
	}
}

func checkMalformed(t *testing.T, conv both, data []byte) {
	t.Helper()
	var a connect.Arena
	s, v, err := conv.ReadData(&a, "", data)
	var e *connect.Error
	if !errors.As(err, &e) || e.Kind != connect.KindData || e.Class != connect.DataException || e.Cause == nil || s != nil || !v.IsNull() {
		t.Fatalf("read %v %v, error %v", s, v, err)
	}
	if a.Size() > 64*len(data)+1<<20 {
		t.Errorf("%d bytes of memory for a message of %d", a.Size(), len(data))
	}
}

func TestNestingUpToTheLimitIsRead(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false")
	text := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	_, v, err := conv.ReadData(nil, "", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	depth := 1
	for ; len(v.Array()) == 1; depth++ {
		v = v.Array()[0]
	}
	if depth != 1000 {
		t.Errorf("%d arrays, want 1000", depth)
	}
}

func TestFieldsAreReadInAnyOrder(t *testing.T) {
	for payload, want := range map[string]string{
		`{"a":1,"b":"x","c":1.5}`:                                    "Struct{a=1,b=x,c=1.5}",
		`{"c":1.5,"b":"x","a":1}`:                                    "Struct{a=1,b=x,c=1.5}",
		`{"a":1,"c":1.5}`:                                            "Struct{a=1,c=1.5}",
		`{"a":1}`:                                                    "Struct{a=1,c=2.5}",
		`{"a":1,"b":null,"c":null}`:                                  "Struct{a=1,c=2.5}",
		`{"a":1,"b":"x","c":1.5,"d":[{"e":1}]}`:                      "Struct{a=1,b=x,c=1.5}",
		`{"z":"\u0041","a":1,"y":{},"b":"x"}`:                        "Struct{a=1,b=x,c=2.5}",
		`{"a":1,"b":"x","a":2}`:                                      "Struct{a=2,b=x,c=2.5}",
		`{"b":"x","b":null,"a":1}`:                                   "Struct{a=1,c=2.5}",
		"{ \"a\" : 1 ,\n\t\"b\" : \"x\" , \"c\" : 1.5 }":             "Struct{a=1,b=x,c=1.5}",
		`{"a": 1, "b": "x", "c": 1.5}`:                               "Struct{a=1,b=x,c=1.5}",
		`{"\u0061":1,"b":"\ud83d\ude00\n","c":12345678901234567890}`: "Struct{a=1,b=😀\n,c=1.2345678901234567E19}",
		`{"a":1.9e1,"b":7,"c":"text"}`:                               "Struct{a=19,c=0.0}",
	} {
		enveloped, bare := newConverter(t), newConverter(t, "schema.content", structSchema)
		for range 2 { // the second time the reader knows the schema by its text
			_, v, err := enveloped.ReadData(nil, "", envelope(structSchema, payload))
			if err != nil || v.String() != want {
				t.Errorf("%s in an envelope reads as %s (%v), want %s", payload, v, err, want)
			}
			_, v, err = bare.ReadData(nil, "", []byte(payload))
			if err != nil || v.String() != want {
				t.Errorf("%s reads as %s (%v), want %s", payload, v, err, want)
			}
		}
	}
}

func TestSchemasAreRecognisedWhenTheyChangeAndComeBack(t *testing.T) {
	conv := newConverter(t)
	first, second := `{"type":"int32"}`, `{"type":"string"}`
	seen := map[string]*connect.Schema{}
	for range 3 {
		for _, schema := range []string{first, second, first} {
			payload := map[string]string{first: "1", second: `"x"`}[schema]
			s, v, err := conv.ReadData(nil, "", envelope(schema, payload))
			if err != nil || v.String() != strings.Trim(payload, `"`) {
				t.Fatalf("read %v %v, %v", s, v, err)
			}
			if seen[schema] != nil && seen[schema] != s {
				t.Errorf("the schema %s is another one the next time", schema)
			}
			seen[schema] = s
		}
	}
}

func TestManySchemasDoNotPileUp(t *testing.T) {
	conv := newConverter(t, "schemas.cache.size", "10")
	for i := range 5000 {
		schema := fmt.Sprintf(`{"type":"int32","name":"n%d"}`, i)
		s, v, err := conv.ReadData(nil, "", envelope(schema, "1"))
		if err != nil || v.Int() != 1 {
			t.Fatal(s, v, err)
		}
		if name, _ := s.Name(); name != fmt.Sprintf("n%d", i) {
			t.Fatalf("schema %d is named %s", i, name)
		}
		if _, err := conv.AppendData([]byte{}, "", s, v); err != nil {
			t.Fatal(err)
		}
	}
	if read, written := jsonconv.CachedPlans(conv); read > 20 || written > 20 {
		t.Errorf("%d plans for reading and %d for writing are kept, want at most 20", read, written)
	}
}

func TestEqualSchemasAtOtherAddressesAreWrittenAlike(t *testing.T) {
	conv := newConverter(t)
	var want []byte
	for range 3 {
		s := records.NewSchema()
		got, err := conv.AppendData([]byte{}, "", s, records.Fill(nil, records.NewSchema(), 1))
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if string(got) != string(want) {
			t.Errorf("wrote %s, then %s", want, got)
		}
		if _, err := conv.AppendData([]byte{}, "", connect.StringSchema, connect.String("between")); err != nil {
			t.Fatal(err)
		}
	}
	if _, written := jsonconv.CachedPlans(conv); written != 2 {
		t.Errorf("%d plans for equal schemas and the one between, want 2", written)
	}
}

func TestObjectsWithoutSchemaOfChangingShape(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false")
	for range 3 {
		for text, want := range map[string]string{
			`{"a":1,"b":{"c":[{"d":1},{"d":2}]}}`:   "{a=1, b={c=[{d=1}, {d=2}]}}",
			`{"a":1,"b":{"c":[{"d":1,"e":3}]}}`:     "{a=1, b={c=[{d=1, e=3}]}}",
			`{"a":1}`:                               "{a=1}",
			`{"a":1,"b":2,"a":3}`:                   "{a=3, b=2}",
			`{"b":1,"a":2}`:                         "{b=1, a=2}",
			`{"a": 1, "b": {"c": []}}`:              "{a=1, b={c=[]}}",
			`{ "a" : 1 , "b" : null }`:              "{a=1, b=null}",
			`{"a":1,"a":2}`:                         "{a=2}",
			`{"\u0061":1,"a":2,"b":3}`:              "{a=2, b=3}",
			`{}`:                                    "{}",
			`[{"a":1,"b":2},{"a":3,"b":4},{"a":5}]`: "[{a=1, b=2}, {a=3, b=4}, {a=5}]",
		} {
			for range 2 {
				_, v, err := conv.ReadData(nil, "", []byte(text))
				if err != nil || v.String() != want {
					t.Errorf("%s reads as %s (%v), want %s", text, v, err, want)
				}
			}
		}
	}
}

func TestOfManyEqualNamesTheLastOneCounts(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false")
	var b strings.Builder
	for i := range 30_000 {
		fmt.Fprintf(&b, `,"k%d":%d`, i%1000, i)
	}
	_, v, err := conv.ReadData(nil, "", []byte("{"+b.String()[1:]+"}"))
	if err != nil {
		t.Fatal(err)
	}
	if v.Map().Len() != 1000 {
		t.Fatalf("%d entries, want 1000", v.Map().Len())
	}
	for i := range 1000 {
		if k, e := v.Map().Entry(i); k.Str() != fmt.Sprintf("k%d", i) || e.Int() != int64(29_000+i) {
			t.Fatalf("entry %d is %s=%s", i, k, e)
		}
	}
}

func TestStringsWithoutEscapesPointIntoTheMessage(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false")
	data := []byte(`{"a":"xyz é"}`)
	_, v, err := conv.ReadData(&connect.Arena{}, "", data)
	if err != nil {
		t.Fatal(err)
	}
	data[6] = 'X'
	if got, _ := v.Map().Get("a"); got.Str() != "Xyz é" {
		t.Errorf("the string is a copy: %s", got)
	}
}

func TestReadingAndWritingDoNotAllocateInSteadyState(t *testing.T) {
	schema := records.NewSchema()
	for _, schemas := range []string{"true", "false"} {
		conv := newConverter(t, "schemas.enable", schemas)
		var a connect.Arena
		buf := make([]byte, 0, 4096)
		round := func() {
			a.Reset()
			var err error
			if buf, err = conv.AppendData(buf[:0], "", schema, records.Fill(&a, schema, 7)); err != nil {
				t.Fatal(err)
			}
			if _, _, err = conv.ReadData(&a, "", buf); err != nil {
				t.Fatal(err)
			}
		}
		round()
		if n := testing.AllocsPerRun(200, round); n != 0 {
			t.Errorf("schemas.enable=%s: %g allocations a record, want none", schemas, n)
		}
	}
}

func TestKeysOfMapsAreTextInJSON(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false", "decimal.format", "numeric")
	null, one := connect.Null(), connect.Int32(1)
	day := connect.NewSchema(connect.TypeString).Name(connect.DateName).MustBuild()
	for _, c := range []struct {
		key  *connect.Schema
		k    connect.Value
		want string
	}{
		{connect.OptionalStringSchema, null, `{"null":1}`},
		{day, connect.TimeMillis(86_400_000), `{"1":1}`},
		{connect.StringSchema, connect.String("a\"b"), `{"a\"b":1}`},
		{connect.OptionalInt8Schema, null, `[[null,1]]`},
		{nil, connect.String("x"), `{"x":1}`},
		{nil, connect.Int8(5), `[[5,1]]`},
	} {
		var s *connect.Schema
		if c.key != nil {
			s = connect.NewMapSchema(c.key, connect.Int32Schema).MustBuild()
		}
		got, err := conv.AppendData([]byte{}, "", s, connect.NewMap([]connect.Value{c.k, one}).Value())
		if err != nil || string(got) != c.want {
			t.Errorf("wrote %s (%v), want %s", got, err, c.want)
		}
	}
}

func TestTextIsEscapedAsJacksonDoes(t *testing.T) {
	conv := newConverter(t, "schemas.enable", "false")
	for text, want := range map[string]string{
		"plain text of more than eight bytes": `"plain text of more than eight bytes"`,
		"\"\\\b\t\n\f\r\x00\x1f":              `"\"\\\b\t\n\f\r\u0000\u001F"`,
		"é\u2028</script>\x7f":                "\"é\u2028</script>\x7f\"",
		"😀":                                   `"\uD83D\uDE00"`,
		"a\xed\xa0\xbdb":                      `"a\uD83Db"`,
		"1234567\xff":                         "\"1234567\uFFFD\"",
	} {
		got, err := conv.AppendData([]byte{}, "", nil, connect.String(text))
		if err != nil || string(got) != want {
			t.Errorf("%q is written as %s (%v), want %s", text, got, err, want)
		}
	}
}

func TestASchemaContentThatIsNoJSONIsRefused(t *testing.T) {
	_, err := jsonconv.Class().New(map[string]string{jsonconv.TypeConfig: "value", jsonconv.SchemaContentConfig: `{"type"`})
	var e *connect.Error
	if !errors.As(err, &e) || e.Class != connect.DataException || e.Hint == "" {
		t.Errorf("error %v", err)
	}
}
