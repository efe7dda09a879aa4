package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// plane is the control plane of a cluster in this process: coordinator and API, over a broker in another. Connectors are split by a
// function that only counts.
type plane struct {
	store       *store.Store
	kafka       *kgo.Client
	coordinator *coordinator.Coordinator
	handler     http.Handler
	worker      *worker.Config
}

// planeWorker is the worker of a cluster of a name, as its functions are told it.
func planeWorker(addr, name string) map[string]string {
	return map[string]string{
		"bootstrap.servers": addr, "group.id": name,
		"config.storage.topic": name + "-configs", "offset.storage.topic": name + "-offsets", "status.storage.topic": name + "-status",
		"config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"key.converter": "org.apache.kafka.connect.storage.StringConverter", "value.converter": "org.apache.kafka.connect.storage.StringConverter",
	}
}

func newPlane(ctx context.Context, b *broker, name string) (*plane, error) {
	w, err := worker.New(planeWorker(b.addr, name))
	if err != nil {
		return nil, err
	}
	known, err := catalog.Load()
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Options{
		Kafka: b.seeds(), GroupID: w.GroupID, ConfigTopic: w.ConfigTopic, OffsetTopic: w.OffsetTopic, StatusTopic: w.StatusTopic,
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
	})
	if err != nil {
		return nil, err
	}
	p := &plane{store: s, worker: w}
	if p.kafka, err = kgo.NewClient(b.seeds()...); err != nil {
		s.Close()
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	p.coordinator = coordinator.New(coordinator.Options{
		Store: s, Leases: lease.New(lease.NewMemory(), lease.Options{}), Invoker: splitter{}, Catalog: known,
		TransactionalID: w.TransactionalID, Kafka: p.kafka, WorkerID: "localhost:8083", Owner: name, Now: time.Now, Log: log,
	})
	p.handler, err = rest.New(rest.Options{
		Store: s, Catalog: known, Invoker: splitter{}, Trigger: func(string) {}, Restart: p.coordinator.Restart, Kafka: p.kafka,
		WorkerID: "localhost:8083", Version: "4.3.1", ClusterID: name, Worker: w, Now: time.Now, Log: log,
	})
	if err != nil {
		p.close()
	}
	return p, err
}

func (p *plane) close() {
	p.kafka.Close()
	p.store.Close()
}

// splitter is every connector's function: it splits into apiTasks tasks, and runs none.
type splitter struct{}

// Invoke implements invoke.Invoker.
func (splitter) Invoke(_ context.Context, _ string, req *invoke.Request) (*invoke.Response, error) {
	tasks := make([]map[string]string, apiTasks)
	for i := range tasks {
		tasks[i] = map[string]string{"task.class": "org.apache.kafka.connect.file.FileStreamSourceTask", "task": fmt.Sprint(i)}
		for k, v := range req.Config {
			tasks[i][k] = v
		}
	}
	return &invoke.Response{TaskConfigs: tasks}, nil
}

// Start implements invoke.Invoker.
func (splitter) Start(context.Context, string, *invoke.Request) error { return nil }

func connectorName(i int) string { return fmt.Sprintf("connector-%04d", i) }

// configOf is a configuration of a usual size.
func configOf(name, value string) string {
	return fmt.Sprintf(`{"name":%q,"connector.class":"org.apache.kafka.connect.file.FileStreamSourceConnector","tasks.max":"4","file":"/data/%[1]s",
		"topic":"topic-of-%[1]s","transforms":"a,b","transforms.a.type":"org.apache.kafka.connect.transforms.InsertField$Value",
		"transforms.a.static.field":"origin","transforms.a.static.value":%[2]q,"transforms.b.type":"org.apache.kafka.connect.transforms.HoistField$Value",
		"transforms.b.field":"line","errors.tolerance":"all","errors.log.enable":"true"}`, name, value)
}

// put creates n connectors, a hundred in a transaction.
func (p *plane) put(ctx context.Context, n int) error {
	const together = 100
	for from := 0; from < n; from += together {
		err := p.store.Configs().Update(ctx, func(tx *store.Tx) error {
			for i := from; i < min(from+together, n); i++ {
				var config store.Properties
				if err := config.UnmarshalJSON([]byte(configOf(connectorName(i), "new"))); err != nil {
					return err
				}
				if err := tx.PutConnector(connectorName(i), config, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// passes makes a pass over every connector.
func (p *plane) passes(ctx context.Context, n int) error {
	names, err := p.coordinator.Names(ctx)
	if err != nil || len(names) != n {
		return fmt.Errorf("%d of %d connectors are there: %w", len(names), n, err)
	}
	for _, name := range names {
		result, err := p.coordinator.Pass(ctx, name)
		if err != nil {
			return err
		}
		if len(result.Started) != apiTasks {
			return fmt.Errorf("the pass over %s started tasks %v", name, result.Started)
		}
	}
	return nil
}

// planeName names the cluster of n connectors, of which there is one for each time that growth is measured.
func planeName(n, time int) string { return fmt.Sprintf("plane-%d-%d", n, time) }
