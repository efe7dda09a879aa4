package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
)

// kafka starts a Kafka that is there before ferry, and returns its address.
func kafka(t *testing.T) string {
	t.Helper()
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster.ListenAddrs()[0]
}

// workerFile writes the properties file of a standalone worker.
func workerFile(t *testing.T, kafka string) string {
	return file(t, "worker.properties", fmt.Sprintf(`
# as Kafka's config/connect-standalone.properties
bootstrap.servers=%s
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=true
offset.storage.file.filename=%s
offset.flush.interval.ms=10000
plugin.path=/usr/share/java
listeners=http://127.0.0.1:0
`, kafka, filepath.Join(t.TempDir(), "connect.offsets")))
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestStandaloneRunsConnectorFilesOfEveryForm(t *testing.T) {
	// given connectors in the three forms that Kafka Connect reads
	files := t.TempDir()
	from, to, second := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt"), filepath.Join(files, "second.txt")
	appendTo(t, from, numbered(0, 100))
	properties := file(t, "source.properties", "name=read\nconnector.class=FileStreamSource\ntasks.max=1\nfile="+from+"\ntopic=lines\n"+
		"value.converter="+stringConverter+"\n")
	flat := file(t, "flat.json", fmt.Sprintf(`{"name": "write", "connector.class": "FileStreamSink", "tasks.max": 1, "topics": "lines", "file": %q, "value.converter": %q}`, to, stringConverter))
	request := file(t, "request.json", fmt.Sprintf(`{"name": "write-too", "comment": "unknown keys are ignored", "initial_state": "STOPPED",
		"config": {"connector.class": "FileStreamSink", "topics": "lines", "file": %q, "value.converter": %q}}`, second, stringConverter))
	worker := workerFile(t, kafka(t))
	args := []string{"standalone", worker, properties, flat, request}

	// when it runs, and runs again
	c := start(t, args...)
	eventually(t, "the lines are copied", func() bool { return content(t, to) == numbered(0, 100) })
	eventually(t, "the stopped one is STOPPED", c.are("write-too", "STOPPED"))
	c.end()
	appendTo(t, from, numbered(100, 1))
	c = start(t, args...)

	// then it goes on where it stopped
	eventually(t, "the new line is copied, and no other again", func() bool { return content(t, to) == numbered(0, 101) })
	if content(t, second) != "" {
		t.Error("the connector with initial state STOPPED ran")
	}
	c.end()
}

func TestStandaloneAnswersWithTheTasksOfANewConnector(t *testing.T) {
	from := filepath.Join(t.TempDir(), "from.txt")
	appendTo(t, from, numbered(0, 1))
	c := start(t, "standalone", workerFile(t, kafka(t)), file(t, "one.properties", "name=one\nconnector.class=FileStreamSource\nfile="+from+"\ntopic=t\n"))
	for _, request := range []struct {
		method, path string
		body         any
		status       int
	}{
		{http.MethodPost, "/connectors", map[string]any{"name": "two", "config": source(from, "t")}, http.StatusCreated},
		{http.MethodPut, "/connectors/two/config", source(from, "u"), http.StatusOK},
	} {
		if answer := string(c.call(request.method, request.path, request.body, request.status)); !strings.Contains(answer, `"tasks":[{"connector":"two","task":0}]`) {
			t.Errorf("%s is answered with %s", request.method, answer)
		}
	}
}

func TestStandaloneEndsWithThreeWhenAConnectorFileIsWrong(t *testing.T) {
	worker := workerFile(t, kafka(t))
	tests := []struct {
		name, text, want string
	}{
		{"without a name", `{"connector.class": "FileStreamSource", "topic": "t"}`, "missing the mandatory 'name'"},
		{"properties without a name", "connector.class=FileStreamSource\n", "missing the mandatory 'name'"},
		{"two names", `{"name": "a", "config": {"name": "b", "connector.class": "FileStreamSource"}}`, `"b"`},
		{"an unknown class", `{"name": "a", "connector.class": "NoSuchThing"}`, "NoSuchThing"},
		{"a missing key", `{"name": "a", "connector.class": "FileStreamSource", "file": "x"}`, "topic"},
		{"a nested value", `{"name": "a", "config": {"connector.class": {"x": 1}}}`, "connector.class"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := file(t, "c.json", tt.text)
			code, _, errors := run(t, "standalone", worker, path)
			if code != exitConnector || !strings.Contains(errors, path) || !strings.Contains(errors, tt.want) {
				t.Errorf("exit code %d and %q; want 3, the file and %q", code, errors, tt.want)
			}
		})
	}
	t.Run("a file that does not exist", func(t *testing.T) {
		code, _, errors := run(t, "standalone", worker, "/no/such/file.json")
		if code != exitConnector || !strings.Contains(errors, "/no/such/file.json") {
			t.Errorf("exit code %d and %q; want 3 and the file", code, errors)
		}
	})
	t.Run("the same name twice", func(t *testing.T) {
		path := file(t, "c.json", `{"name": "a", "connector.class": "FileStreamSource", "file": "/no/such/file", "topic": "t"}`)
		code, _, errors := run(t, "standalone", worker, path, path)
		if code != exitConnector || !strings.Contains(errors, "already exists") {
			t.Errorf("exit code %d and %q; want 3 and that it already exists", code, errors)
		}
	})
}

func TestStandaloneNamesWhatIsWrongWithTheWorker(t *testing.T) {
	code, _, errors := run(t, "standalone", file(t, "worker.properties", "key.converter=K\n"))
	if code != exitFailed {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, key := range []string{"bootstrap.servers", "value.converter", "offset.storage.file.filename"} {
		if !strings.Contains(errors, key) {
			t.Errorf("the error does not name %s: %s", key, errors)
		}
	}
	if code, _, errors := run(t, "standalone", "/no/such/worker.properties"); code != exitFailed || !strings.Contains(errors, "/no/such/worker.properties") {
		t.Errorf("exit code %d and %q, want 1 and the file", code, errors)
	}
}
