package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// bounded returns the configuration of a source whose transactions end as given.
func bounded(boundary string, more ...string) map[string]string {
	config := map[string]string{boundaryKey: boundary}
	for i := 0; i < len(more); i += 2 {
		config[more[i]] = more[i+1]
	}
	return config
}

// endings counts the transactions that a broker was asked to commit and to abort.
type endings struct{ committed, aborted int }

// counting makes the broker count the ends of transactions.
func (b *broker) counting() *endings {
	e := new(endings)
	b.cluster.ControlKey(kmsg.EndTxn.Int16(), func(q kmsg.Request) (kmsg.Response, error, bool) {
		b.cluster.KeepControl()
		if q.(*kmsg.EndTxnRequest).Commit {
			e.committed++
		} else {
			e.aborted++
		}
		return nil, nil, false
	})
	return e
}

func TestATransactionOfAnIntervalSpansBatches(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		ends := b.counting()
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 105)}, atOnce: 5}
		u.onPoll = func(ctx context.Context, _ int) { sleep(ctx, time.Second) }
		var acks []time.Duration
		start := time.Now()
		u.onAck = func(string, int64) { acks = append(acks, time.Since(start).Round(time.Second)) }
		task := b.task(u.class(), bounded("INTERVAL", boundaryIntervalKey, "10000"))
		task.Budget.BatchRecords = 5

		facts, err := Run(t.Context(), task)
		if err != nil || facts.End != EndIdle || facts.RecordsOut != 105 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if want := []time.Duration{10 * time.Second, 20 * time.Second, 22 * time.Second}; !slices.Equal(acks, want) {
			t.Errorf("acknowledged at %v, not %v", acks, want)
		}
		if facts.Batches != 3 || ends.committed != 3 || ends.aborted != 0 {
			t.Errorf("%d transactions, %+v", facts.Batches, *ends)
		}
		if got := b.values("out"); !slices.Equal(got, u.lines["a"]) || u.acked["a"] != 105 {
			t.Errorf("a reader sees %d records, acknowledged %d", len(got), u.acked["a"])
		}
	})
}

func TestNothingOfAnIntervalIsSeenOrAcknowledgedBeforeItsEnd(t *testing.T) { // I1
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 30)}, atOnce: 10}
		u.onPoll = func(_ context.Context, poll int) {
			if poll == 3 && (len(b.values("out")) > 0 || len(u.acked) > 0) {
				t.Errorf("in the middle of the transaction a reader sees %v, acknowledged is %v", b.values("out"), u.acked)
			}
		}
		task := b.task(u.class(), bounded(atInterval))
		task.Budget.BatchRecords = 10
		if facts, err := Run(t.Context(), task); err != nil || facts.Batches != 1 || facts.RecordsOut != 30 || u.acked["a"] != 30 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
	})
}

func TestAnIntervalIsCommittedHoweverTheInvocationEnds(t *testing.T) {
	for name, set := range map[string]func(task *Task, u *upstream){
		"idle":    func(*Task, *upstream) {},
		"records": func(task *Task, _ *upstream) { task.Budget.Records = 30 },
		"deadline": func(task *Task, _ *upstream) {
			task.Budget.Deadline, task.Budget.Idle = time.Now().Add(20*time.Second), time.Hour
		},
		"paused": func(task *Task, u *upstream) {
			task.Budget.Idle = time.Hour
			task.Ownership = u.pausedAfter(3)
		},
		"a source that broke": func(_ *Task, u *upstream) {
			u.pollErr = func(poll int) error {
				if poll == 5 {
					return connect.FatalError("it broke", nil)
				}
				return nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 30)}, atOnce: 10}
				task := b.task(u.class(), bounded(atInterval))
				task.Budget.BatchRecords = 10
				set(&task, u)
				facts, err := Run(t.Context(), task)
				if facts.RecordsOut != 30 || facts.Batches != 1 || u.acked["a"] != 30 || (err != nil) != (facts.End == EndFailed) {
					t.Errorf("%s, %v, acknowledged %v", asJSON(facts), err, u.acked)
				}
				if got := b.values("out"); !slices.Equal(got, u.lines["a"]) {
					t.Errorf("a reader sees %v", got)
				}
			})
		})
	}
}

// pausedAfter is the ownership of a task that is paused after a number of polls.
func (u *upstream) pausedAfter(polls int) owner {
	var paused atomic.Bool
	u.onPoll = func(_ context.Context, poll int) { paused.Store(poll > polls) }
	return func(context.Context) error {
		if paused.Load() {
			return fmt.Errorf("paused: %w", ErrStop)
		}
		return nil
	}
}

