package engine

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// perLine asks for the end of a transaction after each line that contains commit or abort.
func perLine(tx *connect.TransactionContext, b *connect.Batch, from int) {
	for i := from; i < b.Len(); i++ {
		switch v := b.Records()[i].Value; {
		case contains(v, "commit"):
			tx.CommitTransactionAfter(i)
		case contains(v, "abort"):
			tx.AbortTransactionAfter(i)
		}
	}
}

func TestASourceEndsItsTransactionsAtItsRecords(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		ends := b.counting()
		lines := []string{"a", "b", "commit 1", "c", "abort 1", "d", "commit 2", "e", "drop commit 3", "abort of nothing", "f", "commit 4"}
		u := &upstream{topic: "out", lines: map[string][]string{"x": lines}, onTransaction: perLine}
		var acks []int64
		u.onAck = func(_ string, n int64) { acks = append(acks, n) }
		config := bounded(atConnector, "transforms", "d", "transforms.d.type", "test.Drop", "transforms.d.text", "drop")
		facts, err := Run(t.Context(), b.task(u.class(), config))
		if err != nil || facts.End != EndIdle || facts.RecordsOut != 8 || facts.RecordsAborted != 3 || facts.RecordsDropped != 1 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		want := []string{"a", "b", "commit 1", "d", "commit 2", "e", "f", "commit 4"}
		if got := b.values("out"); !slices.Equal(got, want) {
			t.Errorf("a reader sees %v, not %v", got, want)
		}
		// An aborted transaction is followed by one of its offsets. Nothing of it was sent, so there was nothing to abort.
		if want := []int64{3, 5, 7, 9, 10, 12}; !slices.Equal(acks, want) || ends.committed != len(want) || ends.aborted != 0 {
			t.Errorf("acknowledged %v, not %v; the broker saw %+v", acks, want, *ends)
		}
	})
}

func TestWhatASourceAbortsIsDroppedAndNotReadAgain(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		ends := b.counting()
		lines := append(count("a", 20), "abort", "b", "commit")
		u := &upstream{topic: "out", lines: map[string][]string{"x": lines}, onTransaction: perLine}
		task := b.task(u.class(), bounded(atConnector))
		task.Budget.BatchRecords = 8 // so that two batches of the aborted transaction are in the topic already
		facts, err := Run(t.Context(), task)
		if err != nil || facts.RecordsAborted != 21 || facts.RecordsOut != 2 || ends.aborted != 1 || ends.committed != 2 {
			t.Fatalf("%s, %v, %+v", asJSON(facts), err, *ends)
		}
		if got := b.values("out"); !slices.Equal(got, []string{"b", "commit"}) || u.acked["x"] != 23 {
			t.Errorf("a reader sees %v, acknowledged %v", got, u.acked)
		}
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsIn != 0 {
			t.Errorf("once more: %s, %v", asJSON(facts), err)
		}
	})
}

func TestASourceEndsItsTransactionsAtItsPolls(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"x": count("x", 12)}, atOnce: 2}
		polls := 0
		u.onTransaction = func(tx *connect.TransactionContext, _ *connect.Batch, _ int) {
			switch polls++; polls {
			case 2, 6:
				tx.CommitTransaction()
			case 4:
				tx.AbortTransaction()
			}
		}
		facts, err := Run(t.Context(), b.task(u.class(), bounded(atConnector)))
		if err != nil || facts.RecordsOut != 8 || facts.RecordsAborted != 4 || facts.Batches != 3 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		want := slices.Delete(count("x", 12), 4, 8)
		if got := b.values("out"); !slices.Equal(got, want) {
			t.Errorf("a reader sees %v, not %v", got, want)
		}
	})
}

