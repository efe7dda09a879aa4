package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// brokerVariable makes the test binary run a broker and nothing else, so that benchmarks count the client's work alone.
const brokerVariable = "FERRY_ENGINE_BROKER"

func TestMain(m *testing.M) {
	if os.Getenv(brokerVariable) == "" {
		os.Exit(m.Run())
	}
	value := strings.Repeat("x", benchSize)
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(5, offsetsTopic), kfake.SeedTopics(1, "out", "in")}
	if os.Getenv(brokerVariable) == "blackhole" {
		opts = append(opts, kfake.BlackholeProduce())
	}
	c, err := kfake.NewCluster(opts...)
	if err != nil {
		panic(err)
	}
	if os.Getenv(brokerVariable) == "full" {
		cl, _ := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ProducerBatchCompression(kgo.NoCompression()))
		var records []*kgo.Record
		for range benchFull {
			records = append(records, &kgo.Record{Topic: "in", Value: []byte(value)})
		}
		if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
			panic(err)
		}
		cl.Close()
	}
	_, _ = fmt.Fprintln(os.Stdout, c.ListenAddrs()[0])
	_, _ = bufio.NewReader(os.Stdin).ReadByte() // until the parent ends
}

const (
	benchSize  = 200
	benchBatch = 8192
	benchFull  = 1 << 20
)

// otherBroker starts a broker in another process.
func otherBroker(b *testing.B, mode string) []kgo.Opt {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), brokerVariable+"="+mode)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = stdin.Close(), cmd.Wait() })
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return []kgo.Opt{kgo.SeedBrokers(strings.TrimSpace(addr)), kgo.ProducerBatchCompression(kgo.NoCompression())}
}

// generator gives n records of 200 bytes.
type generator struct {
	n     int
	value []byte
	part  *connect.SourcePartition
	at    int
}

func newGenerator(n int) *generator {
	return &generator{n: n, value: []byte(strings.Repeat("x", benchSize)), part: connect.NewSourcePartition("generator", connect.Int64(0))}
}

func (g *generator) Open(context.Context, *connect.SourceRuntime) error      { return nil }
func (g *generator) Committed(context.Context, []connect.SourceOffset) error { return nil }
func (g *generator) Close(context.Context) error                             { return nil }
func (g *generator) Poll(_ context.Context, b *connect.Batch) error {
	for g.at < g.n && !b.Full() {
		g.at++
		r := b.Append()
		r.Topic, r.Value, r.SourcePartition = "out", connect.Bytes(g.value), g.part
		m := b.Arena.NewMap(1)
		m.SetKey(0, connect.String("at"))
		m.SetValue(0, connect.Int64(int64(g.at)))
		r.SourceOffset = m.Value()
		b.AddBytes(len(g.value))
	}
	return nil
}

func benchTask(b *testing.B, class *connect.Class, kafka []kgo.Opt) Task {
	return Task{
		Connector: "c", Tasks: 1, Class: class, Plugins: registry(b), Config: map[string]string{"topics": "in"},
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": byteArrayConverter},
		Kafka:  kafka, TransactionalID: "g-c-0", OffsetsTopic: offsetsTopic, Offsets: noOffsets{},
		Ownership: owner(func(context.Context) error { return nil }),
		Budget:    Budget{BatchRecords: benchBatch, BatchBytes: 4 << 20},
	}
}

type noOffsets struct{}

func (noOffsets) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Value{}, nil
}

