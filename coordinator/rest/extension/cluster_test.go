package extension_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/store"
)

func TestAnExtensionSeesConnectorsAndHowTheyAre(t *testing.T) {
	// given a connector whose task failed, and one of which nothing is known yet
	broker, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	s, err := store.Open(t.Context(), store.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(broker.ListenAddrs()...)}, GroupID: "g", ConfigTopic: "c", OffsetTopic: "o", StatusTopic: "s",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1, OffsetPartitions: 1, StatusPartitions: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	known, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	put := func(name, class string) {
		config := store.PropertiesOf(map[string]string{"name": name, "connector.class": class, "password": "${env:SECRET}"})
		if err := s.Configs().PutConnector(t.Context(), name, config, nil); err != nil {
			t.Fatal(err)
		}
	}
	put("orders", "FileStreamSource")
	put("new", "com.example.Unknown")
	for _, err := range []error{
		s.Statuses().PutConnector(t.Context(), "orders", store.Status{State: store.StateRunning, WorkerID: "w:1"}),
		s.Statuses().PutTasks(t.Context(), "orders", store.Status{Task: 0, State: store.StateFailed, WorkerID: "w:1", Trace: "why"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}

	// when
	c := extension.NewCluster(s, known, "cluster")
	names, err := c.Connectors(t.Context())

	// then
	if err != nil || !slices.Equal(names, []string{"new", "orders"}) || c.KafkaClusterID() != "cluster" {
		t.Errorf("connectors are %v, %v", names, err)
	}
	config, err := c.ConnectorConfig(t.Context(), "orders")
	want := map[string]string{"name": "orders", "connector.class": "FileStreamSource", "password": "${env:SECRET}"}
	if err != nil || !maps.Equal(config, want) {
		t.Errorf("the configuration is %v, %v", config, err)
	}
	health, err := c.ConnectorHealth(t.Context(), "orders")
	if err != nil || health.Type != "source" || health.Connector != (extension.State{State: "RUNNING", WorkerID: "w:1"}) ||
		!slices.Equal(health.Tasks, []extension.TaskState{{Task: 0, State: extension.State{State: "FAILED", WorkerID: "w:1", Trace: "why"}}}) {
		t.Errorf("it is %+v, %v", health, err)
	}
	_, noHealth := c.ConnectorHealth(t.Context(), "new")
	_, noConnector := c.ConnectorConfig(t.Context(), "nobody")
	for _, err := range []error{noHealth, noConnector} {
		if e, ok := errors.AsType[*connect.Error](err); !ok || e.Class != connect.NotFoundException {
			t.Errorf("what is not there is %v", err)
		}
	}
}
