package store

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPropertiesKeepTheOrderOfTheRequest(t *testing.T) {
	var p Properties
	must(t, json.Unmarshal([]byte(`{"z":"1","a":null,"n":5,"b":true,"z":"2","é\u0000":"\ud83d\ude00\n"}`), &p))
	text, err := json.Marshal(p)
	must(t, err)
	var names []string
	for _, q := range p {
		names = append(names, q.Name)
	}
	if strings.Join(names, " ") != "z a n b é\x00" {
		t.Errorf("names %q", names)
	}
	if m := p.Map(); m["z"] != "2" || m["n"] != "5" || m["b"] != "true" || len(m) != 4 {
		t.Errorf("map %v", m)
	}
	if _, ok := p.Get("a"); ok {
		t.Error("a null has a value")
	}
	if got := string(p.appendJSON(nil)); got != `{"z":"2","a":null,"n":"5","b":"true","é\u0000":"\uD83D\uDE00\n"}` {
		t.Errorf("written %s (through encoding/json %s)", got, text)
	}
}

func TestPropertiesThatAreNoTextAreAnError(t *testing.T) {
	for text, want := range map[string]string{`5`: "must be a JSON object", `{"a":{}}`: `"a"`, `{"a":["x"]}`: `"a"`, `null`: "must be a JSON object"} {
		var p Properties
		if err := p.UnmarshalJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestWithAndPatchLeaveTheOriginalAlone(t *testing.T) {
	p := props("a", "1", "b", "2")
	before := string(p.appendJSON(nil))
	_ = p.With("a", "9")
	_ = p.Patch(Properties{{Name: "b"}, {Name: "c"}}.With("a", "8"))
	if after := string(p.appendJSON(nil)); after != before {
		t.Errorf("%s became %s", before, after)
	}
}

func FuzzProperties(f *testing.F) {
	f.Add(`{"a":"1","b":null,"c":1.50,"a":"\u2028"}`)
	f.Fuzz(func(t *testing.T, text string) {
		var p Properties
		if p.UnmarshalJSON([]byte(text)) != nil {
			return
		}
		written := p.appendJSON(nil)
		var again Properties
		if err := again.UnmarshalJSON(written); err != nil {
			t.Fatalf("%s does not read back: %v", written, err)
		}
		if twice := again.appendJSON(nil); string(twice) != string(written) {
			t.Fatalf("%s became %s", written, twice)
		}
		if len(p.readOrder()) != len(p) || len(p.Patch(p)) > len(p) {
			t.Fatal("properties were lost")
		}
	})
}

// What the quick reader takes, encoding/json reads the same.
func FuzzPlainProperties(f *testing.F) {
	for _, text := range []string{
		`{"properties":{"a":"1","b":""}}`, `{"properties":{"a":"1","a":"2"}}`, `{"properties":{"a":"\u0041"}}`, `{"properties":{"a":null}}`,
		`{"properties":{"a":"1"},"b":"2"}}`, `{"properties":{"a":"1" ,"b":"2"}}`, `{"properties":{"a":"1","b"}}`, "{\"properties\":{\"a\":\"\xff\"}}",
		`{"properties":{"a":":","b":","}}`, "{\"properties\":{\"a\":\"\t\"}}", `{"properties":{"":""}}`, `{"properties":{"a"}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quick, ok := plainProperties([]byte(text))
		if !ok {
			return
		}
		var slow struct{ Properties Properties }
		if err := json.Unmarshal([]byte(text), &slow); err != nil {
			t.Fatalf("%s is read as %s, and is %v", text, quick.appendJSON(nil), err)
		}
		if a, b := string(quick.appendJSON(nil)), string(slow.Properties.appendJSON(nil)); a != b {
			t.Fatalf("%s is read as %s, and is %s", text, a, b)
		}
	})
}

func TestUsualConfigurationsAreReadQuickly(t *testing.T) {
	want := props("connector.class", "FileStreamSource", "file", "/tmp/é ä.txt", "secret", "${file:/x:y}", "empty", "")
	got, ok := plainProperties(propertiesValue(want))
	if !ok || string(got.appendJSON(nil)) != string(want.appendJSON(nil)) {
		t.Errorf("read %s, %v", got.appendJSON(nil), ok)
	}
}
