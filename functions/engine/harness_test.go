package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// broker is a Kafka cluster and what tests ask it.
type broker struct {
	t     *testing.T
	seeds []string
	dial  func(ctx context.Context, network, host string) (net.Conn, error)
	real  bool   // a real broker in real time, else kfake in virtual time
	name  string // of the connector

	cluster *kfake.Cluster // nil for a real broker
}

const offsetsTopic = "connect-offsets"

// inBubble runs a test in virtual time against a broker with the given topics.
func inBubble(t *testing.T, seeds map[string]int32, f func(t *testing.T, b *broker), more ...kfake.Opt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		opts := []kfake.Opt{
			kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(5, offsetsTopic),
			kfake.BrokerConfigs(map[string]string{"message.max.bytes": "33554432"}),
		}
		for topic, partitions := range seeds {
			opts = append(opts, kfake.SeedTopics(partitions, topic))
		}
		c, err := kfake.NewCluster(append(opts, more...)...)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		f(t, &broker{t: t, seeds: c.ListenAddrs(), dial: network.DialContext, name: "c", cluster: c})
	})
}

// kafka returns the options by which a client reaches the broker.
func (b *broker) kafka() []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(b.seeds...), kgo.Dialer(b.dial), kgo.MetadataMinAge(10 * time.Millisecond)}
}

func (b *broker) client(opts ...kgo.Opt) *kgo.Client {
	b.t.Helper()
	cl, err := kgo.NewClient(append(b.kafka(), opts...)...)
	if err != nil {
		b.t.Fatal(err)
	}
	return cl
}

// produce writes records one by one, without a transaction.
func (b *broker) produce(records ...*kgo.Record) {
	b.t.Helper()
	cl := b.client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(32<<20))
	defer cl.Close()
	if err := cl.ProduceSync(b.t.Context(), records...).FirstErr(); err != nil {
		b.t.Fatal(err)
	}
}

// read returns what a read_committed reader sees in a topic, in the order of each partition.
func (b *broker) read(topic string) []*kgo.Record {
	b.t.Helper()
	adm := b.client()
	defer adm.Close()
	ends, err := kadm.NewClient(adm).ListCommittedOffsets(b.t.Context(), topic)
	if err != nil {
		b.t.Fatal(err)
	}
	left := make(map[int32]int64)
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	cl := b.client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.FetchMaxWait(50*time.Millisecond))
	defer cl.Close()
	var all []*kgo.Record
	for len(left) > 0 {
		ctx, cancel := context.WithTimeout(b.t.Context(), 2*time.Second)
		fetches := cl.PollFetches(ctx)
		quiet := ctx.Err() != nil
		cancel()
		if quiet { // a partition may end in records of an aborted transaction
			break
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
			if !r.Attrs.IsControl() {
				all = append(all, r)
			}
		})
	}
	return all
}

func (b *broker) values(topic string) []string {
	b.t.Helper()
	var values []string
	for _, r := range b.read(topic) {
		values = append(values, string(r.Value))
	}
	return values
}

// committed returns the group's offset of one partition, -1 if there is none. After a commit a real broker knows the old one for a
// moment more, and says unstable to who asks for what is stable; so it does for as long as a transaction hangs.
func (b *broker) committed(group, topic string, partition int32) int64 {
	b.t.Helper()
	cl := b.client()
	defer cl.Close()
	ctx := kadm.RequireStable(b.t.Context())
	for tries := 0; ; tries++ {
		if tries == 100 {
			ctx = b.t.Context()
		}
		o, err := kadm.NewClient(cl).FetchOffsets(ctx, group)
		r, ok := o.Lookup(topic, partition)
		if notYet(cmp.Or(err, r.Err)) && sleep(ctx, retryBrokerPause) {
			continue
		}
		if err != nil || !ok {
			return -1
		}
		return r.At
	}
}

