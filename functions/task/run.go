package task

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/engine"
)

// OffsetsTopicKey is the key of a source connector that keeps its offsets in a topic of its own.
const OffsetsTopicKey = "offsets.storage.topic"

// releaseTimeout bounds the release, which happens even when the invocation's context is done.
const releaseTimeout = 3 * time.Second

// run moves records for one task under its lease.
func (h *Handler) run(ctx context.Context, w *work) *invoke.Response {
	began, deadline := time.Now(), h.deadline(ctx)
	own, err := h.own(ctx, w, deadline)
	if err != nil {
		return notMine(w, err)
	}
	facts, replan, err := h.attempt(ctx, w, own, deadline)
	if facts.End == engine.EndFailed && own.unknown == nil {
		if again := h.renewed(ctx, w, began, err); again != nil {
			w = again
			facts, replan, err = h.attempt(ctx, w, own, deadline)
		}
	}
	return h.end(ctx, w, own, facts, replan, err)
}

// attempt runs the engine once.
func (h *Handler) attempt(ctx context.Context, w *work, own *ownership, deadline time.Time) (engine.Facts, bool, error) {
	replan, budget := false, own.bound(h.budget(deadline))
	budget.Deadline = w.reload(budget.Deadline)
	work, cancel := context.WithDeadline(ctx, cutOff(budget, deadline))
	defer cancel()
	session := h.sessions.take(own.held, w)
	t := engine.Task{
		Connector: w.Connector, ID: w.Task, Tasks: w.Tasks,
		Class: w.class, Plugins: h.Plugins,
		Config: w.config, TaskConfig: w.taskConfig, Worker: settings(h.Worker),
		Kafka:           h.kafka,
		Security:        h.security,
		TransactionalID: h.Worker.TransactionalID(w.Connector, w.Task),
		OffsetsTopic:    cmp.Or(w.config[OffsetsTopicKey], h.Worker.OffsetTopic),
		KeepOffsets:     h.keepOffsets(w.Request),
		AtLeastOnce:     h.Worker.AtLeastOnce(),
		Offsets:         h.Offsets(w.Connector, w.config, hintOf(own.held.Hint)),
		Session:         session,
		Ownership:       own,
		Epoch:           own.held.Epoch,
		Budget:          budget,
		Hide:            w.secrets.Hide,
		Log:             w.log,
		Progress:        h.progress(w.Request),
		RequestReplan:   func() { replan = true },
	}
	facts, err := h.move(work, w, own, t)
	h.sessions.keep(own.held, w, session)
	return facts, replan, err
}

// move runs the task, with the session of the invocation before if there is one. Then nobody fences, and the first look at
// the lease decides nothing. A run that is lost before its first commit, though the lease is still ours, is made once more.
func (h *Handler) move(ctx context.Context, w *work, own *ownership, t engine.Task) (engine.Facts, error) {
	if err := h.policy.Check(w.Request.Config); err != nil {
		return engine.Facts{End: engine.EndFailed}, err
	}
	warm := t.Session.Open()
	own.checked = warm
	facts, err := engine.Run(ctx, t)
	if facts.End != engine.EndLost || facts.Batches > 0 {
		return facts, err
	}
	// A late predecessor fenced us and left, or the broker forgot our id while this process was frozen: then it is still our
	// task. What was read was not read behind a fence.
	own.checked = false
	if own.Check(ctx) != nil {
		return facts, err
	}
	own.checked = false
	t.Offsets = h.Offsets(w.Connector, w.config, hintOf(own.held.Hint))
	return engine.Run(ctx, t)
}

// settings are what the engine is told of the worker's configuration.
func settings(w *worker.Config) map[string]string {
	s := w.Converters()
	maps.Copy(s, w.Clients())
	for _, key := range []string{"topic.creation.enable", "offset.flush.interval.ms"} {
		if v, ok := w.Property(key); ok {
			s[key] = v
		}
	}
	return s
}

