package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// longest is what a run may take to give up: to wait for a transaction that is never acknowledged, to abort it in vain, and to
// disconnect.
const longest = maxTransactionTimeout + fenceTimeout + commitTimeout + 3*closeTimeout

func TestABrokerThatGoesAwayEndsARunInTimeAndLosesNothing(t *testing.T) {
	for kind, run := range map[string]func(b *broker) (Task, func() []string){
		"source": func(b *broker) (Task, func() []string) {
			u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 100)}, ledger: &ledger{lines: make(map[string]int64)}}
			return b.task(u.class(), nil), func() []string { return b.values("out") }
		},
		"sink": func(b *broker) (Task, func() []string) {
			b.fill("in", 0, "a", 100)
			d := new(downstream)
			return b.task(d.class(), topics("in")), func() []string { return slices.Compact(d.values()) }
		},
	} {
		for _, at := range []int{1, 4, 8, 12, 16, 20} {
			t.Run(fmt.Sprint(kind, " at request ", at), func(t *testing.T) {
				inBubble(t, map[string]int32{"out": 1, "in": 1}, func(t *testing.T, b *broker) {
					task, values := run(b)
					task.Budget.BatchRecords = 20
					_, opts, k := b.mortal(at, true)
					k.cancel = func(error) {} // the process lives, the broker is away
					task.Kafka = opts
					start := time.Now()
					facts, err := Run(t.Context(), task)
					t.Logf("after %v: %v", time.Since(start), err)
					if elapsed := time.Since(start); elapsed > longest {
						t.Errorf("took %v", elapsed)
					}
					if k.buried() && (connect.KindOf(err) != connect.KindRetriable || facts.End != EndFailed) {
						t.Errorf("%s, %v", asJSON(facts), err)
					}
					if left := b.leftovers(); len(left) > 0 {
						t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
					}
					task.Kafka = b.kafka()
					if facts, err := Run(t.Context(), task); err != nil {
						t.Errorf("when the broker is back: %s, %v", asJSON(facts), err)
					}
					got := values()
					slices.Sort(got)
					if kind == "sink" { // what was put before the broker went away is put again
						got = slices.Compact(got)
					}
					if want := slices.Sorted(slices.Values(count("a", 100))); !slices.Equal(got, want) {
						t.Errorf("%d of 100 records: %s", len(got), difference(got, want))
					}
				})
			})
		}
	}
}
