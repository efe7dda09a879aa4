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

// console returns the client of Redpanda Console for a running ferry.
func console(c *command) *connect.Client {
	return connect.NewClient(connect.WithHost(c.REST), connect.WithTimeout(30*time.Second))
}

// values are a configuration in the type of that client.
func values(m map[string]string) map[string]any {
	config := make(map[string]any)
	for k, v := range m {
		config[k] = v
	}
	return config
}

func TestTheClientOfRedpandaConsoleLooksAround(t *testing.T) {
	c := start(t, devArgs(folder(t))...)
	client, ctx := console(c), t.Context()

	if root, err := client.GetRoot(ctx); err != nil || root.Version != connectVersion || root.KafkaClusterID == "" {
		t.Errorf("root is %+v, %v", root, err)
	}
	if plugins, err := client.GetConnectorPlugins(ctx); err != nil || len(plugins) < 3 {
		t.Errorf("plugins are %+v, %v", plugins, err)
	}
	valid, err := client.PutValidateConnectorConfig(ctx, "FileStreamSource", connect.ValidateConnectorConfigOptions{Config: values(source("/x", ""))})
	if err != nil || valid.ErrorCount == 0 {
		t.Errorf("a source without a topic has %d errors, %v", valid.ErrorCount, err)
	}
}

func TestTheClientOfRedpandaConsoleDrivesConnectors(t *testing.T) {
	// given two connectors that the client created
	files := t.TempDir()
	from, to := filepath.Join(files, "from.txt"), filepath.Join(files, "to.txt")
	appendTo(t, from, numbered(0, 10))
	c := start(t, devArgs(folder(t))...)
	client, ctx := console(c), t.Context()
	if _, err := client.CreateConnector(ctx, connect.CreateConnectorRequest{Name: "read", Config: values(source(from, "lines"))}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutConnectorConfig(ctx, "write", connect.PutConnectorConfigOptions{Config: values(sink("lines", to))}); err != nil {
		t.Fatal(err)
	}

	// then it sees them work
	eventually(t, "the lines are copied", func() bool { return content(t, to) == numbered(0, 10) })
	all, err := client.ListConnectorsExpanded(ctx)
	if err != nil || len(all) != 2 || all["read"].Status.Connector.State != "RUNNING" || all["write"].Info.Config["topics"] != "lines" {
		t.Errorf("connectors are %+v, %v", all, err)
	}
	eventually(t, "the topic is known to be used", func() bool {
		topics, err := client.GetConnectorTopics(ctx, "read")
		return err == nil && len(topics["read"].Topics) == 1 && topics["read"].Topics[0] == "lines"
	})

	// and it changes what they do
	check(t, client.PauseConnector(ctx, "write"))
	within(t, 5*time.Second, "PAUSED shows", c.are("write", "PAUSED", "PAUSED"))
	check(t, client.ResumeConnector(ctx, "write"))
	check(t, client.RestartConnector(ctx, "write", connect.RestartConnectorOptions{IncludeTasks: true}))
	check(t, client.RestartConnectorTask(ctx, "write", 0))
	within(t, 5*time.Second, "RUNNING shows", c.are("write", "RUNNING", "RUNNING"))
	check(t, client.StopConnector(ctx, "write"))
	check(t, client.DeleteConnector(ctx, "read"))
	check(t, client.DeleteConnector(ctx, "write"))
	if names, err := client.ListConnectors(ctx); err != nil || len(names) != 0 {
		t.Errorf("after all were deleted there are %v, %v", names, err)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
