package rest_test

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"testing"

	gokafka "github.com/go-kafka/connect"
)

// TestTheClientGoKafkaConnectSeesConnect goes through all that client can do. It joins names into paths as they are.
func TestTheClientGoKafkaConnectSeesConnect(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("in.txt", []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t)
	cl := gokafka.NewClient("http://" + c.address + "/")
	answered := func(resp *http.Response, err error, want int) {
		t.Helper()
		if err != nil || resp.StatusCode != want {
			t.Fatalf("answered %+v, %v; want status %d", resp, err, want)
		}
	}

	// When a connector is created,
	conn := &gokafka.Connector{Name: "a-b_c.1", Config: gokafka.ConnectorConfig{"connector.class": "FileStreamSource", "file": "in.txt", "topic": "t"}}
	resp, err := cl.CreateConnector(conn)
	answered(resp, err, http.StatusCreated)
	if conn.Config["name"] != conn.Name {
		t.Errorf("created %+v", conn)
	}
	c.pass(t.Context())
	// then it is there with its task,
	names, resp, err := cl.ListConnectors()
	answered(resp, err, http.StatusOK)
	tasks, resp, err := cl.GetConnectorTasks(conn.Name)
	answered(resp, err, http.StatusOK)
	status, resp, err := cl.GetConnectorStatus(conn.Name)
	answered(resp, err, http.StatusOK)
	if !slices.Equal(names, []string{conn.Name}) || len(tasks) != 1 || tasks[0].Config["task.class"] == "" || status.Connector.State != "RUNNING" || status.Tasks[0].State != "RUNNING" {
		t.Errorf("connectors %v, tasks %+v, status %+v", names, tasks, status)
	}
	// and can be changed, paused, resumed, restarted and deleted.
	changed, resp, err := cl.UpdateConnectorConfig(conn.Name, gokafka.ConnectorConfig{"connector.class": "FileStreamSource", "file": "in.txt", "topic": "u"})
	answered(resp, err, http.StatusOK)
	config, resp, err := cl.GetConnectorConfig(conn.Name)
	answered(resp, err, http.StatusOK)
	if !maps.Equal(changed.Config, config) || config["topic"] != "u" {
		t.Errorf("changed to %+v, configuration %v", changed, config)
	}
	resp, err = cl.PauseConnector(conn.Name)
	answered(resp, err, http.StatusAccepted)
	resp, err = cl.ResumeConnector(conn.Name)
	answered(resp, err, http.StatusAccepted)
	resp, err = cl.RestartConnector(conn.Name)
	answered(resp, err, http.StatusNoContent)
	resp, err = cl.DeleteConnector(conn.Name)
	answered(resp, err, http.StatusNoContent)
	_, resp, err = cl.GetConnector(conn.Name)
	if apiErr, ok := errors.AsType[gokafka.APIError](err); !ok || apiErr.Code != http.StatusNotFound || resp.StatusCode != http.StatusNotFound || apiErr.Message != "Connector a-b_c.1 not found" {
		t.Errorf("after delete it is %+v, %v", resp, err)
	}
}

// terraform does what the provider for Kafka Connect does: it keeps the configuration that was applied, reads the one that is there,
// and plans what differs, sensitive keys left out. They are written with the others, and never compared.
type terraform struct {
	c         *cluster
	sensitive map[string]string
}

func (tf terraform) apply(name string, config map[string]string, exists bool) {
	tf.c.t.Helper()
	all := maps.Clone(config)
	maps.Copy(all, tf.sensitive)
	text, err := json.Marshal(all)
	if err != nil {
		tf.c.t.Fatal(err)
	}
	if exists {
		tf.c.expect(http.StatusOK, "PUT", "/connectors/"+name+"/config", string(text))
		return
	}
	tf.c.expect(http.StatusCreated, "POST", "/connectors", `{"name":"`+name+`","config":`+string(text)+`}`)
}

// plan returns the keys that differ from what was applied.
func (tf terraform) plan(name string, config map[string]string) []string {
	tf.c.t.Helper()
	var info struct{ Config map[string]string }
	if err := json.Unmarshal([]byte(tf.c.expect(http.StatusOK, "GET", "/connectors/"+name, "")), &info); err != nil {
		tf.c.t.Fatal(err)
	}
	maps.DeleteFunc(info.Config, func(key, _ string) bool { _, is := tf.sensitive[key]; return is })
	drift := make(map[string]bool)
	for key, value := range config {
		if got, there := info.Config[key]; !there || got != value {
			drift[key] = true
		}
	}
	for key := range info.Config {
		if _, planned := config[key]; !planned {
			drift[key] = true
		}
	}
	return slices.Sorted(maps.Keys(drift))
}

func TestATerraformPlanShowsNoDriftUntilSomebodyElseChangesSomething(t *testing.T) {
	c := newCluster(t)
	tf := terraform{c, map[string]string{"database.password": "s3cret", "x.token": "${file:/secrets:token}"}}
	config := map[string]string{
		"name": "tf", "connector.class": "FileStreamSource", "topic": "t", "tasks.max": "1", "file": "in.txt",
		"spaces": "  kept  ", "empty": "", "yes": "TRUE", "number": "1.50", "unicode": "Straße ☂ 日本", "quotes": `a "b" \c`, "lines": "one\ntwo\ttab",
		"placeholder": "${env:HOME}", "list": "a, b ,c", "errors.tolerance": " all ", "markup": "<&>",
	}
	same := func(when string) {
		t.Helper()
		c.pass(t.Context())
		if drift := tf.plan("tf", config); len(drift) > 0 {
			t.Errorf("%s, the plan changes %q", when, drift)
		}
	}
	tf.apply("tf", config, false)
	same("after the first apply")
	tf.apply("tf", config, true)
	same("after an apply without changes")
	config["topic"], config["new"] = "u", "value"
	delete(config, "list")
	tf.apply("tf", config, true)
	same("after an update")
	c.expect(http.StatusAccepted, "PUT", "/connectors/tf/pause", "")
	same("paused")
	c.expect(http.StatusNoContent, "PUT", "/connectors/tf/stop", "")
	same("stopped")
	// When somebody else changes a value and adds one, then exactly those are drift.
	c.expect(http.StatusOK, "PATCH", "/connectors/tf/config", `{"topic":"v","added":"x","number":null,"x.token":"other"}`)
	if drift := tf.plan("tf", config); !slices.Equal(drift, []string{"added", "number", "topic"}) {
		t.Errorf("the plan changes %q", drift)
	}
	tf.apply("tf", config, true)
	same("after the drift was mended")
	c.expect(http.StatusNoContent, "DELETE", "/connectors/tf", "")
	c.expect(http.StatusNotFound, "GET", "/connectors/tf", "")
}
