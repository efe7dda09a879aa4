package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheExamplePasses(t *testing.T) {
	code, output, errors := show(t, false, "test", "example")
	if code != exitOK || errors != "" {
		t.Errorf("exit code %d: %s", code, errors)
	}
	isGolden(t, "test.txt", output)
}

// What the README tells to run runs, and is where the example is.
func TestTheCommandsOfTheREADMEWork(t *testing.T) {
	readme := content(t, "../../README.md")
	t.Chdir("../..")
	found := 0
	for line := range strings.Lines(readme) {
		args, ok := strings.CutPrefix(strings.TrimSpace(line), "go run ./localstack/ferry ")
		if !ok || !strings.HasPrefix(args, "transform ") && !strings.HasPrefix(args, "test ") {
			continue
		}
		found++
		code, output, errors := show(t, false, strings.Fields(args)...)
		if output == "" || code != exitOK && !strings.Contains(errors, "records failed") {
			t.Errorf("%s: exit code %d, %s", args, code, errors)
		}
	}
	if found != 2 {
		t.Errorf("the README has %d such commands, want 2", found)
	}
}

// failing makes cases of the example that fail in every way.
func failing(t *testing.T) string {
	t.Helper()
	sink, err := filepath.Abs(exampleSink)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	text := "config: " + sink + `
cases:
  - name: another topic, another value, and a field that is not there
    record: {topic: orders, value: {id: 1, card: "1"}}
    expect: {topic: orders-us, value: {id: 2, total: 5}}
  - name: more than is expected
    exact: true
    record: {topic: orders, key: o-1, value: {id: 1, card: "1"}}
    expect: {topic: orders-eu, value: {id: 1}}
  - name: one record more and one less
    records: [{topic: orders, value: {id: 1}}, {topic: heartbeat-1}]
    expect: [{value: {id: 1}}, {topic: heartbeat-1}]
  - name: nothing was to come out
    record: {topic: orders, value: {id: 1}}
    dropped: true
  - name: a failure that nobody expects
    record: {topic: orders, value: text}
    expect: {value: text}
  - name: another failure
    record: {topic: orders, value: text}
    error: {stage: VALUE_CONVERTER, message: no such text}
  - name: no record
    record: {topc: orders}
    dropped: true
`
	if err := os.WriteFile("failing.test.yaml", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return "failing.test.yaml"
}

func TestWhatDiffersIsShown(t *testing.T) {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	path := failing(t)
	code, output, errors := show(t, false, "test", path)
	if code != exitFailed || errors != "ferry: 7 of 7 cases failed\n" {
		t.Errorf("exit code %d, errors %q", code, errors)
	}
	_, lines, _ := run(t, "test", path)
	t.Chdir(folder)
	isGolden(t, "failing.txt", output)
	var problems strings.Builder
	for line := range strings.Lines(lines) {
		var c struct {
			File, Case, Outcome string
			Line                int
			Problems            []json.RawMessage
			Results             []json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &c); err != nil || c.File != path || c.Outcome != "failed" || c.Line == 0 || len(c.Results) == 0 {
			t.Errorf("a line is %s: %v", line, err)
		}
		for _, p := range c.Problems {
			problems.WriteString(c.Case + ": " + string(p) + "\n")
		}
	}
	isGolden(t, "failing-problems.txt", problems.String())
}

func TestAFileThatIsWrongDoesNotKeepOthersFromBeingRun(t *testing.T) {
	dir := t.TempDir()
	config := `{"connector.class":"FileStreamSource","topic":"t"}`
	for name, text := range map[string]string{
		"a.test.json": `{"config": ` + config + `, "cases": [{"name": "a", "record": {"topic": "t", "value": 1}, "expect": {"topic": "t", "value": {"payload": 1}}}]}`,
		"b.test.yml":  "config: 5.json\n",
		"no-test.yml": "nonsense",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, output, errors := run(t, "test", dir)
	if code != exitFailed || !strings.Contains(output, `"outcome":"passed"`) || !strings.Contains(errors, `b.test.yml:1: "cases" must be a list`) || strings.Contains(errors, "no-test") {
		t.Errorf("exit code %d, output %s, errors %s", code, output, errors)
	}
}
