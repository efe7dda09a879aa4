package broker_test

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/broker"
)

func start(t *testing.T, folder string) *broker.Broker {
	t.Helper()
	b, err := broker.Start(broker.Options{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func stop(t *testing.T, b *broker.Broker) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsAndTheAddressSurviveARestart(t *testing.T) {
	// given a broker with a record
	folder := t.TempDir()
	b := start(t, folder)
	addr := b.Addr()
	produce(t, addr, "greetings", "hello")

	// when it is started again over its folder
	stop(t, b)
	b = start(t, folder)
	defer stop(t, b)

	// then it is where it was, and so is the record
	if b.Addr() != addr || b.Moved() != "" {
		t.Errorf("listens on %s (moved from %q), want %s", b.Addr(), b.Moved(), addr)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics("greetings"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	records := cl.PollFetches(t.Context()).Records()
	if len(records) != 1 || string(records[0].Value) != "hello" {
		t.Errorf("found %d records, want the one", len(records))
	}
}

func produce(t *testing.T, addr, topic, value string) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.AllowAutoTopicCreation())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderHasOneBrokerAtATime(t *testing.T) {
	folder := t.TempDir()
	b := start(t, folder)
	_, err := broker.Start(broker.Options{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	inUse := (*broker.InUseError)(nil)
	if !errors.As(err, &inUse) {
		t.Fatalf("error is %v, want InUseError", err)
	}
	if want := os.Getpid(); inUse.Holder != want || inUse.Folder != folder {
		t.Errorf("the error names process %d and folder %q, want %d and %s", inUse.Holder, inUse.Folder, want, folder)
	}
	stop(t, b)
	stop(t, start(t, folder))
}

func TestATakenPortIsReplacedAndTold(t *testing.T) {
	folder := t.TempDir()
	b := start(t, folder)
	before := b.Addr()
	stop(t, b)
	other, err := net.Listen("tcp", before)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()

	b = start(t, folder)
	defer stop(t, b)
	if b.Addr() == before || b.Moved() != before {
		t.Errorf("listens on %s, moved from %q; want another address than %s and that one named", b.Addr(), b.Moved(), before)
	}
}

func TestAbortedRecordsStayHiddenWhenAnAnswerIsCutShort(t *testing.T) {
	// given an aborted record, and behind it one that is larger than the next fetch may be
	b := start(t, t.TempDir())
	defer stop(t, b)
	transact(t, b.Addr(), []byte("aborted"), kgo.TryAbort)
	transact(t, b.Addr(), make([]byte, 600<<10), kgo.TryCommit)

	// when
	cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics("transactions"),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxBytes(256<<10), kgo.FetchMaxPartitionBytes(128<<10))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	records := cl.PollFetches(t.Context()).Records()

	// then
	if len(records) != 1 || len(records[0].Value) != 600<<10 {
		t.Errorf("found %d records, first of them %.20q, want only the committed one", len(records), records[0].Value)
	}
}

// transact produces a value in a transaction and ends it.
func transact(t *testing.T, addr string, value []byte, end kgo.TransactionEndTry) {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(addr), kgo.AllowAutoTopicCreation(), kgo.TransactionalID("transact"),
		kgo.ProducerBatchCompression(kgo.NoCompression()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "transactions", Value: value}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := cl.EndTransaction(t.Context(), end); err != nil {
		t.Fatal(err)
	}
}
