// Package control assembles the coordinator from a function's environment, for the two functions that need it: the
// coordinator and the API.
package control

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/environment"
)

// Plane is what decides: everything but the connectors themselves.
type Plane struct {
	Env         *environment.Environment
	Catalog     *catalog.Catalog
	Store       *store.Store
	Kafka       *kgo.Client
	Coordinator *coordinator.Coordinator
}

// Open connects to Kafka and assembles a Plane from the environment. It creates the internal topics of a new cluster.
func Open(ctx context.Context, env *environment.Environment) (*Plane, error) {
	classes, err := env.Classes()
	if err != nil {
		return nil, fmt.Errorf("load the catalog: %w", err)
	}
	opts, err := env.Worker.Kafka()
	if err != nil {
		return nil, fmt.Errorf("read the worker's client settings: %w", err)
	}
	leases := env.Leases()
	topics := StoreOptions(env.Worker, opts)
	topics.Turn = turn(leases, env.Log)
	s, err := store.Open(ctx, topics)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("configure the Kafka client: %w", err)
	}
	return &Plane{Env: env, Catalog: classes, Store: s, Kafka: client, Coordinator: coordinator.New(coordinator.Options{
		Store: s, Leases: leases, Invoker: env.Invoker(), Catalog: classes,
		TransactionalID: env.Worker.TransactionalID, AtLeastOnce: env.Worker.AtLeastOnce() != "", Kafka: client, WorkerID: env.Worker.WorkerID,
		Owner: env.Instance, TrackTopics: env.Worker.TrackTopics, Now: time.Now, Log: env.Log, Loggers: env.Loggers,
	})}, nil
}

// turnKey is the lease under which functions take turns at claiming the config topic. No connector's name has a control character.
func turnKey() lease.Key { return lease.Key{Connector: "\tconfig topic", Task: -1} }

// turn keeps the functions of a deployment, of which a burst of requests starts many, from fencing each other. Where the table does not
// give a turn, the claim is made without: it is as safe, and slower when there are many.
func turn(leases *lease.Leases, log *slog.Logger) func(context.Context) func() {
	return func(ctx context.Context) func() {
		end, err := leases.Turn(ctx, turnKey())
		if err != nil {
			log.Warn("the config topic is claimed out of turn", "reason", err)
		}
		return end
	}
}

// Close ends the connections to Kafka. It may be called again.
func (p *Plane) Close() {
	p.Kafka.Close()
	p.Store.Close()
}

// StoreOptions are the store's part of a worker configuration.
func StoreOptions(w *worker.Config, kafka []kgo.Opt) store.Options {
	return store.Options{
		Kafka: kafka, GroupID: w.GroupID,
		ConfigTopic: w.ConfigTopic, OffsetTopic: w.OffsetTopic, StatusTopic: w.StatusTopic,
		ConfigReplication: w.ConfigReplication, OffsetReplication: w.OffsetReplication, StatusReplication: w.StatusReplication,
		OffsetPartitions: w.OffsetPartitions, StatusPartitions: w.StatusPartitions,
		ConfigSettings: w.TopicSettings("config"), OffsetSettings: w.TopicSettings("offset"), StatusSettings: w.TopicSettings("status"),
	}
}
