package task_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/datagen"
	"github.com/ferry-connect/ferry/connectors/file"
	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

const (
	fileSource = "org.apache.kafka.connect.file.FileStreamSourceConnector"
	fileSink   = "org.apache.kafka.connect.file.FileStreamSinkConnector"
	dataGen    = "io.confluent.kafka.connect.datagen.DatagenConnector"

	checkEvery = 2 * time.Second
	generation = 7
)

// function is a task function over a broker and a lease table, all in virtual time.
type function struct {
	*task.Handler
	t      *testing.T
	folder string
	broker *kfake.Cluster
	kafka  []kgo.Opt
	dial   []kgo.Opt // of them, what finds the broker in virtual time
	table  *table
	leases *lease.Leases
	log    *buffer

	offsets   *store.Offsets
	passwords *passwords // of test.LoginSource

	mu    sync.Mutex
	hints []*engine.OffsetHint // that offsets were read with
}

// inBubble runs a test in virtual time, with the topics in and out, and lets it change the function's options.
func inBubble(t *testing.T, change func(*task.Options), f func(t *testing.T, f *function)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen),
			kfake.SeedTopics(1, "in", "out", "offsets"))
		if err != nil {
			t.Fatal(err)
		}
		defer broker.Close()
		function := newFunction(t, broker, network, change)
		defer function.offsets.Close()
		f(t, function)
	})
}

