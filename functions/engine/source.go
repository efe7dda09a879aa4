package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// sourceLoop moves records from a source to Kafka: see the package comment for the order of its steps.
type sourceLoop struct {
	*run
	source   connect.Source
	batch    *connect.Batch
	done     int           // records of batch that are converted
	scratch  connect.Arena // what the chain makes of a record, which is of no use once that is converted
	offsets  sourceOffsets
	txn      transaction
	boundary boundary
	creation *topicCreation // nil: topics are not created
	out      int64          // records of the open transaction, without offset records
	bytes    int64          // their keys and values
	full     bool           // whether the last batch was, or took its time in transforms: then more is likely to be there
	cut      bool           // the invocation ends within the batch, and the rest of it is left to the next
	topic    string         // of the last record, interned
	timeout  time.Duration  // of the transaction
}

// source runs a source task.
func (r *run) source() error {
	if r.task.AtLeastOnce != "" {
		return r.sourceAtLeastOnce()
	}
	creation, err := newTopicCreation(r.task)
	if err != nil {
		return err
	}
	warm, hung := r.session.Open(), txn.Last{}
	if !warm {
		if hung, err = r.openSource(); err != nil {
			return err
		}
	}
	release, err := r.own(warm)
	defer release()
	if err != nil {
		return err
	}
	s := r.session
	if !hung.IsZero() {
		if err := r.endHanging(s.cl, hung); err != nil {
			return err
		}
		release()
		s.Close()
		return r.source() // from the fence on: the epoch is used up
	}
	s.fenced = true
	l := &sourceLoop{run: r, source: r.task.Class.Source(), creation: creation, batch: connect.NewBatch(r.task.Budget.BatchRecords, r.task.Budget.BatchBytes)}
	l.txn.cl, l.txn.committer, l.timeout = s.cl, s.committer, s.timeout
	s.known.connector, s.known.next = r.task.Connector, r.task.Offsets
	return l.start()
}

