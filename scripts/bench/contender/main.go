// Command contender runs one connector by the real engine until it has moved a number of records, so that Ferry can be
// measured side by side with a Kafka Connect worker: the same connector configuration, the same broker, each a fresh process
// whose CPU time and memory are taken from outside.
//
// It is configured by environment variables:
//
//	BENCH_CONFIG     path of the connector's JSON: {"name": …, "config": {…}}
//	BENCH_BOOTSTRAP  brokers
//	BENCH_WORKLOAD   name of the workload, for messages
//	BENCH_TOPIC      the topic to write to, or to read from; without it, what the configuration says
//	BENCH_N          ends after so many records: acknowledged by the broker, or taken by the sink; what is done is committed
//	BENCH_STEP       every so many records a mark is written
//	BENCH_OUT        file of marks, a line of JSON each: {"mark":"mark","records":…,"cpu_us":…,"wall_ms":…}; the first is
//	                 "first", the last "done"
//
// Marks are made where batches are committed, so their numbers of records are those of whole batches.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
)

const (
	groupID      = "ferry-bench"
	offsetsTopic = "ferry-bench-offsets"
	// patience ends a run whose records stay away.
	patience = 30 * time.Second
)

func main() {
	start := time.Now()
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("ferry " + version())
		return
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Getenv, start)
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "contender:", err)
		os.Exit(1)
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value
		}
	}
	return info.Main.Version
}

func run(ctx context.Context, env func(string) string, start time.Time) error {
	job, err := readJob(env)
	if err != nil {
		return err
	}
	kafka := []kgo.Opt{kgo.SeedBrokers(job.bootstrap...), kgo.ClientID("connector-" + job.name)}
	offsets, err := openOffsets(ctx, kafka)
	if err != nil {
		return err
	}
	defer offsets.Close()
	task, err := newTask(ctx, job)
	if err != nil {
		return err
	}
	task.Kafka, task.Offsets = kafka, offsets.Reader(job.name, "", nil)
	out, err := newMarks(job.out, job.step, start)
	if err != nil {
		return err
	}
	task.Progress = func(f engine.Facts) { out.reached(f.RecordsOut) }
	facts, err := engine.Run(ctx, *task)
	if err == nil && facts.RecordsOut < job.n {
		err = fmt.Errorf("workload %s: moved %d of %d records, then ended as %s", job.workload, facts.RecordsOut, job.n, facts.End)
	}
	out.done(facts.RecordsOut)
	return errors.Join(err, out.close())
}

// newTask makes the engine's task of a job; brokers and offsets are left to the caller.
func newTask(ctx context.Context, j *job) (*engine.Task, error) {
	registry, err := plugins()
	if err != nil {
		return nil, err
	}
	class, err := registry.Connector(j.config["connector.class"])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.path, err)
	}
	if j.topic != "" {
		key := "topic"
		if class.Sink != nil {
			key = "topics"
		}
		j.config[key] = j.topic
	}
	taskConfig, err := plan(ctx, class, j.config)
	if err != nil {
		return nil, err
	}
	return &engine.Task{
		Connector: j.name, Tasks: 1, Class: class, Plugins: registry, Config: j.config, TaskConfig: taskConfig, Worker: workerDefaults(),
		TransactionalID: groupID + "-" + j.name + "-0", OffsetsTopic: offsetsTopic, Ownership: owner{},
		Budget: engine.Budget{Records: j.n, Idle: patience},
	}, nil
}

// plugins returns every connector there is, and those made for measuring.
func plugins() (*connect.Registry, error) {
	classes := benchconn.Classes(nil)
	for _, p := range connectors.All() {
		classes = append(classes, p.Classes...)
	}
	return connect.NewRegistry(builtin.With(classes...))
}

// plan returns the configuration of the one task.
func plan(ctx context.Context, class *connect.Class, config map[string]string) (map[string]string, error) {
	if class.Plan == nil {
		return config, nil
	}
	tasks, err := class.Plan(ctx, config, 1)
	if err != nil {
		return nil, fmt.Errorf("plan the connector: %w", err)
	}
	if len(tasks) != 1 {
		return nil, fmt.Errorf("the connector has %d tasks; one is measured", len(tasks))
	}
	return tasks[0], nil
}

// openOffsets opens the topic of source offsets, which is made if need be.
func openOffsets(ctx context.Context, kafka []kgo.Opt) (*store.Offsets, error) {
	cl, err := kgo.NewClient(kafka...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	compact := "compact"
	if _, err := kadm.NewClient(cl).CreateTopic(ctx, 25, -1, map[string]*string{"cleanup.policy": &compact}, offsetsTopic); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return nil, fmt.Errorf("create the topic %s: %w", offsetsTopic, err)
	}
	return store.OpenOffsets(store.Options{Kafka: kafka, GroupID: groupID, OffsetTopic: offsetsTopic})
}

// workerDefaults are the converters of Kafka Connect's own connect-distributed.properties.
func workerDefaults() map[string]string {
	const json = "org.apache.kafka.connect.json.JsonConverter"
	return map[string]string{
		"key.converter": json, "key.converter.schemas.enable": "true",
		"value.converter": json, "value.converter.schemas.enable": "true",
		"header.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter",
	}
}

// owner always owns its task: nobody contends for it.
type owner struct{}

func (owner) Check(context.Context) error { return nil }
