package e2e_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/engine"
)

// flow is a source that counts, a topic of one partition, and a sink that checks. Both commit many times a second, in short
// invocations, within the test's process.
type flow struct {
	name   string
	kafka  []kgo.Opt
	store  *store.Offsets
	topic  string // of the offsets
	plugin *connect.Registry
	log    *history

	sourceAt, sinkAt atomic.Int64 // when they have committed last, in nanoseconds

	mu      sync.Mutex
	last    int64  // number that the sink was given
	repeats int    // how often it was given older ones
	lost    string // what it was not given

	read, next int64 // the offset up to which the topic was read, and the number that is to come
}

// history is what the tasks and their clients have to tell: the last of it explains a failure.
type history struct {
	slog.Handler
	mu    sync.Mutex
	lines strings.Builder
}

func newHistory() *history {
	h := new(history)
	h.Handler = slog.NewTextHandler(h, &slog.HandlerOptions{Level: slog.LevelInfo})
	return h
}

func (h *history) Write(line []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lines.Write(line)
}

// tail is the end of it, and how often something was told.
func (h *history) tail() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := h.lines.String()
	return all[max(0, len(all)-64<<10):]
}

func (h *history) count(text string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Count(h.lines.String(), text)
}

// run starts source and sink, again and again until ctx ends.
func (f *flow) run(ctx context.Context, running *sync.WaitGroup) {
	source := &connect.Class{Name: "counter", Source: func() connect.Source { return &counter{topic: f.topicName()} }}
	sink := &connect.Class{Name: "checker", Sink: func() connect.Sink { return &checker{f} }}
	running.Go(func() { f.repeat(ctx, f.name+"-source", source, &f.sourceAt) })
	running.Go(func() { f.repeat(ctx, f.name+"-sink", sink, &f.sinkAt) })
}

func (f *flow) topicName() string { return f.name + "-numbers" }

// repeat invokes one task as its host would, except that it does not wait long after a failure.
func (f *flow) repeat(ctx context.Context, name string, class *connect.Class, at *atomic.Int64) {
	var hint *store.Hint
	for ctx.Err() == nil {
		facts, err := engine.Run(ctx, engine.Task{
			Connector: name, Class: class, Plugins: f.plugin, Config: map[string]string{"topics": f.topicName()},
			Worker: map[string]string{"key.converter": stringConverter, "value.converter": stringConverter},
			Kafka:  append(f.kafka, kgo.ClientID(name)), TransactionalID: "kills-" + name,
			OffsetsTopic: f.topic, Offsets: f.store.Reader(name, "", hint), Ownership: always{},
			Budget: engine.Budget{
				Deadline: time.Now().Add(2 * time.Minute), Idle: 3 * time.Second, CheckEvery: time.Second,
				BatchRecords: 100 + rand.IntN(200), Records: int64(1000 + rand.IntN(8000)),
			},
			Log:      slog.New(f.log),
			Progress: func(engine.Facts) { at.Store(time.Now().UnixNano()) },
		})
		if facts.Hint != nil {
			hint = &store.Hint{Partition: facts.Hint.Partition, Offset: facts.Hint.Offset}
		}
		if err != nil {
			slog.New(f.log).Error("an invocation failed", "task", name, "error", err)
			pause(ctx, 200*time.Millisecond)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// always is an engine.Ownership: the test starts no task twice.
type always struct{}

func (always) Check(context.Context) error { return nil }

// verify reads on in the topic, and fails the test if a committed number is missing, or there twice.
func (f *flow) verify(t *testing.T, bootstrap string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	consumer := client(t, bootstrap, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{f.topicName(): {0: kgo.NewOffset().At(f.read)}}))
	defer consumer.Close()
	stable, err := kadm.NewClient(consumer).ListCommittedOffsets(ctx, f.topicName())
	check(t, err)
	check(t, stable.Error())
	for end := stable[f.topicName()][0].Offset; f.read < end; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("read %s from %d to %d: %v", f.topicName(), f.read, end, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if f.read = r.Offset + 1; r.Attrs.IsControl() {
				return
			}
			if got := string(r.Value); got != strconv.FormatInt(f.next, 10) {
				t.Fatalf("%s has %s at offset %d, want %d (producer %d, epoch %d)", f.topicName(), got, r.Offset, f.next, r.ProducerID, r.ProducerEpoch)
			}
			f.next++
		})
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lost != "" {
		t.Fatalf("the sink of %s %s", f.topicName(), f.lost)
	}
}

// counter is a source of all numbers.
type counter struct {
	topic     string
	partition *connect.SourcePartition
	next      int64
}

func (c *counter) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	c.partition = connect.NewSourcePartition("counter", connect.String(c.topic))
	offset, err := rt.Offsets.Offset(ctx, c.partition)
	if err == nil && !offset.IsNull() {
		next, _ := offset.Map().Get("next")
		c.next = next.Int()
	}
	return err
}

func (c *counter) Poll(_ context.Context, b *connect.Batch) error {
	for range 50 {
		if b.Full() {
			break
		}
		r := b.Append()
		r.Topic, r.SourcePartition = c.topic, c.partition
		r.ValueSchema, r.Value = connect.StringSchema, connect.String(strconv.FormatInt(c.next, 10))
		c.next++
		r.SourceOffset = connect.NewMap([]connect.Value{connect.String("next"), connect.Int64(c.next)}).Value()
		b.AddBytes(20)
	}
	return nil
}

func (*counter) Committed(context.Context, []connect.SourceOffset) error { return nil }
func (*counter) Close(context.Context) error                             { return nil }

// checker is a sink that may be given numbers again, but none may be missing.
type checker struct{ f *flow }

func (*checker) Open(context.Context, *connect.SinkRuntime) error { return nil }

func (c *checker) Put(_ context.Context, b *connect.Batch) error {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	for _, r := range b.Records() {
		n, err := strconv.ParseInt(string(r.Value.Bytes()), 10, 64)
		if err != nil {
			return err
		}
		switch last := c.f.last; {
		case n > last+1 && c.f.lost == "":
			c.f.lost = fmt.Sprintf("was given %d after %d, at offset %d", n, last, r.Offset)
		case n <= last:
			c.f.repeats++
		}
		c.f.last = n
	}
	return nil
}

func (*checker) Flush(context.Context) (connect.Offsets, error) { return nil, nil }
func (*checker) Close(context.Context) error                    { return nil }
