package invoke_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
)

func TestARequestOfAnyFormatIsUnderstoodOrRefusedInWords(t *testing.T) {
	const run = `"op":"run","connector":"c","config":{"connector.class":"X"}`
	for _, c := range []struct {
		name, payload string
		want          []string // parts of the error; none for understood
	}{
		{"one of before there were formats", `{` + run + `,"task":1,"tasks":2,"taskConfig":{"a":"b"},"generation":7}`, nil},
		{"the current one", `{"format":1,` + run + `,"tasks":1,"taskConfig":{"a":"b"},"hop":3,"token":"t"}`, nil},
		{"one with a field of the future", `{"format":1,` + run + `,"tasks":1,"taskConfig":{},"colour":{"of":"moon"}}`, nil},
		{"one of the future", `{"format":2,"op":"run"}`, []string{"format 2", "formats up to 1", "deploy the connector's function again"}},
		{"no connector", `{"op":"run"}`, []string{"run", "incomplete", "connector is not set"}},
		{"no configuration", `{"op":"run","connector":"c"}`, []string{"config is not set"}},
		{"no number of tasks", `{` + run + `,"taskConfig":{"a":"b"}}`, []string{"tasks is 0", "at least 1"}},
		{"no task configuration", `{` + run + `,"tasks":1}`, []string{"taskConfig is not set"}},
		{"a task beyond the last", `{` + run + `,"tasks":2,"task":2,"taskConfig":{}}`, []string{"task is 2", "below tasks"}},
		{"a task before the first", `{` + run + `,"tasks":2,"task":-1,"taskConfig":{}}`, []string{"task is -1"}},
		{"a hop before the first", `{` + run + `,"tasks":1,"taskConfig":{},"hop":-1}`, []string{"hop is -1"}},
		{"a check of a configuration that has no name yet", `{"op":"check","config":{}}`, nil},
		{"an operation that nobody knows is for the function", `{"op":"dance"}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var req invoke.Request
			if err := json.Unmarshal([]byte(c.payload), &req); err != nil {
				t.Fatal(err)
			}
			err := req.Check()
			if (err == nil) != (c.want == nil) {
				t.Fatalf("it was answered %v", err)
			}
			if err == nil {
				return
			}
			failure := invoke.FailureOf(err)
			for _, part := range c.want {
				if !strings.Contains(failure.Trace, part) {
					t.Errorf("the trace %q does not say %q", failure.Trace, part)
				}
			}
			if failure.Kind != connect.KindFatal {
				t.Errorf("it is an error of kind %v", failure.Kind)
			}
		})
	}
}

func TestWhatIsWrittenHasTheCurrentFormatAndIsNotChanged(t *testing.T) {
	req := &invoke.Request{Op: invoke.OpRun, Connector: "c", Hop: 2, Token: "t"}
	payload, err := invoke.Encode(req)
	if err != nil {
		t.Fatal(err)
	}
	var got invoke.Request
	if err := json.Unmarshal(payload, &got); err != nil || got.Format != invoke.Format || got.Hop != 2 || got.Token != "t" {
		t.Errorf("%s was read as %+v, %v", payload, got, err)
	}
	if req.Format != 0 {
		t.Error("the caller's request was changed")
	}
}
