package connecttest

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// SourceHarness is what the suite must know about a source.
type SourceHarness struct {
	// Class is the connector under test.
	Class *connect.Class
	// Config returns the configuration of a connector that reads a place of its own; a new, empty place at each call.
	Config func(t testing.TB) map[string]string
	// Seed adds n things to the place that config names, each different from all others, and returns how many records the
	// source is to make of them: mostly n.
	Seed func(t testing.TB, config map[string]string, n int) (records int)
}

// Source runs the conformance suite for a source.
func Source(t *testing.T, h SourceHarness) {
	t.Helper()
	runChecks(t, h.checks())
}

func (h SourceHarness) checks() []check {
	return []check{
		{"the class is complete", h.checkComplete},
		{"everything is read once, valid, in bounded batches, in silence", h.checkReading},
		{"a batch ends at its byte bound", h.checkByteBound},
		{"a poll without data returns at once, and later data is found", h.checkIdle},
		{"a poll adds to what a batch holds, without waiting for more", h.checkFilling},
		{"an invocation resumes after the last committed record", h.checkResume},
		{"what was polled but not committed is read again", h.checkUncommitted},
		{"nothing in the arena is kept between polls", h.checkArena},
		{"a closed source leaves no goroutine behind", h.checkGoroutines},
		{"a source can be closed after an Open that failed", h.checkFailedOpen},
		{"a cancelled poll returns, and the next one goes on", h.checkCancelled},
		{"what it defines as transactions is complete", h.checkTransactions},
		{"its own offsets can be set by a user", h.checkAlter},
	}
}

// invocation is one source from Open to Close.
type invocation struct {
	source         connect.Source
	batch          *connect.Batch
	log            journal
	records, bytes int  // bounds of the batch
	gentle         bool // a new arena for each Poll, instead of overwriting the old one
}

func (h SourceHarness) open(ctx context.Context, config map[string]string, store *OffsetStore, b *connect.Batch) (*invocation, error) {
	in := &invocation{batch: b}
	in.records, in.bytes = b.Remaining()
	if err := h.start(ctx, in, config, store, nil); err != nil {
		return nil, err
	}
	return in, nil
}

// start opens the source of an invocation.
func (h SourceHarness) start(ctx context.Context, in *invocation, config map[string]string, store *OffsetStore, transactions *connect.TransactionContext) error {
	task, err := taskConfig(ctx, h.Class, config)
	if err != nil {
		return err
	}
	in.source = h.Class.Source()
	rt := &connect.SourceRuntime{Config: task, Offsets: store, Log: in.log.logger(), RequestReplan: func() {}, Transaction: transactions}
	if err := in.source.Open(ctx, rt); err != nil {
		_ = in.source.Close(ctx)
		return fmt.Errorf("open: %w", err)
	}
	return nil
}