func newFunction(t *testing.T, broker *kfake.Cluster, network *kfake.VirtualNetwork, change func(*task.Options)) *function {
	t.Helper()
	f := &function{t: t, folder: t.TempDir(), log: &buffer{}, table: &table{Table: lease.NewMemory()}, broker: broker, passwords: &passwords{}}
	f.dial = []kgo.Opt{kgo.Dialer(network.DialContext), kgo.MetadataMinAge(10 * time.Millisecond)}
	f.kafka = append(f.dial[:2:2], kgo.SeedBrokers(broker.ListenAddrs()...))
	f.leases = lease.New(f.table, lease.Options{})
	w, err := worker.New(map[string]string{
		"bootstrap.servers": strings.Join(broker.ListenAddrs(), ","), "group.id": "g",
		"config.storage.topic": "configs", "offset.storage.topic": "offsets", "status.storage.topic": "status",
		"key.converter":   "org.apache.kafka.connect.storage.StringConverter",
		"value.converter": "org.apache.kafka.connect.storage.StringConverter",
	})
	if err != nil {
		t.Fatal(err)
	}
	plugins, err := connect.NewRegistry(builtin.With(append(append(file.Classes(), datagen.Classes()...), testClasses(f.passwords)...)...))
	if err != nil {
		t.Fatal(err)
	}
	if f.offsets, err = store.OpenOffsets(store.Options{Kafka: f.kafka, GroupID: "g", OffsetTopic: "offsets"}); err != nil {
		t.Fatal(err)
	}
	o := task.Options{
		Plugins: plugins, Worker: w, Leases: f.leases, Offsets: f.remember(task.OffsetsOf(f.offsets)), Owner: "instance",
		Limits: task.Limits{Time: time.Minute, Reserve: 10 * time.Second, CheckEvery: checkEvery},
		Catalog: func() (*catalog.Catalog, error) {
			return catalog.LoadWith([]byte(`[{"class":"test.TalkativeSource","task_class":"test.TalkativeTask","type":"source","function":"test","checks":true,"config":[]}]`))
		},
		Log: slog.New(slog.NewJSONHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	if change != nil {
		change(&o)
	}
	if f.Handler, err = task.NewHandler(o); err != nil {
		t.Fatal(err)
	}
	f.UseKafka(f.dial...)
	return f
}

// sandbox is the same function in another sandbox, which may reach the leases otherwise, and see another time.
func (f *function) sandbox(table lease.Table, change func(*task.Options)) *task.Handler {
	f.t.Helper()
	o := f.Options
	o.Owner, o.Leases = "another instance", lease.New(table, lease.Options{})
	if change != nil {
		change(&o)
	}
	h, err := task.NewHandler(o)
	if err != nil {
		f.t.Fatal(err)
	}
	h.UseKafka(f.dial...)
	return h
}

// remember notes the hints that offsets are read with.
func (f *function) remember(next task.OffsetsFor) task.OffsetsFor {
	return func(connector string, config map[string]string, hint *engine.OffsetHint) connect.OffsetReader {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.hints = append(f.hints, hint)
		return next(connector, config, hint)
	}
}

// raise gives the connector's tasks a generation, as the coordinator does before it starts them.
func (f *function) raise(connector string, tasks int, generation int64) {
	f.t.Helper()
	if err := f.leases.Raise(f.t.Context(), connector, tasks, generation); err != nil {
		f.t.Fatal(err)
	}
}

// item returns the lease of task 0.
func (f *function) item(connector string) lease.Item {
	f.t.Helper()
	item, err := f.table.Table.Get(f.t.Context(), lease.Key{Connector: connector})
	if err != nil {
		f.t.Fatal(err)
	}
	return item
}

func (f *function) report(connector string) (report invoke.Report, facts engine.Facts) {
	f.t.Helper()
	if err := json.Unmarshal(f.item(connector).Facts, &report); err != nil {
		f.t.Fatal(err)
	}
	if err := json.Unmarshal(report.Facts, &facts); err != nil {
		f.t.Fatal(err)
	}
	return report, facts
}

// write makes a file in the test's folder and returns its path.
func (f *function) write(name, content string) string {
	f.t.Helper()
	path := filepath.Join(f.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// values returns the values of a topic as a read_committed reader sees them.
func (f *function) values(topic string) (values []string) {
	f.t.Helper()
	f.read(topic, (*kadm.Client).ListCommittedOffsets, func(r *kgo.Record) {
		if !r.Attrs.IsControl() {
			values = append(values, string(r.Value))
		}
	}, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	return values
}

// everything returns what is in a topic: keys, values and headers, also of aborted transactions.
func (f *function) everything(topic string) string {
	f.t.Helper()
	var all strings.Builder
	f.read(topic, (*kadm.Client).ListEndOffsets, func(r *kgo.Record) {
		fmt.Fprintf(&all, "%s %s", r.Key, r.Value)
		for _, h := range r.Headers {
			fmt.Fprintf(&all, " %s=%s", h.Key, h.Value)
		}
		all.WriteByte('\n')
	})
	return all.String()
}

// read calls each for the records of a topic of one partition, control records too, up to the end that list says.
func (f *function) read(topic string, list func(*kadm.Client, context.Context, ...string) (kadm.ListedOffsets, error), each func(*kgo.Record), opts ...kgo.Opt) {
	f.t.Helper()
	opts = append(opts, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())
	cl, err := kgo.NewClient(append(f.kafka[:len(f.kafka):len(f.kafka)], opts...)...)
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	ends, err := list(kadm.NewClient(cl), f.t.Context(), topic)
	if err != nil {
		f.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	for next := int64(0); next < end.Offset; {
		fetches := cl.PollFetches(f.t.Context())
		if err := fetches.Err(); err != nil {
			f.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			each(r)
		})
	}
}

// produce writes values to a topic.
func (f *function) produce(topic string, values ...string) {
	f.t.Helper()
	cl, err := kgo.NewClient(f.kafka...)
	if err != nil {
		f.t.Fatal(err)
	}
	defer cl.Close()
	for _, v := range values {
		if err := cl.ProduceSync(f.t.Context(), &kgo.Record{Topic: topic, Value: []byte(v)}).FirstErr(); err != nil {
			f.t.Fatal(err)
		}
	}
}

// request runs task 0 of a connector with one task.
func request(connector string, config map[string]string) *invoke.Request {
	return &invoke.Request{
		Op: invoke.OpRun, Connector: connector, Config: config, TaskConfig: config, Tasks: 1, Generation: generation,
	}
}

// pass lets virtual time pass.
func pass(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
		t.Fatal("the test was cut off")
	}
}

// buffer is a log that is written and read concurrently.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// String returns what was written.
func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ahead is a clock that is fast by its value.
type ahead time.Duration

// Now implements lease.Clock.
func (a ahead) Now() time.Time { return time.Now().Add(time.Duration(a)) }

// Wait implements lease.Clock; nobody has to.
func (ahead) Wait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// fence takes a transactional id over, as another owner of the task does.
func (f *function) fence(id string) {
	cl, err := kgo.NewClient(append(f.kafka[:len(f.kafka):len(f.kafka)], kgo.TransactionalID(id))...)
	if err != nil {
		f.t.Error(err)
		return
	}
	defer cl.Close()
	if _, _, err := cl.ProducerID(f.t.Context()); err != nil {
		f.t.Error(err)
	}
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("decode %q: %v", data, err)
	}
}