// Offset implements connect.OffsetReader by reading the whole offsets topic.
func (b *broker) Offset(_ context.Context, p *connect.SourcePartition) (connect.Value, error) {
	want, err := offsets.AppendKey(nil, b.name, p)
	if err != nil {
		return connect.Value{}, err
	}
	var value connect.Value
	for _, r := range b.read(offsetsTopic) {
		if string(r.Key) == string(want) {
			if value, err = offsets.ParseValue(r.Value); err != nil {
				return connect.Value{}, err
			}
		}
	}
	return value, nil
}

// task returns a task of the class with bytes converters, that ends when nothing more is there.
func (b *broker) task(class *connect.Class, config map[string]string) Task {
	b.t.Helper()
	if config == nil {
		config = make(map[string]string)
	}
	return Task{
		Connector: b.name, Tasks: 1, Class: class, Plugins: registry(b.t), Config: config,
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": byteArrayConverter},
		Kafka:  b.kafka(), TransactionalID: "g-" + b.name + "-0", OffsetsTopic: offsetsTopic, Offsets: b,
		Ownership: owner(func(context.Context) error { return nil }),
		Log:       slog.New(testLog{b.t}),
	}
}

// owner is an Ownership that is one function.
type owner func(context.Context) error

func (o owner) Check(ctx context.Context) error { return o(ctx) }

// testLog sends warnings to the test's log.
type testLog struct{ t *testing.T }

func (l testLog) Enabled(context.Context, slog.Level) bool { return testing.Verbose() }
func (l testLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l testLog) WithGroup(string) slog.Handler            { return l }
func (l testLog) Handle(_ context.Context, r slog.Record) error {
	var attrs []string
	r.Attrs(func(a slog.Attr) bool { attrs = append(attrs, a.String()); return true })
	l.t.Logf("%s %s %s", r.Level, r.Message, strings.Join(attrs, " "))
	return nil
}

// line is a way to the broker that can be cut: what a killed process leaves behind.
type line struct {
	dial func(ctx context.Context, network, host string) (net.Conn, error)
	mu   sync.Mutex
	cut  bool
	open []net.Conn
}

func (l *line) DialContext(ctx context.Context, network, host string) (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	c, err := l.dial(ctx, network, host)
	if err != nil {
		return nil, err
	}
	l.open = append(l.open, c)
	return wire{c}, nil
}

// wire is a connection that fails as one over TCP does, which is what the client's retries go by.
type wire struct{ net.Conn }

func (w wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	return n, reset("read", err)
}

func (w wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	return n, reset("write", err)
}

func reset(op string, err error) error {
	if errors.Is(err, io.ErrClosedPipe) {
		return &net.OpError{Op: op, Net: "tcp", Err: syscall.ECONNRESET}
	}
	return err
}

// drop closes what is open; what is asked for then is opened again.
func (l *line) drop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.open {
		_ = c.Close()
	}
	l.open = nil
}

// mend ends what kill began: the broker is back.
func (l *line) mend() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// kill closes what is open, for good.
func (l *line) kill() {
	l.mu.Lock()
	l.cut = true
	l.mu.Unlock()
	l.drop()
}

// leftovers returns the stacks of goroutines of the Kafka client or of the engine that still run; the test must have closed
// its own clients. In real time nobody can say when goroutines have had the time to end, so there are none to be found.
func (b *broker) leftovers() []string {
	if b.real {
		return nil
	}
	synctest.Wait()
	buf := make([]byte, 1<<20)
	var left []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "franz-go/pkg/kgo.") || strings.Contains(stack, "engine.(*run).watch") {
			left = append(left, stack)
		}
	}
	return left
}

// Plugins of the tests.

