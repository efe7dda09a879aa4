package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
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
