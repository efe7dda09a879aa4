package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// allowedAllocs is the goal for allocations per record.
const allowedAllocs = 0.03

func TestTheLoopsDoNotAllocatePerRecord(t *testing.T) {
	const records = 4096
	config := map[string]string{"transforms": "d", "transforms.d.type": "test.Drop", "transforms.d.text": "never"}
	task := &Task{Connector: "c", Class: &connect.Class{}, Plugins: registry(t), Config: config, OffsetsTopic: offsetsTopic,
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": "test.TextConverter"},
		Budget: Budget{BatchRecords: records, BatchBytes: 64 << 20}}
	task.Class.Source = func() connect.Source { return nil }
	task.Ownership, task.Offsets, task.TransactionalID = owner(nil), noOffsets{}, "id"
	r, err := newRun(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	defer r.cancelWork(nil)
	t.Run("source", func(t *testing.T) {
		l := &sourceLoop{run: r, batch: connect.NewBatch(records, 64<<20)}
		l.offsets.connector = "c"
		l.facts.PolledAt = time.Now()
		g := newGenerator(1 << 30)
		perRecord(t, records, func() {
			l.reset()
			if err := g.Poll(t.Context(), l.batch); err != nil {
				t.Fatal(err)
			}
			if err := l.convert(); err != nil || l.txn.n != records {
				t.Fatalf("%d records, %v", l.txn.n, err)
			}
			if err := l.offsets.append(&l.txn, offsetsTopic); err != nil {
				t.Fatal(err)
			}
			l.offsets.list()
		})
	})
	t.Run("sink", func(t *testing.T) {
		l := &sinkLoop{run: r, batch: connect.NewBatch(records, 64<<20)}
		part := &partitionState{topic: "in"}
		var raws []*kgo.Record
		for i := range records {
			raws = append(raws, &kgo.Record{Topic: "in", Offset: int64(i), Value: []byte(fmt.Sprint("value ", i)),
				Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}}, Timestamp: time.Unix(0, 0)})
		}
		perRecord(t, records, func() {
			l.batch.Reset()
			l.raws, l.headers = l.raws[:0], l.headers[:0]
			for _, raw := range raws {
				if err := l.record(raw, part); err != nil {
					t.Fatal(err)
				}
			}
			if l.batch.Len() != records {
				t.Fatalf("%d records", l.batch.Len())
			}
		})
	})
}

func perRecord(t *testing.T, records int, f func()) {
	t.Helper()
	if n := testing.AllocsPerRun(20, f) / float64(records); n > allowedAllocs {
		t.Errorf("%.3f allocations per record, more than %.2f", n, allowedAllocs)
	} else {
		t.Logf("%.4f allocations per record", n)
	}
}

func TestTheArenaOfBytesKeepsItsPiecesApart(t *testing.T) {
	var a bytesArena
	for round := range 3 {
		var pieces [][]byte
		for i, size := range []int{0, 1, 100, arenaChunk - 50, 51, 3 * arenaChunk, 7, arenaChunk, 1} {
			want := strings.Repeat(string(rune('a'+i)), size)
			got := a.keep(append(a.tail(), want...))
			if got == nil || cap(got) != len(got) {
				t.Fatalf("round %d, piece %d: capacity %d beyond length %d", round, i, cap(got), len(got))
			}
			pieces = append(pieces, got)
			pieces = append(pieces, a.copyBytes([]byte(want)))
		}
		for i, p := range pieces {
			if strings.Trim(string(p), string(rune('a'+i/2))) != "" {
				t.Errorf("round %d: piece %d was overwritten", round, i)
			}
		}
		if a.keep(nil) != nil {
			t.Error("null became a value")
		}
		a.reset()
	}
}

func TestLimitsFollowTheMemory(t *testing.T) {
	for _, c := range []struct {
		memory           int64
		batch            int
		total, partition int32
		fetches          int
	}{
		{128 << 20, 4 << 20, 1 << 20, 256 << 10, 1},
		{512 << 20, 16 << 20, 4 << 20, 1 << 20, 2},
		{10 << 30, 16 << 20, 32 << 20, 1 << 20, 16},
		{1, 256 << 10, 256 << 10, 64 << 10, 1},
	} {
		total, partition := fetchBytes(c.memory)
		if got := batchBytes(c.memory); got != c.batch || total != c.total || partition != c.partition || concurrentFetches(c.memory) != c.fetches {
			t.Errorf("memory %d: batch %d, fetch %d, partition %d, fetches %d", c.memory, got, total, partition, concurrentFetches(c.memory))
		}
	}
	now := time.Now()
	for _, c := range []struct{ left, lease, want time.Duration }{
		{-time.Hour, 0, 10 * time.Second},
		{0, 0, 10 * time.Second},
		{30 * time.Second, 0, 40 * time.Second},
		{time.Hour, 0, time.Minute},
		{time.Hour, 20 * time.Second, 20 * time.Second},
		{time.Hour, 3 * time.Second, 3 * time.Second},
		{0, 20 * time.Second, 10 * time.Second},
	} {
		b := Budget{Deadline: now.Add(c.left), Lease: c.lease}
		if got := transactionTimeout(&b, now, maxTransactionTimeout); got != c.want {
			t.Errorf("%v before the deadline, with %v of the lease, the transaction's timeout is %v, want %v", c.left, c.lease, got, c.want)
		}
	}
	if got := transactionTimeout(&Budget{Lease: time.Second}, now, maxTransactionTimeout); got != time.Second {
		t.Errorf("without a deadline it is %v", got)
	}
}

func TestAssignedToIsStable(t *testing.T) {
	counts := make([]int, 4)
	for p := range int32(1000) {
		id := AssignedTo("orders", p, 4)
		counts[id]++
		if id != (AssignedTo("orders", 0, 4)+int(p))%4 {
			t.Errorf("partition %d is task %d's", p, id)
		}
	}
	for id, n := range counts {
		if n != 250 {
			t.Errorf("task %d has %d of 1000 partitions", id, n)
		}
	}
	// FNV-1a of "orders" is 0x325e96ec; a change would move every partition of every connector.
	if got := AssignedTo("orders", 0, 1<<30); got != 0x325e96ec%(1<<30) {
		t.Errorf("the hash of the topic changed: %#x", got)
	}
}
