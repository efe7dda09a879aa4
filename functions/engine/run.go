package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// run is what source and sink loop share: the task, its two contexts, its facts and its policies.
type run struct {
	task    *Task
	log     *slog.Logger
	session *Session

	// work ends when the caller gives up or the task is lost: then nothing more may be committed. poll ends with it, and
	// also when the task is asked to stop or its soft deadline passes: then nothing more is read.
	work       context.Context
	poll       context.Context
	cancelWork context.CancelCauseFunc
	cancelPoll context.CancelCauseFunc

	conv  *converters
	chain chain
	tol   *tolerance

	looks    sync.Mutex // Ownership is asked by one goroutine at a time
	lookedAt time.Time  // when the task was last seen to be ours

	facts  Facts
	topics topicNames
	bytes  int64 // keys and values read, against the budget

	committing bool // an error now is about a commit, and never the echo of a context that ended
}

// Causes for which the contexts of a run end.
var errDeadline = errors.New("the soft deadline of the invocation passed")

func newRun(ctx context.Context, t *Task) (*run, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	t.setDefaults()
	r := &run{task: t, session: t.Session, log: t.Log.With("connector", t.Connector, "task", t.ID, loggers.Key, loggerOf(t)), topics: make(topicNames)}
	if r.session == nil {
		r.session = new(Session)
	}
	if err := r.configure(); err != nil {
		return nil, errTask(t, err)
	}
	r.work, r.cancelWork = context.WithCancelCause(ctx)
	poll := r.work
	if !t.Budget.Deadline.IsZero() {
		var cancel context.CancelFunc
		poll, cancel = context.WithDeadlineCause(poll, t.Budget.Deadline, errDeadline)
		context.AfterFunc(r.work, cancel) // cancelWork ends every run
	}
	r.poll, r.cancelPoll = context.WithCancelCause(poll)
	return r, nil
}

// configure makes what the configuration says is done with each record.
func (r *run) configure() (err error) {
	if r.conv, err = newConverters(r.task); err != nil {
		return err
	}
	if r.chain, err = newChain(r.task.Config, r.task.Plugins); err != nil {
		return err
	}
	r.tol, err = newTolerance(r.task, r.log, &r.facts)
	return err
}

// loggerOf is the name of the task's logger: that of the class that does its work in Kafka Connect.
func loggerOf(t *Task) string {
	switch {
	case t.Class.Source == nil:
		return loggers.SinkTask
	case t.AtLeastOnce != "":
		return loggers.SourceTask
	default:
		return loggers.ExactlyOnceSourceTask
	}
}

// connectorLog is the logger of the connector's own code.
func (r *run) connectorLog() *slog.Logger { return r.log.With(loggers.Key, r.task.Class.Name) }

// guarded runs the loop of the task's class. A panic of a plugin becomes an error, since other tasks may live in the same
// process. A transaction that is open while a plugin is called is aborted on the way (see sourceLoop.abandon).
func (r *run) guarded() (err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("a plugin panicked", "panic", p, "stack", string(debug.Stack()))
			err = connect.FatalError(fmt.Sprintf("a plugin of the task panicked: %v", p), nil)
		}
	}()
	if r.task.Class.Source != nil {
		return r.source()
	}
	return r.sink()
}

// own asks Ownership once and then keeps asking in a goroutine, which the returned function ends and waits for. The first
// question is for whoever has fenced; a warm run has not, and the lease said just now that it is the holder.
//
// The goroutine does not decide anything: it ends a context with the answer as its cause, and the loop finds it there.
// So a pause reaches a source that blocks in Poll as well as a loop that is busy committing.
func (r *run) own(warm bool) (release func(), err error) {
	if !warm {
		if err := r.look(r.work); err != nil {
			r.disown(err)
			return func() {}, fmt.Errorf("check ownership: %w", err)
		}
	}
	ctx, cancel := context.WithCancel(r.work)
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.watch(ctx)
	}()
	return func() { cancel(); <-done }, nil
}

// look asks Ownership.
func (r *run) look(ctx context.Context) error {
	r.looks.Lock()
	defer r.looks.Unlock()
	now := time.Now() // of the question: the answer may be older than its arrival
	err := r.task.Ownership.Check(ctx)
	if err == nil {
		r.lookedAt = now
	}
	return err
}

func (r *run) watch(ctx context.Context) {
	tick := time.NewTicker(r.task.Budget.CheckEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.look(ctx); err != nil && ctx.Err() == nil {
			r.disown(err)
			return
		}
	}
}

func (r *run) disown(err error) {
	if errors.Is(err, ErrStop) {
		r.cancelPoll(err)
		return
	}
	r.cancelWork(&lostError{err})
}

// lostError is what Ownership said when the task was no longer ours.
type lostError struct{ cause error }

func (e *lostError) Error() string { return "the task has another owner: " + e.cause.Error() }
func (e *lostError) Unwrap() error { return e.cause }

// ended returns why the loop should read nothing more, empty when it should go on. It is asked between batches.
func (r *run) ended() End {
	b := &r.task.Budget
	switch {
	case r.poll.Err() != nil:
		if errors.Is(context.Cause(r.poll), errDeadline) {
			return EndDeadline
		}
		return EndStopped
	case b.Records > 0 && r.facts.RecordsIn >= b.Records:
		return EndRecords
	case b.Bytes > 0 && r.bytes >= b.Bytes:
		return EndBytes
	}
	return ""
}

// finish turns what the loop returned into what Run returns. An error that is only the echo of a context that ended is
// replaced by the reason for its end.
func (r *run) finish(err error) (Facts, error) {
	f := &r.facts
	if r.task.Class.Sink != nil {
		f.Topics = r.topics.list()
	}
	f.RecordsSkipped = r.tol.skipped.Load()
	lost := (*lostError)(nil)
	cause := context.Cause(r.work)
	switch {
	case errors.Is(err, ErrFenced):
		f.End = EndLost
	case errors.As(cause, &lost):
		f.End, err = EndLost, connect.FatalError("", cause)
	case r.work.Err() != nil:
		f.End, err = EndStopped, connect.RetriableError("the invocation was cut off", cause)
	case err != nil && !r.committing && stopped(r.poll, err):
		f.End, err = r.ended(), nil
	case err != nil:
		f.End = EndFailed
	}
	return *f, errTask(r.task, err)
}

// committed counts a commit and tells of it.
func (r *run) committed() {
	r.committing = false
	r.facts.Batches++
	r.facts.CommittedAt = time.Now()
	if len(r.facts.Topics) != len(r.topics) {
		r.facts.Topics = r.topics.list()
	}
	if r.task.Progress != nil {
		f := r.facts
		f.RecordsSkipped = r.tol.skipped.Load()
		r.task.Progress(f)
	}
}

// closing returns the context in which connectors are closed and transactions aborted: it outlives the reason for the end,
// but not for long.
func closing(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
}

// settling returns the context of a commit: the end of work does not cut it short at once, since an interrupted EndTxn has an
// unknown outcome, but leaves it only as long as closing has.
func settling(work context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(work), commitTimeout)
	stop := context.AfterFunc(work, func() { time.AfterFunc(closeTimeout, cancel) })
	return ctx, func() { stop(); cancel() }
}

// topicNames interns the topics of an invocation: records may name them in memory that is reused.
type topicNames map[string]string

func (n topicNames) intern(topic string) string {
	if name, ok := n[topic]; ok {
		return name
	}
	name := string([]byte(topic))
	n[name] = name
	return name
}
