package extension

import (
	"context"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// Cluster is what an extension can see: the connectors, their configurations and how they are. It may be used concurrently.
type Cluster struct {
	store   *store.Store
	catalog *catalog.Catalog
	id      string
}

// NewCluster returns the cluster whose state is in a store. known are the connector classes, id is that of the Kafka cluster.
func NewCluster(s *store.Store, known *catalog.Catalog, id string) *Cluster {
	return &Cluster{s, known, id}
}

// Health is how a connector and its tasks are.
type Health struct {
	Name string
	// Type is source, sink or unknown.
	Type      string
	Connector State
	// Tasks are in the order of their numbers.
	Tasks []TaskState
}

// State is the last state that was recorded.
type State struct {
	State, WorkerID string
	// Trace is why it failed, empty if it did not.
	Trace string
}

// TaskState is the state of one task.
type TaskState struct {
	Task int
	State
}

// KafkaClusterID returns the id of the Kafka cluster.
func (c *Cluster) KafkaClusterID() string { return c.id }

// Connectors returns the names of all connectors, sorted.
func (c *Cluster) Connectors(ctx context.Context) ([]string, error) {
	if err := c.store.Configs().Sync(ctx); err != nil {
		return nil, err
	}
	return c.store.Configs().Snapshot().Names(), nil
}

// ConnectorConfig returns a connector's configuration with its placeholders as they are. The error is a NotFoundException when there
// is no such connector.
func (c *Cluster) ConnectorConfig(ctx context.Context, name string) (map[string]string, error) {
	if err := c.store.Configs().Sync(ctx); err != nil {
		return nil, err
	}
	found, ok := c.store.Configs().Snapshot().Connectors[name]
	if !ok {
		return nil, notFound("Connector %s not found", name)
	}
	return found.Config.Map(), nil
}

// ConnectorHealth returns how a connector is. The error is a NotFoundException when nothing is recorded of it.
func (c *Cluster) ConnectorHealth(ctx context.Context, name string) (Health, error) {
	config, err := c.ConnectorConfig(ctx, name)
	if err != nil {
		return Health{}, err
	}
	if err := c.store.Statuses().Sync(ctx); err != nil {
		return Health{}, err
	}
	status, ok := c.store.Statuses().Connector(name)
	if !ok {
		return Health{}, notFound("No status found for connector %s", name)
	}
	health := Health{Name: name, Type: c.typeOf(config["connector.class"]), Connector: stateOf(status)}
	for _, t := range c.store.Statuses().Tasks(name) {
		health.Tasks = append(health.Tasks, TaskState{t.Task, stateOf(t)})
	}
	return health, nil
}

func (c *Cluster) typeOf(class string) string {
	if e, ok := c.catalog.Find(class); ok && e.Function != "" {
		return string(e.Type)
	}
	return "unknown"
}

func stateOf(s store.Status) State { return State{string(s.State), s.WorkerID, s.Trace} }

func notFound(format, name string) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.NotFoundException, Message: fmt.Sprintf(format, name)}
}
