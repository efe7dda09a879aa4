package connect

import (
	"slices"
	"sync"
)

// TransactionContext is where a source says at which of its records transactions end; it has one with
// transaction.boundary=connector only (kafka-connect: TransactionContext). Its methods are mostly called from Poll, may be called
// concurrently, never block, and may be repeated.
//
// What is requested for a transaction holds for all records since the last commit or abort, whichever poll gave them. Nothing
// is committed that was not requested: when an invocation ends, what is open is aborted, and the next begins after the
// last commit. A Poll whose context ends may still request one for what it appended before.
type TransactionContext struct{ requests *TransactionRequests }

// CommitTransaction asks for a commit after the records of this Poll; outside of Poll, after those of the next.
func (c *TransactionContext) CommitTransaction() { c.requests.atBatch(TransactionCommit) }

// CommitTransactionAfter asks for a commit after record i of the batch, as Batch.Records counts: the one appended last is
// Len()-1. It holds too when a transform drops that record. The record must be one that this Poll appends.
func (c *TransactionContext) CommitTransactionAfter(i int) { c.requests.atRecord(i, TransactionCommit) }

// AbortTransaction asks to drop the transaction, the records of this Poll included; outside of Poll, those of the next.
// Their offsets are committed all the same, so the records are not read again.
func (c *TransactionContext) AbortTransaction() { c.requests.atBatch(TransactionAbort) }

// AbortTransactionAfter asks to drop the transaction up to and including record i of the batch, see CommitTransactionAfter.
func (c *TransactionContext) AbortTransactionAfter(i int) { c.requests.atRecord(i, TransactionAbort) }

// TransactionRequest is what a source wants to become of its transaction.
type TransactionRequest int

// The requests.
const (
	TransactionGoesOn TransactionRequest = iota
	TransactionCommit
	TransactionAbort
)

// TransactionRequests is the runtime's side of a TransactionContext: what was requested and not yet taken. It may be
// used concurrently.
type TransactionRequests struct {
	mu      sync.Mutex
	batch   requested
	records []recordRequest // in order of index
}

type recordRequest struct {
	index int
	requested
}

// requested is what was asked for at one place.
type requested struct{ commit, abort bool }

// NewTransactionContext returns a TransactionContext for a source, and the runtime's side of it.
func NewTransactionContext() (*TransactionContext, *TransactionRequests) {
	r := new(TransactionRequests)
	return &TransactionContext{r}, r
}

func (r *TransactionRequests) atBatch(q TransactionRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch.add(q)
}

func (r *TransactionRequests) atRecord(i int, q TransactionRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, found := r.find(i)
	if !found {
		r.records = slices.Insert(r.records, at, recordRequest{index: i})
	}
	r.records[at].add(q)
}

func (r *TransactionRequests) find(i int) (at int, found bool) {
	return slices.BinarySearchFunc(r.records, i, func(have recordRequest, i int) int { return have.index - i })
}

// Next returns the lowest index of a record after which something was requested, -1 if there is none.
func (r *TransactionRequests) Next() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.records) == 0 {
		return -1
	}
	return r.records[0].index
}

// TakeAfter returns and forgets what was requested after record i. It is an error when that was both.
func (r *TransactionRequests) TakeAfter(i int) (TransactionRequest, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, found := r.find(i)
	if !found {
		return TransactionGoesOn, nil
	}
	q := r.records[at].requested
	r.records = slices.Delete(r.records, at, at+1)
	return q.decide("record")
}

// TakeBatch returns and forgets what was requested for the batch. It is an error when that was both.
func (r *TransactionRequests) TakeBatch() (TransactionRequest, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.batch
	r.batch = requested{}
	return q.decide("transaction")
}

// Forget drops all requests: those of a Poll that failed.
func (r *TransactionRequests) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batch, r.records = requested{}, r.records[:0]
}

func (q *requested) add(request TransactionRequest) {
	q.commit = q.commit || request == TransactionCommit
	q.abort = q.abort || request == TransactionAbort
}

func (q requested) decide(of string) (TransactionRequest, error) {
	switch {
	case q.commit && q.abort:
		return TransactionGoesOn, FatalError("Connector requested both commit and abort of same "+of, nil)
	case q.commit:
		return TransactionCommit, nil
	case q.abort:
		return TransactionAbort, nil
	}
	return TransactionGoesOn, nil
}
