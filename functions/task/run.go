package task

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/functions/engine"
)

// OffsetsTopicKey is the key of a source connector that keeps its offsets in a topic of its own.
const OffsetsTopicKey = "offsets.storage.topic"

// releaseTimeout bounds the release, which happens even when the invocation's context is done.
const releaseTimeout = 3 * time.Second

// run moves records for one task under its lease.
func (h *Handler) run(ctx context.Context, req *invoke.Request, class *connect.Class, resolved map[string]string) *invoke.Response {
	taskConfig, err := h.resolve(ctx, req.TaskConfig)
	if err != nil {
		return &invoke.Response{Error: invoke.FailureOf(err)}
	}
	deadline := h.deadline(ctx)
	key := lease.Key{Connector: req.Connector, Task: req.Task}
	held, err := h.Leases.Acquire(ctx, key, h.Owner+"/"+rand.Text(), req.Generation, deadline)
	if err != nil {
		return h.notMine(req, err)
	}
	replan := false
	facts, err := engine.Run(ctx, engine.Task{
		Connector: req.Connector, ID: req.Task, Tasks: req.Tasks,
		Class: class, Plugins: h.Plugins,
		Config: resolved, TaskConfig: taskConfig, Worker: h.Worker.Converters(),
		Kafka:           append(h.kafka[:len(h.kafka):len(h.kafka)], kgo.ClientID(fmt.Sprintf("connector-%s-%s-%d", class.Type(), req.Connector, req.Task))),
		TransactionalID: h.Worker.TransactionalID(req.Connector, req.Task),
		OffsetsTopic:    cmp.Or(resolved[OffsetsTopicKey], h.Worker.OffsetTopic),
		KeepOffsets:     h.keepOffsets(req),
		Offsets:         h.Offsets(req.Connector, resolved, hintOf(held.Hint)),
		Ownership:       &ownership{leases: h.Leases, held: held, drain: h.Drain, log: h.Log},
		Budget:          h.budget(deadline),
		Log:             h.Log.With("connector", req.Connector, "task", req.Task),
		Progress:        h.progress(req),
		RequestReplan:   func() { replan = true },
	})
	return h.release(ctx, held, facts, replan, err)
}

// notMine answers a run whose lease could not be taken. That the task runs elsewhere, is not due, or has moved on to
// another generation is the ordinary fate of a late or repeated request.
func (h *Handler) notMine(req *invoke.Request, err error) *invoke.Response {
	if refused(err) {
		h.Log.Debug("the task is not to be run by this invocation", "connector", req.Connector, "task", req.Task, "reason", err)
		return &invoke.Response{}
	}
	return &invoke.Response{Error: invoke.FailureOf(connect.RetriableError("acquire the lease", err))}
}

func refused(err error) bool {
	if _, ok := errors.AsType[*lease.HeldError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*lease.GenerationError](err); ok {
		return true
	}
	_, ok := errors.AsType[*lease.NotBeforeError](err)
	return ok
}

func (h *Handler) deadline(ctx context.Context) time.Time {
	if d, ok := ctx.Deadline(); ok {
		return d
	}
	return time.Now().Add(h.Limits.Time)
}

func (h *Handler) budget(deadline time.Time) engine.Budget {
	l := h.Limits
	return engine.Budget{
		Records: l.Records, Bytes: l.Bytes, Deadline: deadline.Add(-l.Reserve), Idle: l.Idle,
		BatchRecords: l.BatchRecords, BatchBytes: l.BatchBytes, CheckEvery: l.CheckEvery, MemoryBytes: l.Memory,
	}
}

func (h *Handler) progress(req *invoke.Request) func(engine.Facts) {
	if h.Progress == nil {
		return nil
	}
	return func(f engine.Facts) { h.Options.Progress(req, f) }
}

func (h *Handler) keepOffsets(req *invoke.Request) func(context.Context, []connect.SourceOffset) error {
	if h.KeepOffsets == nil {
		return nil
	}
	return func(ctx context.Context, offsets []connect.SourceOffset) error {
		return h.Options.KeepOffsets(ctx, req.Connector, offsets)
	}
}

// hintOf returns where the last invocation wrote its last offset record. A hint that cannot be read is no hint.
func hintOf(stored json.RawMessage) *engine.OffsetHint {
	var hint engine.OffsetHint
	if len(stored) == 0 || json.Unmarshal(stored, &hint) != nil {
		return nil
	}
	return &hint
}

// release gives the lease back with what the coordinator judges health from. Losing the task is no failure of the task.
func (h *Handler) release(ctx context.Context, held lease.Held, facts engine.Facts, replan bool, runErr error) *invoke.Response {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	resp := &invoke.Response{Backlog: facts.Backlog && runErr == nil}
	resp.Facts, _ = json.Marshal(facts)
	if facts.End == engine.EndLost {
		return resp
	}
	report := invoke.Report{Facts: resp.Facts, Replan: replan}
	var out lease.Outcome
	if facts.Hint != nil {
		out.Hint, _ = json.Marshal(facts.Hint)
	}
	if runErr != nil && facts.End == engine.EndFailed {
		resp.Error = invoke.FailureOf(runErr)
		report.Failure = resp.Error
		out.Err = resp.Error.Message
		out.Attempts = held.Attempts + 1
		out.NotBefore = time.Now().Add(backoff(resp.Error.Kind, out.Attempts))
	}
	out.Facts, _ = json.Marshal(report)
	if err := h.Leases.Release(ctx, held, out); err != nil {
		// The lease frees itself at its deadline. Nothing is lost but the facts, and the time until then.
		h.Log.Warn("could not release the lease; it expires by itself", "connector", held.Key.Connector, "task", held.Key.Task, "error", err)
	}
	return resp
}

// backoff is how long a task that failed for the n-th time in a row waits. What may pass by itself is tried again within
// seconds; what probably needs a person after n²+n minutes, at most 60.
func backoff(kind connect.ErrorKind, n int) time.Duration {
	if kind == connect.KindRetriable {
		return min(time.Second<<min(n, 6), time.Minute)
	}
	return min(time.Duration(n*n+n)*time.Minute, time.Hour)
}

// ownership is the engine's view of the lease. It is used by one goroutine at a time.
type ownership struct {
	leases  *lease.Leases
	held    lease.Held
	drain   <-chan struct{}
	log     *slog.Logger
	checked bool
}

// Check looks at the lease. A new generation and a drain ask the engine to commit and end; another holder makes it leave.
//
// A look that fails says nothing about the lease. The first look, after the fence, must succeed: without it a function that
// was frozen between acquire and fence would push out its successor. Later ones may fail: the lease is ours until our own
// deadline, and after that the fence keeps commits safe.
func (o *ownership) Check(ctx context.Context) error {
	select {
	case <-o.drain:
		return fmt.Errorf("the process is shutting down: %w", engine.ErrStop)
	default:
	}
	err := o.leases.Check(ctx, o.held)
	if _, ok := errors.AsType[*lease.GenerationError](err); ok {
		return fmt.Errorf("%w: %w", engine.ErrStop, err)
	}
	if _, ok := errors.AsType[*lease.LostError](err); ok || err == nil || !o.checked {
		o.checked = o.checked || err == nil
		return err
	}
	o.log.Warn("could not look at the lease; the task goes on until its deadline", "connector", o.held.Key.Connector, "task", o.held.Key.Task, "error", err)
	return nil
}
