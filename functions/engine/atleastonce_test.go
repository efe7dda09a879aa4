package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// off is why exactly-once is off in tests.
const off = "exactly.once.source.support=disabled"

func TestASourceThatRunsAtLeastOnceUsesNoTransactionAndSaysWhyOnce(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		for _, key := range []kmsg.Key{kmsg.AddPartitionsToTxn, kmsg.EndTxn} {
			b.cluster.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
				t.Errorf("the broker was asked for %s", key.Name())
				return nil, nil, false
			})
		}
		b.cluster.ControlKey(kmsg.InitProducerID.Int16(), func(q kmsg.Request) (kmsg.Response, error, bool) {
			b.cluster.KeepControl()
			if id := q.(*kmsg.InitProducerIDRequest).TransactionalID; id != nil {
				t.Errorf("the transactional id %s was taken over", *id)
			}
			return nil, nil, false
		})
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 2500)}, atOnce: 100}
		u.onAck = func(_ string, n int64) {
			o, err := b.Offset(t.Context(), connect.NewSourcePartition("file", connect.String("a")))
			line, _ := o.Map().Get("line")
			if seen := len(b.values("out")); int64(seen) < n || err != nil || line.Int() != n {
				t.Errorf("acknowledged up to %d with %d records in the topic and the offset %v (%v)", n, seen, o, err)
			}
		}
		var log bytes.Buffer
		task := b.task(u.class(), nil)
		task.Log = slog.New(slog.NewTextHandler(&log, nil))
		task.AtLeastOnce = off
		task.Budget.BatchRecords = 1000
		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndIdle || facts.RecordsOut != 2500 || facts.Batches != 3 || facts.Hint == nil || u.acked["a"] != 2500 {
			t.Fatalf("%s, %v, acknowledged %v", asJSON(facts), err, u.acked)
		}
		if got := b.values("out"); !slices.Equal(got, u.lines["a"]) {
			t.Errorf("a reader sees %d records, not the %d lines in their order", len(got), len(u.lines["a"]))
		}
		if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); len(lines) != 1 || !strings.Contains(lines[0], "level=INFO") || !strings.Contains(lines[0], off) {
			t.Errorf("it logged\n%s", log.String())
		}
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsIn != 0 {
			t.Errorf("once more: %s, %v", asJSON(facts), err)
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestOffsetsAreWrittenAfterTheirRecordsAreAcknowledged(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		// Given a topic that takes no records,
		u := &upstream{topic: "nowhere", lines: map[string][]string{"a": count("a", 10)}}
		task := b.task(u.class(), nil)
		task.AtLeastOnce = off
		// when a source writes to it,
		facts, err := Run(t.Context(), task)
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "nowhere") {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		// then no offset is there that would skip them.
		if got := b.read(offsetsTopic); len(got) > 0 || len(u.acked) > 0 {
			t.Errorf("%d offsets, acknowledged %v", len(got), u.acked)
		}
	})
}

func TestWhoFrozeBeforeTheOffsetsDoesNotSetThoseOfItsSuccessorBack(t *testing.T) {
	for name, answer := range map[string]error{
		"the task has another owner": errors.New("epoch 8 took over"),
		"the task was asked to end":  fmt.Errorf("stopped, and its offsets were altered: %w", ErrStop),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, atOnce: 5}
				var taken atomic.Bool
				frozen, thaw := make(chan struct{}), make(chan struct{})
				// Given an owner that freezes as a whole, its looks at the lease too, when its records are acknowledged
				task := b.task(u.class(), nil)
				task.AtLeastOnce = off
				task.Budget.BatchRecords = 5
				task.Ownership = owner(func(context.Context) error {
					select {
					case <-frozen:
						<-thaw
					default:
					}
					if taken.Load() {
						return answer
					}
					return nil
				})
				task.Kafka = append(b.kafka(), kgo.WithHooks(afterProduce(sync.OnceFunc(func() { close(frozen); <-thaw }))))
				done := start(t.Context(), task)
				<-frozen
				// when a successor moves everything meanwhile, and the first owner thaws,
				taken.Store(true)
				young := b.task((&upstream{topic: "out", lines: u.lines}).class(), nil)
				young.AtLeastOnce = off
				if facts, err := Run(t.Context(), young); err != nil || facts.RecordsOut != 10 {
					t.Errorf("the successor: %s, %v", asJSON(facts), err)
				}
				sleep(t.Context(), 10*time.Second)
				close(thaw)
				got := <-done
				// then the offset is still the successor's.
				o, err := b.Offset(t.Context(), connect.NewSourcePartition("file", connect.String("a")))
				if line, _ := o.Map().Get("line"); err != nil || line.Int() != 10 {
					t.Errorf("the offset is %v, %v", o, err)
				}
				if len(u.acked) > 0 || got.RecordsOut != 0 || (got.End != EndLost) != errors.Is(answer, ErrStop) {
					t.Errorf("the first: %s, %v, acknowledged %v", asJSON(got.Facts), got.err, u.acked)
				}
			})
		})
	}
}

// afterProduce is called when the answer to a produce request is in.
type afterProduce func()

// OnBrokerRead implements kgo.HookBrokerRead.
func (f afterProduce) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == kmsg.Produce.Int16() {
		f()
	}
}

