package engine

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// tolerance is what errors.* say about records that fail: how long to try again, whether to go on without them, and who
// hears of them. Its method failed may be called concurrently.
type tolerance struct {
	task  *Task
	log   *slog.Logger
	facts *Facts

	all          bool          // errors.tolerance=all: data errors are passed over
	ownRetries   bool          // errors.retry.timeout is not set: the engine's own attempts, and nothing retriable is passed over
	retryTimeout time.Duration // errors.retry.timeout: negative is forever
	maxDelay     time.Duration // errors.retry.delay.max.ms
	logs         bool          // errors.log.enable
	logsRecords  bool          // errors.log.include.messages
	dead         *deadLetters  // nil: no dead-letter topic

	skipped atomic.Int64 // records passed over
}

func newTolerance(t *Task, log *slog.Logger, facts *Facts) (*tolerance, error) {
	tol := &tolerance{task: t, log: log, facts: facts}
	switch v := t.Config["errors.tolerance"]; v {
	case "", "none":
	case "all":
		tol.all = true
	default:
		return nil, invalid("errors.tolerance", v, "String must be one of: none, all")
	}
	tol.ownRetries = strings.TrimSpace(t.Config["errors.retry.timeout"]) == ""
	var err error
	if tol.retryTimeout, err = millisSetting(t.Config, "errors.retry.timeout", 0); err != nil {
		return nil, err
	}
	if tol.maxDelay, err = millisSetting(t.Config, "errors.retry.delay.max.ms", time.Minute); err != nil {
		return nil, err
	}
	if tol.logs, err = boolSetting(t.Config, "errors.log.enable"); err != nil {
		return nil, err
	}
	if tol.logsRecords, err = boolSetting(t.Config, "errors.log.include.messages"); err != nil {
		return nil, err
	}
	if tol.dead, err = newDeadLetters(t); err != nil {
		return nil, err
	}
	return tol, nil
}

// stageTries counts the tries of one step for one record.
type stageTries struct {
	n     int
	start time.Time
}

// firstDelay is Kafka Connect's first pause between two tries of a step; it doubles.
const firstDelay = 300 * time.Millisecond

// again reports whether a step that failed should be tried again, after having waited for it: only when its error is
// retriable, for as long as errors.retry.timeout says, or without it for the engine's own number of attempts.
func (t *tolerance) again(ctx context.Context, tries *stageTries, e *StageError) bool {
	if connect.KindOf(e.Err) != connect.KindRetriable || ctx.Err() != nil {
		return false
	}
	if tries.n == 0 {
		tries.start = time.Now()
	}
	tries.n++
	pause, ok := t.pause(tries)
	if !ok {
		return false
	}
	t.facts.Retries++
	t.log.With(loggers.Key, loggers.Retries).Warn("retriable error, trying again", "stage", string(e.Stage), "class", e.Class, "attempt", tries.n, "pause", pause, "error", e.Err)
	return sleep(ctx, pause)
}

func (t *tolerance) pause(tries *stageTries) (time.Duration, bool) {
	if t.ownRetries {
		return retryPause(tries.n), tries.n < maxAttempts
	}
	pause := stageDelay(tries.n, t.maxDelay)
	if t.retryTimeout < 0 {
		return pause, true
	}
	left := t.retryTimeout - time.Since(tries.start)
	return min(pause, left), left > 0
}

// stageDelay is the pause after a number of attempts. One that exceeds the maximum becomes random below it (kafka-connect:
// RetryWithToleranceOperator.backoff).
func stageDelay(attempt int, maxDelay time.Duration) time.Duration {
	d := firstDelay << min(attempt-1, 32)
	if d > maxDelay {
		return rand.N(max(maxDelay, 1))
	}
	return d
}

