package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// downstream is a system that sinks write: it keeps rows in memory until they are flushed, and then durably.
type downstream struct {
	rows     []row // durable
	pending  []row
	puts     [][]string
	putErr   func(put int, b *connect.Batch) error
	flushErr func(flush int) error
	// partial makes a flush take only the first n pending rows; negative is all.
	partial func(flush int) int
	onPut   func(ctx context.Context, put int)
	report  []string // values that Put reports as bad
	flushes int
	opened  int
	closed  int
	rt      *connect.SinkRuntime
}

type row struct {
	topic     string
	partition int32
	offset    int64
	value     string
}

func (d *downstream) class() *connect.Class {
	return &connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return &rowSink{d} }}
}

func (d *downstream) values() []string {
	var v []string
	for _, r := range d.rows {
		v = append(v, r.value)
	}
	return v
}

// firstOpen returns the offset of the first pending row of a partition, -1 if all are durable.
func (d *downstream) firstOpen(topic string, partition int32) int64 {
	for _, r := range d.pending {
		if r.topic == topic && r.partition == partition {
			return r.offset
		}
	}
	return -1
}

type rowSink struct{ d *downstream }

func (s *rowSink) Open(_ context.Context, rt *connect.SinkRuntime) error {
	s.d.opened++
	s.d.puts, s.d.flushes, s.d.pending, s.d.rt = nil, 0, nil, rt
	return nil
}

func (s *rowSink) Put(ctx context.Context, b *connect.Batch) error {
	var values []string
	for _, r := range b.Records() {
		values = append(values, strings.Clone(string(r.Value.Bytes())))
	}
	s.d.puts = append(s.d.puts, values)
	if s.d.onPut != nil {
		s.d.onPut(ctx, len(s.d.puts))
	}
	var failed *connect.BatchError
	if s.d.putErr != nil {
		if err := s.d.putErr(len(s.d.puts), b); err != nil && !errors.As(err, &failed) {
			return err
		}
	}
	for i := range b.Records() {
		r := &b.Records()[i]
		if slices.Contains(s.d.report, values[i]) {
			if err := s.d.rt.Report(ctx, r, errors.New("duplicate key")); err != nil {
				return err
			}
			continue
		}
		if failed != nil && slices.ContainsFunc(failed.Failed, func(e connect.RecordError) bool { return e.Index == i }) {
			continue
		}
		s.d.pending = append(s.d.pending, row{strings.Clone(r.OriginalTopic), r.OriginalPartition, r.OriginalOffset, values[i]})
	}
	b.Arena.Poison()
	if failed != nil {
		return failed
	}
	return nil
}

func (s *rowSink) Flush(context.Context) (connect.Offsets, error) {
	s.d.flushes++
	if s.d.flushErr != nil {
		if err := s.d.flushErr(s.d.flushes); err != nil {
			return nil, err
		}
	}
	if s.d.partial == nil {
		s.d.rows = append(s.d.rows, s.d.pending...)
		s.d.pending = nil
		return nil, nil
	}
	n := s.d.partial(s.d.flushes)
	if n < 0 || n > len(s.d.pending) {
		n = len(s.d.pending)
	}
	safe := make(connect.Offsets)
	for _, r := range s.d.pending[:n] {
		safe[connect.TopicPartition{Topic: r.topic, Partition: r.partition}] = r.offset + 1
	}
	s.d.rows = append(s.d.rows, s.d.pending[:n]...)
	s.d.pending = s.d.pending[n:]
	return safe, nil
}

func (s *rowSink) Close(context.Context) error {
	s.d.closed++
	return nil
}

// fill writes n records with values prefix-0 … into one partition.
func (b *broker) fill(topic string, partition int32, prefix string, n int) {
	b.t.Helper()
	var records []*kgo.Record
	for _, v := range count(prefix, n) {
		records = append(records, &kgo.Record{Topic: topic, Partition: partition, Value: []byte(v)})
	}
	b.produce(records...)
}

func topics(names string) map[string]string { return map[string]string{"topics": names} }

