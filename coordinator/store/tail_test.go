package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func topic(t *testing.T, c *kfake.Cluster, name string, partitions int32) {
	t.Helper()
	must(t, c.CreateTopic(name, partitions, map[string]string{"cleanup.policy": "compact"}))
}

func readAll(t *testing.T, tl *tail) string {
	t.Helper()
	var got []string
	must(t, tl.read(t.Context(), func(r *kgo.Record) { got = append(got, fmt.Sprintf("%s=%s", r.Key, r.Value)) }))
	return strings.Join(got, " ")
}

func TestATailReadsTheWholeThenWhatWasAdded(t *testing.T) {
	c := cluster(t)
	topic(t, c, "t", 3)
	tl := newTail(client(t, c), "t")
	if got := readAll(t, tl); got != "" {
		t.Fatalf("an empty topic has %s", got)
	}
	for i := range 50 {
		produce(t, c, &kgo.Record{Topic: "t", Key: fmt.Append(nil, i), Value: []byte("v")})
	}
	if n := len(strings.Fields(readAll(t, tl))); n != 50 {
		t.Fatalf("%d records", n)
	}
	produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k"), Value: []byte("w")})
	if got := readAll(t, tl); got != "k=w" {
		t.Fatalf("the tail is %s", got)
	}
}

func TestATailEndsWhereTheLastRecordsWereCompactedAway(t *testing.T) {
	c := cluster(t)
	topic(t, c, "t", 1)
	for i := range 5 {
		produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k"), Value: fmt.Append(nil, i)})
	}
	must(t, c.DeleteRecords("t", 0, 5))
	tl := newTail(client(t, c), "t")
	if got := readAll(t, tl); got != "" {
		t.Fatalf("read %s", got)
	}
	produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k"), Value: []byte("5")})
	c.Compact()
	if got := readAll(t, tl); got != "k=5" {
		t.Fatalf("read %s", got)
	}
}

// Somebody deletes records that were not read yet: what is left is read.
func TestATailGoesOnWhereTheTopicBeginsAfterALoss(t *testing.T) {
	c := cluster(t)
	topic(t, c, "t", 1)
	tl := newTail(client(t, c), "t")
	readAll(t, tl)
	for i := range 5 {
		produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k"), Value: fmt.Append(nil, i)})
	}
	must(t, c.DeleteRecords("t", 0, 3))
	if got := readAll(t, tl); got != "k=3 k=4" {
		t.Fatalf("read %s", got)
	}
}

func TestATailSkipsAbortedAndWaitsForNoOpenTransaction(t *testing.T) {
	c := cluster(t)
	topic(t, c, "t", 1)
	write := func(id, value string) *kgo.Client {
		cl := client(t, c, kgo.TransactionalID(id))
		must(t, cl.BeginTransaction())
		must(t, cl.ProduceSync(t.Context(), &kgo.Record{Topic: "t", Key: []byte("k"), Value: []byte(value)}).FirstErr())
		return cl
	}
	tl := newTail(client(t, c), "t")
	must(t, write("a", "committed").EndTransaction(t.Context(), kgo.TryCommit))
	must(t, write("a", "aborted").EndTransaction(t.Context(), kgo.TryAbort))
	pending := write("b", "open")
	must(t, write("a", "behind").EndTransaction(t.Context(), kgo.TryCommit))
	if got := readAll(t, tl); got != "k=committed" {
		t.Fatalf("read %s", got)
	}
	must(t, pending.EndTransaction(t.Context(), kgo.TryCommit))
	if got := readAll(t, tl); got != "k=open k=behind" {
		t.Fatalf("then read %s", got)
	}
}

func TestATopicThatVanishesOrComesBackIsAHardStop(t *testing.T) {
	c := cluster(t)
	for _, again := range []int{-1, 0, 2} { // records of the new topic; none without
		topic(t, c, "t", 1)
		produce(t, c, &kgo.Record{Topic: "t", Value: []byte("v")})
		tl := newTail(client(t, c), "t")
		readAll(t, tl)
		must(t, c.DeleteTopic("t"))
		if again >= 0 {
			topic(t, c, "t", 1)
		}
		for range again {
			produce(t, c, &kgo.Record{Topic: "t", Value: []byte("other")})
		}
		err := tl.read(t.Context(), func(r *kgo.Record) { t.Errorf("read %s", r.Value) })
		if e, ok := errors.AsType[*connect.Error](err); !ok || e.Hint == "" || e.Kind != connect.KindConfig {
			t.Errorf("%d records: %v", again, err)
		}
		_ = c.DeleteTopic("t") // it may be gone
	}
}

func TestATailFollowsItsLeaders(t *testing.T) {
	c := cluster(t, kfake.NumBrokers(3))
	topic(t, c, "t", 3)
	tl := newTail(client(t, c), "t")
	for i := range 6 {
		produce(t, c, &kgo.Record{Topic: "t", Key: []byte("k"), Value: fmt.Append(nil, i)})
		if got, want := readAll(t, tl), fmt.Sprintf("k=%d", i); got != want {
			t.Fatalf("read %q, want %q", got, want)
		}
		c.ShufflePartitionLeaders()
	}
}

func TestACancelledReadEnds(t *testing.T) {
	c := cluster(t)
	topic(t, c, "t", 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := newTail(client(t, c), "t").read(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}
