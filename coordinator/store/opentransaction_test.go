package store

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// Connectors share the partitions of the offsets topic. A transaction that a task of connector b left open hides what connector a
// committed after it: a reader of committed records stops before it. Whoever took what can be read for all there is would go on
// from an older offset, and write a batch of a twice.
func TestAnOpenTransactionOfAnotherConnectorHidesNoOffset(t *testing.T) {
	for name, hinted := range map[string]bool{"the whole topic": false, "from a hint": true} {
		t.Run(name, func(t *testing.T) {
			withOffsets(t, func(t *testing.T, opts []kgo.Opt, o *Offsets) {
				a, b := transactional(t, opts, "a"), transactional(t, opts, "b")
				defer a.Close()
				defer b.Close()

				put(t, a, "a", 1)
				commit(t, a)
				put(t, b, "b", 1) // and left open
				put(t, a, "a", 2)
				commit(t, a)

				var hint *Hint
				if hinted {
					hint = &Hint{Partition: 0, Offset: 0}
				}
				found := make(chan int64, 1)
				go func() {
					v, err := o.Reader("a", "", hint).Offset(context.Background(), connect.NewSourcePartition("file", connect.String("a")))
					if err != nil {
						t.Error(err)
						found <- -1
						return
					}
					position, _ := v.Map().Get("position")
					found <- position.Int()
				}()
				synctest.Wait() // all that can happen before the transaction ends has happened
				if err := b.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
					t.Error(err)
				}
				if got := <-found; got != 2 {
					t.Errorf("position %d was found, 2 is committed", got)
				}
			})
		})
	}
}

// A transaction that stays open is an error after a while, that says what is to blame, and not an old offset.
func TestATransactionThatStaysOpenIsAnErrorInTheEnd(t *testing.T) {
	withOffsets(t, func(t *testing.T, opts []kgo.Opt, o *Offsets) {
		b := transactional(t, opts, "b", kgo.TransactionTimeout(10*time.Minute))
		defer b.Close()
		put(t, b, "b", 1)
		_, err := o.Reader("a", "", nil).Offset(t.Context(), connect.NewSourcePartition("file", connect.String("a")))
		if connect.KindOf(err) != connect.KindRetriable {
			t.Errorf("error is %v", err)
		}
	})
}

// withOffsets runs a test in virtual time on an offsets topic of one partition.
func withOffsets(t *testing.T, test func(t *testing.T, opts []kgo.Opt, o *Offsets)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "connect-offsets"), kfake.ListenFn(network.Listen))
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		opts := []kgo.Opt{kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.Dialer(network.DialContext)}
		o, err := OpenOffsets(Options{Kafka: opts, GroupID: "g", OffsetTopic: "connect-offsets"})
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		test(t, opts, o)
	})
}

func transactional(t *testing.T, opts []kgo.Opt, id string, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append(append(more, opts...), kgo.TransactionalID(id), kgo.DefaultProduceTopic("connect-offsets"))...)
	if err != nil {
		t.Fatal(err)
	}
	return cl
}

// put writes an offset record of a connector in a transaction that commit ends.
func put(t *testing.T, cl *kgo.Client, connector string, position int64) {
	t.Helper()
	key, err := offsets.AppendKey(nil, connector, connect.NewSourcePartition("file", connect.String(connector)))
	if err != nil {
		t.Fatal(err)
	}
	m := connect.NewMap([]connect.Value{connect.String("position"), connect.Int64(position)})
	value, err := offsets.AppendValue([]byte{}, m.Value())
	if err != nil {
		t.Fatal(err)
	}
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Key: key, Value: value}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	// The client has to know the partition before the transaction can be committed: see package txn.
	if leader, _, err := cl.PartitionLeader("connect-offsets", 0); leader < 0 || err != nil {
		t.Fatalf("partition is not known: %v", err)
	}
}

func commit(t *testing.T, cl *kgo.Client) {
	t.Helper()
	if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
}
