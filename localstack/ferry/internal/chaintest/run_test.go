package chaintest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/chaintest"
)

// open makes a preview of a sink or source whose chain drops tombstones, fails with texts, and passes everything else.
func open(t *testing.T, class string) *preview.Preview {
	t.Helper()
	const apache = "org.apache.kafka.connect."
	plugins, err := connect.NewRegistry(builtin.With(
		&connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return nil }}, &connect.Class{Name: "test.Source", Source: func() connect.Source { return nil }}))
	if err != nil {
		t.Fatal(err)
	}
	c, err := plugins.Connector(class)
	if err != nil {
		t.Fatal(err)
	}
	p, err := preview.New(preview.Options{Connector: "c", Class: c, Plugins: plugins, Config: map[string]string{
		"key.converter": apache + "storage.StringConverter", "value.converter": apache + "json.JsonConverter", "value.converter.schemas.enable": "false",
		"transforms": "drop,fail", "predicates": "dead", "predicates.dead.type": apache + "transforms.predicates.RecordIsTombstone",
		"transforms.drop.type": apache + "transforms.Filter", "transforms.drop.predicate": "dead",
		"transforms.fail.type": apache + "transforms.MaskField$Value", "transforms.fail.fields": "secret", "transforms.fail.replacement": "***",
	}, Hide: func(s string) string { return strings.ReplaceAll(s, "***", "${env:MASK}") }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const record = `{"topic":"t","partition":2,"key":"k","timestamp":5,"value":{"a":1,"b":{"c":[1,2.50,"x",{"d":null}],"e":true},"secret":"s"},"headers":[{"key":"h","value":"text"}]}`

func TestOnlyWhatIsExpectedIsCompared(t *testing.T) {
	for _, c := range []struct {
		class, expect string
		exact         bool
		want          string // paths that differ
	}{
		{"Sink", `{}`, false, ``},
		{"Sink", `{"topic":"t","partition":2,"offset":0,"timestamp":5,"timestampType":"CreateTime"}`, false, ``},
		{"Sink", `{"topic":"u","partition":3,"timestamp":6}`, false, `topic partition timestamp`},
		{"Sink", `{"key":"k"}`, false, ``},
		{"Sink", `{"key":"l"}`, false, `key`},
		{"Sink", `{"key":{"schema":{"type":"string"},"payload":"k"}}`, false, ``},
		{"Sink", `{"key":{"schema":{"type":"string","optional":false},"payload":"k"}}`, false, `key.schema.optional`},
		{"Sink", `{"key":{"payload":"k"}}`, false, ``},
		{"Sink", `{"value":{"a":1.0,"b":{"c":[1,2.5,"x",{}]}}}`, false, ``},
		{"Sink", `{"value":{"a":"1"}}`, false, `value.a`},
		{"Sink", `{"value":{"b":{"c":[1,2.5,"x"]}}}`, false, `value.b.c[3]`},
		{"Sink", `{"value":{"b":{"c":[1,2.5,"x",{},5]}}}`, false, `value.b.c[4]`},
		{"Sink", `{"value":{"b":{"c":{}}}}`, false, `value.b.c`},
		{"Sink", `{"value":{"a.b":1,"z":null}}`, false, `value["a.b"] value.z`},
		{"Sink", `{"value":{"secret":"${env:MASK}"}}`, false, ``},
		{"Sink", `{"value":{"secret":"***"}}`, false, ``},
		{"Sink", `{"value":{"secret":"s"}}`, false, `value.secret`},
		{"Sink", `{"value":null}`, false, `value`},
		{"Sink", `{"headers":[{"key":"h","value":"text"}]}`, false, ``},
		{"Sink", `{"headers":[{"key":"g","value":"other"}]}`, false, `headers[0].key headers[0].value`},
		{"Sink", `{"headers":[]}`, false, `headers`},
		{"Sink", `{"valueText":"{}"}`, false, `valueText`},
		{"Sink", `{"topic":"t","key":"k","timestamp":5,"value":{"a":1,"b":{"c":[1,2.5,"x",{"d":null}],"e":true},"secret":"***"},"headers":[{"key":"h","value":"text"}]}`, true, ``},
		{"Sink", `{"value":{"a":1,"b":{"c":[1,2.5,"x",{}]},"secret":"***"}}`, true, `value.b.c[3].d value.b.e topic timestamp key headers`},
		{"Source", `{"topic":"t","partition":2,"timestamp":5,"key":"k","value":{"a":1,"secret":"***"},"headers":[{"key":"h","value":"text"}]}`, false, ``},
		{"Source", `{"offset":0}`, false, `offset`},
	} {
		t.Run(fmt.Sprint(c.expect, " ", c.exact), func(t *testing.T) {
			tc := chaintest.Case{Records: []json.RawMessage{json.RawMessage(record)}, Expect: []json.RawMessage{json.RawMessage(c.expect)}, Exact: c.exact}
			var paths []string
			for _, p := range tc.Run(open(t, "test."+c.class)).Problems {
				paths = append(paths, p.Path)
			}
			if got := strings.Join(paths, " "); got != c.want {
				t.Errorf("these differ: %s; want %s", got, c.want)
			}
		})
	}
}

func TestWhatBecomesOfRecordsIsWhatTheCaseSays(t *testing.T) {
	const passes, drops, fails, isNone = `{"topic":"t","value":{}}`, `{"topic":"t"}`, `{"topic":"t","value":"x"}`, `{}`
	failure := &chaintest.Failure{Exception: "DataException", Message: "Only Map objects"}
	any := []json.RawMessage{json.RawMessage(`{}`)}
	for _, c := range []struct {
		name    string
		records []string
		tc      chaintest.Case
		want    int // problems
	}{
		{"passed", []string{passes}, chaintest.Case{Expect: any}, 0},
		{"one of three", []string{drops, passes, drops}, chaintest.Case{Expect: any}, 0},
		{"none of one", []string{drops}, chaintest.Case{Expect: any}, 1},
		{"two of one", []string{passes, passes}, chaintest.Case{Expect: any}, 1},
		{"dropped", []string{drops, drops}, chaintest.Case{Dropped: true}, 0},
		{"not all are dropped", []string{drops, passes}, chaintest.Case{Dropped: true}, 2},
		{"failed in place of dropped", []string{fails}, chaintest.Case{Dropped: true}, 1},
		{"failed", []string{fails}, chaintest.Case{Error: failure}, 0},
		{"failed with a full name", []string{fails}, chaintest.Case{Error: &chaintest.Failure{Exception: connect.DataException, Class: "org.apache.kafka.connect.transforms.MaskField$Value", Transform: "fail", Stage: "TRANSFORMATION"}}, 0},
		{"failed elsewhere", []string{fails}, chaintest.Case{Error: &chaintest.Failure{Exception: "Exception", Transform: "drop", Class: "Value", Message: "x"}}, 4},
		{"dropped in place of failed", []string{drops}, chaintest.Case{Error: failure}, 1},
		{"one failed and one came out", []string{fails, passes}, chaintest.Case{Error: failure, Expect: any}, 0},
		{"one failed and one was not to come out", []string{fails, passes}, chaintest.Case{Error: failure}, 1},
		{"failed unexpectedly", []string{fails, passes}, chaintest.Case{Expect: any}, 1},
		{"no record", []string{isNone}, chaintest.Case{Error: failure}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range c.records {
				c.tc.Records = append(c.tc.Records, json.RawMessage(r))
			}
			r := c.tc.Run(open(t, "test.Sink"))
			if len(r.Problems) != c.want || len(r.Results) != len(c.records) {
				t.Errorf("the problems are %+v, want %d", r.Problems, c.want)
			}
		})
	}
}
