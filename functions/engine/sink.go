package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// sinkLoop moves records from Kafka to a sink: see the package comment for the order of its steps.
type sinkLoop struct {
	*run
	cl          *kgo.Client // fetches; nil until there is something to fetch
	last        txn.Last    // transaction before the fence
	consumption kafkaclient.Consumption
	parts       []*partitionState
	feed        feed

	sink    connect.Sink
	batch   *connect.Batch   // of one Put
	headers []connect.Header // of the batch
	commits []offsetCommit

	// What was put since the last commit.
	begun     time.Time
	bytes     int
	unsettled bool

	// raws are the records since the last commit as they were consumed, those of the batch from first on. Report looks into
	// them, from whatever goroutine, so they change under the lock only; the converters that Report may need are used by the
	// loop under it too.
	mu    sync.Mutex
	raws  []*kgo.Record
	first int
}

// sinkTask is the class that dead letters of Put and Report name.
const sinkTask = "org.apache.kafka.connect.sink.SinkTask"

// sink runs a sink task.
func (r *run) sink() error {
	l := &sinkLoop{run: r}
	opts, err := l.consumerOptions()
	if err != nil {
		return err
	}
	l.batch = connect.NewBatch(min(l.consumption.PutRecords, r.task.Budget.BatchRecords), r.task.Budget.BatchBytes)
	release, err := l.takeOver()
	defer release()
	if err != nil {
		return err
	}
	if err := l.keepStart(); err != nil {
		return err
	}
	if len(l.parts) == 0 || l.caughtUp() && r.task.Budget.Idle == 0 {
		// Nothing to do, which is the commonest invocation of all: the sink's other system is not even called.
		l.facts.EmptyPolls++
		l.facts.PolledAt = time.Now()
		l.facts.Positions = l.positionFacts()
		l.facts.End = EndIdle
		return nil
	}
	if d := r.tol.dead; d != nil {
		defer r.closeDeadLetters()
		if err := r.patiently(r.poll, "open the dead letters", func() error { return d.open(r.poll, r.task) }); err != nil {
			return err
		}
	}
	if l.cl, err = newClient("the consumer", opts); err != nil {
		return err
	}
	defer l.cl.Close()
	l.consume()
	err = l.move()
	l.facts.Positions = l.positionFacts()
	return err
}

// takeOver is the first half of the protocol: fence, check, positions. Those are read with a session too: anybody may alter
// the offsets of a group.
func (l *sinkLoop) takeOver() (release func(), err error) {
	release = func() {}
	ctx, cancel := context.WithTimeout(l.poll, fenceTimeout)
	defer cancel()
	group := cmp.Or(l.consumption.Group, offsets.GroupID(l.task.Connector))
	warm := l.session.Open()
	if !warm {
		if err := l.openSink(ctx, group); err != nil {
			return release, err
		}
	}
	l.session.offsets.again, l.session.offsets.explain = l.again, l.transactionError
	if release, err = l.own(warm); err != nil {
		return release, err
	}
	l.session.fenced = true
	return release, l.patiently(ctx, "read positions", func() error { return l.positions(ctx) })
}

// move opens the sink, runs the loop and closes the sink again.
func (l *sinkLoop) move() error {
	l.sink = l.task.Class.Sink()
	defer l.close()
	rt := &connect.SinkRuntime{Config: l.task.TaskConfig, Epoch: l.task.Epoch, Log: l.connectorLog()}
	for _, p := range l.parts {
		rt.Partitions = append(rt.Partitions, connect.TopicPartition{Topic: p.topic, Partition: p.partition})
	}
	if l.tol.dead != nil || l.tol.logs {
		rt.Report = l.report
	}
	if err := l.sink.Open(l.poll, rt); err != nil {
		return fmt.Errorf("open the sink: %w", err)
	}
	idleSince := time.Now()
	for {
		if l.facts.End = l.ended(); l.facts.End != "" {
			l.facts.Backlog = !l.caughtUp()
			if l.unsettled && l.work.Err() == nil {
				return l.settle()
			}
			return nil
		}
		found, failure := l.fill(l.wait(idleSince))
		if l.work.Err() == nil { // also an empty batch, which gives a sink that rotates by time its chance
			if err := l.deliver(failure != nil); err != nil {
				return err
			}
		}
		if failure != nil {
			return failure
		}
		if found {
			idleSince = time.Now()
			continue
		}
		l.facts.EmptyPolls++
		if l.poll.Err() == nil && time.Since(idleSince) >= l.patience() {
			return l.idle()
		}
	}
}

// idle ends the loop for want of data. Where data is known to be, that is suspicious, and a broker which is away must not
// look like a quiet topic.
func (l *sinkLoop) idle() error {
	if l.facts.Backlog = !l.caughtUp(); l.facts.Backlog {
		ctx, cancel := context.WithTimeout(l.poll, slowFetch)
		defer cancel()
		if err := l.cl.Ping(ctx); err != nil {
			return kafkaError("fetch records: no broker answers", err)
		}
	}
	l.facts.End = EndIdle
	return nil
}

// patience is how long to go on without data. Where data is known to be, that is longer than the first fetch takes over a
// slow line: whoever gave up earlier would give up every time.
func (l *sinkLoop) patience() time.Duration {
	if l.caughtUp() {
		return l.task.Budget.Idle
	}
	return max(l.task.Budget.Idle, slowFetch)
}

// wait returns how long the next fetch may take: zero for what has arrived.
func (l *sinkLoop) wait(idleSince time.Time) time.Duration {
	return min(emptyPoll, l.patience()-time.Since(idleSince))
}

