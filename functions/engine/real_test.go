package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// The protocol on real brokers, at every level of transaction.version: they differ in when an epoch is raised, which
// versions of the requests they take, and which error a fenced producer gets; and all of them answer
// CONCURRENT_TRANSACTIONS and unstable offsets, which kfake does not.
func TestTheProtocolOnRealBrokers(t *testing.T) {
	for _, level := range []int{2, 1, 0} {
		t.Run(fmt.Sprint("transaction.version ", level), func(t *testing.T) {
			t.Parallel()
			server := servers.Kafka(t, servers.FormatArgs("--feature", fmt.Sprint("transaction.version=", level)))
			b := &broker{t: t, seeds: []string{server.Addr}, dial: new(net.Dialer).DialContext, real: true, name: "c"}
			b.create(t, map[string]int32{
				offsetsTopic: 5, "out-fence": 1, "in": 3, "in-fence": 1,
				"out-poll": 1, "out-interval": 1, "out-connector": 3, "out-off": 1,
			})

			cl := b.client()
			finalized, err := transactionVersion(t.Context(), cl)
			cl.Close()
			if err != nil || finalized != int16(level) {
				t.Fatalf("finalized transaction.version is %d, %v", finalized, err)
			}
			t.Run("source", func(t *testing.T) { b.as(t, "source").simulateSource(seeded(1), "out-poll", 1, 8, atPoll) })
			t.Run("source, interval", func(t *testing.T) { b.as(t, "interval").simulateSource(seeded(3), "out-interval", 1, 8, atInterval) })
			t.Run("source, connector", func(t *testing.T) { b.as(t, "connector").simulateSource(seeded(4), "out-connector", 3, 8, atConnector) })
			t.Run("source, at least once", func(t *testing.T) { b.as(t, "off").simulateAtLeastOnce(seeded(5), "out-off", 8, false) })
			t.Run("sink", func(t *testing.T) { b.as(t, "sink").simulateSink(seeded(2), "in", 8) })
			t.Run("fenced source", func(t *testing.T) { b.as(t, "fenced-source").fencedSource("out-fence") })
			t.Run("new topics", func(t *testing.T) { b.as(t, "new-topics").createsTopics("new") })
			t.Run("fenced sink", func(t *testing.T) { b.as(t, "fenced-sink").fencedSink("in-fence") })
		})
	}
}

func (b *broker) create(t *testing.T, topics map[string]int32) {
	t.Helper()
	cl := b.client()
	defer cl.Close()
	for topic, partitions := range topics {
		if _, err := kadm.NewClient(cl).CreateTopic(t.Context(), partitions, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
	}
}

// as returns the same broker for another connector and test.
func (b *broker) as(t *testing.T, name string) *broker {
	other := *b
	other.t, other.name = t, name
	return &other
}

type outcome struct {
	Facts
	err error
}

func start(ctx context.Context, task Task) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		f, err := Run(ctx, task)
		done <- outcome{f, err}
	}()
	return done
}

// fencedSource freezes a source between two polls of a batch while another takes over.
func (b *broker) fencedSource(topic string) {
	t := b.t
	t.Helper()
	lines := count("a", 10)
	old := &upstream{topic: topic, lines: map[string][]string{"a": lines}, atOnce: 5}
	frozen, thaw := make(chan struct{}), make(chan struct{})
	old.onPoll = func(_ context.Context, poll int) {
		if poll == 2 {
			close(frozen)
			<-thaw
		}
	}
	done := start(t.Context(), b.task(old.class(), nil))
	<-frozen
	young := &upstream{topic: topic, lines: map[string][]string{"a": lines}}
	if facts, err := Run(t.Context(), b.task(young.class(), nil)); err != nil || facts.RecordsOut != 10 {
		t.Errorf("the younger: %s, %v", asJSON(facts), err)
	}
	close(thaw)
	got := <-done
	if got.End != EndLost || !errors.Is(got.err, ErrFenced) || got.RecordsOut != 0 || len(old.acked) > 0 {
		t.Errorf("the older: %s, %v, acknowledged %v", asJSON(got.Facts), got.err, old.acked)
	}
	if values := b.values(topic); !slices.Equal(values, lines) {
		t.Errorf("a reader sees %v", values)
	}
	if left := b.leftovers(); len(left) > 0 {
		t.Errorf("goroutines left: %v", left)
	}
}

// fencedSink freezes a sink in Put while another takes over.
func (b *broker) fencedSink(topic string) {
	t := b.t
	t.Helper()
	b.fill(topic, 0, "a", 10)
	old := new(downstream)
	frozen, thaw := make(chan struct{}), make(chan struct{})
	old.onPut = func(_ context.Context, put int) {
		if put == 2 {
			close(frozen)
			<-thaw
		}
	}
	task := b.task(old.class(), topics(topic))
	task.Budget.BatchRecords = 4
	done := start(t.Context(), task)
	<-frozen
	young := new(downstream)
	if facts, err := Run(t.Context(), b.task(young.class(), topics(topic))); err != nil || facts.RecordsOut != 6 {
		t.Errorf("the younger: %s, %v", asJSON(facts), err)
	}
	close(thaw)
	if got := <-done; got.End != EndLost || !errors.Is(got.err, ErrFenced) || got.Batches != 1 {
		t.Errorf("the older: %s, %v", asJSON(got.Facts), got.err)
	}
	if c := b.committed("connect-"+b.name, topic, 0); c != 10 {
		t.Errorf("committed %d", c)
	}
}
