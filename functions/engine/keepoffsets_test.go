package engine

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestOffsetsThatAreKeptElsewhereAreKeptAfterTheirRecordsAndBeforeTheSourceHears(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 250)}, atOnce: 100}
		task := b.task(u.class(), nil)
		task.OffsetsTopic = ""
		var kept int64
		broken := errors.New("the disk is full")
		task.KeepOffsets = func(_ context.Context, o []connect.SourceOffset) error {
			line, _ := o[0].Offset.Map().Get("line")
			if n := len(b.values("out")); int64(n) != line.Int() || u.acked["a"] != kept {
				t.Errorf("at line %d the topic has %d records, and the source heard of %d", line.Int(), n, u.acked["a"])
			}
			if line.Int() == 250 && broken != nil {
				return broken
			}
			kept = line.Int()
			return nil
		}
		task.Budget.BatchRecords = 100

		facts, err := Run(t.Context(), task)
		if connect.KindOf(err) != connect.KindRetriable || !errors.Is(err, broken) || facts.End != EndFailed || kept != 200 || u.acked["a"] != 200 {
			t.Fatalf("kept %d, acknowledged %d: %s, %v", kept, u.acked["a"], asJSON(facts), err)
		}
		if facts.Hint != nil || len(b.read(offsetsTopic)) > 0 {
			t.Error("offsets were written to Kafka too")
		}
		if got := b.values("out"); !slices.Equal(got, u.lines["a"]) {
			t.Errorf("a reader sees %d records, not the 250 lines", len(got))
		}
	})
}

func TestOffsetsOfDroppedRecordsAreKeptElsewhereToo(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 5)}}
		task := b.task(u.class(), map[string]string{"transforms": "d", "transforms.d.type": "test.Drop", "transforms.d.text": "a"})
		var kept int64
		task.KeepOffsets = func(_ context.Context, o []connect.SourceOffset) error {
			line, _ := o[0].Offset.Map().Get("line")
			kept = line.Int()
			return nil
		}
		start := time.Now()
		if facts, err := Run(t.Context(), task); err != nil || kept != 5 || facts.RecordsDropped != 5 || time.Since(start) > time.Second {
			t.Errorf("kept %d: %s, %v after %v", kept, asJSON(facts), err, time.Since(start))
		}
	})
}
