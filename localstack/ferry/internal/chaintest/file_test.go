package chaintest_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/chaintest"
)

func TestAFileOfCasesIsReadAsItIs(t *testing.T) {
	for name, text := range map[string]string{
		"YAML": `
config: sink.json
worker: worker.properties
cases:
  - name: one
    record: &order {topic: t, value: {big: 12345678901234567890, real: 1.50, hex: 0x1F, no: false, none: ~, day: 2026-01-01, text: "5", long: |
      two
      lines
      }}
    expect: {topic: u}
    exact: true
  - name: several
    records: [*order, {topic: t}]
    expect: [{topic: u}]
    error: {stage: TRANSFORMATION, transform: a, class: A, exception: E, message: m}
`,
		"JSON": "{\n\t\"config\": \"sink.json\", \"worker\": \"worker.properties\",\n\t\"cases\": [{\"name\": \"one\", " +
			`"record": {"topic": "t", "value": {"big": 12345678901234567890, "real": 1.50, "hex": 31, "no": false, "none": null, "day": "2026-01-01", "text": "5", "long": "two\nlines\n}}"}},` +
			`"expect": {"topic": "u"}, "exact": true}, {"name": "several", "records": [{"topic": "t"}, {"topic": "t"}], "expect": [{"topic": "u"}], ` +
			`"error": {"stage": "TRANSFORMATION", "transform": "a", "class": "A", "exception": "E", "message": "m"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if name == "YAML" {
				text = strings.Replace(text, "long: |\n      two\n      lines\n      }}", `long: "two\nlines\n}}"}}`, 1)
			}
			f, err := chaintest.Parse("f", []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if f.Config != "sink.json" || f.Worker != "worker.properties" || len(f.Cases) != 2 {
				t.Fatalf("it is %+v", f)
			}
			const want = `{"topic":"t","value":{"big":12345678901234567890,"real":1.50,"hex":31,"no":false,"none":null,"day":"2026-01-01","text":"5","long":"two\nlines\n}}"}}`
			if got := string(f.Cases[0].Records[0]); got != want || !f.Cases[0].Exact || string(f.Cases[0].Expect[0]) != `{"topic":"u"}` {
				t.Errorf("the first case is %+v with the record %s", f.Cases[0], got)
			}
			if c := f.Cases[1]; len(c.Records) != 2 || *c.Error != (chaintest.Failure{Stage: "TRANSFORMATION", Transform: "a", Class: "A", Exception: "E", Message: "m"}) {
				t.Errorf("the second case is %+v", c)
			}
		})
	}
}

func TestWhatIsWrongWithAFileIsToldWithItsLine(t *testing.T) {
	const (
		head  = "config: a.json\ncases:\n"
		whole = "- {name: a, record: {topic: t}, dropped: true}\n"
	)
	for _, c := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "", 0, "empty"},
		{"a comment alone", "# no cases\n", 0, "empty"},
		{"no YAML", "config: [", 0, "line 1"},
		{"two documents", head + whole + "---\na: b\n", 0, "more than one YAML document"},
		{"a list", "- a\n", 1, "must be an object, of config, worker, cases"},
		{"another key", head + whole + "case: 1\n", 4, `a file of cases has no key "case"`},
		{"a key that is there twice", "config: a.json\nconfig: b.json\n", 2, `"config" is there twice`},
		{"no configuration", "cases:\n" + whole, 1, `"config" is missing`},
		{"an empty configuration", "config: ''\ncases:\n" + whole, 1, `"config" must be text`},
		{"no cases", "config: a.json\n", 1, `"cases" must be a list`},
		{"an empty list of cases", "config: a.json\ncases: []\n", 1, "at least one case"},
		{"a case that is text", head + "- a\n", 3, "a case must be an object"},
		{"no name", head + "- record: {topic: t}\n  dropped: true\n", 3, "must have a name"},
		{"two of a name", head + whole + whole, 4, `two cases of the name "a"`},
		{"another key of a case", head + "- name: a\n  expects: {}\n", 4, `a case has no key "expects"; it has name, record`},
		{"no record", head + "- name: a\n  dropped: true\n", 3, `either "record" or "records"`},
		{"both", head + "- name: a\n  record: {}\n  records: [{}]\n  dropped: true\n", 3, `either "record" or "records"`},
		{"records that are none", head + "- name: a\n  records: {}\n  dropped: true\n", 4, `"records" must be a list`},
		{"nothing is expected", head + "- name: a\n  record: {topic: t}\n", 3, "does not say what is expected"},
		{"an empty list is expected", head + "- name: a\n  record: {topic: t}\n  expect: []\n", 5, "dropped: true"},
		{"dropped and expected", head + "- name: a\n  record: {topic: t}\n  dropped: true\n  expect: {topic: t}\n", 3, "goes with neither"},
		{"dropped is text", head + "- name: a\n  record: {topic: t}\n  dropped: 'true'\n", 5, "must be true or false"},
		{"another key of an expected record", head + "- name: a\n  record: {topic: t}\n  expect:\n    topics: t\n", 6, `an expected record has no key "topics"`},
		{"another key of an error", head + "- name: a\n  record: {topic: t}\n  error: {text: t}\n", 5, `"error" has no key "text"`},
		{"an empty error", head + "- name: a\n  record: {topic: t}\n  error: {}\n", 5, "at least one of stage"},
		{"a member twice", head + "- name: a\n  dropped: true\n  record:\n    topic: t\n    value: {a: 1, a: 2}\n", 7, `"a" is there twice`},
		{"a member that is no text", head + "- name: a\n  dropped: true\n  record: {topic: t, value: {5: x}}\n", 5, "write it in quotes"},
		{"infinity", head + "- name: a\n  dropped: true\n  record: {topic: t, value: .inf}\n", 5, "nothing that JSON has"},
		{"binary", head + "- name: a\n  dropped: true\n  record: {topic: t, value: !!binary aGk=}\n", 5, "nothing that JSON has"},
		{"a merge", "x: 1\n" + head, 1, `no key "x"`},
		{"a merged record", head + "- name: a\n  dropped: true\n  record: &r {topic: t}\n- name: b\n  dropped: true\n  record: {<<: *r}\n", 8, "merge keys"},
		{"aliases of aliases", head + "- name: a\n  dropped: true\n  record:\n    topic: t\n    value:\n" + bomb(), 0, "more than"},
		{"an alias of what it is in", head + "- name: a\n  dropped: true\n  record: {topic: t, value: &v [*v]}\n", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := chaintest.Parse("f.test.yaml", []byte(c.text))
			e, ok := errors.AsType[*chaintest.FileError](err)
			if !ok || c.line != 0 && e.Line != c.line || !strings.Contains(e.Message, c.want) || !strings.HasPrefix(e.Error(), "f.test.yaml:") {
				t.Errorf("the error is %v, want line %d and %q", err, c.line, c.want)
			}
		})
	}
}

// bomb is a small list of lists that stands for 10^8 elements.
func bomb() string {
	var b strings.Builder
	b.WriteString("      - &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := range 8 {
		previous := "*a" + string(rune('0'+i))
		b.WriteString("      - &a" + string(rune('1'+i)) + " [" + strings.TrimSuffix(strings.Repeat(previous+", ", 10), ", ") + "]\n")
	}
	return b.String()
}

// FuzzParse reads any file: it is refused, or its records are JSON.
func FuzzParse(f *testing.F) {
	f.Add([]byte("config: {a: b}\ncases:\n- name: a\n  record: {topic: t, value: [1, 2.5, ~, yes, 0o7, \"\\u00e4\"]}\n  expect: {topic: t}\n"))
	f.Add([]byte(`{"config": "a.json", "cases": [{"name": "a", "records": [{"topic": "t"}], "error": {"stage": "x"}}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := chaintest.Parse("f", text)
		if err != nil {
			if _, ok := errors.AsType[*chaintest.FileError](err); !ok {
				t.Fatalf("the error is %T", err)
			}
			return
		}
		for _, c := range file.Cases {
			for _, r := range append(c.Records, c.Expect...) {
				if !json.Valid(r) {
					t.Fatalf("a record has become %q", r)
				}
			}
		}
	})
}
