package txn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Last is how the last transaction of a transactional id ended, as its coordinator tells it before the id is fenced; afterwards it has
// forgotten. The zero value is that of an id without one.
//
// A fence promises that the past is settled: the coordinator lets nobody in before each partition has the marker that ends what
// was written there. Brokers of Kafka 4.3 break that promise (KAFKA-20734), by this sequence:
//
//  1. a transaction is decided: PrepareCommit is in the coordinator's log
//  2. the broker dies before the markers are written
//  3. it is started again, and leads its partitions as before; the coordinator begins to write the markers
//  4. the controller notices that the broker was away: for a moment its partitions have no leader
//  5. the coordinator takes a partition without a leader for a deleted one, writes no marker, and calls the transaction complete
//
// The transaction then hangs in its partitions, and no timeout ends it. Readers of committed records stop before it, so a sink
// stands still, and a source cannot read its offsets. Who nevertheless read them, up to there, would find older ones and write a
// batch a second time: into the same hanging transaction, which makes both visible when it is committed.
//
// So whoever fences looks first (Hanging), and afterwards writes what the coordinator forgot (End): a transaction of the same
// producer that adds the partitions, without a record, and ends as the first one did.
type Last struct {
	id    string
	state string
	pid   int64
	epoch int16 // of its records
}

// LastOf asks how the last transaction of a transactional id ended. It has to come before the fence.
func LastOf(ctx context.Context, cl *kgo.Client, id string) (Last, error) {
	q := kmsg.NewPtrDescribeTransactionsRequest()
	q.TransactionalIDs = []string{id}
	p, err := q.RequestWith(ctx, cl)
	if err != nil {
		return Last{}, fmt.Errorf("ask for the last transaction of %s: %w", id, err)
	}
	for _, s := range p.TransactionStates {
		switch err := kerr.ErrorForCode(s.ErrorCode); {
		case errors.Is(err, kerr.TransactionalIDNotFound):
		case err != nil:
			return Last{}, fmt.Errorf("ask for the last transaction of %s: %w", id, err)
		default:
			return Last{id, s.State, s.ProducerID, s.ProducerEpoch - 1}, nil // to decide raises the epoch (KIP-890)
		}
	}
	return Last{}, nil
}

// Hanging returns the last transaction if it is decided and yet open in one of the topics; else the zero value. It has to come before the
// fence. What it finds may also be about to be settled: the fence waits for that, and End then finds nothing.
func Hanging(ctx context.Context, cl *kgo.Client, id string, topics ...string) (Last, error) {
	l, err := LastOf(ctx, cl, id)
	if err != nil || !l.IsCommitted() && !l.isAborted() {
		return Last{}, err
	}
	open, err := l.openIn(ctx, cl, topics...)
	if err != nil || len(open) == 0 {
		return Last{}, err
	}
	return l, nil
}

// IsZero reports whether there is no such transaction.
func (l Last) IsZero() bool { return l == Last{} }

// IsCommitted reports whether the transaction was decided to be committed.
func (l Last) IsCommitted() bool { return l.state == "PrepareCommit" || l.state == "CompleteCommit" }

func (l Last) isAborted() bool { return l.state == "PrepareAbort" || l.state == "CompleteAbort" }

// openIn returns the partitions of topics, of all topics if none is named, in which the transaction is not ended. A later transaction of
// the same id has another epoch.
func (l Last) openIn(ctx context.Context, cl *kgo.Client, topics ...string) (kadm.TopicsSet, error) {
	adm := kadm.NewClient(cl)
	known, err := adm.ListTopics(ctx, topics...)
	if err != nil {
		return nil, fmt.Errorf("look for a hanging transaction of %s: %w", l.id, err)
	}
	open := make(kadm.TopicsSet)
	for name, topic := range known {
		if topic.Err != nil { // it does not exist, or is none of our business
			delete(known, name)
		}
	}
	if len(known) == 0 {
		return open, nil
	}
	producers, err := adm.DescribeProducers(ctx, known.TopicsSet())
	producers.EachPartition(func(p kadm.DescribedProducersPartition) {
		if err == nil && kerr.IsRetriable(p.Err) {
			err = p.Err
		}
		if q, ok := p.ActiveProducers[l.pid]; ok && q.ProducerEpoch == l.epoch && q.CurrentTxnStartOffset >= 0 {
			open.Add(p.Topic, p.Partition)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("look for a hanging transaction of %s: %w", l.id, err)
	}
	return open, nil
}

// End ends a hanging transaction as it was decided, wherever it is open, and returns where that was. It has to come after the fence, with
// the producer id and epoch which that gave, and uses the epoch up: who wants to produce fences again. It tries for as
// long as ctx lives. After an error it may have ended it or not.
func (l Last) End(ctx context.Context, cl *kgo.Client, pid int64, epoch int16) (kadm.TopicsSet, error) {
	var open kadm.TopicsSet
	err := insist(ctx, func() (err error) {
		open, err = l.openIn(ctx, cl)
		return err
	})
	if err != nil || len(open) == 0 {
		return nil, err
	}
	if err := insist(ctx, func() error { return l.add(ctx, cl, pid, epoch, open) }); err != nil {
		return open, fmt.Errorf("add the partitions of a hanging transaction to %s: %w", l.id, err)
	}
	err = insist(ctx, func() error {
		q := kmsg.NewPtrEndTxnRequest()
		q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Commit = l.id, pid, epoch, l.IsCommitted()
		p, err := q.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		return kerr.ErrorForCode(p.ErrorCode)
	})
	if err != nil {
		return open, fmt.Errorf("end a hanging transaction of %s: %w", l.id, err)
	}
	return open, nil
}

// add adds partitions to the transaction without writing to them.
func (l Last) add(ctx context.Context, cl *kgo.Client, pid int64, epoch int16, set kadm.TopicsSet) error {
	q := kmsg.NewPtrAddPartitionsToTxnRequest()
	q.TransactionalID, q.ProducerID, q.ProducerEpoch = l.id, pid, epoch
	for _, s := range set.Sorted() {
		topic := kmsg.NewAddPartitionsToTxnRequestTopic()
		topic.Topic, topic.Partitions = s.Topic, s.Partitions
		q.Topics = append(q.Topics, topic)
	}
	p, err := q.RequestWith(ctx, cl)
	if err != nil {
		return err
	}
	for _, topic := range p.Topics {
		for _, partition := range topic.Partitions {
			if err := kerr.ErrorForCode(partition.ErrorCode); err != nil {
				return err
			}
		}
	}
	return nil
}

// insist repeats a request that may be repeated, until its answer is final or ctx ends.
func insist(ctx context.Context, request func() error) error {
	const pause = 50 * time.Millisecond
	for {
		err := request()
		if err == nil || !Transient(err) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		case <-timer.C:
		}
	}
}

// Transient reports errors of a request after which it is worth to send it again: no answer, or one that says not yet.
func Transient(err error) bool {
	if ke, answered := errors.AsType[*kerr.Error](err); answered {
		return ke.Retriable
	}
	_, onTheWay := errors.AsType[net.Error](err)
	return onTheWay || errors.Is(err, io.EOF) || kgo.IsRetryableBrokerErr(err)
}