func TestASinkGetsEverythingInOrderAndGoesOnWhereItStopped(t *testing.T) {
	inBubble(t, map[string]int32{"in": 2}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 1500)
		b.fill("in", 1, "b", 700)
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.BatchRecords = 400

		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndIdle || facts.RecordsOut != 2200 || facts.RecordsIn != 2200 {
			t.Fatalf("first run: %s, %v", asJSON(facts), err)
		}
		want := []Position{{"in", 0, 1500, 1500}, {"in", 1, 700, 700}}
		if !slices.Equal(facts.Positions, want) || b.committed("connect-c", "in", 0) != 1500 || b.committed("connect-c", "in", 1) != 700 {
			t.Errorf("positions %v, committed %d and %d", facts.Positions, b.committed("connect-c", "in", 0), b.committed("connect-c", "in", 1))
		}
		for p, prefix := range []string{"a", "b"} {
			var got []string
			for _, r := range d.rows {
				if r.partition == int32(p) {
					got = append(got, r.value)
				}
			}
			if !slices.Equal(got, count(prefix, []int{1500, 700}[p])) {
				t.Errorf("partition %d is not in order and complete", p)
			}
		}
		for _, put := range d.puts {
			if len(put) > 400 {
				t.Errorf("a batch has %d records", len(put))
			}
		}

		b.fill("in", 1, "c", 3)
		if facts, err = Run(t.Context(), task); err != nil || facts.RecordsOut != 3 || len(d.rows) != 2203 {
			t.Fatalf("second run: %s, %v, %d rows", asJSON(facts), err, len(d.rows))
		}
		if facts, err = Run(t.Context(), task); err != nil || facts.End != EndIdle || d.opened != 2 || d.closed != 2 || facts.Batches != 0 {
			t.Errorf("a run without news: %s, %v, opened %d times", asJSON(facts), err, d.opened)
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestASinksRecordHasItsOrigin(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.produce(&kgo.Record{Topic: "in", Key: []byte("k"), Value: nil, Timestamp: time.UnixMilli(1700000000123),
			Headers: []kgo.RecordHeader{{Key: "h", Value: []byte("v")}, {Key: "n"}}})
		config := topics("in")
		maps.Copy(config, map[string]string{"transforms": "r", "transforms.r.type": "test.Route", "transforms.r.topic": "elsewhere"})
		var got connect.Record
		sink := putFunc(func(batch *connect.Batch) error {
			if batch.Len() > 0 {
				got = batch.Records()[0]
				got.Headers = slices.Clone(got.Headers)
			}
			return nil
		})
		if facts, err := Run(t.Context(), b.task(&connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return sink }}, config)); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if got.Topic != "elsewhere" || got.OriginalTopic != "in" || got.OriginalOffset != 0 || got.Timestamp != 1700000000123 || got.TimestampType != connect.CreateTime ||
			string(got.Key.Bytes()) != "k" || !got.Value.IsNull() || got.ValueSchema != connect.OptionalBytesSchema {
			t.Errorf("record: %+v", got)
		}
		if h := got.Headers; len(h) != 2 || h[0].Key != "h" || h[0].Value.Str() != "v" || !h[1].Value.IsNull() {
			t.Errorf("headers: %v", h)
		}
	})
}

// putFunc is a sink that only puts.
type putFunc func(b *connect.Batch) error

func (f putFunc) Open(context.Context, *connect.SinkRuntime) error { return nil }
func (f putFunc) Put(_ context.Context, b *connect.Batch) error    { return f(b) }
func (f putFunc) Flush(context.Context) (connect.Offsets, error)   { return nil, nil }
func (f putFunc) Close(context.Context) error                      { return nil }

func TestACommittedOffsetIsBelowEveryRecordThatIsNotDurable(t *testing.T) { // I2
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			inBubble(t, map[string]int32{"in": 3}, func(t *testing.T, b *broker) {
				rng := seeded(seed)
				for p := range int32(3) {
					b.fill("in", p, fmt.Sprint("p", p), 100)
				}
				d := &downstream{partial: func(int) int { return rng.IntN(60) - 5 }}
				config := topics("in")
				maps.Copy(config, map[string]string{"transforms": "d", "transforms.d.type": "test.Drop", "transforms.d.text": "7"})
				task := b.task(d.class(), config)
				task.Budget.BatchRecords = 1 + rng.IntN(40)
				looks := 0
				check := func() {
					looks++
					for p := range int32(3) {
						committed, open := b.committed("connect-c", "in", p), d.firstOpen("in", p)
						if open >= 0 && committed > open {
							t.Fatalf("partition %d is committed up to %d, but record %d is not durable", p, committed, open)
						}
					}
				}
				task.Progress = func(Facts) { check() }
				facts, err := Run(t.Context(), task)
				if err != nil || facts.RecordsDropped != 57 || looks < 3 {
					t.Fatalf("%s, %v, %d looks", asJSON(facts), err, looks)
				}
				check()
				d.partial = nil
				if _, err = Run(t.Context(), task); err != nil {
					t.Fatal(err)
				}
				for p := range int32(3) {
					if c := b.committed("connect-c", "in", p); c != 100 {
						t.Errorf("partition %d: committed %d at the end", p, c)
					}
				}
			})
		})
	}
}