func (l *sinkLoop) close() {
	ctx, cancel := closing(l.work)
	defer cancel()
	if err := l.sink.Close(ctx); err != nil {
		l.log.Warn("close the sink", "error", err)
	}
}

// rest returns how long a batch that was begun at start may wait for more. A fetch is smaller than a batch: under backlog
// the next one is on its way, and is waited for, since each batch costs a commit.
func (l *sinkLoop) rest(start time.Time) time.Duration {
	if l.caughtUp() {
		return 0
	}
	return fillTime - time.Since(start)
}

// fill takes records until the batch is full or nothing more arrives, and reports whether there were any. It
// returns the error that ends the task, once what came before it is delivered.
func (l *sinkLoop) fill(wait time.Duration) (found bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batch.Reset()
	l.first, l.headers = len(l.raws), l.headers[:0]
	start := time.Now()
	if !l.unsettled {
		l.begun = start
	}
	for !l.batch.Full() {
		rec, part := l.feed.next()
		if rec == nil {
			if found {
				wait = l.rest(start)
			}
			more, err := l.fetch(wait)
			if err != nil || !more {
				return found, err
			}
			continue
		}
		if rec.Offset < part.next {
			part.reach(rec.Offset)
		}
		if !rec.Attrs.IsControl() {
			l.facts.RecordsIn++
			if err := l.record(rec, part); err != nil {
				return found, err
			}
		}
		found = true
		part.next = rec.Offset + 1
		l.feed.take()
	}
	return found, nil
}

// deliver puts the batch, and settles unless more is to be put first: until as much was put as the budget says for one
// commit, or nothing more has arrived. Puts are smaller than commits because a commit costs requests, and a Put works best on
// what fits the processor's cache.
func (l *sinkLoop) deliver(last bool) error {
	if err := l.put(); err != nil {
		return err
	}
	l.unsettled = true
	l.bytes += l.batch.Size()
	b := &l.task.Budget
	if !last && l.batch.Full() && len(l.raws) < b.BatchRecords && l.bytes < b.BatchBytes && time.Since(l.begun) < fillTime {
		return nil
	}
	return l.settle()
}

// settle makes durable what the sink can, and commits what is safe.
func (l *sinkLoop) settle() error {
	if err := l.flush(); err != nil {
		return err
	}
	if err := l.commit(); err != nil {
		return err
	}
	l.unsettled, l.bytes = false, 0
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.raws)
	l.raws = l.raws[:0]
	return nil
}

// flush asks the sink which offsets are safe.
func (l *sinkLoop) flush() error {
	var tries attempts
	safe, err := l.sink.Flush(l.work)
	for err != nil && l.again(l.poll, &tries, "Flush", err) {
		safe, err = l.sink.Flush(l.work)
	}
	if err != nil {
		return l.cutShort("flush the sink", err)
	}
	if safe == nil {
		for _, p := range l.parts {
			p.durable = p.put
		}
		return nil
	}
	for tp, offset := range safe {
		p := l.state(tp.Topic, tp.Partition)
		switch {
		case p == nil, offset > p.next:
			l.log.Warn("the sink declared an offset safe that it was never given", "topic", tp.Topic, "partition", tp.Partition, "offset", offset)
		case offset > p.durable:
			p.durable = min(offset, p.put)
		}
	}
	return nil
}

// commit makes the safe offsets those of the group, dead letters first.
func (l *sinkLoop) commit() error {
	if err := l.tol.flushDeadLetters(l.work); err != nil {
		return err
	}
	return l.commitSafe()
}

// commitSafe is commit where no dead letter can be on its way.
func (l *sinkLoop) commitSafe() error {
	l.commits = l.commits[:0]
	for _, p := range l.parts {
		if safe := p.safe(); safe != p.saved {
			l.commits = append(l.commits, offsetCommit{p.topic, p.topicID, p.partition, safe})
		}
	}
	if len(l.commits) == 0 {
		return nil
	}
	if l.work.Err() != nil {
		return context.Cause(l.work)
	}
	l.committing = true
	ctx, cancel := settling(l.work)
	defer cancel()
	if err := l.session.offsets.commit(ctx, l.commits); err != nil {
		return err
	}
	for _, c := range l.commits {
		p := l.state(c.topic, c.partition)
		p.saved, p.committed = c.next, c.next
	}
	if l.task.Progress != nil {
		l.facts.Positions = l.positionFacts()
	}
	l.committed()
	return nil
}

// caughtUp reports whether every partition was read to its end, as far as that is known.
func (l *sinkLoop) caughtUp() bool {
	return !slices.ContainsFunc(l.parts, func(p *partitionState) bool { return p.next < p.head })
}

func (l *sinkLoop) positionFacts() []Position {
	positions := make([]Position, len(l.parts))
	for i, p := range l.parts {
		positions[i] = Position{Topic: p.topic, Partition: p.partition, Offset: p.committed, Head: p.head}
	}
	return positions
}

// cutShort wraps the error of a call to the sink, unless it only says that the task is asked to end: then the batch is
// simply put again by the next invocation.
func (l *sinkLoop) cutShort(doing string, err error) error {
	if l.poll.Err() != nil && connect.KindOf(err) == connect.KindRetriable {
		return context.Cause(l.poll)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// setting returns a key of the task's configuration, or of the connector's when the task's has none.
func (l *sinkLoop) setting(key string) string {
	return cmp.Or(l.task.TaskConfig[key], l.task.Config[key])
}
