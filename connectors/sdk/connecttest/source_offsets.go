package connecttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// checkResume runs many invocations that each poll a few batches and commit only the first records of the last one. Together
// the committed records must be all there are, once.
func (h SourceHarness) checkResume(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 30)
	var store OffsetStore
	var committed []string
	for len(committed) < want {
		before := len(committed)
		texts, err := h.invoke(ctx, config, &store, 5, 1+before%3)
		if err != nil {
			return fmt.Errorf("invocation after %d records: %w", before, err)
		}
		committed = append(committed, texts...)
	}
	if d := firstDuplicate(committed); d != "" {
		return fmt.Errorf("record %s is read again after it was committed", d)
	}
	if len(committed) > want {
		return fmt.Errorf("%d records came, want %d", len(committed), want)
	}
	return h.checkExhausted(ctx, config, &store)
}

// invoke polls one batch with data, commits its first n records and returns them.
func (h SourceHarness) invoke(ctx context.Context, config map[string]string, store *OffsetStore, size, n int) ([]string, error) {
	in, err := h.open(ctx, config, store, connect.NewBatch(size, 1<<20))
	if err != nil {
		return nil, err
	}
	var texts []string
	err = in.read(ctx, 1, func() error {
		records := in.batch.Records()
		records = records[:min(n, len(records))]
		for i := range records {
			texts = append(texts, recordText(&records[i]))
		}
		return commit(ctx, in.source, store, records)
	})
	return texts, in.close(ctx, err)
}

// commit stores the last offset of each partition among records, then tells the source.
func commit(ctx context.Context, source connect.Source, store *OffsetStore, records []connect.Record) error {
	var offsets []connect.SourceOffset
	for _, r := range records {
		at := slices.IndexFunc(offsets, func(o connect.SourceOffset) bool { return o.Partition == r.SourcePartition })
		if at < 0 {
			at = len(offsets)
			offsets = append(offsets, connect.SourceOffset{Partition: r.SourcePartition})
		}
		offsets[at].Offset = r.SourceOffset
	}
	if err := store.Commit(offsets...); err != nil {
		return err
	}
	if err := source.Committed(ctx, offsets); err != nil {
		return fmt.Errorf("committed: %w", err)
	}
	return nil
}

// checkExhausted opens once more and expects nothing.
func (h SourceHarness) checkExhausted(ctx context.Context, config map[string]string, store *OffsetStore) error {
	in, err := h.open(ctx, config, store, connect.NewBatch(100, 1<<20))
	if err != nil {
		return err
	}
	if err = in.poll(ctx); err == nil && in.batch.Len() > 0 {
		err = fmt.Errorf("after everything was committed, record %s is read again", recordText(&in.batch.Records()[0]))
	}
	return in.close(ctx, err)
}

func firstDuplicate(texts []string) string {
	seen := make(map[string]bool, len(texts))
	for _, text := range texts {
		if seen[text] {
			return text
		}
		seen[text] = true
	}
	return ""
}

func (h SourceHarness) checkUncommitted(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 12)
	var first []string
	for round := range 2 {
		in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(5, 1<<20))
		if err != nil {
			return err
		}
		texts, err := in.texts(ctx, want)
		if err = in.close(ctx, err); err != nil {
			return err
		}
		slices.Sort(texts)
		if round > 0 && !slices.Equal(texts, first) {
			return fmt.Errorf("an invocation that committed nothing read\n%q, the next one\n%q", first, texts)
		}
		first = texts
	}
	return nil
}

// checkArena compares what is read into a new arena each time with what is read into one that is overwritten between polls.
func (h SourceHarness) checkArena(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 30)
	var runs [2][]string
	for i := range runs {
		in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(4, 1<<20))
		if err != nil {
			return err
		}
		in.gentle = i == 0
		runs[i], err = in.texts(ctx, want)
		if err = in.close(ctx, err); err != nil {
			return err
		}
		slices.Sort(runs[i])
	}
	for i := range min(len(runs[0]), len(runs[1])) {
		if runs[0][i] != runs[1][i] {
			return fmt.Errorf("a record reads %s, but %s when the arena is overwritten between polls", runs[0][i], runs[1][i])
		}
	}
	return nil
}

func (h SourceHarness) checkGoroutines(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 5)
	before := goroutines()
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(2, 1<<20))
	if err != nil {
		return err
	}
	_, err = in.texts(ctx, want)
	if err = in.close(ctx, err); err != nil {
		return err
	}
	return checkJoined(ctx, before)
}

func (h SourceHarness) checkFailedOpen(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	task, err := taskConfig(ctx, h.Class, config)
	if err != nil {
		return err
	}
	var log journal
	before := goroutines()
	source := h.Class.Source()
	over, cancel := context.WithCancel(ctx)
	cancel()
	// Whether Open fails is its own affair: a source may not need the network yet.
	failed := source.Open(over, &connect.SourceRuntime{Config: task, Offsets: brokenReader{}, Log: log.logger(), RequestReplan: func() {}})
	if err := source.Close(ctx); err != nil {
		return fmt.Errorf("close after Open returned %w: %w", failed, err)
	}
	return checkJoined(ctx, before)
}

// brokenReader is the offsets topic out of reach.
type brokenReader struct{}

// Offset fails.
func (brokenReader) Offset(context.Context, *connect.SourcePartition) (connect.Value, error) {
	return connect.Value{}, connect.RetriableError("read offset", errors.New("the offsets topic is out of reach"))
}

// checkCancelled cancels a poll, as happens at the end of an invocation, and in the middle of one when a transaction has to end. In
// the latter case the source is polled again.
func (h SourceHarness) checkCancelled(ctx context.Context, t testing.TB) error {
	config := h.Config(t)
	want := h.Seed(t, config, 3)
	in, err := h.open(ctx, config, &OffsetStore{}, connect.NewBatch(100, 1<<20))
	if err != nil {
		return err
	}
	over, cancel := context.WithCancel(ctx)
	cancel()
	failed := in.source.Poll(over, in.batch)
	got := in.batch.Len()
	switch {
	case failed != nil && got > 0 && connect.KindOf(failed) != connect.KindRetriable:
		err = fmt.Errorf("a cancelled poll appended %d records and then returned %w: the records are lost", got, failed)
	case ctx.Err() != nil:
		err = errors.New("a cancelled poll blocks")
	default:
		var texts []string
		if texts, err = in.texts(ctx, want-got); err != nil {
			err = fmt.Errorf("after a poll that was cancelled: %w", err)
		} else if got += len(texts); got != want {
			err = fmt.Errorf("after a poll that was cancelled %d records came in all, want %d", got, want)
		}
	}
	return in.close(context.WithoutCancel(ctx), err)
}

// checkAlter sends the connector's own offsets back, as a user does who copies them, and then resets them.
func (h SourceHarness) checkAlter(ctx context.Context, t testing.TB) error {
	if h.Class.AlterOffsets == nil {
		return nil
	}
	config := h.Config(t)
	h.Seed(t, config, 3)
	var store OffsetStore
	if _, err := h.invoke(ctx, config, &store, 10, 10); err != nil {
		return err
	}
	offsets, err := store.all()
	if err != nil {
		return err
	}
	if _, err := h.Class.AlterOffsets(ctx, config, offsets); err != nil {
		return fmt.Errorf("alter offsets to what the connector wrote itself: %w", err)
	}
	for i := range offsets {
		offsets[i].Offset = connect.Null()
	}
	if _, err := h.Class.AlterOffsets(ctx, config, offsets); err != nil {
		return fmt.Errorf("reset offsets: %w", err)
	}
	return nil
}
