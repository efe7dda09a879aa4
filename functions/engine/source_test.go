package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestASourceMovesEverythingOnceAndGoesOnWhereItStopped(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 2500)}, atOnce: 100}
		task := b.task(u.class(), nil)
		task.Budget.BatchRecords = 1000

		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndIdle || facts.RecordsOut != 2500 || facts.Batches != 3 || facts.EmptyPolls != 1 {
			t.Fatalf("first run: %s, %v", asJSON(facts), err)
		}
		if facts.Hint == nil || string(facts.SourceOffsets) != `[{"partition":{"file":"a"},"offset":{"line":2500}}]` {
			t.Errorf("hint %v, source offsets %s", facts.Hint, facts.SourceOffsets)
		}
		u.lines["a"] = append(u.lines["a"], "more")
		if facts, err = Run(t.Context(), task); err != nil || facts.RecordsOut != 1 {
			t.Fatalf("second run: %s, %v", asJSON(facts), err)
		}

		if got := b.values("out"); !slices.Equal(got, u.lines["a"]) {
			t.Errorf("a reader sees %d records, not the %d lines in their order", len(got), len(u.lines["a"]))
		}
		if u.opened != 2 || u.closed != 2 || u.acked["a"] != 2501 {
			t.Errorf("opened %d, closed %d, acknowledged %d", u.opened, u.closed, u.acked["a"])
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestASourcesRecordCarriesItsHeadersTimestampPartitionAndKey(t *testing.T) {
	inBubble(t, map[string]int32{"out": 3, "other": 3}, func(t *testing.T, b *broker) {
		key, n := []byte("key"), 0
		src := sourceFunc(func(batch *connect.Batch) {
			if n++; n > 1 {
				return
			}
			r := batch.Append()
			r.Topic, r.Key, r.Value, r.Timestamp, r.Partition = "out", connect.Bytes(key), connect.Null(), 1700000000123, 2
			r.Headers = []connect.Header{{Key: "h1", Schema: connect.StringSchema, Value: connect.String("v1")}, {Key: "h2"}}
			batch.AddBytes(3)
			r = batch.Append()
			r.Topic, r.Key, r.Value = "other", connect.Bytes(key), connect.Bytes(nil)
			batch.AddBytes(3)
		})
		facts, err := Run(t.Context(), b.task(&connect.Class{Name: "test.Source", Source: func() connect.Source { return src }}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(facts.Topics, []string{"other", "out"}) || facts.Hint != nil {
			t.Errorf("topics %v, hint %v", facts.Topics, facts.Hint)
		}
		got := b.read("out")
		if len(got) != 1 || got[0].Partition != 2 || string(got[0].Key) != "key" || got[0].Value != nil || got[0].Timestamp.UnixMilli() != 1700000000123 {
			t.Fatalf("record: %+v", got)
		}
		if h := got[0].Headers; len(h) != 2 || h[0].Key != "h1" || string(h[0].Value) != "v1" || h[1].Key != "h2" || h[1].Value != nil {
			t.Errorf("headers: %v", h)
		}
		// murmur2("key") is what Java's default partitioner takes; computed by the client's own hasher.
		want := kgo.StickyKeyPartitioner(nil).ForTopic("other").Partition(&kgo.Record{Key: key}, 3)
		if got = b.read("other"); len(got) != 1 || int(got[0].Partition) != want || got[0].Value == nil {
			t.Errorf("record without partition is in %v, want partition %d and an empty value", got, want)
		}
	})
}

// sourceFunc is a source that only polls.
type sourceFunc func(b *connect.Batch)

func (f sourceFunc) Open(context.Context, *connect.SourceRuntime) error      { return nil }
func (f sourceFunc) Poll(_ context.Context, b *connect.Batch) error          { f(b); return nil }
func (f sourceFunc) Committed(context.Context, []connect.SourceOffset) error { return nil }
func (f sourceFunc) Close(context.Context) error                             { return nil }

func TestASourceIsAcknowledgedOnlyWhatAReaderSees(t *testing.T) { // I1
	inBubble(t, map[string]int32{"out": 2}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 50), "b": count("b", 50)}, atOnce: 7}
		acks := 0
		u.onAck = func(file string, n int64) {
			acks++
			seen := b.values("out")
			for i := range n {
				if !slices.Contains(seen, fmt.Sprintf("%s-%d", file, i)) {
					t.Fatalf("%s acknowledged up to %d, but record %d is not readable", file, n, i)
				}
			}
			o, err := b.Offset(t.Context(), connect.NewSourcePartition("file", connect.String(file)))
			if line, _ := o.Map().Get("line"); err != nil || line.Int() != n {
				t.Fatalf("%s acknowledged up to %d, but the committed offset is %v (%v)", file, n, o, err)
			}
		}
		task := b.task(u.class(), nil)
		task.Budget.BatchRecords = 20
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 100 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if acks < 5 {
			t.Errorf("only %d acknowledgements", acks)
		}
	})
}

