package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"math"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
)

const (
	// emptyRuns is how many invocations are measured together: the clock of CPU time is coarse.
	emptyRuns = 50
	// backlogRecords is how much a task has before it when its calls to the lease table are counted.
	backlogRecords = 4_000_000
)

// countingTable counts what would be requests to DynamoDB: each method is one.
type countingTable struct {
	lease.Table
	reads, writes atomic.Int64
}

// Get implements lease.Table.
func (c *countingTable) Get(ctx context.Context, key lease.Key) (lease.Item, error) {
	c.reads.Add(1)
	return c.Table.Get(ctx, key)
}

// Swap implements lease.Table.
func (c *countingTable) Swap(ctx context.Context, next lease.Item) (lease.Item, error) {
	c.writes.Add(1)
	return c.Table.Swap(ctx, next)
}

// function is a task function in this process, with leases in memory: what it costs is Ferry's and the Kafka client's.
type function struct {
	handler *task.Handler
	table   *countingTable
	leases  *lease.Leases
	offsets *store.Offsets
}

func newFunction(b *broker, registry *connect.Registry) (*function, error) {
	f := &function{table: &countingTable{Table: lease.NewMemory()}}
	f.leases = lease.New(f.table, lease.Options{})
	w, err := worker.New(map[string]string{
		"bootstrap.servers": b.addr, "group.id": "bench",
		"config.storage.topic": "configs", "offset.storage.topic": offsetsTopic, "status.storage.topic": "status",
		"key.converter":   "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.converters.ByteArrayConverter",
	})
	if err != nil {
		return nil, err
	}
	if f.offsets, err = store.OpenOffsets(store.Options{Kafka: b.seeds(), GroupID: "bench", OffsetTopic: offsetsTopic}); err != nil {
		return nil, err
	}
	f.handler, err = task.NewHandler(task.Options{
		Plugins: registry, Worker: w, Leases: f.leases, Offsets: task.OffsetsOf(f.offsets), Owner: "bench",
		Limits: task.Limits{Time: 5 * time.Minute, Reserve: 10 * time.Second, Sessions: 1},
		Log:    slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	return f, err
}

func (f *function) close() {
	f.handler.Close()
	f.offsets.Close()
}

// invoke makes a function that runs the task of a new connector once.
func (f *function) invoke(ctx context.Context, config map[string]string) (run func() error, err error) {
	name := "bench-" + rand.Text()
	if err := f.leases.Raise(ctx, name, 1, 1); err != nil {
		return nil, err
	}
	req := &invoke.Request{Op: invoke.OpRun, Connector: name, Config: config, TaskConfig: config, Tasks: 1, Generation: 1}
	return func() error { return f.handler.Handle(ctx, req).Error.Err() }, nil
}

// invocation measures what an invocation costs beside its records: CPU when there are none, and calls to the lease table.
func invocation(ctx context.Context, forget, keep *broker, registry *connect.Registry, rounds int) ([]row, error) {
	if err := keep.fill(ctx, "empty", 1, 0, kgo.NoCompression(), nil); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range []struct {
		kind   string
		config map[string]string
	}{
		{"source", map[string]string{"connector.class": "bench.BenchSource", "topic": sourceTopic, "bench.n": "0"}},
		{"sink", map[string]string{"connector.class": "bench.NullSink", "topics": "empty"}},
	} {
		r, err := emptyInvocation(ctx, keep, registry, c.kind, c.config, rounds)
		if err != nil {
			return rows, err
		}
		rows = append(rows, r...)
	}
	r, err := leaseCalls(ctx, forget, registry)
	return append(rows, r...), err
}

func emptyInvocation(ctx context.Context, b *broker, registry *connect.Registry, kind string, config map[string]string, rounds int) ([]row, error) {
	f, err := newFunction(b, registry)
	if err != nil {
		return nil, err
	}
	defer f.close()
	run, err := f.invoke(ctx, config)
	if err != nil {
		return nil, err
	}
	first := cpuTime()
	if err := run(); err != nil {
		return nil, err
	}
	first = cpuTime() - first
	f.table.reads.Store(0)
	f.table.writes.Store(0)
	best, runs := math.Inf(1), 0
	for range rounds {
		s, err := measure(contender{name: kind, n: emptyRuns, run: func(n int) error {
			for range n {
				if err := run(); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return nil, err
		}
		best, runs = min(best, s.cpu), runs+emptyRuns
	}
	perRun := func(n int64) float64 { return float64(n) / float64(runs) }
	return []row{
		{Metric: "empty invocation of a " + kind + ", CPU", Value: best / 1e6, Unit: " ms", Gate: 1, Goal: 0.4,
			Detail: fmt.Sprintf("warm, leases in memory, least of %d times %d; the first one %.1f ms", rounds, emptyRuns, float64(first.Microseconds())/1e3)},
		{Metric: "lease writes of an empty invocation, " + kind, Value: perRun(f.table.writes.Load()), Gate: 2, Goal: 1,
			Detail: fmt.Sprintf("%.0f reads beside them", perRun(f.table.reads.Load()))},
	}, nil
}

// leaseCalls counts the calls to the lease table while a task works off what is there.
func leaseCalls(ctx context.Context, b *broker, registry *connect.Registry) ([]row, error) {
	f, err := newFunction(b, registry)
	if err != nil {
		return nil, err
	}
	defer f.close()
	run, err := f.invoke(ctx, map[string]string{
		"connector.class": "bench.BenchSource", "topic": sourceTopic, "bench.kind": "bytes",
		"bench.n": strconv.Itoa(backlogRecords), "bench.batch": strconv.Itoa(transactionRecords),
	})
	if err != nil {
		return nil, err
	}
	f.table.reads.Store(0)
	f.table.writes.Store(0)
	began := time.Now()
	if err := run(); err != nil {
		return nil, err
	}
	reads, writes := f.table.reads.Load(), f.table.writes.Load()
	return []row{{Metric: "lease calls per 10^6 records under backlog", Value: float64(reads+writes) / (backlogRecords / 1e6), Gate: 40, Goal: 10,
		Detail: fmt.Sprintf("%s records of 200 B in %v: %d writes, %d reads", strconv.Itoa(backlogRecords), time.Since(began).Round(10*time.Millisecond), writes, reads)}}, nil
}