func TestAnIntervalEndsBeforeTheBrokerWouldEndIt(t *testing.T) {
	for _, c := range []struct {
		interval, timeout string // as configured
		left              time.Duration
		want              time.Duration
	}{
		{"", "", 0, 30 * time.Second},
		{"5000", "", 0, 5 * time.Second},
		{"3600000", "", 0, 30 * time.Second},
		{"3600000", "600000", 0, 570 * time.Second},
		{"3600000", "", 2 * time.Second, 6 * time.Second},
		{"3600000", "600000", 90 * time.Second, 70 * time.Second},
		{"0", "", 0, 0},
	} {
		task := &Task{Class: (&upstream{}).class(), Config: bounded(atInterval, boundaryIntervalKey, c.interval, "producer.override."+transactionTimeoutKey, c.timeout)}
		if c.left > 0 {
			task.Budget.Deadline = time.Now().Add(c.left)
		}
		timeout, err := task.transactionTimeout(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		b, err := newBoundary(task, timeout)
		if err != nil || b.interval.Round(time.Second) != c.want {
			t.Errorf("%+v: the interval is %v, %v", c, b.interval, err)
		}
	}
	task := &Task{Class: (&upstream{}).class(), Config: bounded(atInterval), Worker: map[string]string{offsetFlushKey: "7000"}}
	if b, err := newBoundary(task, time.Minute); err != nil || b.interval != 7*time.Second {
		t.Errorf("with the worker's %s the interval is %v, %v", offsetFlushKey, b.interval, err)
	}
}

func TestASourceThatBlocksInPollIsCalledBackToCommit(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 3)}}
		u.onPoll = func(ctx context.Context, poll int) {
			if poll > 2 { // the batch holds nothing, so it may wait
				<-ctx.Done()
			}
		}
		start := time.Now()
		var acked time.Duration
		u.onAck = func(string, int64) { acked = time.Since(start) }
		task := b.task(u.class(), bounded(atInterval, boundaryIntervalKey, "5000"))
		task.Budget.Deadline, task.Budget.Idle = time.Now().Add(time.Minute), time.Hour
		if facts, err := Run(t.Context(), task); err != nil || facts.End != EndDeadline || facts.RecordsOut != 3 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		if acked < 30*time.Second || acked > 31*time.Second {
			t.Errorf("acknowledged after %v", acked)
		}
	})
}

func TestAPollThatLosesWhatItAppendedWhenItIsCalledBackEndsTheInvocation(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 9)}, atOnce: 3}
		task := b.task(u.class(), bounded(atInterval))
		task.Budget.BatchRecords = 3
		polls := 0
		task.Class.Source = func() connect.Source {
			return &forgetful{lineSource: lineSource{u: u}, forgets: func(ctx context.Context) error {
				if polls++; polls == 2 {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}}
		}
		facts, err := Run(t.Context(), task)
		if facts.End != EndFailed || connect.KindOf(err) != connect.KindRetriable || facts.RecordsOut != 3 {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		if facts, err = Run(t.Context(), task); err != nil || !slices.Equal(b.values("out"), u.lines["a"]) {
			t.Errorf("a reader sees %v: %s, %v", b.values("out"), asJSON(facts), err)
		}
	})
}

// forgetful is a source that appends records and then may return an error.
type forgetful struct {
	lineSource
	forgets func(ctx context.Context) error
}

func (s *forgetful) Poll(ctx context.Context, b *connect.Batch) error {
	if err := s.lineSource.Poll(ctx, b); err != nil {
		return err
	}
	return s.forgets(ctx)
}

func TestATransactionThatOutlivesItsTimeoutIsToldFromAnotherOwner(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 9)}, atOnce: 3}
		u.onPoll = func(_ context.Context, poll int) {
			if poll == 2 { // deaf to its context
				sleep(t.Context(), 2*time.Minute)
			}
		}
		task := b.task(u.class(), bounded(atInterval))
		task.Budget.BatchRecords = 3
		facts, err := Run(t.Context(), task)
		if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || !strings.Contains(err.Error(), "brokers abort one after 1m0s") {
			t.Errorf("%s, %v", asJSON(facts), err)
		}
		u.onPoll = nil
		if facts, err = Run(t.Context(), task); err != nil || !slices.Equal(b.values("out"), u.lines["a"]) {
			t.Errorf("a reader sees %v: %s, %v", b.values("out"), asJSON(facts), err)
		}
	})
}

