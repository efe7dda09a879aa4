package connecttest

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// SinkHarness is what the suite must know about a sink.
type SinkHarness struct {
	// Class is the connector under test.
	Class *connect.Class
	// Config returns the configuration of a connector that writes to a place of its own; a new, empty place at each call.
	Config func(t testing.TB) map[string]string
	// ReadBack returns what lies in the place that config names, one text a record, in the order in which the other system
	// keeps them. Each must contain the token that the suite put into the record, such as `record-000017`.
	ReadBack func(t testing.TB, config map[string]string) []string
	// Fill puts token into the key or value of r, whose memory must come from a. Nil means that key and value are the token,
	// as STRING.
	Fill func(r *connect.Record, a *connect.Arena, token string)
	// Break makes the other system fail for a while, in a way that is worth a retry, until mend is called. Nil leaves that
	// test out.
	Break func(t testing.TB, config map[string]string) (mend func())
	// Unordered says that the other system keeps no order.
	Unordered bool
	// Holds says that Flush may leave records uncommitted until there are more of them, as when files have a fixed size.
	Holds bool
	// Once says that a record put twice is kept once: by its key, or because the sink keeps offsets beside the data.
	Once bool
}

// Sink runs the conformance suite for a sink.
func Sink(t *testing.T, h SinkHarness) {
	t.Helper()
	runChecks(t, h.checks())
}

func (h SinkHarness) checks() []check {
	checks := []check{
		{"the class is complete", h.checkComplete},
		{"what was flushed is durable, intact, in order, and written in silence", h.checkDurable},
		{"the next invocation goes on from the safe offsets", h.checkReopen},
		{"what was put but not flushed is put again", h.checkUnflushed},
		{"a batch put twice loses nothing", h.checkTwice},
		{"an empty batch is no error", h.checkEmpty},
		{"a closed sink leaves no goroutine behind", h.checkGoroutines},
		{"a sink can be closed after an Open that failed", h.checkFailedOpen},
	}
	if h.Break != nil {
		checks = append(checks, check{"after a failure the same batch is taken", h.checkRetry})
	}
	return checks
}

// delivery plays the engine for one sink over several invocations: numbered records, which alternate between two partitions.
type delivery struct {
	h      SinkHarness
	config map[string]string
	next   int             // number of the record to put next
	safe   connect.Offsets // committed
	sink   connect.Sink    // nil between invocations
	batch  *connect.Batch
	log    journal
}

const (
	sinkTopic      = "conformance"
	sinkPartitions = 2
)

func (h SinkHarness) deliver(t testing.TB) *delivery {
	t.Helper()
	return &delivery{h: h, config: h.Config(t), safe: connect.Offsets{}, batch: connect.NewBatch(100, 1<<20)}
}

func partitionOf(n int) connect.TopicPartition {
	return connect.TopicPartition{Topic: sinkTopic, Partition: int32(n % sinkPartitions)}
}

func offsetOf(n int) int64 { return int64(n / sinkPartitions) }

func token(n int) string { return fmt.Sprintf("record-%06d", n) }

// open begins an invocation at the first record that is not safe.
func (d *delivery) open(ctx context.Context) error {
	task, err := taskConfig(ctx, d.h.Class, d.config)
	if err != nil {
		return err
	}
	d.next = 0
	for d.done(d.next) {
		d.next++
	}
	d.sink = d.h.Class.Sink()
	return d.sink.Open(ctx, d.runtime(task))
}

func (d *delivery) runtime(task map[string]string) *connect.SinkRuntime {
	partitions := make([]connect.TopicPartition, sinkPartitions)
	for i := range partitions {
		partitions[i] = partitionOf(i)
	}
	return &connect.SinkRuntime{Config: task, Partitions: partitions, Log: d.log.logger()}
}

// done reports whether record n is below the committed offset of its partition.
func (d *delivery) done(n int) bool { return offsetOf(n) < d.safe[partitionOf(n)] }

