package broker

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// open starts a broker over a folder and closes it when the test ends.
func open(t *testing.T, folder string) *Broker {
	t.Helper()
	b, err := Start(Options{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// death is what is found on disk when the process dies now: a copy of the folder of a running broker.
func death(t *testing.T, folder string) string {
	t.Helper()
	image := t.TempDir()
	if err := os.CopyFS(image, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return image
}

// begin opens a transaction and writes a value to both topics. The client lives until the test ends.
func begin(t *testing.T, b *Broker, value string) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.AllowAutoTopicCreation(), kgo.TransactionalID("task"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for _, topic := range []string{"data", "offsets"} {
		if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte(value)}).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	return cl
}

func commit(t *testing.T, cl *kgo.Client) {
	t.Helper()
	if err := cl.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
}

// has checks what a read_committed reader sees in both topics.
func has(t *testing.T, b *Broker, want ...string) {
	t.Helper()
	for _, topic := range []string{"data", "offsets"} {
		if got := values(t, b, topic); !slices.Equal(got, want) {
			t.Errorf("topic %s has %q, want %q", topic, got, want)
		}
	}
}

func values(t *testing.T, b *Broker, topic string) []string {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(b.Addr()), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListCommittedOffsets(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	var values []string
	for next := int64(0); next < end.Offset; {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		fetches := cl.PollFetches(ctx)
		cancel()
		if err := fetches.Err(); err != nil {
			t.Fatalf("topic %s has %q, and no more up to its end at %d: %v", topic, values, end.Offset, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			if !r.Attrs.IsControl() {
				values = append(values, string(r.Value))
			}
		})
	}
	return values
}

func TestATransactionThatADeathInterruptedStaysAborted(t *testing.T) {
	// given a committed transaction, and one that is open when the process dies
	first := t.TempDir()
	b := open(t, first)
	commit(t, begin(t, b, "one"))
	begin(t, b, "lost")
	second := death(t, first)

	// when the same producer goes on after the death
	b = open(t, second)
	has(t, b, "one")
	commit(t, begin(t, b, "two"))
	has(t, b, "one", "two")

	// then what was aborted stays so after further deaths
	third := death(t, second)
	has(t, open(t, third), "one", "two")
	has(t, open(t, death(t, third)), "one", "two")
}

func TestATransactionThatWasJustBeingCommittedIsCommittedEverywhere(t *testing.T) {
	for _, topic := range []string{"data", "offsets"} {
		for _, index := range []string{"whole", "short by one more", "missing"} {
			t.Run(topic+", index "+index, func(t *testing.T) {
				// given a process that dies when the marker is written to one of two partitions
				folder := t.TempDir()
				b := open(t, folder)
				commit(t, begin(t, b, "one"))
				image := death(t, folder)
				cutMarker(t, filepath.Join(image, kafkaFolder, "partitions", topic+"-0"), index)

				// then
				b = open(t, image)
				has(t, b, "one")
				commit(t, begin(t, b, "two"))
				has(t, open(t, death(t, image)), "one", "two")
			})
		}
	}
}

// cutMarker removes the last batch, which is a marker, from the only segment of a partition, but for a few bytes.
func cutMarker(t *testing.T, dir, index string) {
	t.Helper()
	path := filepath.Join(dir, "0.dat")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	size, last, n := 0, 0, 0
	for b := (kmsg.RecordBatch{}); nextBatch(text[size:], &b); n++ {
		size, last = size+int(b.Length)+12, size
	}
	if size != len(text) || n != 2 {
		t.Fatalf("%d batches in %d of %d bytes, want 2 in all", n, size, len(text))
	}
	left := map[string]int64{"whole": 1, "short by one more": 0}
	if err := os.Truncate(path, int64(last)+7); err != nil {
		t.Fatal(err)
	}
	if entries, ok := left[index]; ok {
		err = os.Truncate(filepath.Join(dir, "0.idx"), entries*indexEntry)
	} else {
		err = os.Remove(filepath.Join(dir, "0.idx"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnEndInGoodOrderNeedsNoMending(t *testing.T) {
	folder := t.TempDir()
	b, err := Start(Options{Folder: folder, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if !recall(folder).Running {
		t.Error("a running broker is not noted as running")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if recall(folder).Running {
		t.Error("a closed broker is noted as running")
	}
}
