package engine

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// A fence does not settle everything on some brokers: see txn.Last for how a transaction comes to hang, and how it is ended.

const hangingMessage = "a broker completed a transaction without telling its partitions (KAFKA-20734); it is ended as it was decided"

// hanging looks for what hangs in the offsets topic, and must come before the fence. A task that may not ask, or whose brokers
// cannot tell, does as well as it did without.
func (r *run) hanging(cl *kgo.Client) (txn.Last, error) {
	if r.task.KeepOffsets != nil {
		return txn.Last{}, nil
	}
	hung, err := txn.Hanging(r.poll, cl, r.task.TransactionalID, r.task.OffsetsTopic)
	if err != nil && txn.Transient(err) {
		return txn.Last{}, kafkaError("prepare to fence", err)
	}
	return hung, nil
}

// endHanging ends what hanging found. It runs after the fence, and leaves its producer without a valid epoch.
func (r *run) endHanging(cl *kgo.Client, hung txn.Last) error {
	ctx, cancel := context.WithTimeout(r.work, commitTimeout)
	defer cancel()
	pid, epoch, err := cl.ProducerID(ctx)
	if err != nil {
		return kafkaError("fence the transactional id "+r.task.TransactionalID, err)
	}
	open, err := hung.End(ctx, cl, pid, epoch)
	if err != nil {
		return kafkaError("settle what was before the fence", err)
	}
	if len(open) > 0 {
		r.log.Warn(hangingMessage, "transactional.id", r.task.TransactionalID, "committed", hung.IsCommitted(), "partitions", fmt.Sprint(open))
	}
	return nil
}

// lookBack asks how the last transaction ended, before the fence; hanging's exception holds here too.
func (l *sinkLoop) lookBack(ctx context.Context) (err error) {
	if l.last, err = txn.LastOf(ctx, l.session.offsets.cl, l.session.offsets.id); err != nil && txn.Transient(err) {
		return kafkaError("prepare to fence", err)
	}
	return nil
}

// endHanging ends a transaction that hangs in the group's partition: nobody but this task commits there, and it has fenced its
// predecessors, so what is unsettled now will stay so. A sink has flushed what it committed, and puts again what is aborted. With
// a session nobody has fenced since the last transaction, so there is still time to look back.
func (l *sinkLoop) endHanging(ctx context.Context) error {
	t := &l.session.offsets
	if l.last.IsZero() {
		if err := l.lookBack(ctx); err != nil {
			return err
		}
	}
	l.log.Warn(hangingMessage, "transactional.id", t.id, "committed", l.last.IsCommitted(), "group", t.group)
	if err := t.addGroup(ctx); err != nil {
		return kafkaError("add the group to the transaction "+t.id, err)
	}
	return kafkaError("end the transaction "+t.id, t.end(ctx, l.last.IsCommitted()))
}
