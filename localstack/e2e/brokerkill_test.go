package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// brokerKills is how often the broker is killed. With 18 it is at every moment once, which takes a few minutes.
var brokerKills = flag.Int("broker-kills", 2, "how often the test of broker kills kills its broker")

// momentLimit is how long a moment is waited for.
const momentLimit = 20 * time.Second

func TestNothingIsLostOrWrittenTwiceWhereverABrokerIsKilled(t *testing.T) {
	// given sources and sinks that share an offsets topic
	tap := newTap(t)
	broker := servers.Kafka(t, servers.Properties("advertised.listeners=PLAINTEXT://"+tap.addr(),
		"broker.session.timeout.ms=2000", "broker.heartbeat.interval.ms=300"))
	tap.target, tap.kill = broker.Addr, func() { broker.Kill(t) }
	tap.serve(t)
	log := newHistory()
	flows := newFlows(t, tap.addr(), log)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what tasks and clients told last:\n%s", log.tail())
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	for _, f := range flows {
		f.run(ctx, &running)
	}
	defer running.Wait()
	defer cancel()
	awaitFlows(t, flows, time.Now())

	// when the broker is killed at one moment after the other
	for i := range *brokerKills {
		m := moments()[i%len(moments())]
		m.n = 1 + rand.IntN(4)
		killAt(t, tap, m)
		broker.Start(t)
		back := time.Now()

		// then all go on soon, where they were
		source, sink := awaitFlows(t, flows, back)
		t.Logf("killed %v: sources went on after %v, sinks after %v; transactions left hanging so far: %d; markers left out: %d",
			m, source.Round(time.Millisecond), sink.Round(time.Millisecond), log.count("KAFKA-20734"), leftOut(t, broker))
		for _, f := range flows {
			f.verify(t, tap.addr())
		}
	}
}

// newFlows makes three: so many transactions are open at a kill.
func newFlows(t *testing.T, bootstrap string, log *history) []*flow {
	t.Helper()
	const offsets = "kills-offsets"
	compact := "compact"
	_, err := kadm.NewClient(client(t, bootstrap)).CreateTopic(t.Context(), 2, 1, map[string]*string{"cleanup.policy": &compact}, offsets)
	check(t, err)
	plugins, err := connect.NewRegistry(builtin.Plugins())
	check(t, err)
	seeds := []kgo.Opt{kgo.SeedBrokers(bootstrap)}
	reader, err := store.OpenOffsets(store.Options{Kafka: seeds, GroupID: "kills", OffsetTopic: offsets, Log: slog.New(log)})
	check(t, err)
	t.Cleanup(reader.Close)
	flows := make([]*flow, 3)
	for i := range flows {
		f := &flow{name: fmt.Sprint("flow-", i), kafka: seeds[:1:1], store: reader, topic: offsets, plugin: plugins, log: log, last: -1}
		createTopic(t, bootstrap, f.topicName())
		flows[i] = f
	}
	return flows
}

// killAt returns when the broker is dead.
func killAt(t *testing.T, tap *tap, m moment) {
	t.Helper()
	struck := tap.arm(m)
	select {
	case <-struck:
	case <-time.After(momentLimit):
		t.Logf("%v did not come", m)
		tap.strikeNow()
		<-struck
	}
}

// awaitFlows waits until every source and every sink has committed since, and returns how long the slowest took.
func awaitFlows(t *testing.T, flows []*flow, since time.Time) (source, sink time.Duration) {
	t.Helper()
	went := func(what string, at func(*flow) *atomic.Int64) time.Duration {
		for _, f := range flows {
			await(t, fmt.Sprintf("the %s of %s goes on", what, f.topicName()), func() bool { return at(f).Load() > since.UnixNano() })
		}
		return time.Since(since)
	}
	source = went("source", func(f *flow) *atomic.Int64 { return &f.sourceAt })
	return source, went("sink", func(f *flow) *atomic.Int64 { return &f.sinkAt })
}

// leftOut counts the transactions for which the broker left markers out since it was started: see txn.Last.
func leftOut(t *testing.T, broker *servers.Server) int {
	t.Helper()
	return strings.Count(read(t, filepath.Join(broker.Data, "server.log")), "Couldn't find leader endpoint for partitions")
}
