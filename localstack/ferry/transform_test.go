package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// updateGolden is a flag of the test binary.
var updateGolden = flag.Bool("update", false, "write the files below testdata/golden anew; look at the difference")

// isGolden compares output with a file, as a person would see it or a program read it.
func isGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *updateGolden {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := content(t, path); got != want {
		t.Errorf("the output is\n%s\nwant, as in %s,\n%s", got, path, want)
	}
}

// show runs a command line on a terminal, with colours or without.
func show(t *testing.T, color bool, args ...string) (code int, output, errors string) {
	t.Helper()
	var out, err bytes.Buffer
	s := streams{in: strings.NewReader(""), out: &out, err: &err, color: color, size: func() (int, int) { return 100, 30 }}
	code = execute(t.Context(), args, s)
	return code, out.String(), err.String()
}

// pipe runs a command line with something to read.
func pipe(t *testing.T, in string, args ...string) (code int, output, errors string) {
	t.Helper()
	var out, err bytes.Buffer
	code = execute(t.Context(), args, streams{in: strings.NewReader(in), out: &out, err: &err})
	return code, out.String(), err.String()
}

const (
	exampleSink = "example/orders-sink.json"
	oneOrder    = `{"topic":"orders","key":"o-1","value":{"id":1,"card":"1"}}`
)