func TestOffsetsKeptElsewhereFollowTheirRecordsWithoutATransactionToo(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 20)}}
		task := b.task(u.class(), nil)
		task.AtLeastOnce, task.OffsetsTopic = off, ""
		var kept int64
		task.KeepOffsets = func(_ context.Context, o []connect.SourceOffset) error {
			line, _ := o[0].Offset.Map().Get("line")
			if kept = line.Int(); int64(len(b.values("out"))) != kept || len(u.acked) > 0 {
				t.Errorf("at line %d the topic has %d records, acknowledged %v", kept, len(b.values("out")), u.acked)
			}
			return nil
		}
		if facts, err := Run(t.Context(), task); err != nil || kept != 20 || u.acked["a"] != 20 || facts.Hint != nil {
			t.Errorf("kept %d: %s, %v", kept, asJSON(facts), err)
		}
	})
}

func TestAConnectorThatRequiresExactlyOnceDoesNotRunWithLess(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 5)}}
		task := b.task(u.class(), map[string]string{exactlyOnceKey: "Required"})
		for _, supports := range []func(map[string]string) bool{nil, func(map[string]string) bool { return false }} {
			task.Class.ExactlyOnce = supports
			if facts, err := Run(t.Context(), task); connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), "does not support exactly-once") || u.opened != 0 {
				t.Errorf("a class that does not support it: %s, %v", asJSON(facts), err)
			}
		}
		task.Class.ExactlyOnce = func(map[string]string) bool { return true }
		task.AtLeastOnce = off
		facts, err := Run(t.Context(), task)
		if connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), off) || u.opened != 0 || len(b.values("out")) > 0 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		task.AtLeastOnce = ""
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 5 {
			t.Errorf("with exactly-once on: %s, %v", asJSON(facts), err)
		}
	})
}

func TestSimulationOfASourceThatRunsAtLeastOnce(t *testing.T) {
	simulate(t, func(t *testing.T, rng *rand.Rand) {
		twins := rng.IntN(3) == 0
		inBubble(t, map[string]int32{"out": 1}, func(_ *testing.T, b *broker) { b.simulateAtLeastOnce(rng, "out", 15, twins) })
	})
}

// simulateAtLeastOnce moves lines in some runs that end as they may, and then in as many as it takes: nothing is lost, and what is
// repeated is no more than the batch that each of the runs that did not end well had written. With twins a task is run several times at
// once, as if there were no leases: then anything may be repeated, and the source be asked again for what it was told is done, but
// still nothing is lost.
func (b *broker) simulateAtLeastOnce(rng *rand.Rand, topic string, unruly int, twins bool) {
	t := b.t
	t.Helper()
	lines := map[string][]string{"a": count("a", 150), "b": count("b", 90)}
	acknowledged := &ledger{lines: make(map[string]int64)}
	if twins {
		acknowledged = nil
	}
	var others []chan struct{}
	runs, kills, most := 0, 0, 0
	for finished := false; !finished; runs++ {
		if runs > 200 {
			t.Fatal("does not come to an end")
		}
		u := &upstream{topic: topic, lines: lines, atOnce: 1 + rng.IntN(30), ledger: acknowledged}
		u.misbehave(rng)
		at := 0
		if runs < unruly && rng.IntN(4) > 0 {
			at = 1 + rng.IntN(25)
		}
		ctx, opts, k := b.mortal(at, rng.IntN(2) == 0)
		if runs < unruly && rng.IntN(3) == 0 {
			k.flaky = 3 + rng.IntN(9)
		}
		task := b.task(u.class(), nil)
		task.AtLeastOnce, task.Kafka = off, opts
		task.Budget.BatchRecords = 1 + rng.IntN(20)
		if runs < unruly {
			task.Budget.Records = 1 + rng.Int64N(40)
		}
		if twins && runs < unruly && rng.IntN(2) == 0 {
			others = append(others, b.twin(task, u, rng.Uint64()))
		}
		facts, err := Run(ctx, task)
		killed := k.buried()
		if killed || err != nil {
			kills++
			most += task.Budget.BatchRecords
		}
		if err != nil && strings.Contains(err.Error(), "is gone") {
			t.Fatal(err) // I1
		}
		finished = err == nil && facts.End == EndIdle && !killed
	}
	for _, o := range others {
		<-o
	}
	last := b.task((&upstream{topic: topic, lines: lines, ledger: acknowledged}).class(), nil)
	last.AtLeastOnce = off
	if facts, err := Run(t.Context(), last); err != nil || !twins && facts.RecordsIn > 0 {
		t.Fatalf("last run: %s, %v", asJSON(facts), err)
	}
	times, repeated := make(map[string]int), 0
	for _, v := range b.values(topic) {
		times[v]++
	}
	for _, name := range []string{"a", "b"} {
		for _, v := range lines[name] {
			if times[v] == 0 {
				t.Errorf("%s is lost", v)
			}
			repeated += times[v] - 1
		}
	}
	t.Logf("%d runs, %d that did not end well, %d twins, %d records repeated of at most %d", runs, kills, len(others), repeated, most)
	if !twins && repeated > most {
		t.Errorf("%d records are there more than once after %d runs that did not end well, with %d records in all of their batches", repeated, kills, most)
	}
	if left := b.leftovers(); len(left) > 0 {
		t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
	}
}
