package lambda_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/localstack/lambda"
)

const (
	fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	fileSink   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
)

func appendLines(t testing.TB, path string, lines []string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Join(lines, "\n") + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// From a POST to the API function, through the coordinator function, to task functions that move a file through a topic
// into another file.
func TestTheFunctionsMoveAFileThroughATopicIntoAFile(t *testing.T) {
	d := newDeployment(t)
	folder := t.TempDir()
	in, out := filepath.Join(folder, "in.txt"), filepath.Join(folder, "out.txt")
	lines := numbered("first", 0, 1000)
	appendLines(t, in, lines)
	arrived := func() bool {
		d.pass()
		text, _ := os.ReadFile(out)
		return string(text) == strings.Join(lines, "\n")+"\n"
	}

	// given
	d.create("lines-in", map[string]string{"connector.class": fileSource, "file": in, "topic": "lines", "note": "${env:SECRET}"})
	d.create("lines-out", map[string]string{"connector.class": fileSink, "file": out, "topics": "lines", "note": "${env:SECRET}"})
	settled(t, d.lambda)
	// then, without anybody's doing
	if _, values := d.read("lines"); !slices.Equal(values, lines) {
		t.Fatalf("after the connector was created, the topic has %d lines", len(values))
	}
	// when the schedule comes
	eventually(t, 30*time.Second, "the first lines did not arrive", arrived)

	// when there are more lines
	more := numbered("second", 0, 500)
	appendLines(t, in, more)
	lines = append(lines, more...)
	eventually(t, 30*time.Second, "further lines did not arrive", arrived)
	if _, values := d.read("lines"); !slices.Equal(values, lines) {
		t.Errorf("the topic has %d lines of %d", len(values), len(lines))
	}

	t.Run("the API tells of it", func(t *testing.T) {
		for _, name := range []string{"lines-in", "lines-out"} {
			var status struct {
				Connector struct{ State string }
				Tasks     []struct{ State string }
			}
			code, body := d.rest("GET", "/connectors/"+name+"/status", nil)
			if err := json.Unmarshal([]byte(body), &status); err != nil || code != http.StatusOK {
				t.Fatalf("%d %s: %v", code, body, err)
			}
			if status.Connector.State != "RUNNING" || len(status.Tasks) != 1 || status.Tasks[0].State != "RUNNING" {
				t.Errorf("%s", body)
			}
		}
		if _, body := d.rest("GET", "/connectors/lines-in/offsets", nil); !strings.Contains(body, fmt.Sprintf(`"position":%d`, len(strings.Join(lines, "\n"))+1)) {
			t.Errorf("the offsets are %s", body)
		}
	})
	t.Run("an invocation writes its lease twice", func(t *testing.T) {
		epochs := d.item("lines-in").Epoch + d.item("lines-out").Epoch
		reads, writes := d.tasks.take(t)
		t.Logf("%d invocations made %d reads and %d writes of DynamoDB", epochs, reads, writes)
		if epochs < 4 || int64(writes) > 2*epochs {
			t.Errorf("%d invocations wrote %d times", epochs, writes)
		}
	})
	t.Run("an event that is delivered four times at once is served once", func(t *testing.T) {
		config := map[string]string{"connector.class": fileSource, "file": in, "topic": "lines"}
		more := numbered("third", 0, 50_000)
		appendLines(t, in, more)
		lines = append(lines, more...)
		before := d.item("lines-in")
		req := invoke.Request{Op: invoke.OpRun, Connector: "lines-in", Config: config, TaskConfig: config, Tasks: 1, Generation: before.Generation}
		payload, err := json.Marshal(req)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			send(t, d.lambda, "ferry-file", payload)
		}
		settled(t, d.lambda)
		if _, values := d.read("lines"); !slices.Equal(values, lines) {
			t.Errorf("the topic has %d lines of %d: %s", len(values), len(lines), firstDifference(values, lines))
		}
		if after := d.item("lines-in"); after.Epoch > before.Epoch+4 || after.Owner != "" {
			t.Errorf("the lease is %+v", after)
		}
	})
	t.Run("no secret leaves the task", func(t *testing.T) { d.searchForSecret(t, "lines-in", "lines-out") })
	t.Run("a failing task shows its placeholders", func(t *testing.T) {
		d.create("broken", map[string]string{"connector.class": fileSink, "file": "/nowhere/${env:SECRET}/f", "topics": "lines"})
		settled(t, d.lambda)
		d.pass()
		_, body := d.rest("GET", "/connectors/broken/status", nil)
		if !strings.Contains(body, "FAILED") || !strings.Contains(body, "${env:SECRET}") {
			t.Errorf("its status is %s", body)
		}
		d.searchForSecret(t, "broken")
	})
	t.Run("a deleted connector ends", func(t *testing.T) {
		if code, body := d.rest("DELETE", "/connectors/lines-in", nil); code != http.StatusNoContent {
			t.Fatalf("%d %s", code, body)
		}
		settled(t, d.lambda)
		before := d.item("lines-in")
		appendLines(t, in, []string{"after the end"})
		d.pass()
		if after := d.item("lines-in"); !after.Retired || after.Epoch != before.Epoch {
			t.Errorf("its lease is %+v", after)
		}
	})
}

