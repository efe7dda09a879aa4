package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// sourceLoop moves records from a source to Kafka: see the package comment for the order of its steps.
type sourceLoop struct {
	*run
	source   connect.Source
	batch    *connect.Batch
	done     int // records of batch that are converted
	offsets  sourceOffsets
	txn      transaction
	creation *topicCreation // nil: topics are not created
	out      int64          // records of the transaction, without offset records
	bytes    int64          // their keys and values
	full     bool           // whether the last batch was: then more is likely to be there
	topic    string         // of the last record, interned
}

// source runs a source task.
func (r *run) source() error {
	creation, err := newTopicCreation(r.task)
	if err != nil {
		return err
	}
	warm := r.session.Open()
	if !warm {
		if err := r.openSource(); err != nil {
			return err
		}
	}
	release, err := r.own(warm)
	defer release()
	if err != nil {
		return err
	}
	cl := r.session.cl
	if !warm {
		if err := r.patiently(r.poll, "find the offsets topic", func() error { return r.findOffsetsTopic(cl) }); err != nil {
			return err
		}
	}
	l := &sourceLoop{run: r, source: r.task.Class.Source(), creation: creation, batch: connect.NewBatch(r.task.Budget.BatchRecords, r.task.Budget.BatchBytes)}
	l.offsets.connector = r.task.Connector
	l.txn.cl, l.txn.committer = cl, r.session.committer
	r.session.known.connector, r.session.known.next = r.task.Connector, r.task.Offsets
	return l.move()
}

// fence takes over the transactional id: InitProducerID aborts what a predecessor left open, and no predecessor can
// commit from here on. It comes before anything else that a later step relies on.
func (r *run) fence(cl *kgo.Client) error {
	ctx, cancel := context.WithTimeout(r.poll, fenceTimeout)
	defer cancel()
	if _, _, err := cl.ProducerID(ctx); err != nil {
		if stopped(r.poll, err) {
			return err
		}
		return kafkaError(fmt.Sprintf("fence the transactional id %s", r.task.TransactionalID), err)
	}
	return nil
}

// findOffsetsTopic makes sure that the offsets topic is there. The client lets brokers create topics that records are
// written to, as Kafka Connect does; an offsets topic that came into being so would not be compacted, and to begin with a fresh
// one would be to begin all over again.
func (r *run) findOffsetsTopic(cl *kgo.Client) error {
	if r.task.KeepOffsets != nil {
		return nil
	}
	topics, err := lookUp(r.poll, cl, r.task.OffsetsTopic)
	if err == nil {
		err = topics[r.task.OffsetsTopic]
	}
	if err != nil {
		return kafkaError("find the offsets topic "+r.task.OffsetsTopic, err)
	}
	return nil
}

// move opens the source, runs the loop and closes the source again.
func (l *sourceLoop) move() error {
	defer l.close()
	rt := &connect.SourceRuntime{Config: l.task.TaskConfig, Offsets: l.offsetReader(), Log: l.log, RequestReplan: l.task.RequestReplan}
	if err := l.source.Open(l.poll, rt); err != nil {
		return fmt.Errorf("open the source: %w", err)
	}
	idleSince, pause := time.Now(), minPollPause
	for {
		if l.facts.End = l.ended(); l.facts.End != "" {
			l.facts.Backlog = l.full
			return nil
		}
		failure := l.fill()
		found := !l.empty()
		if found {
			if err := l.commit(); err != nil {
				return err
			}
			idleSince, pause = time.Now(), minPollPause
		}
		if failure != nil {
			return failure
		}
		if found || l.poll.Err() != nil {
			continue
		}
		l.facts.EmptyPolls++
		idle := time.Since(idleSince)
		if idle >= l.task.Budget.Idle {
			l.facts.End = EndIdle
			return nil
		}
		sleep(l.poll, min(pause, l.task.Budget.Idle-idle))
		pause = min(2*pause, maxPollPause)
	}
}

// offsetReader is what the source looks its offsets up with. Those that are kept outside Kafka are looked up there each time.
func (l *sourceLoop) offsetReader() connect.OffsetReader {
	if l.task.KeepOffsets != nil {
		return l.task.Offsets
	}
	return &l.session.known
}

func (l *sourceLoop) close() {
	ctx, cancel := closing(l.work)
	defer cancel()
	if err := l.source.Close(ctx); err != nil {
		l.log.Warn("close the source", "error", err)
	}
}

