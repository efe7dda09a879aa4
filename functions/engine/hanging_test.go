package engine

import (
	"slices"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/txn/txntest"
)

func TestATransactionOfASourceThatHangsIsEndedAsItWasDecided(t *testing.T) { // I4
	for _, state := range []string{"PrepareCommit", "CompleteCommit", "CompleteAbort"} {
		t.Run(state, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				// given a batch that was committed, as its broker says, and that nobody sees
				txntest.Forget(b.cluster, state)
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
				if facts, err := Run(t.Context(), b.task(u.class(), nil)); err != nil || facts.RecordsOut != 10 || len(b.values("out")) != 0 {
					t.Fatalf("%s, %v, a reader sees %v", asJSON(facts), err, b.values("out"))
				}
				// when the next invocation has more to write
				u.lines["a"] = count("a", 15)
				facts, err := Run(t.Context(), b.task(u.class(), nil))
				// then everything is there once
				if values := b.values("out"); err != nil || !slices.Equal(values, count("a", 15)) {
					t.Errorf("%s, %v, a reader sees %v", asJSON(facts), err, values)
				}
				if want := map[bool]int64{true: 15, false: 5}[state == "CompleteAbort"]; facts.RecordsOut != want {
					t.Errorf("wrote %d records, want %d", facts.RecordsOut, want)
				}
			})
		})
	}
}

func TestATransactionOfASinkThatHangsIsEndedAsItWasDecided(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		// given an offset that was committed, as its broker says, and that the group never got
		b.fill("in", 0, "a", 10)
		d := new(downstream)
		if facts, err := Run(t.Context(), b.task(d.class(), topics("in"))); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		txntest.Forget(b.cluster, "CompleteCommit")
		b.fill("in", 0, "b", 10)
		if facts, err := Run(t.Context(), b.task(d.class(), topics("in"))); err != nil || b.committed("connect-c", "in", 0) != 10 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		// when the next invocation takes over
		facts, err := Run(t.Context(), b.task(d.class(), topics("in")))
		// then it goes on where the last one ended
		if c := b.committed("connect-c", "in", 0); err != nil || c != 20 || len(d.values()) != 20 {
			t.Errorf("%s, %v, committed %d, put %v", asJSON(facts), err, c, d.values())
		}
	})
}
