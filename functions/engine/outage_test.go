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

// outages are the two kinds of tasks that an outage hits: each comes with what is known of its records in the end.
func outages() map[string]func(b *broker) (Task, func() []string) {
	return map[string]func(b *broker) (Task, func() []string){
		"source": func(b *broker) (Task, func() []string) {
			u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 100)}, ledger: &ledger{lines: make(map[string]int64)}}
			return b.task(u.class(), nil), func() []string { return b.values("out") }
		},
		"sink": func(b *broker) (Task, func() []string) {
			b.fill("in", 0, "a", 100)
			d := new(downstream)
			return b.task(d.class(), topics("in")), func() []string { return slices.Compact(d.values()) }
		},
	}
}

func TestABrokerThatGoesAwayEndsARunInTimeAndLosesNothing(t *testing.T) {
	for kind, run := range outages() {
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

// soon is what a task may take to go on once its broker is back: the longest pause between two tries, twice.
const soon = 2 * maxRetryPause

func TestATaskGoesOnSoonAfterItsBrokerIsBack(t *testing.T) {
	for kind, run := range outages() {
		for _, away := range []time.Duration{time.Second, 5 * time.Second, 20 * time.Second} {
			t.Run(fmt.Sprint(kind, " after ", away), func(t *testing.T) {
				at := 1
				for goesOn(t, kind, run, at, away) {
					at++
				}
			})
		}
	}
}

// goesOn takes the broker away at a request of the run, and is false when the run has fewer.
func goesOn(t *testing.T, kind string, run func(b *broker) (Task, func() []string), at int, away time.Duration) (reached bool) {
	t.Helper()
	inBubble(t, map[string]int32{"out": 1, "in": 1}, func(t *testing.T, b *broker) {
		task, values := run(b)
		task.Budget.BatchRecords = 40
		_, opts, k := b.mortal(at, true)
		var back time.Time
		k.cancel = func(error) {
			time.AfterFunc(away, func() {
				back = time.Now()
				k.line.mend()
			})
		}
		task.Kafka = opts
		facts, err := Run(t.Context(), task)
		for runs := 1; (err != nil || facts.Backlog) && runs < 10; runs++ {
			facts, err = Run(t.Context(), task)
		}
		if reached = !back.IsZero(); !reached {
			return
		}
		if took := time.Since(back); err != nil || took > soon {
			t.Errorf("at request %d it takes %v: %s, %v", at, took, asJSON(facts), err)
		}
		got := slices.Sorted(slices.Values(values()))
		if kind == "sink" {
			got = slices.Compact(got)
		}
		if want := slices.Sorted(slices.Values(count("a", 100))); !slices.Equal(got, want) {
			t.Errorf("at request %d, %d of 100 records: %s", at, len(got), difference(got, want))
		}
	})
	return reached
}
