package engine

import (
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A row of a database, or an event that was replayed, has the time when it happened. The client's own delivery timeout counts
// from there: whatever is older than a transaction may last would have timed out before it was ever sent.

func TestARecordOfASourceIsWrittenHoweverOldItIs(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		long := time.Now().AddDate(-3, 0, 0)
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, stamp: long.UnixMilli()}
		if facts, err := Run(t.Context(), b.task(u.class(), nil)); err != nil || facts.RecordsOut != 10 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		records := b.read("out")
		if len(records) != 10 || !records[0].Timestamp.Equal(long) {
			t.Errorf("%d records, the first of %v", len(records), records[0].Timestamp)
		}
	})
}

func TestABadRecordOfASinkIsInTheDeadLettersHoweverOldItIs(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1, "dlq": 1}, func(t *testing.T, b *broker) {
		long := time.Now().AddDate(-3, 0, 0)
		for _, v := range withBad() {
			b.produce(&kgo.Record{Topic: "in", Value: []byte(v), Timestamp: long})
		}
		config := map[string]string{"topics": "in", "errors.tolerance": "all", "errors.deadletterqueue.topic.name": "dlq", "value.converter": "test.TextConverter"}
		d := new(downstream)
		if facts, err := Run(t.Context(), b.task(d.class(), config)); err != nil || facts.DeadLetters != 2 || !slices.Equal(d.values(), good(withBad())) {
			t.Fatalf("%s, %v, %v", asJSON(facts), err, d.values())
		}
		if letters := b.read("dlq"); len(letters) != 2 || !letters[0].Timestamp.Equal(long) {
			t.Errorf("dead letters: %v", letters)
		}
	})
}
