package rest_test

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

const clusterID = "kfake-cluster"

// cluster is the product around an embedded broker: the API behind a real server, the coordinator, and the task functions in
// this process. Passes are made when a test says so, so that nothing depends on time.
type cluster struct {
	t           *testing.T
	broker      *kfake.Cluster
	client      *kgo.Client
	store       *store.Store
	catalog     *catalog.Catalog
	worker      *worker.Config
	leases      *lease.Leases
	coordinator *coordinator.Coordinator
	invoker     *invoke.InProcess
	server      *httptest.Server
	address     string
	log         *slog.Logger
	loggers     *loggers.Loggers

	mu        sync.Mutex
	triggered []string
}

// option changes what the API is made with.
type option func(*rest.Options)

func newCluster(t *testing.T, options ...option) *cluster {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.ClusterID(clusterID), kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, broker: broker, address: listener.Addr().String(), log: slog.New(slog.DiscardHandler), loggers: loggers.New(slog.LevelInfo, time.Now)}
	c.connect()
	c.assemble()
	c.serve(listener, options)
	return c
}

// connect opens the internal topics.
func (c *cluster) connect() {
	c.t.Helper()
	c.worker = workerWith(c.t, "bootstrap.servers", c.broker.ListenAddrs()[0])
	var err error
	if c.client, err = kgo.NewClient(kgo.SeedBrokers(c.broker.ListenAddrs()...)); err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(c.client.Close)
	c.store = c.openStore()
	if c.catalog, err = catalog.Load(); err != nil {
		c.t.Fatal(err)
	}
}

// workerWith returns the settings of the worker with one more.
func workerWith(t testing.TB, key, value string) *worker.Config {
	t.Helper()
	const jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
	props := map[string]string{
		"bootstrap.servers": "localhost:9092", "group.id": "connect-cluster",
		"config.storage.topic": "connect-configs", "offset.storage.topic": "connect-offsets", "status.storage.topic": "connect-status",
		"key.converter": jsonConverter, "value.converter": jsonConverter,
	}
	props[key] = value
	w, err := worker.New(props)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// openStore opens the internal topics once more, as another process would.
func (c *cluster) openStore() *store.Store {
	c.t.Helper()
	s, err := store.Open(c.t.Context(), store.Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(c.broker.ListenAddrs()...)}, GroupID: c.worker.GroupID,
		ConfigTopic: c.worker.ConfigTopic, OffsetTopic: c.worker.OffsetTopic, StatusTopic: c.worker.StatusTopic,
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1, OffsetPartitions: 2, StatusPartitions: 1,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(s.Close)
	return s
}

// assemble puts coordinator and functions together.
func (c *cluster) assemble() {
	c.t.Helper()
	plugins, err := connect.NewRegistry(connectors.Plugins())
	if err != nil {
		c.t.Fatal(err)
	}
	c.leases = lease.New(lease.NewMemory(), lease.Options{})
	handler, err := task.NewHandler(task.Options{
		Plugins: plugins, Worker: c.worker, Leases: c.leases, Offsets: task.OffsetsOf(c.store.Offsets()), Owner: "test", Log: c.log,
		Limits: task.Limits{Time: time.Minute, Reserve: time.Second, Idle: time.Millisecond, Memory: 64 << 20, CheckEvery: time.Second},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	handlers := map[string]invoke.Handler{}
	for _, p := range connectors.All() {
		handlers[p.Name] = handler
	}
	c.invoker = invoke.NewInProcess(handlers, nil)
	c.t.Cleanup(c.invoker.Close)
	c.coordinator = coordinator.New(coordinator.Options{
		Store: c.store, Leases: c.leases, Invoker: c.invoker, Catalog: c.catalog, TransactionalID: c.worker.TransactionalID,
		Kafka: c.client, WorkerID: c.address, Owner: "coordinator", TrackTopics: true, Now: time.Now, Log: c.log,
	})
}

func (c *cluster) serve(listener net.Listener, options []option) {
	c.t.Helper()
	o := c.options()
	for _, apply := range options {
		apply(&o)
	}
	handler, err := rest.New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	c.server = &httptest.Server{Listener: listener, Config: rest.NewServer(handler, "")}
	c.server.Start()
	c.t.Cleanup(c.server.Close)
}

func (c *cluster) options() rest.Options {
	return rest.Options{
		Store: c.store, Catalog: c.catalog, Invoker: c.invoker, Trigger: c.trigger, Restart: c.coordinator.Restart, Kafka: c.client,
		WorkerID: c.address, Version: "4.3.1", Commit: "abcdef0123456789", ClusterID: clusterID, Worker: c.worker, Log: c.log, Now: time.Now,
		Loggers: c.loggers,
	}
}

func (c *cluster) trigger(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.triggered = append(c.triggered, name)
}

// takeTriggered returns the names handed to Trigger since the last call.
func (c *cluster) takeTriggered() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	names := c.triggered
	c.triggered = nil
	return names
}

// pass makes a pass over every connector there is and every one that was triggered, and waits for the tasks it started.
func (c *cluster) pass(ctx context.Context) {
	c.t.Helper()
	names, err := c.coordinator.Names(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	names = append(names, c.takeTriggered()...)
	slices.SortFunc(names, cmp.Compare[string])
	for _, name := range slices.Compact(names) {
		if _, err := c.coordinator.Pass(ctx, name); err != nil {
			c.t.Logf("pass over %s: %v", name, err)
		}
	}
	c.invoker.Wait()
}

// ask sends one request; path is sent as it stands.
func (c *cluster) ask(method, path string, header http.Header, body string) (*http.Response, string) {
	c.t.Helper()
	return send(c.t, c.address, method, path, header, body)
}
