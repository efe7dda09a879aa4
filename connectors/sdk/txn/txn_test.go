package txn_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// slowPartitioner puts the first record into partition 0 and holds back the partitions of the topic from being stored: it is
// asked about the second record in between, and does not answer until told to. Then it refuses that record.
type slowPartitioner struct {
	asked  int
	answer chan struct{}
}

func (p *slowPartitioner) ForTopic(string) kgo.TopicPartitioner { return p }
func (*slowPartitioner) RequiresConsistency(*kgo.Record) bool   { return false }
func (p *slowPartitioner) Partition(*kgo.Record, int) int {
	if p.asked++; p.asked == 1 {
		return 0
	}
	<-p.answer
	return -1
}

// inBubble runs a test in virtual time against an embedded broker with the topic t.
func inBubble(t *testing.T, test func(t *testing.T, opts []kgo.Opt)) {
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "t"), kfake.ListenFn(network.Listen))
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		test(t, []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext)})
	})
}

func TestACommitWaitsUntilTheClientKnowsWhatItWrote(t *testing.T) {
	inBubble(t, func(t *testing.T, opts []kgo.Opt) {
		partitioner := &slowPartitioner{answer: make(chan struct{})}
		cl, err := kgo.NewClient(append(opts, kgo.TransactionalID("x"), kgo.ProducerLinger(0), kgo.RecordPartitioner(partitioner))...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		if err := cl.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		// Given a record that is acknowledged before the partitions of its topic are stored,
		acked, written := make(chan error, 1), &kgo.Record{Topic: "t", Value: []byte("v")}
		cl.Produce(t.Context(), written, func(_ *kgo.Record, err error) { acked <- err })
		cl.Produce(t.Context(), &kgo.Record{Topic: "t"}, func(*kgo.Record, error) {})
		if err := <-acked; err != nil {
			t.Fatal(err)
		}
		// when its transaction is committed,
		committed := make(chan error, 1)
		go func() {
			c := txn.NewCommitter(cl)
			err := c.See(t.Context(), written)
			if err == nil {
				err = c.Commit(t.Context())
			}
			committed <- err
		}()
		synctest.Wait() // all that can happen before the partitions are stored has happened
		close(partitioner.answer)
		if err := <-committed; err != nil {
			t.Fatal(err)
		}
		// then readers see it.
		if got := visible(t, opts); got != 1 {
			t.Errorf("%d records are visible", got)
		}
	})
}

// visible counts the records that a read_committed reader sees within a second.
func visible(t *testing.T, opts []kgo.Opt) int {
	t.Helper()
	cl, err := kgo.NewClient(append(opts, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.ConsumeTopics("t"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	n := 0
	for ctx.Err() == nil {
		n += cl.PollFetches(ctx).NumRecords()
	}
	return n
}

func TestSeeGivesUpWithItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, opts []kgo.Opt) {
		cl, err := kgo.NewClient(append(opts, kgo.TransactionalID("x"))...)
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := txn.NewCommitter(cl).See(ctx, &kgo.Record{Topic: "never"}); err == nil {
			t.Error("a partition that the client never heard of was seen")
		}
	})
}