func TestTheOlderOfTwoSourcesCannotCommit(t *testing.T) { // I3
	inBubble(t, map[string]int32{"out": 1}, func(_ *testing.T, b *broker) { b.fencedSource("out") })
}

func TestASourceThatBlocksInPollStopsWithinSeconds(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 3)}}
		u.onPoll = func(ctx context.Context, poll int) {
			if poll == 3 {
				<-ctx.Done()
			}
		}
		task := b.task(u.class(), nil)
		task.Budget.Idle = time.Hour
		start := time.Now()
		var asked time.Time
		task.Ownership = owner(func(context.Context) error {
			if time.Since(start) > 10*time.Second {
				asked = time.Now()
				return fmt.Errorf("paused: %w", ErrStop)
			}
			return nil
		})
		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndStopped || facts.RecordsOut != 3 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if asked.IsZero() || time.Since(asked) > time.Second || time.Since(start) > 13*time.Second {
			t.Errorf("ended %v after it was asked to, %v after the start", time.Since(asked), time.Since(start))
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestALostTaskEndsWithoutAnotherCommit(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, atOnce: 5}
		errTaken := errors.New("epoch 8 took over")
		var lost atomic.Bool
		u.onPoll = func(ctx context.Context, poll int) {
			if poll == 2 {
				lost.Store(true)
				<-ctx.Done()
			}
		}
		task := b.task(u.class(), nil)
		task.Ownership = owner(func(context.Context) error {
			if lost.Load() {
				return errTaken
			}
			return nil
		})
		facts, err := Run(t.Context(), task)
		if facts.End != EndLost || !errors.Is(err, errTaken) || facts.Batches != 0 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		if values := b.values("out"); len(values) != 0 {
			t.Errorf("a reader sees %v", values)
		}
	})
}

func TestATaskThatIsNotOwnedReadsNoOffsets(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
		task := b.task(u.class(), nil)
		task.Ownership = owner(func(context.Context) error { return fmt.Errorf("stopped: %w", ErrStop) })
		if facts, err := Run(t.Context(), task); facts.End != EndStopped || err != nil || u.opened != 0 {
			t.Errorf("%s, %v, opened %d", asJSON(facts), err, u.opened)
		}
	})
}

func TestBudgetsEndASource(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Budget)
		end  End
		min  int64
	}{
		{"records", func(b *Budget) { b.Records = 25 }, EndRecords, 25},
		{"bytes", func(b *Budget) { b.Bytes = 100 }, EndBytes, 25},
		{"deadline", func(b *Budget) { b.Deadline = time.Now().Add(time.Minute); b.Idle = time.Hour }, EndDeadline, 1000},
		{"idle", func(b *Budget) { b.Idle = 10 * time.Second }, EndIdle, 1000},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 1000)}}
				task := b.task(u.class(), nil)
				task.Budget.BatchRecords = 10
				c.set(&task.Budget)
				start := time.Now()
				facts, err := Run(t.Context(), task)
				if err != nil || facts.End != c.end || facts.RecordsOut < c.min || (c.min < 1000) != facts.Backlog || c.min < 1000 && facts.RecordsOut >= c.min+10 {
					t.Errorf("%s, %v", asJSON(facts), err)
				}
				if elapsed := time.Since(start); c.end == EndIdle && elapsed > 11*time.Second || c.end == EndDeadline && elapsed > 61*time.Second {
					t.Errorf("took %v", elapsed)
				}
			})
		})
	}
}

// A chain of invocations goes on for as long as there is backlog; whoever reports none waits for the schedule.
func TestASourceThatIsCutOffByTheDeadlineTellsABacklogFromATrickle(t *testing.T) {
	for _, c := range []struct {
		name    string
		atOnce  int
		poll    time.Duration
		batch   int
		slow    bool // transforms take a millisecond a record
		backlog bool
	}{
		{"batches are full, and the last one is cut short", 10, 7 * time.Millisecond, 100, false, true},
		{"transforms take longer than a batch may", 100, 0, 8192, true, true},
		{"the source gives what it gets at once", 1, 20 * time.Millisecond, 8192, false, false},
		{"the source gives what it gets at once, in pages", 50, 300 * time.Millisecond, 8192, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 100_000)}, atOnce: c.atOnce}
				u.onPoll = func(ctx context.Context, _ int) {
					if c.poll > 0 {
						sleep(ctx, c.poll)
					}
				}
				config := map[string]string{}
				if c.slow {
					config["transforms"], config["transforms.s.type"] = "s", "test.Slow"
				}
				task := b.task(u.class(), config)
				task.Budget = Budget{BatchRecords: c.batch, Deadline: time.Now().Add(9050 * time.Millisecond), Idle: time.Hour}
				facts, err := Run(t.Context(), task)
				if err != nil || facts.End != EndDeadline || facts.Batches < 3 || facts.Backlog != c.backlog {
					t.Errorf("%s, %v", asJSON(facts), err)
				}
			})
		})
	}
}

