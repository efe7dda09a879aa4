package engine

import (
	"context"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// transaction writes the records of one or more batches, and their offset records, as one Kafka transaction. It is reused from
// transaction to transaction, from one goroutine. Without a committer it only writes.
//
// Its records live in slabs that are filled again once all of them are acknowledged; a slab never moves, since the
// client holds pointers into it.
type transaction struct {
	cl        *kgo.Client
	committer *txn.Committer
	begun     bool // and neither committed nor aborted yet
	slabs     [][]kgo.Record
	n         int // records in use: those that are not written yet
	bytes     bytesArena
	acks      acks
}

const slabRecords = 1024

// next returns the next record, which the caller overwrites; only the memory of its headers is worth keeping.
func (t *transaction) next() *kgo.Record {
	if t.n == len(t.slabs)*slabRecords {
		t.slabs = append(t.slabs, make([]kgo.Record, slabRecords))
	}
	t.n++
	return t.record(t.n - 1)
}

// record returns the i-th record.
func (t *transaction) record(i int) *kgo.Record { return &t.slabs[i/slabRecords][i%slabRecords] }

// drop takes back the last record.
func (t *transaction) drop() { t.n-- }

// reset forgets the records, for the next batch.
func (t *transaction) reset() {
	t.n = 0
	t.bytes.reset()
}

// send produces all records and waits until each is acknowledged or one has failed, which it returns with its record.
func (t *transaction) send(ctx context.Context) (*kgo.Record, error) {
	if t.n == 0 {
		return nil, nil // every record was dropped, and offsets are kept elsewhere
	}
	t.acks.start(t.n)
	promise := t.acks.promise
	for i, left := 0, t.n; left > 0; i, left = i+1, left-slabRecords {
		slab := t.slabs[i][:min(left, slabRecords)]
		for j := range slab {
			t.cl.Produce(ctx, &slab[j], promise)
		}
	}
	if failed, err := t.acks.wait(ctx); err != nil {
		return failed, err
	}
	return nil, t.see(ctx)
}

// see waits until the client knows the partitions of all records: see package txn for what would become of the end of the
// transaction otherwise, be it a commit or an abort.
func (t *transaction) see(ctx context.Context) error {
	if t.committer == nil {
		return nil
	}
	for i := range t.n {
		if err := t.committer.See(ctx, t.record(i)); err != nil {
			return err
		}
	}
	return nil
}

// begin opens a transaction, unless one is open.
func (t *transaction) begin() error {
	if t.begun || t.committer == nil {
		return nil
	}
	err := t.cl.BeginTransaction()
	t.begun = err == nil
	return err
}

// commit ends the transaction, all of whose records are sent. After an error nobody knows how it ended.
func (t *transaction) commit(ctx context.Context) error {
	t.begun = false
	return t.committer.Commit(ctx)
}

// rollBack drops the records that are not sent and aborts the transaction, if one is open, so that another can be begun.
func (t *transaction) rollBack(ctx context.Context) error {
	t.reset()
	if !t.begun {
		return nil
	}
	t.begun = false
	return t.cl.EndTransaction(ctx, kgo.TryAbort)
}

// abort ends the transaction without committing, records that are on their way included.
func (t *transaction) abort(ctx context.Context) error {
	t.begun = false
	ctx, cancel := closing(ctx)
	defer cancel()
	if err := t.cl.AbortBufferedRecords(ctx); err != nil {
		return err
	}
	return t.cl.EndTransaction(ctx, kgo.TryAbort)
}

// acks counts the outcome of produces, which arrive on goroutines of the client.
type acks struct {
	pending atomic.Int64
	done    chan struct{}

	mu     sync.Mutex
	err    error
	failed *kgo.Record
}

func (a *acks) start(n int) {
	a.done = make(chan struct{})
	a.err, a.failed = nil, nil
	a.pending.Store(int64(n))
}

func (a *acks) promise(r *kgo.Record, err error) {
	if err != nil {
		a.mu.Lock()
		if a.err == nil {
			a.err, a.failed = err, r
		}
		a.mu.Unlock()
	}
	if a.pending.Add(-1) == 0 {
		close(a.done)
	}
}

func (a *acks) wait(ctx context.Context) (*kgo.Record, error) {
	select {
	case <-a.done:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed, a.err
}

// bytesArena is the memory of a batch's converted keys, values and header names. Converters append to what is free;
// chunks are used again after reset.
type bytesArena struct {
	chunks [][]byte
	cur    int
	free   []byte // of chunks[cur]: length zero, capacity what is left
}

const (
	arenaChunk  = 256 << 10
	arenaRetain = 32 << 20 // bytes kept over a reset: one oversized batch must not pin its memory
)

// tail returns where to append; it is never nil.
func (a *bytesArena) tail() []byte {
	if cap(a.free) == 0 {
		a.advance()
	}
	return a.free
}

// keep accounts for what a converter appended to tail and returns it, cut to its length. If it did not fit, append moved
// it to memory of its own, and the next tail is a new chunk.
func (a *bytesArena) keep(b []byte) []byte {
	if b == nil {
		return nil
	}
	if cap(b) > cap(a.free) {
		a.advance()
	} else {
		a.free = a.free[len(b):len(b):cap(a.free)]
	}
	return b[:len(b):len(b)]
}

// copyBytes returns a copy of b in the arena, never nil.
func (a *bytesArena) copyBytes(b []byte) []byte {
	if len(b) > cap(a.free) && len(b) <= arenaChunk {
		a.advance()
	}
	return a.keep(append(a.tail(), b...))
}

// copyString returns a copy of s in the arena.
func (a *bytesArena) copyString(s string) string {
	b := a.keep(append(a.tail(), s...))
	return unsafe.String(unsafe.SliceData(b), len(b))
}

func (a *bytesArena) advance() {
	if a.free != nil {
		a.cur++
	}
	if a.cur == len(a.chunks) {
		a.chunks = append(a.chunks, make([]byte, arenaChunk))
	}
	c := a.chunks[a.cur]
	a.free = c[:0:len(c)]
}

func (a *bytesArena) reset() {
	if keep := arenaRetain / arenaChunk; len(a.chunks) > keep {
		clear(a.chunks[keep:])
		a.chunks = a.chunks[:keep]
	}
	a.cur, a.free = 0, nil
	if len(a.chunks) > 0 {
		a.free = a.chunks[0][:0:len(a.chunks[0])]
	}
}