func TestPeopleAndProgramsSeeWhatBecomesOfEachRecord(t *testing.T) {
	args := []string{"transform", "--config", exampleSink, "--in", "example/orders.jsonl"}
	code, output, errors := show(t, false, args...)
	if code != exitFailed || errors != "ferry: 2 of 4 records failed or are invalid\n" {
		t.Errorf("exit code %d, errors %q", code, errors)
	}
	isGolden(t, "transform.txt", output)
	_, output, _ = show(t, true, args...)
	isGolden(t, "transform.ansi", output)
	code, output, _ = run(t, args...)
	if code != exitFailed {
		t.Errorf("exit code %d in a pipe", code)
	}
	isGolden(t, "transform.jsonl", output)
	for line := range strings.Lines(output) {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}

func TestRecordsComeFromStandardInputLineByLine(t *testing.T) {
	in := "\n" + oneOrder + "\r\n   \n{\"topc\":1}\n" + strings.Repeat("x", maxLine+1) + "\n" + oneOrder
	code, output, errors := pipe(t, in, "transform", "--config", exampleSink)
	var got []string
	for line := range strings.Lines(output) {
		var res struct {
			Line    int
			Outcome string
			Error   struct{ Field, Message string }
		}
		if err := json.Unmarshal([]byte(line), &res); err != nil {
			t.Fatal(err)
		}
		text, _ := json.Marshal([]any{res.Line, res.Outcome, res.Error.Field, len(res.Error.Message) > 0})
		got = append(got, string(text))
	}
	want := `[2,"passed","",false] [4,"invalid","topc",true] [5,"invalid","",true] [6,"passed","",false]`
	if strings.Join(got, " ") != want || code != exitFailed || !strings.Contains(errors, "2 of 4 records") {
		t.Errorf("exit code %d, errors %q, records %v, want %s", code, errors, got, want)
	}
}

func TestNothingFailedIsExitCodeZero(t *testing.T) {
	if code, _, errors := pipe(t, oneOrder+"\n"+`{"topic":"heartbeat-1"}`, "transform", "--config", exampleSink, "--in", "-"); code != exitOK || errors != "" {
		t.Errorf("exit code %d, %s", code, errors)
	}
}

func TestAnInterruptEndsAReadThatHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	defer w.Close()
	var out screenText
	code := make(chan int, 1)
	go func() {
		code <- execute(ctx, []string{"transform", "--config", exampleSink}, streams{in: r, out: &out, err: io.Discard})
	}()
	if _, err := io.WriteString(w, oneOrder+"\n"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the record is shown", func() bool { return out.String() != "" })
	cancel()
	if got := <-code; got != exitFailed {
		t.Errorf("exit code %d", got)
	}
}

func TestMistakesInWhatATransformIsGivenHaveTheirExitCodes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	flat := `{"name":"c","connector.class":"FileStreamSink","topics":"t"`
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"no connector", []string{"transform"}, exitUsage, "--config is not given"},
		{"an argument", []string{"transform", "x"}, exitUsage, "unknown command"},
		{"another output", []string{"transform", "--config", exampleSink, "-o", "xml"}, exitUsage, "must be text or json"},
		{"a connector file that is not there", []string{"transform", "--config", "none.json"}, exitConnector, "none.json"},
		{"one that is half JSON", []string{"transform", "--config", write("half.json", "{")}, exitConnector, "half.json"},
		{"an unknown class", []string{"transform", "--config", write("class.json", `{"name":"c","connector.class":"Nothing"}`)}, exitConnector, "connector.class"},
		{"an unknown transform", []string{"transform", "--config", write("a.json", flat+`,"transforms":"a","transforms.a.type":"Nothing"}`)}, exitConnector, "transforms.a.type"},
		{"a transform without a key", []string{"transform", "--config", write("b.json", flat+`,"transforms":"a","transforms.a.type":"RegexRouter"}`)}, exitConnector, "regex"},
		{"an unknown converter", []string{"transform", "--config", write("c.json", flat+`,"value.converter":"Nothing"}`)}, exitConnector, "value.converter"},
		{"an unknown predicate", []string{"transform", "--config", write("d.json", flat+`,"transforms":"a","transforms.a.type":"org.apache.kafka.connect.transforms.Filter","transforms.a.predicate":"p"}`)}, exitConnector, "'predicates'"},
		{"a placeholder of no file", []string{"transform", "--config", write("e.json", flat+`,"transforms":"a","transforms.a.type":"InsertHeader","transforms.a.header":"h","transforms.a.value.literal":"${file:/nowhere:k}"}`)}, exitConnector, "/nowhere"},
		{"a worker file that is not there", []string{"transform", "--config", exampleSink, "--worker", "none.properties"}, exitFailed, "none.properties"},
		{"records that are not there", []string{"transform", "--config", exampleSink, "--in", "none.jsonl"}, exitFailed, "none.jsonl"},
		{"no cases", []string{"test"}, exitUsage, "at least 1 arg"},
		{"cases that are not there", []string{"test", "none.test.yaml"}, exitFailed, "none.test.yaml"},
		{"a folder without cases", []string{"test", t.TempDir()}, exitUsage, "no file that ends in .test.yaml"},
		{"cases of no connector", []string{"test", write("a.test.yaml", "config: none.json\ncases: [{name: a, record: {topic: t}, dropped: true}]")}, exitConnector, "none.json"},
		{"cases of a wrong connector", []string{"test", write("b.test.yaml", "config: b.json\ncases: [{name: a, record: {topic: t}, dropped: true}]")}, exitConnector, "regex"},
		{"cases with another key", []string{"test", write("c.test.yaml", "config: b.json\ncases:\n- name: a\n  order: {topic: t}\n")}, exitFailed, `c.test.yaml:4: a case has no key "order"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, output, errors := run(t, c.args...)
			if code != c.code || output != "" || !strings.Contains(errors, c.want) {
				t.Errorf("exit code %d, output %q, errors %q; want %d and %q", code, output, errors, c.code, c.want)
			}
		})
	}
}

func TestConvertersAndProvidersAreThoseOfTheWorker(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"connector.properties": "name=c\nconnector.class=FileStreamSource\ntopic=t\ntransforms=a\ntransforms.a.type=InsertHeader\ntransforms.a.header=h\ntransforms.a.value.literal=${secrets:" + filepath.Join(dir, "secret.properties") + ":password}\n",
		"secret.properties":    "password=correct horse battery\n",
		"worker.properties": "bootstrap.servers=localhost:9092\noffset.storage.file.filename=/tmp/offsets\nkey.converter=org.apache.kafka.connect.storage.StringConverter\n" +
			"value.converter=org.apache.kafka.connect.converters.LongConverter\nconfig.providers=secrets\nconfig.providers.secrets.class=FileConfigProvider\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, output, errors := pipe(t, `{"topic":"t","value":5}`, "transform", "--config", filepath.Join(dir, "connector.properties"), "--worker", filepath.Join(dir, "worker.properties"))
	if code != exitOK || strings.Contains(output, "horse") || !strings.Contains(output, `"kafka":{"topic":"t","key":null,"value":5,"headers":[{"key":"h","value":"${secrets:`) {
		t.Errorf("exit code %d, %s%s", code, output, errors)
	}
}

// The endpoint answers what the command prints.
func TestTheAPIPreviewsAsTheCommandDoes(t *testing.T) {
	c := start(t, devArgs(folder(t))...)
	var connector struct{ Config map[string]string }
	if err := json.Unmarshal([]byte(content(t, exampleSink)), &connector); err != nil {
		t.Fatal(err)
	}
	var records []json.RawMessage
	for line := range strings.Lines(content(t, "example/orders.jsonl")) {
		records = append(records, json.RawMessage(line))
	}
	var answer struct{ Results []json.RawMessage }
	body := c.call(http.MethodPost, "/ferry/transform/preview", map[string]any{"config": connector.Config, "records": records}, http.StatusOK)
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, r := range answer.Results {
		text.Write(append(r, '\n'))
	}
	isGolden(t, "transform.jsonl", text.String())
}
