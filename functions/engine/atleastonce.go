package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// sourceAtLeastOnce runs a source task without transactions, because exactly-once is off. See the package comment for its protocol.
//
// It does not touch the task's transactional id. To take it over would cut off a predecessor that still ran exactly once; but what
// that could still do is no worse than what a predecessor of this mode can. And who switches exactly-once off may do so because
// the brokers know no transactions, or do not allow this task any: a mode that asked for them would be no way out.
func (r *run) sourceAtLeastOnce() error {
	creation, err := newTopicCreation(r.task)
	if err != nil {
		return err
	}
	opts, err := producerOptions(r.task, "", producerKind)
	if err != nil {
		return err
	}
	cl, err := newClient("the producer", opts)
	if err != nil {
		return err
	}
	defer cl.Close()
	release, err := r.own(false)
	defer release()
	if err != nil {
		return err
	}
	r.log.Info("the source delivers at least once: exactly-once is off", "reason", r.task.AtLeastOnce)
	if err := r.patiently(r.poll, "find the offsets topic", func() error { return r.findOffsetsTopic(cl) }); err != nil {
		return err
	}
	l := &sourceLoop{run: r, source: r.task.Class.Source(), creation: creation, batch: connect.NewBatch(r.task.Budget.BatchRecords, r.task.Budget.BatchBytes)}
	l.txn.cl = cl
	if l.timeout, err = r.task.transactionTimeout(time.Now()); err != nil {
		return err
	}
	return l.start()
}

// commitAtLeastOnce writes the batch, and when all of it is acknowledged its offsets, and tells the source when those are too.
func (l *sourceLoop) commitAtLeastOnce() error {
	if err := l.write(); err != nil {
		return err
	}
	if err := l.stillOwned(); err != nil {
		l.committing = false
		return err
	}
	l.committing = true
	if l.task.KeepOffsets == nil {
		if err := l.offsets.append(&l.txn, l.task.OffsetsTopic); err != nil {
			return err
		}
	}
	if err := l.send(); err != nil {
		return err
	}
	ctx, cancel := settling(l.work)
	defer cancel()
	return l.acknowledge(ctx)
}

// stillOwned asks Ownership unless it was asked a moment ago. Nothing fences a former owner here; if it froze, this keeps it from
// setting back the offsets that its successor has written, or those that a user has set meanwhile. So whoever froze writes no
// offsets even if the task was only asked to end: the records are written again.
//
// Both clocks count, since a process that freezes with its machine may find that no time has passed by the monotonic one.
func (l *sourceLoop) stillOwned() error {
	l.looks.Lock()
	last := l.lookedAt
	l.looks.Unlock()
	now := time.Now()
	if fresh := 2 * l.task.Budget.CheckEvery; now.Sub(last) < fresh && now.Round(0).Sub(last.Round(0)) < fresh {
		return nil
	}
	err := l.look(l.work)
	if err == nil {
		return nil
	}
	l.disown(err)
	if errors.Is(err, ErrStop) {
		return err
	}
	return fmt.Errorf("check ownership before offsets are written: %w", context.Cause(l.work))
}