// searchForSecret looks wherever a secret could have gone: every topic, every lease, every log, every answer.
func (d *deployment) searchForSecret(t *testing.T, connectors ...string) {
	t.Helper()
	places := map[string]string{}
	for _, topic := range []string{"configs", "offsets", "status", "lines"} {
		keys, values := d.read(topic)
		places["topic "+topic] = strings.Join(append(keys, values...), "\n")
	}
	items, err := d.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(leaseTable)})
	if err != nil || items.Count == 0 {
		t.Fatalf("%d items, %v", items.Count, err)
	}
	for _, item := range items.Items {
		for name, value := range item {
			places["leases"] += fmt.Sprintf("%s=%v\n", name, value)
		}
		text, _ := json.Marshal(item)
		places["leases"] += string(text)
	}
	for _, name := range []string{"ferry-api", "ferry-coordinator", "ferry-file"} {
		if places["log of "+name], err = d.lambda.Logs(name); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range connectors {
		for _, path := range []string{"", "/config", "/tasks", "/status", "/offsets", "/topics"} {
			_, places["GET /connectors/"+name+path] = d.rest("GET", "/connectors/"+name+path, nil)
		}
	}
	for place, text := range places {
		if strings.Contains(text, secret) {
			t.Errorf("the secret is in the %s: %s", place, text)
		}
	}
	if !strings.Contains(places["topic configs"], "${env:SECRET}") {
		t.Error("the placeholder is nowhere: the search looked at the wrong things")
	}
}

// Three tasks are killed at different points of a run, in the middle of whatever they do. When their leases have run out, the
// coordinator starts them again, and a reader of committed records sees every line once and in order.
func TestAKilledSandboxLosesNothingAndRepeatsNothing(t *testing.T) {
	d := newDeployment(t)
	folder := t.TempDir()
	const lines = 400_000
	killAfter := map[string]int64{"a": 1, "b": lines / 8, "c": lines / 4} // committed lines
	want := map[string][]string{}
	for name := range killAfter {
		want[name] = numbered(name, 0, lines)
		appendLines(t, filepath.Join(folder, name), want[name])
	}

	for _, name := range slices.Sorted(maps.Keys(killAfter)) {
		d.create(name, map[string]string{"connector.class": fileSource, "file": filepath.Join(folder, name), "topic": name})
		d.kill(name, killAfter[name])
		if end := d.committed(name); end >= lines {
			t.Fatalf("%s had committed all when it was killed: nothing was proven", name)
		}
	}
	killed := time.Now()
	eventually(t, taskTime+10*time.Second+30*time.Second, "not all lines were committed", func() bool {
		d.pass()
		for name := range killAfter {
			if item := d.item(name); item.Released < item.Epoch || d.committed(name) < lines {
				return false
			}
		}
		return true
	})
	t.Logf("the killed tasks were done %v after the last kill; their leases end %v after a start", time.Since(killed), taskTime+10*time.Second)
	for name := range killAfter {
		_, got := d.read(name)
		if !slices.Equal(got, want[name]) {
			t.Errorf("a reader of %s sees %d lines: %s", name, len(got), firstDifference(got, want[name]))
		}
	}
}

// kill waits until a topic has some committed records and kills the sandbox that is at it. On a slow machine a run ends by
// its deadline before; then the next one is started.
func (d *deployment) kill(connector string, committed int64) {
	d.t.Helper()
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) { // each round asks the broker: that is pause enough
		busy := slices.DeleteFunc(d.lambda.Sandboxes("ferry-file"), func(s lambda.Sandbox) bool { return !s.Busy })
		switch {
		case len(busy) == 0:
			d.call("ferry-coordinator", map[string]string{"connector": connector})
		case d.committed(connector) >= committed && d.lambda.Kill("ferry-file", busy[0].ID):
			if item := d.item(connector); item.Owner != "" && item.Released < item.Epoch {
				return
			}
		}
	}
	d.t.Fatalf("%s has %d committed records, and no task was killed while it ran", connector, d.committed(connector))
}

func firstDifference(got, want []string) string {
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			return fmt.Sprintf("at %d it is %q, want %q", i, got[i], want[i])
		}
	}
	return "one is the beginning of the other"
}