func TestWhatASourceDidNotAskToCommitIsReadAgain(t *testing.T) {
	for name, set := range map[string]func(task *Task, u *upstream) (failed bool){
		"paused": func(task *Task, u *upstream) bool {
			task.Ownership = u.pausedAfter(2)
			return false
		},
		"deadline": func(task *Task, _ *upstream) bool {
			task.Budget.Deadline = time.Now().Add(20 * time.Second)
			return false
		},
		"the longest that a transaction may be open": func(*Task, *upstream) bool { return false },
		"a source that broke": func(_ *Task, u *upstream) bool {
			u.pollErr = func(poll int) error {
				if poll == 5 {
					return connect.FatalError("it broke", nil)
				}
				return nil
			}
			return true
		},
		"a source that panicked": func(_ *Task, u *upstream) bool {
			u.onPoll = func(_ context.Context, poll int) {
				if poll == 5 {
					panic("it broke")
				}
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				ends := b.counting()
				lines := []string{"a", "commit", "b", "c", "d", "e"}
				u := &upstream{topic: "out", lines: map[string][]string{"x": lines}, atOnce: 2, onTransaction: perLine}
				task := b.task(u.class(), bounded(atConnector))
				task.Budget.BatchRecords = 2
				failed := set(&task, u)
				facts, err := Run(t.Context(), task)
				if (err != nil) != failed || facts.RecordsOut != 2 || facts.Batches != 1 || u.acked["x"] != 2 {
					t.Errorf("%s, %v, acknowledged %v", asJSON(facts), err, u.acked)
				}
				if ends.committed != 1 || ends.aborted != 1 {
					t.Errorf("the broker saw %+v", *ends)
				}
				if left := b.leftovers(); len(left) > 0 {
					t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
				}
				u.lines["x"] = append(u.lines["x"], "commit 2")
				u.pollErr, u.onPoll = nil, nil
				facts, err = Run(t.Context(), b.task(u.class(), bounded(atConnector)))
				if got := b.values("out"); err != nil || !slices.Equal(got, u.lines["x"]) {
					t.Errorf("then a reader sees %v: %s, %v", got, asJSON(facts), err)
				}
			})
		})
	}
}

func TestATransactionThatDoesNotFitIntoAnInvocationIsAnErrorAndNoLoop(t *testing.T) {
	for name, set := range map[string]func(*Task){
		"deadline":                    func(task *Task) { task.Budget.Deadline = time.Now().Add(10 * time.Second) },
		"the transaction's timeout":   func(*Task) {},
		"its own transaction.timeout": func(task *Task) { task.Config["producer.override.transaction.timeout.ms"] = "20000" },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"x": count("x", 50)}, onTransaction: perLine}
				task := b.task(u.class(), bounded(atConnector))
				task.Budget.BatchRecords = 10
				set(&task)
				start := time.Now()
				facts, err := Run(t.Context(), task)
				if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || facts.Batches != 0 ||
					!strings.Contains(err.Error(), "50 records") || !strings.Contains(err.Error(), "producer.override.transaction.timeout.ms") {
					t.Errorf("%s, %v", asJSON(facts), err)
				}
				if took := time.Since(start); took > 31*time.Second {
					t.Errorf("took %v", took)
				}
				if got := b.values("out"); len(got) != 0 || len(u.acked) != 0 {
					t.Errorf("a reader sees %v, acknowledged %v", got, u.acked)
				}
			})
		})
	}
}

func TestASourcesTransactionMayExceedTheBudgetOfRecordsAndThenEndsTheInvocation(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		lines := append(count("x", 50), "commit", "y", "commit", "z", "commit")
		u := &upstream{topic: "out", lines: map[string][]string{"x": lines}, onTransaction: perLine}
		task := b.task(u.class(), bounded(atConnector))
		task.Budget.BatchRecords, task.Budget.Records = 20, 30
		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndRecords || facts.RecordsOut != 51 || !facts.Backlog {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		if facts, err = Run(t.Context(), task); err != nil || facts.RecordsOut != 4 || facts.End != EndIdle {
			t.Errorf("the rest: %s, %v", asJSON(facts), err)
		}
		if got := b.values("out"); !slices.Equal(got, lines) {
			t.Errorf("a reader sees %v", got)
		}
	})
}

func TestRequestsThatMakeNoSenseFailTheTask(t *testing.T) {
	for want, ask := range map[string]func(tx *connect.TransactionContext, b *connect.Batch, from int){
		"both commit and abort of same transaction": func(tx *connect.TransactionContext, _ *connect.Batch, _ int) {
			tx.CommitTransaction()
			tx.AbortTransaction()
		},
		"both commit and abort of same record": func(tx *connect.TransactionContext, _ *connect.Batch, from int) {
			tx.CommitTransactionAfter(from)
			tx.AbortTransactionAfter(from)
		},
		"after record 10 of a batch": func(tx *connect.TransactionContext, b *connect.Batch, _ int) { tx.CommitTransactionAfter(b.Len()) },
	} {
		t.Run(want, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"x": count("x", 10)}, onTransaction: ask}
				facts, err := Run(t.Context(), b.task(u.class(), bounded(atConnector)))
				if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), want) || len(b.values("out")) != 0 {
					t.Errorf("%s, %v", asJSON(facts), err)
				}
			})
		})
	}
}
