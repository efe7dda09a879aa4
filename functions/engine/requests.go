package engine

import (
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// What a source asks of its transactions, with transaction.boundary=connector.

// afterRecord honours what the source asked for after the record that was just done.
func (l *sourceLoop) afterRecord() error {
	request, err := l.boundary.requests.TakeAfter(l.done)
	l.boundary.next = l.boundary.requests.Next()
	if err != nil {
		return err
	}
	return l.honour(request)
}

// afterPoll honours what the source asked for after the records of a poll.
func (l *sourceLoop) afterPoll() error {
	if l.boundary.requests == nil || l.cut {
		return nil
	}
	if next := l.boundary.requests.Next(); next >= 0 {
		return connect.FatalError(fmt.Sprintf("the connector asked for the end of a transaction after record %d of a batch, which is none of those that its Poll appended", next), nil)
	}
	request, err := l.boundary.requests.TakeBatch()
	if err != nil {
		return err
	}
	return l.honour(request)
}

func (l *sourceLoop) honour(request connect.TransactionRequest) error {
	l.offsets.keep()
	switch {
	case request == connect.TransactionGoesOn || l.empty():
		return nil
	case request == connect.TransactionAbort:
		return l.rollBack()
	}
	return l.commit()
}

// rollBack aborts the open transaction because the source wants it. The offsets of its records are committed at once in a transaction
// of their own: the source has decided about these records, and they are not to be read again.
func (l *sourceLoop) rollBack() error {
	l.committing = true
	ctx, cancel := settling(l.work)
	defer cancel()
	if err := l.txn.rollBack(ctx); err != nil {
		return l.transactionError(l.txn.cl, "abort the transaction "+l.task.TransactionalID, err)
	}
	l.facts.RecordsAborted += l.out
	l.out, l.bytes = 0, 0
	if len(l.offsets.touched) == 0 {
		l.committing = false
		l.forget()
		return nil
	}
	return l.commit()
}

// giveUp ends an invocation whose time is over while the source's transaction is open. What is open is aborted, and the next
// invocation reads it again. If this one has committed nothing at all, the next would do no better: its transaction does not
// fit into an invocation, and somebody has to know.
func (l *sourceLoop) giveUp(end End) error {
	l.facts.End, l.facts.Backlog = end, true
	if end == EndStopped || l.facts.Batches > 0 {
		return nil
	}
	return &connect.Error{Kind: connect.KindFatal, Class: connect.ConnectException,
		Message: fmt.Sprintf("the connector's transaction was not complete when the invocation had to end, and nothing was committed: %d records in %v were aborted",
			l.out, time.Since(l.boundary.openSince).Round(time.Millisecond)),
		Hint: fmt.Sprintf("with %s=%s a transaction must be complete within one invocation and within %v; let the connector end its transactions sooner, "+
			"raise the time of an invocation and producer.override.%s, or set %s to interval or poll",
			boundaryKey, atConnector, l.boundary.longest, transactionTimeoutKey, boundaryKey)}
}