// fence takes over the transactional id: InitProducerID aborts what a predecessor left open, and no predecessor can
// commit from here on. It comes before anything else that a later step relies on.
func (r *run) fence(cl *kgo.Client) error {
	ctx, cancel := context.WithTimeout(r.poll, fenceTimeout)
	defer cancel()
	id, _, err := cl.ProducerID(ctx)
	if err == nil && id < 0 { // the client goes on without an id where the broker knows no InitProducerID
		err = errNoTransactions
	}
	if err != nil {
		if stopped(r.poll, err) {
			return err
		}
		return r.transactionError(cl, "fence the transactional id "+r.task.TransactionalID, err)
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

// start makes ready what does not depend on the client, and moves.
func (l *sourceLoop) start() error {
	var err error
	if l.boundary, err = newBoundary(l.task, l.timeout); err != nil {
		return err
	}
	l.offsets.connector = l.task.Connector
	return l.move()
}

// move opens the source, runs the loop and closes the source again.
func (l *sourceLoop) move() error {
	defer l.close()
	defer l.abandon()
	rt := &connect.SourceRuntime{Config: l.task.TaskConfig, Offsets: l.offsetReader(), Log: l.connectorLog(), RequestReplan: l.task.RequestReplan, Transaction: l.boundary.context}
	if err := l.source.Open(l.poll, rt); err != nil {
		return fmt.Errorf("open the source: %w", err)
	}
	idleSince, pause := time.Now(), minPollPause
	for {
		if end := l.ends(); end != "" {
			return l.end(end)
		}
		failure := l.fill()
		found := l.batch.Len() > 0
		if err := l.settle(failure); err != nil {
			return err
		}
		if found {
			idleSince, pause = time.Now(), minPollPause
			continue
		}
		if l.poll.Err() != nil {
			continue
		}
		l.facts.EmptyPolls++
		idle := time.Since(idleSince)
		if idle >= l.task.Budget.Idle && !l.mayNotEnd() {
			return l.end(EndIdle)
		}
		sleep(l.poll, max(minPollPause, min(pause, l.task.Budget.Idle-idle)))
		pause = min(2*pause, maxPollPause)
	}
}

// ends returns why the loop should end now, empty when it should go on. The records and bytes of a budget are no reason to abort a
// source's transaction, which the next invocation would begin with again; they count where it ends.
func (l *sourceLoop) ends() End {
	end := l.ended()
	if !l.mayNotEnd() {
		return end
	}
	switch {
	case l.boundary.isTooOld():
		return EndDeadline
	case end == EndRecords, end == EndBytes:
		return ""
	}
	return end
}

// mayNotEnd reports whether a transaction is open that only the source can commit.
func (l *sourceLoop) mayNotEnd() bool { return l.boundary.kind == atConnector && !l.empty() }

// end ends the loop in good order: what is open is committed, or given up if it is the source's to commit.
func (l *sourceLoop) end(end End) error {
	l.facts.End = end
	if end != EndIdle {
		l.facts.Backlog = l.full
	}
	switch {
	case l.empty() || l.work.Err() != nil:
		return nil
	case l.boundary.kind == atConnector:
		if err := l.afterPoll(); err != nil || l.empty() {
			return err
		}
		return l.giveUp(end)
	}
	return l.commit()
}

// settle does with a batch what its transaction's boundary says: it is written, and the transaction committed if it ends here. After a
// failure it does, so that what came before is done; but not one that is the source's to commit.
func (l *sourceLoop) settle(failure error) error {
	var err error
	switch {
	case l.empty():
	case failure != nil && l.boundary.kind == atConnector:
	case failure != nil || l.boundary.isDue(l):
		err = l.commit()
	default:
		err = l.write()
	}
	if err != nil {
		return err
	}
	return failure
}

// abandon aborts the transaction that is still open when the loop has ended, for whatever reason, also by a panic of the source.
// If this fails, the next owner's fence aborts it, at the latest its timeout does; and the client, which is still within the transaction,
// is of no use to the next invocation.
func (l *sourceLoop) abandon() {
	if l.txn.begun && l.txn.abort(l.work) != nil {
		l.session.Close()
	}
}

// offsetReader is what the source looks its offsets up with. Those that no fence protects are read each time.
func (l *sourceLoop) offsetReader() connect.OffsetReader {
	if l.task.KeepOffsets != nil || l.task.AtLeastOnce != "" {
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
	ctx, cancel := l.poll, func() {}
	if until := l.boundary.until(); !until.IsZero() {
		ctx, cancel = context.WithDeadline(l.poll, until)
	}
	defer cancel()
	var tries attempts
	start, waited := time.Now(), time.Duration(0)
	for {
		before := l.batch.Len()
		l.facts.PolledAt = time.Now()
		polled := l.source.Poll(ctx, l.batch)
		waited += time.Since(l.facts.PolledAt)
		appended := l.batch.Len() - before
		added, err := l.take(before, polled)
		if err != nil {
			return err
		}
		full := l.batch.Full() || l.cut
		switch {
		case polled != nil && appended > 0 && !added && ctx.Err() != nil && l.poll.Err() == nil:
			// The invocation would go on without records that the source may take for delivered; the next one reads them again.
			return connect.RetriableError("poll the source: it appended records, and then returned an error because its context ended", polled)
		case polled != nil && added && connect.KindOf(polled) == connect.KindRetriable, ctx.Err() != nil && stopped(ctx, polled):
			return nil // a retriable error comes again with the next batch
		case polled != nil && l.again(ctx, &tries, "Poll", polled):
			continue
		case polled != nil && ctx.Err() != nil:
			return nil
		case polled != nil:
			return fmt.Errorf("poll the source: %w", polled)
		}
		if took := time.Since(start); !added || full || took > fillTime {
			if l.poll.Err() == nil || full { // one that was cut short says nothing, and what the last one said still holds
				l.full = full || added && waited < took/2
			}
			return nil
		}
	}
}

// take converts what a poll appended to the batch, which held before records, and does what the source asks for. Of a poll that
// failed, nothing but records before a retriable error counts.
func (l *sourceLoop) take(before int, polled error) (added bool, err error) {
	failed := polled != nil && connect.KindOf(polled) != connect.KindRetriable
	if failed {
		l.batch.Truncate(before) // the last record may be half made
	}
	if l.boundary.requests != nil {
		if failed {
			l.boundary.requests.Forget()
		}
		l.boundary.next = l.boundary.requests.Next()
	}
	added = l.batch.Len() > before
	if err := l.convert(); err != nil {
		return added, err
	}
	if !l.empty() {
		l.boundary.took()
	}
	if err := l.afterPoll(); err != nil {
		return added, err
	}
	return added, nil
}

// reset makes room for the next batch. What of earlier ones is in the open transaction stays.
func (l *sourceLoop) reset() {
	l.batch.Reset()
	l.scratch.Reset()
	l.txn.reset()
	l.done, l.cut = 0, false
	if l.boundary.openSince.IsZero() {
		l.offsets.reset()
		l.out, l.bytes = 0, 0
	}
}

// forget is for when a transaction has ended.
func (l *sourceLoop) forget() {
	l.offsets.reset()
	l.txn.reset()
	l.out, l.bytes = 0, 0
	l.boundary.settled()
}

// empty reports whether there is nothing to commit. Offsets alone are something: those of records that were dropped.
func (l *sourceLoop) empty() bool {
	return l.txn.n == 0 && !l.txn.begun && len(l.offsets.touched) == 0
}

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
		if l.boundary.requests != nil && l.done == l.boundary.next {
			if err := l.afterRecord(); err != nil {
				return err
			}
			if l.empty() && l.ended() != "" {
				l.done++
				l.leave()
				return nil
			}
		}
	}
	l.offsets.keep()
	return nil
}

// leave drops the rest of a batch, of which nothing was done. For the invocation ends where a transaction did.
func (l *sourceLoop) leave() {
	l.cut = true
	l.boundary.requests.Forget()
	l.batch.Truncate(l.done)
}