func TestTheOlderOfTwoSinksCannotCommit(t *testing.T) { // I3
	inBubble(t, map[string]int32{"in": 1}, func(_ *testing.T, b *broker) { b.fencedSink("in") })
}

func TestASinkReadsOnlyWhatIsCommittedUnlessToldOtherwise(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		cl := b.client(kgo.TransactionalID("writer"))
		for i, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
			if err := cl.BeginTransaction(); err != nil {
				t.Fatal(err)
			}
			if err := cl.ProduceSync(t.Context(), kgo.StringRecord(fmt.Sprint("r", i)), kgo.StringRecord(fmt.Sprint("s", i))).FirstErr(); err == nil {
				t.Fatal("a record without topic was written")
			}
			for _, v := range []string{"r", "s"} {
				if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: "in", Value: fmt.Append(nil, v, i)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			if err := cl.EndTransaction(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		cl.Close()
		d := new(downstream)
		facts, err := Run(t.Context(), b.task(d.class(), topics("in")))
		if err != nil || !slices.Equal(d.values(), []string{"r0", "s0", "r2", "s2"}) {
			t.Errorf("%v: %s, %v", d.values(), asJSON(facts), err)
		}
		// With its markers the topic has nine offsets; the group stands at the very end.
		if c := b.committed("connect-c", "in", 0); c != 9 || facts.Positions[0].Head != 9 {
			t.Errorf("committed %d, positions %v", c, facts.Positions)
		}
		config := topics("in")
		config["consumer.override.isolation.level"] = "read_uncommitted"
		config["consumer.override.group.id"] = "another"
		d = new(downstream)
		if _, err = Run(t.Context(), b.task(d.class(), config)); err != nil || !slices.Equal(d.values(), []string{"r0", "s0", "r1", "s1", "r2", "s2"}) {
			t.Errorf("read_uncommitted: %v, %v", d.values(), err)
		}
	})
}

func TestASinkStartsWhereAutoOffsetResetSays(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 5)
		for _, c := range []struct {
			reset string
			want  int
			err   string
		}{{"earliest", 5, ""}, {"latest", 0, ""}, {"none", 0, "auto.offset.reset none"}, {"sideways", 0, "consumer.override.auto.offset.reset"}} {
			config := topics("in")
			config["consumer.override.auto.offset.reset"] = c.reset
			config["consumer.override.group.id"] = c.reset
			d := new(downstream)
			_, err := Run(t.Context(), b.task(d.class(), config))
			if len(d.rows) != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %d rows, %v", c.reset, len(d.rows), err)
			}
		}
	})
}

func TestTasksShareThePartitionsOfATopic(t *testing.T) {
	inBubble(t, map[string]int32{"in-1": 5, "in-2": 4, "out": 2}, func(t *testing.T, b *broker) {
		for p := range int32(5) {
			b.fill("in-1", p, fmt.Sprint("x", p), 3)
		}
		for p := range int32(4) {
			b.fill("in-2", p, fmt.Sprint("y", p), 3)
		}
		b.fill("out", 0, "no", 3)
		d := new(downstream)
		for id := range 3 {
			task := b.task(d.class(), map[string]string{"topics.regex": "in-.*"})
			task.ID, task.Tasks, task.TransactionalID = id, 3, fmt.Sprint("g-c-", id)
			facts, err := Run(t.Context(), task)
			if err != nil || facts.RecordsOut != 3*int64(len(d.rt.Partitions)) {
				t.Errorf("task %d: %s, %v", id, asJSON(facts), err)
			}
			for _, p := range d.rt.Partitions {
				if of := AssignedTo(p.Topic, p.Partition, 3); of != id {
					t.Errorf("task %d consumes %v, which is task %d's", id, p, of)
				}
			}
		}
		seen := make(map[row]bool)
		for _, r := range d.rows {
			seen[r] = true
		}
		if len(d.rows) != 27 || len(seen) != 27 {
			t.Errorf("%d rows, %d different", len(d.rows), len(seen))
		}
	})
}