// BenchmarkPassThrough compares the source loop, with its transactions and without, with a bare kgo loop that writes the same records,
// and an offset record, in transactions of the same size. The unit is one record; cpu-ns/op is the CPU time of this process.
func BenchmarkPassThrough(b *testing.B) {
	for _, mode := range []struct {
		name string
		set  func(*Task)
	}{
		{"engine", func(*Task) {}},
		{"engine, interval", func(t *Task) { t.Config[boundaryKey] = atInterval }},
		{"engine, at least once", func(t *Task) { t.AtLeastOnce = off }},
	} {
		b.Run(mode.name, func(b *testing.B) {
			kafka := otherBroker(b, "blackhole")
			g := newGenerator(b.N)
			task := benchTask(b, &connect.Class{Name: "generator", Source: func() connect.Source { return g }}, kafka)
			mode.set(&task)
			measure(b, func() error {
				facts, err := Run(b.Context(), task)
				if err == nil && facts.RecordsOut != int64(b.N) {
					err = fmt.Errorf("%d records of %d", facts.RecordsOut, b.N)
				}
				return err
			})
		})
	}
	b.Run("raw", func(b *testing.B) {
		kafka := otherBroker(b, "blackhole")
		measure(b, func() error { return rawSource(b, kafka) })
	})
}

func rawSource(b *testing.B, kafka []kgo.Opt) error {
	cl, err := kgo.NewClient(append(kafka, kgo.TransactionalID("raw"), kgo.ProducerLinger(0), kgo.MaxBufferedRecords(4*benchBatch), kgo.DisableClientMetrics())...)
	if err != nil {
		return err
	}
	defer cl.Close()
	value := []byte(strings.Repeat("x", benchSize))
	slab := make([]kgo.Record, benchBatch+1)
	var failed atomic.Pointer[error]
	for left := b.N; left > 0; left -= benchBatch {
		if err := cl.BeginTransaction(); err != nil {
			return err
		}
		n := min(left, benchBatch)
		var pending atomic.Int64
		pending.Store(int64(n + 1))
		done := make(chan struct{})
		promise := func(_ *kgo.Record, err error) {
			if err != nil {
				first := err
				failed.Store(&first)
			}
			if pending.Add(-1) == 0 {
				close(done)
			}
		}
		for i := range n {
			slab[i] = kgo.Record{Topic: "out", Value: value}
			cl.Produce(b.Context(), &slab[i], promise)
		}
		slab[n] = kgo.Record{Topic: offsetsTopic, Key: []byte(`["raw",{"generator":0}]`), Value: []byte(`{"at":1}`)}
		cl.Produce(b.Context(), &slab[n], promise)
		<-done
		if err := failed.Load(); err != nil {
			return *err
		}
		if err := cl.EndTransaction(b.Context(), kgo.TryCommit); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkPassThroughSink compares the sink loop with a bare kgo loop that consumes the same records.
func BenchmarkPassThroughSink(b *testing.B) {
	b.Run("engine", func(b *testing.B) {
		kafka := otherBroker(b, "full")
		n := 0
		sink := putFunc(func(batch *connect.Batch) error { n += batch.Len(); return nil })
		task := benchTask(b, &connect.Class{Name: "null", Sink: func() connect.Sink { return sink }}, kafka)
		task.Config["consumer.override.group.id"] = "engine"
		measure(b, func() error {
			for round := 0; n < b.N; round++ {
				task.Config["consumer.override.group.id"] = fmt.Sprint("engine-", round)
				task.Budget.Records = int64(b.N - n)
				if _, err := Run(b.Context(), task); err != nil {
					return err
				}
			}
			return nil
		})
	})
	b.Run("raw", func(b *testing.B) {
		kafka := otherBroker(b, "full")
		total, partition := fetchBytes(defaultMemory)
		measure(b, func() error {
			for n := 0; n < b.N; {
				cl, err := kgo.NewClient(append(kafka, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{"in": {0: kgo.NewOffset().AtStart()}}),
					kgo.FetchMaxBytes(total), kgo.FetchMaxPartitionBytes(partition), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DisableClientMetrics())...)
				if err != nil {
					return err
				}
				for seen := 0; n < b.N && seen < benchFull; {
					got := cl.PollRecords(b.Context(), benchBatch).NumRecords()
					n, seen = n+got, seen+got
				}
				cl.Close()
			}
			return nil
		})
	})
}

func measure(b *testing.B, f func() error) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(benchSize)
	b.ResetTimer()
	before := cpu()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}

// cpu returns the CPU time that this process used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
