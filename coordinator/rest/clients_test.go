package rest_test

import (
	"net/http"
	"os"
	"testing"

	client "github.com/cloudhut/connect-client"
)

// TestTheClientOfRedpandaConsoleSeesConnect goes through what that client can do, in the order in which its users do.
func TestTheClientOfRedpandaConsoleSeesConnect(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("in.txt", []byte("one\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newCluster(t)
	cl := client.NewClient(client.WithHost("http://" + c.address))
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	root, err := cl.GetRoot(ctx)
	must(err)
	if root.Version != "4.3.1" || root.KafkaClusterID != clusterID || root.Commit == "" {
		t.Errorf("root is %+v", root)
	}
	plugins, err := cl.GetConnectorPlugins(ctx)
	must(err)
	if len(plugins) < 2 {
		t.Errorf("plugins are %+v", plugins)
	}
	result, err := cl.PutValidateConnectorConfig(ctx, "FileStreamSource", client.ValidateConnectorConfigOptions{
		Config: map[string]any{"name": "n", "connector.class": "FileStreamSource", "tasks.max": "x"},
	})
	must(err)
	if result.ErrorCount != 3 {
		t.Errorf("validation found %d errors", result.ErrorCount)
	}

	// When a connector is created, with numbers for values,
	info, err := cl.CreateConnector(ctx, client.CreateConnectorRequest{Name: "n", Config: map[string]any{
		"connector.class": "FileStreamSource", "file": "in.txt", "topic": "t", "tasks.max": 1,
	}})
	must(err)
	if info.Name != "n" || info.Config["tasks.max"] != "1" || info.Type != "source" {
		t.Errorf("created %+v", info)
	}
	// then it is seen to run.
	c.pass(ctx)
	status, err := cl.GetConnectorStatus(ctx, "n")
	must(err)
	if status.Connector.State != "RUNNING" || len(status.Tasks) != 1 || status.Tasks[0].State != "RUNNING" {
		t.Errorf("status is %+v", status)
	}
	all, err := cl.ListConnectorsExpanded(ctx)
	must(err)
	if all["n"].Info.Name != "n" || all["n"].Status.Connector.State != "RUNNING" {
		t.Errorf("expanded list is %+v", all)
	}
	_, err = cl.CreateConnector(ctx, client.CreateConnectorRequest{Name: "n", Config: map[string]any{"connector.class": "FileStreamSource", "topic": "t"}})
	if apiErr, ok := err.(client.ApiError); !ok || apiErr.ErrorCode != http.StatusConflict || apiErr.Message != "Connector n already exists" { //nolint:errorlint // the client does not wrap
		t.Errorf("creating it again: %#v", err)
	}

	must(cl.RestartConnector(ctx, "n", client.RestartConnectorOptions{IncludeTasks: true}))
	must(cl.RestartConnector(ctx, "n", client.RestartConnectorOptions{}))
	must(cl.RestartConnectorTask(ctx, "n", 0))
	must(cl.PauseConnector(ctx, "n"))
	c.pass(ctx)
	if status, err = cl.GetConnectorStatus(ctx, "n"); err != nil || status.Connector.State != "PAUSED" {
		t.Errorf("after pause: %+v, %v", status, err)
	}
	must(cl.ResumeConnector(ctx, "n"))
	c.pass(ctx)
	c.pass(ctx)
	topics, err := cl.GetConnectorTopics(ctx, "n")
	must(err)
	if len(topics["n"].Topics) != 1 || topics["n"].Topics[0] != "t" {
		t.Errorf("topics are %+v", topics)
	}
	must(cl.ResetConnectorTopics(ctx, "n"))
	info, err = cl.PutConnectorConfig(ctx, "n", client.PutConnectorConfigOptions{Config: map[string]any{"connector.class": "FileStreamSource", "file": "in.txt", "topic": "u"}})
	must(err)
	config, err := cl.GetConnectorConfig(ctx, "n")
	must(err)
	if config["topic"] != "u" || config["name"] != "n" || len(config) != 4 || len(info.Tasks) != 1 {
		t.Errorf("changed to %+v, configuration %v", info, config)
	}
	must(cl.StopConnector(ctx, "n"))
	c.pass(ctx)
	if status, err = cl.GetConnectorStatus(ctx, "n"); err != nil || status.Connector.State != "STOPPED" || len(status.Tasks) != 0 {
		t.Errorf("after stop: %+v, %v", status, err)
	}
	must(cl.DeleteConnector(ctx, "n"))
	names, err := cl.ListConnectors(ctx)
	must(err)
	if len(names) != 0 {
		t.Errorf("after delete: %v", names)
	}
}