// notMine answers a run whose lease could not be taken. That the task runs elsewhere, is not due, or has moved on to
// another generation is the ordinary fate of a late or repeated request.
func notMine(w *work, err error) *invoke.Response {
	if refused(err) {
		w.log.Debug("the task is not to be run by this invocation", "connector", w.Connector, "task", w.Task, "reason", err)
		return &invoke.Response{}
	}
	// A run is started asynchronously: nobody reads its answer, and without a lease there is nowhere else to leave it.
	w.log.Error("could not acquire the lease", "connector", w.Connector, "task", w.Task, "error", err)
	return w.failed(connect.RetriableError("acquire the lease", err))
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

// budget keeps the reserve back, or a third of the time where that is less: a function with a timeout of a few seconds
// would otherwise move nothing.
func (h *Handler) budget(deadline time.Time) engine.Budget {
	l := h.Limits
	reserve := min(l.Reserve, time.Until(deadline)/3)
	return engine.Budget{
		Records: l.Records, Bytes: l.Bytes, Deadline: deadline.Add(-reserve), Idle: l.Idle,
		BatchRecords: l.BatchRecords, BatchBytes: l.BatchBytes, CheckEvery: l.CheckEvery, MemoryBytes: l.Memory,
	}
}

// cutOff is when a run that did not heed the soft deadline, because a call of the connector hangs, is given up: while there is time
// to release. At the deadline itself the platform stops the process, and nobody would ever hear that the task hangs.
func cutOff(b engine.Budget, deadline time.Time) time.Time {
	return deadline.Add(-min(deadline.Sub(b.Deadline)/2, releaseTimeout+time.Second))
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

// end gives the lease back, or hands it on to the next hop, with what the coordinator judges health from. Losing the task is no
// failure of the task.
func (h *Handler) end(ctx context.Context, w *work, own *ownership, facts engine.Facts, replan bool, runErr error) *invoke.Response {
	if own.unknown != nil { // the engine takes an owner who does not know for one who is none
		facts.End, runErr = engine.EndFailed, connect.RetriableError("look at the lease", own.unknown)
	}
	resp := &invoke.Response{Backlog: facts.Backlog && runErr == nil}
	resp.Facts, _ = json.Marshal(facts)
	if facts.End == engine.EndLost {
		h.release(ctx, w, own.held, lease.Outcome{Err: own.held.LastError, Attempts: own.held.Attempts})
		return resp
	}
	report := invoke.Report{Facts: resp.Facts, Replan: replan}
	var out lease.Outcome
	if facts.Hint != nil {
		out.Hint, _ = json.Marshal(facts.Hint)
	}
	if runErr != nil && (facts.End == engine.EndFailed || errors.Is(runErr, context.DeadlineExceeded)) { // of the latter see cutOff
		resp.Error = w.failure(runErr)
		for _, text := range []*string{&resp.Error.Message, &resp.Error.Hint, &resp.Error.Trace} {
			*text = excerpt(*text)
		}
		report.Failure = resp.Error
		out.Err = resp.Error.Message
		out.Attempts = own.held.Attempts + 1
		out.NotBefore = time.Now().Add(backoff(resp.Error.Kind, out.Attempts))
	}
	out.Facts, _ = json.Marshal(report)
	if resp.Backlog && facts.End != engine.EndStopped {
		resp.Chained = h.handOn(ctx, w, own.held, out)
	}
	if !resp.Chained {
		h.release(ctx, w, own.held, out)
	}
	return resp
}

// release frees the lease, also when the invocation's context is done.
//
// One that was fenced releases too. Most often the lease is somebody else's by then, and the release is refused. But it may
// still be ours: a late predecessor fenced us, looked at the lease and left; or the coordinator fenced us because the number
// of tasks changes. Then nobody could run the task until the lease has run out.
func (h *Handler) release(ctx context.Context, w *work, held lease.Held, out lease.Outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	err := h.Leases.Release(ctx, held, out)
	if _, taken := errors.AsType[*lease.LostError](err); err != nil && !taken {
		// Nothing is lost but the facts, and the time until then.
		w.log.Warn("could not release the lease; it expires by itself", "connector", held.Key.Connector, "task", held.Key.Task, "error", err)
	}
}

// excerpt bounds what an error may take of the lease's item, which is limited to 400 KB: an error can quote a whole record.
func excerpt(text string) string {
	const limit = 8 << 10
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + " … (" + strconv.Itoa(len(text)) + " bytes in all)"
}

// backoff is how long a task that failed for the n-th time in a row waits. What may pass by itself is tried again within
// seconds; what probably needs a person after n²+n minutes, at most 60.
func backoff(kind connect.ErrorKind, n int) time.Duration {
	if kind == connect.KindRetriable {
		return min(time.Second<<min(n, 6), time.Minute)
	}
	return min(time.Duration(n*n+n)*time.Minute, time.Hour)
}