// failed decides about a record that failed in a step. It tells of it, writes it to the dead letters, and returns nil if the
// task goes on without it, else the error that ends the task.
//
// Data errors are passed over as errors.tolerance says. Retriable ones are too, as in Kafka Connect, once the time that the user
// set with errors.retry.timeout is over; where nothing is set, no record is lost to an outage, and the next invocation
// begins with the same record. Fatal and config errors are none of tolerance's business.
func (t *tolerance) failed(ctx context.Context, e *StageError, r *connect.Record, raw *kgo.Record) error {
	kind := connect.KindOf(e.Err)
	switch {
	case kind == connect.KindRetriable && ctx.Err() != nil:
		return context.Cause(ctx) // the wait for another try was cut short
	case kind == connect.KindData && !t.tolerable(e):
		return t.decide(e, r, raw, false, "Unhandled exception in error handler")
	case kind == connect.KindData || kind == connect.KindRetriable:
		return t.decide(e, r, raw, t.tolerable(e), "Tolerance exceeded in error handler")
	}
	t.report(e, r, raw)
	return e
}

// tolerable reports whether a record that failed so may be passed over where errors.tolerance says all, and belongs into the dead
// letters.
func (t *tolerance) tolerable(e *StageError) bool {
	switch connect.KindOf(e.Err) {
	case connect.KindRetriable:
		return !t.ownRetries
	case connect.KindData:
		return e.Stage.tolerable()
	}
	return false
}

// rejected decides, like failed, about a record that the sink itself declared bad.
func (t *tolerance) rejected(e *StageError, r *connect.Record, raw *kgo.Record) error {
	return t.decide(e, r, raw, true, "Tolerance exceeded in error handler")
}

func (t *tolerance) decide(e *StageError, r *connect.Record, raw *kgo.Record, tolerable bool, message string) error {
	t.report(e, r, raw)
	if tolerable && t.dead != nil && raw != nil {
		t.dead.write(e, raw)
	}
	if tolerable && t.all {
		t.skipped.Add(1)
		return nil
	}
	return &connect.Error{Kind: connect.KindOf(e.Err), Class: connect.ConnectException, Message: message, Cause: e}
}

func (t *tolerance) report(e *StageError, r *connect.Record, raw *kgo.Record) {
	if t.logs {
		t.log.With(loggers.Key, loggers.LogReporter).Error(t.message(e, r, raw), "error", e.Err)
	}
}

// message is the line that Kafka Connect logs for a failed record (kafka-connect: LogReporter).
func (t *tolerance) message(e *StageError, r *connect.Record, raw *kgo.Record) string {
	b := fmt.Appendf(nil, "Error encountered in task %s-%d. Executing stage '%s' with class '%s'", t.task.Connector, t.task.ID, e.Stage, e.Class)
	switch {
	case !t.logsRecords:
	case raw != nil:
		b = fmt.Appendf(b, ", where consumed record is {topic='%s', partition=%d, offset=%d", raw.Topic, raw.Partition, raw.Offset)
		if typ, ms := timestampOf(raw); typ != connect.NoTimestampType {
			b = fmt.Appendf(b, ", timestamp=%d, timestampType=%s", ms, typ)
		}
		b = append(b, '}')
	case r != nil:
		b = appendSourceRecord(append(b, ", where source record is = "...), r)
	}
	return string(append(b, '.'))
}

// appendSourceRecord appends the text of Java's SourceRecord.
func appendSourceRecord(b []byte, r *connect.Record) []byte {
	orNull := func(n, null int64) string {
		if n == null {
			return "null"
		}
		return strconv.FormatInt(n, 10)
	}
	var partition connect.Value
	if r.SourcePartition != nil {
		partition = r.SourcePartition.Value()
	}
	b = fmt.Appendf(b, "SourceRecord{sourcePartition=%v, sourceOffset=%v} ConnectRecord{topic='%s', kafkaPartition=%s, key=%v, keySchema=%v, value=%v, valueSchema=%v, timestamp=%s, headers=ConnectHeaders(headers=",
		partition, r.SourceOffset, r.Topic, orNull(int64(r.Partition), int64(connect.NoPartition)), r.Key, r.KeySchema, r.Value, r.ValueSchema, orNull(r.Timestamp, connect.NoTimestamp))
	for i, h := range r.Headers {
		b = fmt.Appendf(b, "%sConnectHeader(key=%s, value=%v, schema=%v)", []string{"[", ", "}[min(i, 1)], h.Key, h.Value, h.Schema)
	}
	if len(r.Headers) > 0 {
		b = append(b, ']')
	}
	return append(b, ")}"...)
}
