package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// deadLetters writes bad records of a sink, as they were consumed, to the dead-letter topic. No offset moves past a
// record before its letter is acknowledged: flush comes before every commit.
type deadLetters struct {
	topic       string
	replication int16
	withHeaders bool // errors.deadletterqueue.context.headers.enable
	connector   string
	task        int
	timeout     time.Duration // of one letter
	hide        func(text string) string

	cl *kgo.Client

	mu      sync.Mutex // write is called by Report too, concurrently
	pending sync.WaitGroup
	letters int64
	err     error
}

// newDeadLetters returns nil for a source, which has no dead letters, and when no topic is configured.
func newDeadLetters(t *Task) (*deadLetters, error) {
	topic := t.Config["errors.deadletterqueue.topic.name"]
	if topic == "" || t.Class.Sink == nil {
		return nil, nil
	}
	d := &deadLetters{topic: topic, connector: t.Connector, task: t.ID, hide: t.Hide, timeout: transactionTimeout(&t.Budget, time.Now(), maxTransactionTimeout)}
	n, err := intSetting(t.Config, "errors.deadletterqueue.topic.replication.factor", 3)
	if err != nil {
		return nil, err
	}
	d.replication = int16(n)
	d.withHeaders, err = boolSetting(t.Config, "errors.deadletterqueue.context.headers.enable")
	return d, err
}

// open connects, and creates the topic if it is missing. It may be called again after an error.
func (d *deadLetters) open(ctx context.Context, t *Task) error {
	if d.cl == nil {
		opts, err := producerOptions(t, "", deadLetterKind)
		if err != nil {
			return err
		}
		if d.cl, err = newClient("the producer of dead letters", opts); err != nil {
			return err
		}
	}
	admin, done, err := t.admin(d.cl, deadLetterAdmin)
	if err != nil {
		return err
	}
	defer done()
	known, err := lookUp(ctx, admin, d.topic)
	if err != nil {
		return kafkaError("look up the dead-letter topic "+d.topic, err)
	}
	if known[d.topic] == nil {
		return nil
	}
	created, err := kadm.NewClient(admin).CreateTopic(ctx, 1, d.replication, nil, d.topic)
	if err = cmp.Or(err, created.Err); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return kafkaError("create the dead-letter topic "+d.topic, err)
	}
	return nil
}

// closeDeadLetters makes durable what was reported last, of a task that fails by the very record, and disconnects.
func (r *run) closeDeadLetters() {
	ctx, cancel := closing(r.work)
	defer cancel()
	d := r.tol.dead
	if d.cl == nil {
		return
	}
	if err := r.tol.flushDeadLetters(ctx); err != nil {
		r.log.Error("a bad record is not in the dead letters; it will be consumed again", "error", err)
	}
	d.cl.Close()
	d.pending.Wait()
}

// write begins to write one letter. It may be called concurrently.
func (d *deadLetters) write(e *StageError, raw *kgo.Record) {
	letter := d.letter(e, raw)
	d.pending.Add(1)
	ctx, cancel := context.WithTimeoutCause(context.Background(), d.timeout, kgo.ErrRecordTimeout)
	d.cl.Produce(ctx, letter, func(_ *kgo.Record, err error) {
		err = outOfTime(ctx, err)
		cancel()
		d.mu.Lock()
		if err == nil {
			d.letters++
		} else if d.err == nil {
			d.err = err
		}
		d.mu.Unlock()
		d.pending.Done()
	})
}

// flush waits until all letters are acknowledged and returns how many were since the last time.
func (d *deadLetters) flush(ctx context.Context) (letters int64, err error) {
	if err := d.cl.Flush(ctx); err != nil {
		return 0, kafkaError("write to the dead-letter topic "+d.topic, err)
	}
	d.pending.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	letters, d.letters = d.letters, 0
	return letters, kafkaError("write to the dead-letter topic "+d.topic, d.err)
}

// letter is the raw record with its story in headers, which follow the record's own even where these have the same
// names (kafka-connect: DeadLetterQueueReporter).
func (d *deadLetters) letter(e *StageError, raw *kgo.Record) *kgo.Record {
	l := &kgo.Record{Topic: d.topic, Partition: -1, Key: raw.Key, Value: raw.Value}
	if typ, _ := timestampOf(raw); typ != connect.NoTimestampType {
		l.Timestamp = raw.Timestamp
	}
	l.Headers = append(l.Headers, raw.Headers...)
	if !d.withHeaders {
		return l
	}
	add := func(name string, value []byte) {
		l.Headers = append(l.Headers, kgo.RecordHeader{Key: "__connect.errors." + name, Value: value})
	}
	class, message := describe(e.Err)
	if message != nil {
		message = []byte(d.hide(string(message)))
	}
	add("topic", []byte(raw.Topic))
	add("partition", strconv.AppendInt(nil, int64(raw.Partition), 10))
	add("offset", strconv.AppendInt(nil, raw.Offset, 10))
	add("connector.name", []byte(d.connector))
	add("task.id", strconv.AppendInt(nil, int64(d.task), 10))
	add("stage", []byte(e.Stage))
	add("class.name", []byte(e.Class))
	add("exception.class.name", []byte(class))
	add("exception.message", message)
	add("exception.stacktrace", []byte(d.hide(connect.Trace(e.Err))))
	return l
}

// describe returns the Java exception's class and message; nil where Java has no message.
func describe(err error) (class string, message []byte) {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return connect.ConnectException, []byte(err.Error())
	}
	if e.Message != "" {
		message = []byte(e.Message)
	}
	return e.Class, message
}

// flushDeadLetters makes durable what was reported so far; nothing may be committed before.
func (t *tolerance) flushDeadLetters(ctx context.Context) error {
	if t.dead == nil {
		return nil
	}
	n, err := t.dead.flush(ctx)
	t.facts.DeadLetters += n
	if err != nil {
		return fmt.Errorf("keep bad records: %w", err)
	}
	return nil
}
