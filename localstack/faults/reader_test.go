package faults_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func missing(err error) bool { return errors.Is(err, kerr.GroupIDNotFound) }

// reader reads a topic of one partition as a read_committed consumer does, all the time.
type reader struct {
	topic string
	admin *kadm.Client
	// markersLater says that the broker answers EndTxn before readers see what it ended.
	markersLater bool

	mu    sync.Mutex
	at    int64         // the offset to read next
	times map[int64]int // how often each number came
	below int64         // all numbers below came
	moved chan struct{} // closed when at changes
	back  []string      // numbers that came after a larger one
	last  int64
}

func newReader(t testing.TB, topic string, b *broker) *reader {
	t.Helper()
	cl, err := kgo.NewClient(append(b.opts[:len(b.opts):len(b.opts)], kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords(), kgo.FetchMaxWait(100*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{topic: topic, markersLater: b.real, admin: kadm.NewClient(cl), times: make(map[int64]int), moved: make(chan struct{}), last: -1}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			r.take(cl.PollFetches(ctx))
		}
	}()
	t.Cleanup(func() { cancel(); <-done; cl.Close() })
	return r
}

func (r *reader) take(fetches kgo.Fetches) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fetches.EachRecord(func(rec *kgo.Record) {
		r.at = rec.Offset + 1
		if rec.Attrs.IsControl() {
			return
		}
		id, err := strconv.ParseInt(string(rec.Value), 10, 64)
		if err != nil || id < r.last {
			r.back = append(r.back, fmt.Sprintf("%q after %d", rec.Value, r.last))
		}
		r.last = id
		r.times[id]++
		for r.times[r.below] > 0 {
			r.below++
		}
	})
	close(r.moved)
	r.moved = make(chan struct{})
}

// visible fails unless a consumer can read all numbers below the given one. kfake ends a transaction before it answers, so there
// they must be readable now. A real broker writes the markers after it has answered; the decision is durable by then, and they
// must become readable soon, though the source, which waits for this answer, does nothing more.
func (r *reader) visible(ctx context.Context, below int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// The end is asked for first: only what lies below it counts, however long it takes to read that far.
	ends, err := r.admin.ListCommittedOffsets(ctx, r.topic)
	for err != nil && ctx.Err() == nil { // the broker is away, which is the cell's fault
		wait(ctx, schedule)
		ends, err = r.admin.ListCommittedOffsets(ctx, r.topic)
	}
	if err != nil {
		return fmt.Errorf("ask for the end of %s: %w", r.topic, err)
	}
	end, _ := ends.Lookup(r.topic, 0)
	for {
		r.mu.Lock()
		at, seen, moved := r.at, r.below, r.moved
		r.mu.Unlock()
		switch {
		case seen >= below:
			return nil
		case at >= end.Offset && !r.markersLater:
			return fmt.Errorf("a consumer sees only the first %d", seen)
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("a consumer sees only the first %d, at %d of %d: %w", seen, at, end.Offset, ctx.Err())
		}
	}
}

// account returns how many of the first n numbers are missing, how many copies there are beside the first, and what came out of
// its order.
func (r *reader) account(n int64) (lost, repeated int64, back []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for id := range n {
		switch times := r.times[id]; times {
		case 0:
			lost++
		default:
			repeated += int64(times - 1)
		}
	}
	return lost, repeated, r.back
}

func (r *reader) count() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.below
}
