package store

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// cluster starts a Kafka cluster of one broker in this process.
func cluster(t *testing.T, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func options(c *kfake.Cluster) Options { return optionsAt(c.ListenAddrs()...) }

func optionsAt(servers ...string) Options {
	return Options{
		Kafka: []kgo.Opt{kgo.SeedBrokers(servers...)}, GroupID: "ferry",
		ConfigTopic: "connect-configs", OffsetTopic: "connect-offsets", StatusTopic: "connect-status",
		ConfigReplication: 1, OffsetReplication: 1, StatusReplication: 1,
	}
}

func open(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// contents returns all committed records of a topic, partition by partition.
func contents(t *testing.T, c *kfake.Cluster, topic string) []*kgo.Record {
	t.Helper()
	return contentsAt(t, topic, c.ListenAddrs()...)
}

func contentsAt(t *testing.T, topic string, servers ...string) []*kgo.Record {
	t.Helper()
	var records []*kgo.Record
	if err := newTail(clientAt(t, servers), topic).read(t.Context(), func(r *kgo.Record) { records = append(records, r) }); err != nil {
		t.Fatal(err)
	}
	return records
}

func client(t *testing.T, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	return clientAt(t, c.ListenAddrs(), opts...)
}

func clientAt(t *testing.T, servers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(servers...))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// produce writes records as somebody else would.
func produce(t *testing.T, c *kfake.Cluster, records ...*kgo.Record) {
	t.Helper()
	produceAt(t, c.ListenAddrs(), records...)
}

func produceAt(t *testing.T, servers []string, records ...*kgo.Record) {
	t.Helper()
	if err := clientAt(t, servers).ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func props(pairs ...string) Properties {
	var p Properties
	for i := 0; i < len(pairs); i += 2 {
		p = p.With(pairs[i], pairs[i+1])
	}
	return p
}
