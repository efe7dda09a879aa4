package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// workload is one kind of record on its way through the engine.
type workload struct {
	name   string
	kind   string            // of bench.BenchSource
	config map[string]string // how values are converted, and transformed before
}

//nolint:gochecknoglobals // constant tables; Go has no constant maps
var (
	bytesWorkload = workload{"bytes", "bytes", map[string]string{"value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter"}}
	jsonWorkload  = workload{"JSON", "record", map[string]string{"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false"}}
	jsonsWorkload = workload{"JSON+schemas", "record", map[string]string{"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "true"}}
)

// owner always owns its task.
type owner struct{}

func (owner) Check(context.Context) error { return nil }

// noOffsets knows no committed offset.
type noOffsets struct{}

func (noOffsets) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Null(), nil
}

// replay is a source whose records are there already, as those of the raw loop are: what making records costs is no
// matter of the engine's.
type replay struct {
	values    []connect.Value
	schema    *connect.Schema
	partition *connect.SourcePartition
	offset    connect.Map
	next, n   int
}

func (r *replay) Open(context.Context, *connect.SourceRuntime) error { return nil }

func (r *replay) Poll(_ context.Context, b *connect.Batch) error {
	for ; r.next < r.n && !b.Full(); r.next++ {
		rec := b.Append()
		rec.Topic, rec.ValueSchema, rec.Value = sourceTopic, r.schema, r.values[r.next%len(r.values)]
		rec.SourcePartition, rec.SourceOffset = r.partition, r.offset.Value()
		b.AddBytes(records.BytesSize)
	}
	r.offset.SetValue(0, connect.Int64(int64(r.next)))
	return nil
}

func (r *replay) Committed(context.Context, []connect.SourceOffset) error { return nil }

func (r *replay) Close(context.Context) error { return nil }

func newReplay(w workload, n int) *replay {
	r := &replay{schema: connect.BytesSchema, partition: connect.NewSourcePartition("source", connect.String("bench")), n: n}
	if w.kind != "bytes" {
		r.schema = records.NewSchema()
	}
	for i := range uint64(2 * transactionRecords) {
		if w.kind == "bytes" {
			r.values = append(r.values, connect.Bytes(records.AppendBytes(nil, i)))
		} else {
			r.values = append(r.values, records.Fill(nil, r.schema, i))
		}
	}
	r.offset = connect.NewMap([]connect.Value{connect.String("n"), connect.Int64(0)})
	return r
}

// engineReplay moves n records of a workload that are there already to the broker.
func engineReplay(b *broker, registry *connect.Registry, w workload) func(int) error {
	source := newReplay(w, 0)
	return func(n int) error {
		task, err := newSourceTask(b, registry, w, n)
		if err != nil {
			return err
		}
		source.next, source.n = 0, n
		class := *task.Class
		class.Source = func() connect.Source { return source }
		task.Class = &class
		return runTask(task, n)
	}
}

// engineSource makes n records of a workload and moves them to the broker.
func engineSource(b *broker, registry *connect.Registry, w workload) func(int) error {
	return func(n int) error {
		task, err := newSourceTask(b, registry, w, n)
		if err != nil {
			return err
		}
		return runTask(task, n)
	}
}

func newSourceTask(b *broker, registry *connect.Registry, w workload, n int) (*engine.Task, error) {
	task, err := newTask(registry, b.seeds(), "bench.BenchSource", w)
	if err != nil {
		return nil, err
	}
	task.Config["topic"] = sourceTopic
	task.Config["bench.kind"], task.Config["bench.n"] = w.kind, strconv.Itoa(n)
	task.Config["bench.batch"] = strconv.Itoa(transactionRecords)
	task.OffsetsTopic, task.Offsets = offsetsTopic, noOffsets{}
	task.TransactionalID = "engine"
	return task, nil
}

// engineSink moves the n records of a topic from the broker to the sink that counts them.
func engineSink(b *broker, registry *connect.Registry, w workload, topic string) func(int) error {
	return func(n int) error {
		task, err := newTask(registry, b.seeds(), "bench.NullSink", w)
		if err != nil {
			return err
		}
		// A group of its own, so that each round begins at the beginning.
		task.Connector = "bench-" + rand.Text()
		task.Config["topics"] = topic
		task.TransactionalID = task.Connector
		return runTask(task, n)
	}
}

func newTask(registry *connect.Registry, kafka []kgo.Opt, class string, w workload) (*engine.Task, error) {
	c, err := registry.Connector(class)
	if err != nil {
		return nil, err
	}
	config := map[string]string{"name": "bench", "connector.class": class}
	for k, v := range w.config {
		config[k] = v
	}
	return &engine.Task{
		Connector: "bench", Tasks: 1, Class: c, Plugins: registry, Config: config, TaskConfig: config, Kafka: kafka, Ownership: owner{},
		Worker: map[string]string{"key.converter": "org.apache.kafka.connect.storage.StringConverter", "header.converter": "org.apache.kafka.connect.storage.SimpleHeaderConverter"},
		Budget: engine.Budget{BatchRecords: transactionRecords},
	}, nil
}

func runTask(task *engine.Task, n int) error {
	facts, err := engine.Run(context.Background(), *task)
	if err != nil {
		return err
	}
	if facts.RecordsOut != int64(n) {
		return fmt.Errorf("the engine moved %d of %d records and ended as %s", facts.RecordsOut, n, facts.End)
	}
	return nil
}

// encoded returns what the workload's converter makes of the first n records.
func encoded(registry *connect.Registry, w workload, n int) ([][]byte, error) {
	values := make([][]byte, n)
	if w.kind == "bytes" {
		for i := range values {
			values[i] = records.AppendBytes(nil, uint64(i))
		}
		return values, nil
	}
	conv, err := benchconn.JSON(registry, w.config["value.converter.schemas.enable"] == "true")
	if err != nil {
		return nil, err
	}
	schema := records.NewSchema()
	for i := range values {
		if values[i], err = conv.AppendData([]byte{}, sourceTopic, schema, records.Fill(nil, schema, uint64(i))); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// schemaOf returns the schema part of an encoded envelope as the naive loop holds it.
func schemaOf(envelope []byte) (map[string]any, error) {
	var e struct {
		Schema map[string]any `json:"schema"`
	}
	if err := json.Unmarshal(envelope, &e); err != nil {
		return nil, fmt.Errorf("decode the record's schema: %w", err)
	}
	return e.Schema, nil
}