func TestRetriableErrorsOfASinkAreRetriedWithTheSameBatch(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 10)
		d := &downstream{
			putErr: func(put int, _ *connect.Batch) error {
				if put%3 != 0 {
					return connect.RetriableError("busy", nil)
				}
				return nil
			},
			flushErr: func(flush int) error {
				if flush == 1 {
					return connect.RetriableError("busy", nil)
				}
				return nil
			},
		}
		facts, err := Run(t.Context(), b.task(d.class(), topics("in")))
		if err != nil || facts.Retries < 3 || !slices.Equal(d.values(), count("a", 10)) {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if !slices.Equal(d.puts[0], d.puts[1]) || !slices.Equal(d.puts[1], d.puts[2]) {
			t.Errorf("puts differ: %v", d.puts)
		}
		b.fill("in", 0, "b", 1)
		d.putErr = func(int, *connect.Batch) error { return connect.RetriableError("away", nil) }
		d.flushErr = nil
		facts, err = Run(t.Context(), b.task(d.class(), topics("in")))
		if connect.KindOf(err) != connect.KindRetriable || facts.End != EndFailed || b.committed("connect-c", "in", 0) != 10 || !strings.Contains(err.Error(), "in-0 at offset 10") {
			t.Errorf("%s, %v, committed %d", asJSON(facts), err, b.committed("connect-c", "in", 0))
		}
		d.putErr = func(int, *connect.Batch) error { return connect.FatalError("no such table", nil) }
		facts, err = Run(t.Context(), b.task(d.class(), topics("in")))
		if err == nil || facts.End != EndFailed || facts.Retries != 0 || b.committed("connect-c", "in", 0) != 10 {
			t.Errorf("%s, %v, committed %d", asJSON(facts), err, b.committed("connect-c", "in", 0))
		}
	})
}

func TestOnlyTheFailedRecordsOfABatchArePutAgain(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 6)
		d := &downstream{putErr: func(put int, batch *connect.Batch) error {
			if put == 1 {
				return &connect.BatchError{Failed: []connect.RecordError{{Index: 1, Err: connect.RetriableError("busy", nil)}, {Index: 4, Err: connect.RetriableError("busy", nil)}}}
			}
			return nil
		}}
		facts, err := Run(t.Context(), b.task(d.class(), topics("in")))
		if err != nil || facts.RecordsOut != 6 || !slices.Equal(d.puts[1], []string{"a-1", "a-4"}) || b.committed("connect-c", "in", 0) != 6 {
			t.Errorf("%s, %v, puts %v", asJSON(facts), err, d.puts)
		}
		slices.SortFunc(d.rows, func(a, b row) int { return int(a.offset - b.offset) })
		if !slices.Equal(d.values(), count("a", 6)) {
			t.Errorf("rows %v", d.values())
		}
	})
}

func TestAPausedSinkStopsWithinSecondsAndCommitsWhatIsDone(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 10)
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.Idle = time.Hour
		start := time.Now()
		task.Ownership = owner(func(context.Context) error {
			if time.Since(start) > 10*time.Second {
				return ErrStop
			}
			return nil
		})
		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndStopped || b.committed("connect-c", "in", 0) != 10 || time.Since(start) > 15*time.Second {
			t.Errorf("%s, %v after %v", asJSON(facts), err, time.Since(start))
		}
		if n := len(d.puts); n < 3 || len(d.puts[n-1]) != 0 {
			t.Errorf("%d puts: a sink gets empty batches while it waits", n)
		}
		if left := b.leftovers(); len(left) > 0 {
			t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
		}
	})
}

func TestASinkWithoutItsTopicWaitsForIt(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *broker) {
		d := new(downstream)
		facts, err := Run(t.Context(), b.task(d.class(), topics("later")))
		if err != nil || facts.End != EndIdle || d.opened != 0 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		for _, config := range []map[string]string{{}, {"topics": "a", "topics.regex": "b"}, {"topics.regex": "("}} {
			if _, err := Run(t.Context(), b.task(d.class(), config)); connect.KindOf(err) != connect.KindConfig {
				t.Errorf("%v: %v", config, err)
			}
		}
	})
}

func TestBudgetsEndASink(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "a", 100)
		d := new(downstream)
		task := b.task(d.class(), topics("in"))
		task.Budget.BatchRecords, task.Budget.Records = 10, 25
		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndRecords || facts.RecordsOut != 30 || !facts.Backlog || b.committed("connect-c", "in", 0) != 30 {
			t.Errorf("records: %s, %v", asJSON(facts), err)
		}
		task.Budget.Records, task.Budget.Bytes = 0, 41
		if facts, err = Run(t.Context(), task); err != nil || facts.End != EndBytes || facts.RecordsOut != 20 {
			t.Errorf("bytes: %s, %v", asJSON(facts), err)
		}
		task.Budget.Bytes = 0
		task.Budget.Deadline, task.Budget.Idle = time.Now().Add(time.Minute), time.Hour
		start := time.Now()
		if facts, err = Run(t.Context(), task); err != nil || facts.End != EndDeadline || facts.RecordsOut != 50 || time.Since(start) > 62*time.Second {
			t.Errorf("deadline: %s, %v after %v", asJSON(facts), err, time.Since(start))
		}
	})
}
