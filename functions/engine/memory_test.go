package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestAHugeRecordReachesASinkOfASmallFunction(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		huge := strings.Repeat("x", 10<<20)
		for _, v := range []string{"before", huge, "after"} {
			b.produce(&kgo.Record{Topic: "in", Value: []byte(v)})
		}
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.MemoryBytes = 128 << 20
		facts, err := Run(t.Context(), task)
		if err != nil || !slices.Equal(d.values(), []string{"before", huge, "after"}) {
			t.Errorf("%s, %v, %d rows", asJSON(facts), err, len(d.rows))
		}
	})
}

func TestWhatTransformsMakeOfASourcesRecordsIsTakenBackWithinTheBatch(t *testing.T) {
	const records = 4096
	task := &Task{Connector: "c", Class: &connect.Class{}, Plugins: registry(t), Config: map[string]string{"transforms": "n", "transforms.n.type": "test.Number"},
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": byteArrayConverter}}
	task.Class.Source = func() connect.Source { return nil }
	task.Ownership, task.Offsets, task.TransactionalID, task.OffsetsTopic = owner(nil), noOffsets{}, "id", offsetsTopic
	r, err := newRun(t.Context(), task)
	if err != nil {
		t.Fatal(err)
	}
	defer r.cancelWork(nil)
	l := &sourceLoop{run: r, batch: connect.NewBatch(records, 64<<20)}
	if err := newGenerator(records).Poll(t.Context(), l.batch); err != nil {
		t.Fatal(err)
	}
	own := l.batch.Arena.Size()

	if err := l.convert(); err != nil || l.txn.n != records {
		t.Fatalf("%d records, %v", l.txn.n, err)
	}

	for i := range records {
		if got, want := string(l.txn.record(i).Value), fmt.Sprintf("%01024d", i); got != want {
			t.Fatalf("record %d is …%s", i, got[max(0, len(got)-8):])
		}
	}
	if now := l.batch.Arena.Size(); now != own || l.scratch.Size() > 128<<10 {
		t.Errorf("the batch grew from %d to %d bytes, and transforms hold %d", own, now, l.scratch.Size())
	}
}

func TestASinksBatchesAreBoundedInBytes(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		for range 40 {
			b.produce(&kgo.Record{Topic: "in", Value: []byte(strings.Repeat("x", 50<<10))})
		}
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.BatchBytes = 200 << 10
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 40 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		for _, put := range d.puts {
			if len(put) > 4 {
				t.Errorf("a batch of 200 KiB has %d records of 50 KiB", len(put))
			}
		}
	})
}
