package e2e_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestASinkCommitsAndFencesAtEveryTransactionVersion(t *testing.T) {
	cases := []struct {
		name   string
		level  int16
		broker func(t *testing.T) *servers.Server
	}{
		{"0 as in a cluster of Kafka 3 that was upgraded but not finalized", 0, formatted("transaction.version=0")},
		{"1", 1, formatted("transaction.version=1")},
		{"2 as by default", 2, func(t *testing.T) *servers.Server { return kafka.Broker(t) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { sinkCommitsAndFences(t, c.broker(t).Addr, c.level) })
	}
}

func formatted(feature string) func(t *testing.T) *servers.Server {
	return func(t *testing.T) *servers.Server {
		return servers.Kafka(t, servers.FormatArgs("--feature", feature))
	}
}

func sinkCommitsAndFences(t *testing.T, bootstrap string, level int16) {
	// given a topic, and a predecessor that has committed the first records
	const records, done = 5000, 100
	cl := newCluster(bootstrap, "fenced")
	topic, sink := cl.group+"-lines", cl.group+"-sink"
	kafkaClient := client(t, bootstrap)
	if got := transactionVersion(t, kafkaClient); got != level {
		t.Fatalf("the broker's transaction.version is %d, want %d", got, level)
	}
	createTopic(t, bootstrap, topic)
	lines := newText(3, records, unixEnds()).lines
	produce(t, kafkaClient, topic, lines)
	before := &predecessor{id: cl.group + "-" + sink + "-0", group: "connect-" + sink, topic: topic}
	before.begin(t, bootstrap)
	check(t, before.commit(t.Context(), done))

	// when ferry takes over
	f := cl.start(t)
	to := filepath.Join(t.TempDir(), "to.txt")
	api{f.rest}.create(t, sink, fileSink(to, topic))

	// then it goes on from there, and commits
	awaitFile(t, to, strings.Join(lines[done:], "\n")+"\n")
	admin := kadm.NewClient(kafkaClient)
	await(t, "the group's offset is the topic's end", func() bool { return groupOffset(t, admin, sink, topic) == records })

	// and the predecessor cannot commit any more
	late := before.commit(t.Context(), 200)
	if !errors.Is(late, kerr.InvalidProducerEpoch) && !errors.Is(late, kerr.ProducerFenced) && !errors.Is(late, kerr.InvalidProducerIDMapping) {
		t.Errorf("the late commit ended with %v, want it to be fenced", late)
	}
	f.stop(t)
	if at := groupOffset(t, admin, sink, topic); at != records {
		t.Errorf("the group's offset is %d, want %d", at, records)
	}
	if got := read(t, to); strings.Count(got, "\n") != records-done {
		t.Errorf("the file has %d lines, want %d", strings.Count(got, "\n"), records-done)
	}
}

func produce(t *testing.T, c *kgo.Client, topic string, lines []string) {
	t.Helper()
	records := make([]*kgo.Record, len(lines))
	for i, line := range lines {
		records[i] = &kgo.Record{Topic: topic, Value: []byte(line)}
	}
	check(t, c.ProduceSync(t.Context(), records...).FirstErr())
}
