package engine

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// write writes the batch into the open transaction, which goes on; one is begun if none is open.
func (l *sourceLoop) write() error {
	if l.txn.n == 0 {
		return nil
	}
	l.committing = true
	if err := l.createTopics(); err != nil {
		return err
	}
	if err := l.send(); err != nil {
		return err
	}
	l.txn.reset()
	l.committing = false
	return nil
}

// commit writes the batch and the offsets since the last commit, and commits the transaction with all that was written in it.
// Afterwards, and not before, the source hears of it.
//
// No failed transaction is tried again in place. If a produce failed, the client has retried it within its bounds already;
// if EndTxn failed, nobody knows whether the batch is committed, and only the offsets read after the next fence tell.
func (l *sourceLoop) commit() error {
	l.committing = true
	if err := l.createTopics(); err != nil {
		return err
	}
	if l.task.AtLeastOnce != "" {
		return l.commitAtLeastOnce()
	}
	if l.task.KeepOffsets == nil {
		if err := l.offsets.append(&l.txn, l.task.OffsetsTopic); err != nil {
			return err
		}
	}
	if err := l.send(); err != nil {
		return err
	}
	if l.work.Err() != nil {
		return context.Cause(l.work)
	}
	ctx, cancel := settling(l.work)
	defer cancel()
	if err := l.txn.commit(ctx); err != nil {
		return l.transactionError(l.txn.cl, "commit the transaction "+l.task.TransactionalID, err)
	}
	return l.acknowledge(ctx)
}

// send writes the records that are pending, within the transaction. A broker that took a produce and never answers would be waited for
// without end, since only its answer tells whether sequence numbers were used; after the transaction's timeout the answer does not matter.
func (l *sourceLoop) send() error {
	if l.txn.begun {
		if err := l.boundary.outlived(l.timeout); err != nil {
			return err
		}
	}
	if err := l.txn.begin(); err != nil {
		return l.transactionError(l.txn.cl, "begin a transaction", err)
	}
	ctx, cancel := context.WithTimeoutCause(l.work, l.timeout, kgo.ErrRecordTimeout)
	defer cancel()
	failed, err := l.txn.send(ctx)
	err = outOfTime(ctx, err)
	switch {
	case err == nil:
		return nil
	case isFenced(err):
		l.txn.begun = false // it is not ours to abort
	case l.work.Err() != nil:
		return context.Cause(l.work)
	}
	if failed == nil {
		return l.transactionError(l.txn.cl, "write the batch", err)
	}
	if err := noSuchPartition(l.txn.cl, failed, err); err != nil {
		return err
	}
	return l.transactionError(l.txn.cl, "write to topic "+failed.Topic, err)
}

// acknowledge tells of what is durable: who keeps the offsets elsewhere, the facts, then the source.
func (l *sourceLoop) acknowledge(ctx context.Context) error {
	if l.task.KeepOffsets != nil && len(l.offsets.touched) > 0 {
		if err := l.task.KeepOffsets(ctx, l.offsets.list()); err != nil {
			return connect.RetriableError("keep the source offsets", err)
		}
	}
	f := &l.facts
	f.RecordsOut += l.out
	f.BytesOut += l.bytes
	if len(l.offsets.touched) > 0 {
		if l.task.KeepOffsets == nil {
			last := l.txn.record(l.txn.n - 1)
			f.Hint = &OffsetHint{Partition: last.Partition, Offset: last.Offset}
			l.session.known.committed(&l.offsets)
		}
		f.SourceOffsets = l.offsets.facts()
		if err := l.source.Committed(ctx, l.offsets.list()); err != nil {
			l.log.Warn("acknowledge committed records to the source", "error", err)
		}
	}
	l.committed()
	l.forget()
	return nil
}