// fill makes a batch of the next records up to number end, without those that are done.
func (d *delivery) fill(end int) {
	d.batch.Reset()
	for ; d.next < end; d.next++ {
		if d.done(d.next) {
			continue
		}
		r, a := d.batch.Append(), &d.batch.Arena
		tp := partitionOf(d.next)
		r.Topic, r.Partition, r.Offset = tp.Topic, tp.Partition, offsetOf(d.next)
		r.OriginalTopic, r.OriginalPartition, r.OriginalOffset = r.Topic, r.Partition, r.Offset
		r.Timestamp, r.TimestampType = 1700000000000+int64(d.next), connect.CreateTime
		if d.h.Fill != nil {
			d.h.Fill(r, a, token(d.next))
		} else {
			r.KeySchema, r.Key = connect.StringSchema, connect.String(a.CopyString(token(d.next)))
			r.ValueSchema, r.Value = connect.StringSchema, connect.String(a.CopyString(token(d.next)))
		}
		d.batch.AddBytes(100)
	}
}

// put puts the batch and then spoils its memory.
func (d *delivery) put(ctx context.Context) error {
	if err := d.sink.Put(ctx, d.batch); err != nil {
		return fmt.Errorf("put: %w", err)
	}
	d.batch.Arena.Poison()
	return nil
}

// putUpTo puts the records up to number end in batches of at most size.
func (d *delivery) putUpTo(ctx context.Context, end, size int) error {
	for d.next < end {
		d.fill(min(end, d.next+size))
		if err := d.put(ctx); err != nil {
			return err
		}
	}
	return nil
}

// flush commits what the sink says is safe, which must be in the other system by then.
func (d *delivery) flush(ctx context.Context, t testing.TB) error {
	offsets, err := d.sink.Flush(ctx)
	if err != nil {
		return fmt.Errorf("flush: %w", err)
	}
	if offsets == nil {
		offsets = d.allPut()
	}
	for tp, offset := range offsets {
		if offset < d.safe[tp] {
			return fmt.Errorf("flush moved %s-%d back from %d to %d", tp.Topic, tp.Partition, d.safe[tp], offset)
		}
		d.safe[tp] = min(offset, max(d.safe[tp], d.allPut()[tp]))
	}
	return d.checkPresent(d.h.ReadBack(t, d.config))
}

// allPut is one beyond the last record put, of each partition.
func (d *delivery) allPut() connect.Offsets {
	offsets := connect.Offsets{}
	for n := range d.next {
		offsets[partitionOf(n)] = offsetOf(n) + 1
	}
	return offsets
}

func (d *delivery) close(ctx context.Context, err error) error {
	sink := d.sink
	d.sink = nil
	if closeErr := sink.Close(ctx); closeErr != nil && err == nil {
		return fmt.Errorf("close: %w", closeErr)
	}
	return err
}

// checkPresent says which record is committed but missing, spoilt or out of order.
func (d *delivery) checkPresent(found []string) error {
	numbers, err := numbersOf(found)
	if err != nil {
		return err
	}
	count := make(map[int]int)
	last := make(map[connect.TopicPartition]int)
	for _, n := range numbers {
		tp := partitionOf(n)
		if count[n]++; count[n] > 1 {
			if d.h.Once {
				return fmt.Errorf("%s is there twice", token(n))
			}
			continue
		}
		if before, ok := last[tp]; ok && before > n && !d.h.Unordered {
			return fmt.Errorf("%s lies behind %s of the same partition", token(n), token(before))
		}
		last[tp] = n
	}
	for tp, offset := range d.safe {
		for at := range offset {
			if n := int(at)*sinkPartitions + int(tp.Partition); count[n] == 0 {
				return fmt.Errorf("%s is committed (safe offsets %v), but not in the other system, which has %d records", token(n), maps.Clone(d.safe), len(found))
			}
		}
	}
	return nil
}

// numbersOf finds the one token in each text.
func numbersOf(found []string) ([]int, error) {
	pattern := regexp.MustCompile(`record-(\d{6})`)
	numbers := make([]int, len(found))
	for i, text := range found {
		m := pattern.FindStringSubmatch(text)
		if m == nil || strings.ContainsRune(text, '\uFFFD') || strings.Contains(text, "\xDB\xDB") {
			return nil, fmt.Errorf("the other system has a record that nobody put: %q; was memory of the batch kept after Put?", text)
		}
		if _, err := fmt.Sscanf(m[1], "%d", &numbers[i]); err != nil {
			return nil, fmt.Errorf("read %q: %w", text, err)
		}
	}
	return numbers, nil
}