func TestRetriableErrorsOfPollAreRetriedInPlaceAndOthersFail(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, atOnce: 4}
		u.pollErr = func(poll int) error {
			if poll%2 == 1 {
				return connect.RetriableError("busy", nil)
			}
			return nil
		}
		facts, err := Run(t.Context(), b.task(u.class(), nil))
		if err != nil || facts.RecordsOut != 10 || facts.Retries < 3 || facts.End != EndIdle {
			t.Errorf("retriable: %s, %v", asJSON(facts), err)
		}
		u.lines["a"] = append(u.lines["a"], "x")
		u.pollErr = func(poll int) error { return connect.RetriableError("away", nil) }
		if facts, err = Run(t.Context(), b.task(u.class(), nil)); connect.KindOf(err) != connect.KindRetriable || facts.End != EndFailed || facts.Retries != maxAttempts-1 {
			t.Errorf("always retriable: %s, %v", asJSON(facts), err)
		}
		u.pollErr = func(poll int) error {
			if poll > 1 {
				return connect.FatalError("broken", nil)
			}
			return nil
		}
		if facts, err = Run(t.Context(), b.task(u.class(), nil)); err == nil || facts.End != EndFailed || facts.RecordsOut != 1 {
			t.Errorf("fatal after one poll: %s, %v", asJSON(facts), err)
		}
		if values := b.values("out"); !slices.Equal(values, u.lines["a"]) {
			t.Errorf("a reader sees %v", values)
		}
	})
}

func TestAMissingTopicIsNamed(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *broker) {
		u := &upstream{topic: "nowhere", lines: map[string][]string{"a": count("a", 10)}}
		facts, err := Run(t.Context(), b.task(u.class(), nil))
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "nowhere") || !strings.Contains(err.Error(), "create the topic") {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		if o, _ := b.Offset(t.Context(), connect.NewSourcePartition("file", connect.String("a"))); !o.IsNull() {
			t.Errorf("offset %v without records", o)
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestAMissingOffsetsTopicIsNamedAndNotCreated(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
		task := b.task(u.class(), nil)
		task.OffsetsTopic = "lost-offsets"
		facts, err := Run(t.Context(), task)
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "find the offsets topic lost-offsets") || u.opened != 0 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
	})
}

func TestAHugeRecordPassesAlone(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		huge := strings.Repeat("x", 10<<20)
		u := &upstream{topic: "out", lines: map[string][]string{"a": {"before", huge, "after"}}}
		task := b.task(u.class(), map[string]string{"producer.override.max.request.size": "20000000"})
		task.Budget.BatchBytes = 1 << 20
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 3 || facts.Batches != 2 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if values := b.values("out"); !slices.Equal(values, u.lines["a"]) {
			t.Errorf("a reader sees %d records", len(values))
		}
		u.lines["a"] = append(u.lines["a"], huge)
		facts, err := Run(t.Context(), b.task(u.class(), nil))
		if facts.End != EndFailed || err == nil || !strings.Contains(err.Error(), "max.request.size") {
			t.Errorf("without the setting: %s, %v", asJSON(facts), err)
		}
	})
}

func TestDroppedRecordsAdvanceTheOffset(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 30)}}
		task := b.task(u.class(), map[string]string{"transforms": "d", "transforms.d.type": "test.Drop", "transforms.d.text": "a"})
		facts, err := Run(t.Context(), task)
		if err != nil || facts.RecordsDropped != 30 || facts.RecordsOut != 0 || facts.Batches != 1 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if u.acked["a"] != 30 || len(b.values("out")) != 0 {
			t.Errorf("acknowledged %d, %d records", u.acked["a"], len(b.values("out")))
		}
	})
}

func TestTheDeadlineOfTheCallerCutsARunOff(t *testing.T) { // I5
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
		u.onPoll = func(ctx context.Context, poll int) {
			if poll == 2 {
				<-ctx.Done()
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		facts, err := Run(ctx, b.task(u.class(), nil))
		if facts.End != EndStopped || !errors.Is(err, context.DeadlineExceeded) || facts.Batches != 0 || time.Since(start) > 61*time.Second {
			t.Errorf("%s, %v after %v", asJSON(facts), err, time.Since(start))
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
		synctest.Wait()
	})
}