// poll fills the batch anew. A retriable error counts as no data.
func (in *invocation) poll(ctx context.Context) error {
	if in.gentle {
		in.batch = connect.NewBatch(in.records, in.bytes)
	} else {
		in.batch.Arena.Poison()
		in.batch.Reset()
	}
	if err := in.source.Poll(ctx, in.batch); err != nil && connect.KindOf(err) != connect.KindRetriable {
		return fmt.Errorf("poll: %w", err)
	}
	for i := range in.batch.Records() {
		if err := checkSourceRecord(&in.batch.Records()[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkSourceRecord(r *connect.Record) error {
	if r.SourcePartition == nil {
		return fmt.Errorf("record %s has no source partition", recordText(r))
	}
	if _, err := offsetJSON(r.SourceOffset); err != nil {
		return fmt.Errorf("source offset of record %s: %w", recordText(r), err)
	}
	return checkRecord(r)
}

// read polls until want records came, or for ever when there are fewer: until ctx ends. visit sees every batch.
func (in *invocation) read(ctx context.Context, want int, visit func() error) error {
	for got := 0; got < want; {
		if err := in.poll(ctx); err != nil {
			return err
		}
		if err := visit(); err != nil {
			return err
		}
		got += in.batch.Len()
		if in.batch.Len() == 0 {
			if ctx.Err() != nil {
				return fmt.Errorf("%d of %d records came within %s", got, want, patience)
			}
			runtime.Gosched()
		}
	}
	return nil
}

// texts reads want records and returns them as text, sorted out by nothing.
func (in *invocation) texts(ctx context.Context, want int) ([]string, error) {
	var texts []string
	err := in.read(ctx, want, func() error {
		for i := range in.batch.Records() {
			texts = append(texts, recordText(&in.batch.Records()[i]))
		}
		return nil
	})
	return texts, err
}

func (in *invocation) close(ctx context.Context, err error) error {
	if closeErr := in.source.Close(ctx); closeErr != nil && err == nil {
		return fmt.Errorf("close: %w", closeErr)
	}
	return err
}

func (h SourceHarness) checkComplete(ctx context.Context, t testing.TB) error {
	return checkClass(ctx, h.Class, h.Config(t))
}

func (h SourceHarness) checkReading(ctx context.Context, t testing.TB) error {
	const bound = 7
	config := h.Config(t)
	want := h.Seed(t, config, 40)
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(bound, 1<<20))
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	partitions := make(map[string]*connect.SourcePartition)
	err = in.read(ctx, want, func() error {
		if n := in.batch.Len(); n > bound {
			return fmt.Errorf("a batch of at most %d records has %d", bound, n)
		}
		if in.batch.Len() > 0 && in.batch.Size() == 0 {
			return fmt.Errorf("no bytes were counted for a batch of %d records: call Batch.AddBytes", in.batch.Len())
		}
		return once(in.batch, seen, partitions)
	})
	if err == nil && len(seen) != want {
		err = fmt.Errorf("%d different records came, want %d", len(seen), want)
	}
	if err == nil {
		err = in.log.checkSilent()
	}
	return in.close(ctx, err)
}

// once checks that no record came before, and that there is one pointer for each partition.
func once(b *connect.Batch, seen map[string]bool, partitions map[string]*connect.SourcePartition) error {
	for i := range b.Records() {
		r := &b.Records()[i]
		text := recordText(r)
		if seen[text] {
			return fmt.Errorf("record %s came twice", text)
		}
		seen[text] = true
		key, err := offsetJSON(r.SourcePartition.Value())
		if err != nil {
			return fmt.Errorf("source partition of record %s: %w", text, err)
		}
		if known, ok := partitions[string(key)]; ok && known != r.SourcePartition {
			return fmt.Errorf("source partition %s was made twice: its records must share one pointer", key)
		}
		partitions[string(key)] = r.SourcePartition
	}
	return nil
}

func (h SourceHarness) checkByteBound(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 5)
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(1000, 1))
	if err != nil {
		return err
	}
	return in.close(ctx, in.read(ctx, want, func() error {
		if n := in.batch.Len(); n > 1 {
			return fmt.Errorf("a batch that is full at its first byte has %d records", n)
		}
		return nil
	}))
}

func (h SourceHarness) checkIdle(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(100, 1<<20))
	if err != nil {
		return err
	}
	for round := 0; err == nil && round < 2; round++ {
		for range 3 {
			if err = in.poll(ctx); err == nil && in.batch.Len() > 0 {
				err = fmt.Errorf("%d records came where there are none: %s", in.batch.Len(), recordText(&in.batch.Records()[0]))
			}
			if ctx.Err() != nil {
				err = fmt.Errorf("a poll without data blocks")
			}
			if err != nil {
				return in.close(context.WithoutCancel(ctx), err)
			}
		}
		_, err = in.texts(ctx, h.Seed(t, config, 3))
	}
	return in.close(ctx, err)
}

// checkFilling fills one batch by several polls, as the runtime does. Only records of the last poll are looked at.
func (h SourceHarness) checkFilling(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(100, 1<<20))
	if err != nil {
		return err
	}
	held := 0
	for range 3 {
		want := held + h.Seed(t, config, 3)
		for ; err == nil && held < want; held = in.batch.Len() {
			err = in.add(ctx, held)
		}
		if err == nil && held > want {
			err = fmt.Errorf("a batch holds %d records, want %d", held, want)
		}
		if err == nil {
			err = in.add(ctx, held) // nothing is left: it must return
		}
		if err == nil && in.batch.Len() != held {
			err = fmt.Errorf("%d records came where there are none", in.batch.Len()-held)
		}
		if err != nil {
			break
		}
	}
	return in.close(context.WithoutCancel(ctx), err)
}

// add polls into a batch that holds records.
func (in *invocation) add(ctx context.Context, held int) error {
	if err := in.source.Poll(ctx, in.batch); err != nil && connect.KindOf(err) != connect.KindRetriable {
		return fmt.Errorf("poll into a batch that holds %d records: %w", held, err)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("a poll into a batch that holds %d records waits for more", held)
	}
	if in.batch.Len() < held {
		return fmt.Errorf("a poll took %d records out of the batch", held-in.batch.Len())
	}
	for i := held; i < in.batch.Len(); i++ {
		if err := checkSourceRecord(&in.batch.Records()[i]); err != nil {
			return err
		}
	}
	runtime.Gosched()
	return nil
}
