package engine

import (
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestASinkIsGivenSmallPutsAndCommitsLargeBatches(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 2*putRecords+100)
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.BatchRecords = 4 * putRecords
		var commits []int64
		task.Progress = func(f Facts) { commits = append(commits, f.RecordsOut) }

		facts, err := Run(t.Context(), task)

		if err != nil || facts.RecordsOut != 2*putRecords+100 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if len(d.puts) < 3 || len(commits) != 1 || commits[0] != 2*putRecords+100 {
			t.Errorf("%d puts; commits at %v", len(d.puts), commits)
		}
		for _, put := range d.puts {
			if len(put) > putRecords {
				t.Errorf("a put has %d records", len(put))
			}
		}
	})
}

func TestASinkThatIsStoppedBetweenPutsCommitsWhatItPut(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 3*putRecords)
		n := 0
		class := &connect.Class{Name: "counting", Sink: func() connect.Sink {
			return putFunc(func(batch *connect.Batch) error { n += batch.Len(); return nil })
		}}
		task := b.task(class, topics("in"))
		task.Budget.BatchRecords, task.Budget.Records = 4*putRecords, putRecords

		facts, err := Run(t.Context(), task)

		if err != nil || facts.End != EndRecords || n != putRecords || b.committed("connect-c", "in", 0) != putRecords {
			t.Errorf("%s, %v; %d were put, %d committed", asJSON(facts), err, n, b.committed("connect-c", "in", 0))
		}
	})
}
