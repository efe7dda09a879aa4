package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	connect "github.com/cloudhut/connect-client"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestTheSuiteOfGoKafkaConnectPasses(t *testing.T) {
	c := start(t, devArgs(folder(t))...)
	output, err := servers.Output(t, "suite16.sh", c.REST, filepath.Join(t.TempDir(), "input.txt"))
	if passed := strings.Count(output, "\n--- PASS: "); err != nil || passed != 16 {
		t.Errorf("%d of 16 tests pass: %v\n%s", passed, err, output)
	}
}

func TestTheClientOfRedpandaConsoleDrivesFerry(t *testing.T) {
	// given a client and a file
	files := t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	appendTo(t, from, numbered(0, 10))
	c := start(t, devArgs(folder(t))...)
	client, ctx := connect.NewClient(connect.WithHost(c.REST), connect.WithTimeout(30*time.Second)), t.Context()
	config := func(m map[string]string) map[string]any {
		config := make(map[string]any)
		for k, v := range m {
			config[k] = v
		}
		return config
	}

	// then it can look around
	if root, err := client.GetRoot(ctx); err != nil || root.Version != connectVersion || root.KafkaClusterID == "" {
		t.Errorf("root is %+v, %v", root, err)
	}
	if plugins, err := client.GetConnectorPlugins(ctx); err != nil || len(plugins) < 3 {
		t.Errorf("plugins are %+v, %v", plugins, err)
	}
	valid, err := client.PutValidateConnectorConfig(ctx, "FileStreamSource", connect.ValidateConnectorConfigOptions{Config: config(source(from, ""))})
	if err != nil || valid.ErrorCount == 0 {
		t.Errorf("a source without a topic has %d errors, %v", valid.ErrorCount, err)
	}

	// and create, list and see connectors work
	if _, err := client.CreateConnector(ctx, connect.CreateConnectorRequest{Name: "read", Config: config(source(from, "lines"))}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutConnectorConfig(ctx, "write", connect.PutConnectorConfigOptions{Config: config(sink("lines", to))}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lines are copied", func() bool { return content(t, to) == numbered(0, 10) })
	all, err := client.ListConnectorsExpanded(ctx)
	if err != nil || len(all) != 2 || all["read"].Status.Connector.State != "RUNNING" || all["write"].Info.Config["topics"] != "lines" {
		t.Errorf("connectors are %+v, %v", all, err)
	}
	eventually(t, "the topic is known to be used", func() bool {
		topics, err := client.GetConnectorTopics(ctx, "read")
		return err == nil && len(topics["read"].Topics) == 1 && topics["read"].Topics[0] == "lines"
	})

	// and change what they do
	if err := client.PauseConnector(ctx, "write"); err != nil {
		t.Error(err)
	}
	within(t, 5*time.Second, "PAUSED shows", c.are("write", "PAUSED", "PAUSED"))
	if err := client.ResumeConnector(ctx, "write"); err != nil {
		t.Error(err)
	}
	if err := client.RestartConnector(ctx, "write", connect.RestartConnectorOptions{IncludeTasks: true}); err != nil {
		t.Error(err)
	}
	if err := client.RestartConnectorTask(ctx, "write", 0); err != nil {
		t.Error(err)
	}
	within(t, 5*time.Second, "RUNNING shows", c.are("write", "RUNNING", "RUNNING"))
	if err := client.StopConnector(ctx, "write"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"read", "write"} {
		if err := client.DeleteConnector(ctx, name); err != nil {
			t.Error(err)
		}
	}
	if names, err := client.ListConnectors(ctx); err != nil || len(names) != 0 {
		t.Errorf("after all were deleted there are %v, %v", names, err)
	}
}