func registry(t testing.TB) *connect.Registry {
	t.Helper()
	r, err := connect.NewRegistry(connect.Plugins{
		Converters: []*connect.ConverterClass{
			{Name: byteArrayConverter, New: func(map[string]string) (connect.Converter, error) { return bytesConverter{}, nil }},
			{Name: "test.TextConverter", New: func(c map[string]string) (connect.Converter, error) { return &textConverter{config: c}, nil }},
		},
		HeaderConverters: []*connect.HeaderConverterClass{
			{Name: simpleHeaderConverter, New: func(map[string]string) (connect.HeaderConverter, error) { return textHeaders{}, nil }},
		},
		Transforms: []*connect.TransformClass{
			{Name: "test.Drop", New: func(c map[string]string) (connect.Transform, error) {
				return apply(func(r *connect.Record) (bool, error) {
					return !contains(r.Value, c["text"]), nil
				}), nil
			}},
			{Name: "test.Fail", New: func(c map[string]string) (connect.Transform, error) {
				return apply(func(r *connect.Record) (bool, error) {
					if contains(r.Value, c["text"]) {
						return false, connect.DataError("bad text")
					}
					return true, nil
				}), nil
			}},
			{Name: "test.Slow", New: func(map[string]string) (connect.Transform, error) {
				return apply(func(*connect.Record) (bool, error) { <-time.After(time.Millisecond); return true, nil }), nil
			}},
			{Name: "test.Flaky", New: func(map[string]string) (connect.Transform, error) {
				n := 0
				return apply(func(*connect.Record) (bool, error) {
					if n++; n%3 != 0 {
						return false, connect.RetriableError("not now", nil)
					}
					return true, nil
				}), nil
			}},
			{Name: "test.Number", New: func(map[string]string) (connect.Transform, error) { return new(numbers), nil }},
			{Name: "test.Route", New: func(c map[string]string) (connect.Transform, error) {
				return apply(func(r *connect.Record) (bool, error) { r.Topic = c["topic"]; return true, nil }), nil
			}},
		},
		Predicates: []*connect.PredicateClass{
			{Name: "test.HasText", New: func(c map[string]string) (connect.Predicate, error) {
				return test(func(r *connect.Record) bool { return contains(r.Value, c["text"]) }), nil
			}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

type apply func(r *connect.Record) (bool, error)

func (f apply) Apply(r *connect.Record, _ *connect.Arena) (bool, error) { return f(r) }

// numbers makes each value a kilobyte of the record's number, in memory of the arena.
type numbers struct{ n int }

func (t *numbers) Apply(r *connect.Record, a *connect.Arena) (bool, error) {
	r.ValueSchema, r.Value = nil, connect.Bytes(a.CopyBytes(fmt.Appendf(nil, "%01024d", t.n)))
	t.n++
	return true, nil
}

type test func(r *connect.Record) bool

func (f test) Test(r *connect.Record) (bool, error) { return f(r), nil }

// bytesConverter is bytes in, bytes out.
type bytesConverter struct{}

func (bytesConverter) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	return append(dst, v.Bytes()...), nil
}

func (bytesConverter) ReadData(_ *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return connect.OptionalBytesSchema, connect.Null(), nil
	}
	return connect.OptionalBytesSchema, connect.Bytes(data), nil
}

// textConverter reads text, fails on text that contains "bad", and writes text with what it was configured with before it.
type textConverter struct{ config map[string]string }

func (c *textConverter) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	if contains(v, "bad") {
		return nil, connect.DataError("bad data")
	}
	return append(append(dst, c.config["prefix"]...), v.Bytes()...), nil
}

func (c *textConverter) ReadData(a *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return connect.OptionalStringSchema, connect.Null(), nil
	}
	if strings.Contains(string(data), "bad") {
		return nil, connect.Value{}, connect.DataError("bad data")
	}
	return connect.OptionalStringSchema, connect.String(a.CopyString(c.config["prefix"] + string(data))), nil
}

type textHeaders struct{}

func (textHeaders) AppendHeader(dst []byte, _, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return nil, nil
	}
	return append(dst, v.Bytes()...), nil
}

func (textHeaders) ReadHeader(_ *connect.Arena, _, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil {
		return nil, connect.Null(), nil
	}
	return connect.StringSchema, connect.StringBytes(data), nil
}

// count builds "prefix-0", "prefix-1", …
func count(prefix string, n int) []string {
	s := make([]string, n)
	for i := range s {
		s[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return s
}

func asJSON(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

// contains looks for text in a string or in bytes, without a copy.
func contains(v connect.Value, text string) bool {
	return !v.IsNull() && bytes.Contains(v.Bytes(), []byte(text))
}