// fill polls until the batch is full, a poll adds nothing, or what was found has waited long enough. After each poll it
// converts what came, so a source may reuse its memory at once. It returns the error that ends the task, once what was
// converted before it is committed.
func (l *sourceLoop) fill() error {
	l.reset()
	var tries attempts
	start := time.Now()
	for {
		before := l.batch.Len()
		l.facts.PolledAt = time.Now()
		polled := l.source.Poll(l.poll, l.batch)
		if polled != nil && connect.KindOf(polled) != connect.KindRetriable {
			l.batch.Truncate(before) // the last record may be half made
		}
		if err := l.convert(); err != nil {
			return err
		}
		added := l.batch.Len() > before
		l.full = l.batch.Full()
		switch {
		case polled != nil && added && connect.KindOf(polled) == connect.KindRetriable, l.poll.Err() != nil && stopped(l.poll, polled):
			return nil // a retriable error comes again with the next batch
		case polled != nil && l.again(l.poll, &tries, "Poll", polled):
			continue
		case polled != nil && l.poll.Err() != nil:
			return nil
		case polled != nil:
			return fmt.Errorf("poll the source: %w", polled)
		}
		if !added || l.full || time.Since(start) > fillTime {
			return nil
		}
	}
}

func (l *sourceLoop) reset() {
	l.batch.Reset()
	l.offsets.reset()
	l.txn.reset()
	l.done, l.out, l.bytes = 0, 0, 0
}

// empty reports whether there is nothing to commit. Offsets alone are something: those of records that were dropped.
func (l *sourceLoop) empty() bool { return l.txn.n == 0 && len(l.offsets.touched) == 0 }

// convert sends the new records of the batch through chain and converters into the transaction. On an error it leaves
// both as they are after the record before.
func (l *sourceLoop) convert() error {
	records := l.batch.Records()
	for ; l.done < len(records); l.done++ {
		r := &records[l.done]
		l.facts.RecordsIn++
		slot, err := l.offsets.slot(r)
		if err == nil {
			err = l.record(r)
		}
		if err != nil {
			l.offsets.keep()
			return err
		}
		l.offsets.see(slot, r)
	}
	l.offsets.keep()
	return nil
}

// commit writes the batch and its offsets in one transaction. Afterwards, and not before, the source hears of it.
//
// No failed transaction is tried again in place. If a produce failed, the client has retried it within its bounds already;
// if EndTxn failed, nobody knows whether the batch is committed, and only the offsets read after the next fence tell.
func (l *sourceLoop) commit() error {
	l.committing = true
	if err := l.createTopics(); err != nil {
		return err
	}
	if l.task.KeepOffsets == nil {
		if err := l.offsets.append(&l.txn, l.task.OffsetsTopic); err != nil {
			return err
		}
	}
	if err := l.txn.cl.BeginTransaction(); err != nil {
		return kafkaError("begin a transaction", err)
	}
	if err := l.send(); err != nil {
		if !isFenced(err) {
			l.txn.abort(l.work)
		}
		return err
	}
	if l.work.Err() != nil {
		l.txn.abort(l.work)
		return context.Cause(l.work)
	}
	ctx, cancel := settling(l.work)
	defer cancel()
	if err := l.txn.commit(ctx); err != nil {
		return kafkaError("commit the transaction "+l.task.TransactionalID, err)
	}
	if l.task.KeepOffsets != nil && len(l.offsets.touched) > 0 {
		if err := l.task.KeepOffsets(ctx, l.offsets.list()); err != nil {
			return connect.RetriableError("keep the source offsets", err)
		}
	}
	l.acknowledge(ctx)
	return nil
}

// send writes the records of the transaction. A broker that took a produce and never answers would be waited for without end, since
// only its answer tells whether sequence numbers were used; after the transaction's timeout the answer does not matter.
func (l *sourceLoop) send() error {
	ctx, cancel := context.WithTimeoutCause(l.work, l.session.timeout, kgo.ErrRecordTimeout)
	defer cancel()
	failed, err := l.txn.send(ctx)
	switch {
	case err == nil:
		return nil
	case l.work.Err() != nil:
		return context.Cause(l.work)
	case failed == nil:
		return kafkaError("write the batch", err)
	}
	if err := noSuchPartition(l.txn.cl, failed, err); err != nil {
		return err
	}
	return kafkaError("write to topic "+failed.Topic, err)
}

// acknowledge tells of a batch that is durable: the facts, then the source.
func (l *sourceLoop) acknowledge(ctx context.Context) {
	f := &l.facts
	f.RecordsOut += l.out
	f.BytesOut += l.bytes
	l.run.bytes += l.bytes
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
}