func TestATransactionOfAnIntervalEndsEarlyWhenItIsLarge(t *testing.T) {
	const hour = time.Hour
	for _, c := range []struct {
		kind           string
		since          time.Duration
		records, bytes int64
		partitions     int
		want           bool
	}{
		{atPoll, 0, 1, 1, 1, true},
		{atInterval, 0, 1, 1, 1, false},
		{atInterval, hour, 1, 1, 1, true},
		{atInterval, 0, maxTransactionRecords, 1, 1, true},
		{atInterval, 0, 1, maxTransactionBytes, 1, true},
		{atInterval, 0, 1, 1, maxSlots, true},
		{atConnector, hour, maxTransactionRecords, maxTransactionBytes, maxSlots, false},
	} {
		l := &sourceLoop{out: c.records, bytes: c.bytes, boundary: boundary{kind: c.kind, interval: hour, committedAt: time.Now().Add(-c.since)}}
		l.offsets.touched = make([]int, c.partitions)
		if got := l.boundary.isDue(l); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestALongTransactionKeepsOneOffsetAPartition(t *testing.T) {
	var o sourceOffsets
	o.connector = "c"
	var arena connect.Arena
	parts := []*connect.SourcePartition{connect.NewSourcePartition("p", connect.Int64(0)), connect.NewSourcePartition("p", connect.Int64(1))}
	batch := func(n int) {
		arena.Reset()
		for _, p := range parts {
			m := arena.NewMap(1)
			m.SetKey(0, connect.String(strings.Repeat("k", 1000)))
			m.SetValue(0, connect.Int64(int64(n)))
			r := &connect.Record{SourcePartition: p, SourceOffset: m.Value()}
			slot, err := o.slot(r)
			if err != nil {
				t.Fatal(err)
			}
			o.see(slot, r)
		}
		o.keep()
	}
	most := 0
	for n := range 100_000 {
		batch(n)
		most = max(most, o.kept)
	}
	if most > compactAt+len(parts)*3 {
		t.Errorf("%d offsets were kept for %d partitions", most, len(parts))
	}
	for i, so := range o.list() {
		if v, _ := so.Offset.Map().Get(strings.Repeat("k", 1000)); so.Partition != parts[i] || v.Int() != 99_999 {
			t.Errorf("partition %d is at %v", i, v)
		}
	}
}

func TestSettingsOfTheBoundaryThatAreWrongAreNamed(t *testing.T) {
	for _, c := range []struct {
		config map[string]string
		want   string
	}{
		{bounded("sometimes"), boundaryKey},
		{bounded(atConnector), "does not support connector-defined transaction boundaries"},
		{bounded(atInterval, boundaryIntervalKey, "-1"), boundaryIntervalKey},
		{bounded(atInterval, boundaryIntervalKey, "soon"), "soon"},
		{bounded(atPoll, "producer.override."+transactionTimeoutKey, "0"), transactionTimeoutKey},
	} {
		inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
			u := &upstream{topic: "out", lines: map[string][]string{"x": count("x", 10)}}
			facts, err := Run(t.Context(), b.task(u.class(), c.config))
			if facts.End != EndFailed || connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), c.want) || u.opened != 0 {
				t.Errorf("%v: %s, %v", c.config, asJSON(facts), err)
			}
		})
	}
}

func TestOnlyASourceThatDefinesItsTransactionsGetsAContext(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		for _, c := range []struct {
			name string
			set  func(*Task)
		}{
			{"poll", func(task *Task) { task.Config = bounded(atPoll) }},
			{"interval", func(task *Task) { task.Config = bounded(atInterval) }},
			{"off", func(task *Task) { task.AtLeastOnce = "off" }},
			{"standalone", func(task *Task) {
				task.KeepOffsets = func(context.Context, []connect.SourceOffset) error { return nil }
			}},
		} {
			var got *connect.TransactionContext
			opened := false
			src := &contextSource{open: func(rt *connect.SourceRuntime) { got, opened = rt.Transaction, true }}
			class := &connect.Class{Name: "test.Source", Source: func() connect.Source { return src }, DefinesTransactions: func(map[string]string) bool { return true }}
			task := b.task(class, bounded(atConnector))
			c.set(&task)
			if _, err := Run(t.Context(), task); err != nil || got != nil || !opened {
				t.Errorf("%s: context %v, opened %v, %v", c.name, got, opened, err)
			}
		}
	})
}

// contextSource is a source that only looks at its runtime.
type contextSource struct {
	sourceFunc
	open func(rt *connect.SourceRuntime)
}

func (s *contextSource) Open(_ context.Context, rt *connect.SourceRuntime) error {
	s.open(rt)
	return nil
}
func (s *contextSource) Poll(context.Context, *connect.Batch) error { return nil }

func TestAnOffsetsTopicIsNotForTheSourcesRecords(t *testing.T) {
	for _, off := range []string{"", "off"} {
		inBubble(t, nil, func(t *testing.T, b *broker) {
			u := &upstream{topic: offsetsTopic, lines: map[string][]string{"a": count("a", 10)}}
			task := b.task(u.class(), map[string]string{"errors.tolerance": "all"})
			task.AtLeastOnce = off
			facts, err := Run(t.Context(), task)
			if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || !strings.Contains(err.Error(), offsetsTopic) || len(b.read(offsetsTopic)) > 0 {
				t.Errorf("%s, %v", asJSON(facts), err)
			}
		})
	}
}
