package servers_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestWorkerServesTheFileConnectorsFromItsTopics(t *testing.T) {
	// given
	broker := kafka.Broker(t)
	worker := servers.Connect(t, broker.Addr, servers.Group("w"), servers.Topics("w-configs", "w-offsets", "w-status"),
		servers.Properties("key.converter=org.apache.kafka.connect.storage.StringConverter"))

	// when
	var plugins []struct{ Class string }
	if err := json.Unmarshal(get(t, worker.URL()+"/connector-plugins"), &plugins); err != nil {
		t.Fatal(err)
	}
	topics, err := kadm.NewClient(newClient(t, broker)).ListTopics(testContext(t), "w-configs", "w-offsets", "w-status")
	if err != nil {
		t.Fatal(err)
	}

	// then
	var classes []string
	for _, plugin := range plugins {
		classes = append(classes, plugin.Class)
	}
	slices.Sort(classes)
	want := "org.apache.kafka.connect.file.FileStreamSinkConnector org.apache.kafka.connect.file.FileStreamSourceConnector"
	if got := strings.Join(classes, " "); got != want {
		t.Errorf("plugins are %s, want %s", got, want)
	}
	if err := topics.Error(); err != nil {
		t.Errorf("internal topics: %v", err)
	}
}

// How many of the sixteen pass is up to Ferry, elsewhere. A real worker loses some to time: it answers 404 for a status that
// is still on its way, and 500 while a rebalance is due, and the suite does not wait for either.
func TestSuiteOf16RunsAllItsTestsAgainstTheGivenServer(t *testing.T) {
	// given
	worker := servers.Connect(t, kafka.Broker(t).Addr, servers.Group("s"), servers.Topics("s-configs", "s-offsets", "s-status"))

	// when
	output, err := servers.Output(t, "suite16.sh", worker.URL(), worker.Data+"/input.txt")

	// then sixteen tests ran, and what they created is on that worker, with that file
	passed, failed := results(output)
	if len(passed)+len(failed) != 16 || (err == nil) != (len(failed) == 0) {
		t.Fatalf("%d tests passed and %d failed, want 16 together: %v\n%s", len(passed), len(failed), err, output)
	}
	if !slices.Contains(passed, "TestHealthz") || !slices.Contains(passed, "TestCreateConnector") {
		t.Errorf("only %v passed:\n%s", passed, output)
	}
	var config map[string]string
	if err := json.Unmarshal(get(t, worker.URL()+"/connectors/test-create-connector/config"), &config); err != nil {
		t.Fatal(err)
	}
	if config["file"] != worker.Data+"/input.txt" {
		t.Errorf("the connector reads %s", config["file"])
	}
}

func results(output string) (passed, failed []string) {
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "--- PASS: "):
			passed = append(passed, fields[2])
		case strings.HasPrefix(line, "--- FAIL: "):
			failed = append(failed, fields[2])
		}
	}
	return passed, failed
}

func get(t *testing.T, url string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(testContext(t), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s: %s", url, response.Status, body)
	}
	return body
}
