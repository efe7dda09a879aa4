package simulation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

// sandbox is one instance of a task function. It handles one request at a time.
type sandbox struct {
	*process
	handler *task.Handler
	offsets *store.Offsets
}

// newSandbox makes the instance that a cold start makes.
func (w *world) newSandbox() (*sandbox, error) {
	w.mu.Lock()
	w.sandboxes++
	name := fmt.Sprint("sandbox-", w.sandboxes)
	s := &sandbox{process: w.newProcess(name, w.rng(name))}
	w.mu.Unlock()
	plugins, err := connect.NewRegistry(builtin.With(w.source(s.process), w.sink(s.process)))
	if err != nil {
		return nil, err
	}
	if s.offsets, err = store.OpenOffsets(store.Options{
		Kafka: s.kafka(), GroupID: w.worker.GroupID, OffsetTopic: w.worker.OffsetTopic,
	}); err != nil {
		return nil, err
	}
	s.handler, err = task.NewHandler(task.Options{
		Plugins: plugins, Worker: w.worker, Kafka: s.kafka(),
		Leases:  lease.New(s.table(), lease.Options{Clock: clock{s.process}, Grace: grace}),
		Offsets: task.OffsetsOf(s.offsets), Owner: name, Limits: w.limits, Chain: invoker{s.process}, Function: "simulation", Log: slog.New(&journal{p: s.process}),
	})
	w.note(name, "", "starts cold; its clock is off by %s", s.skew)
	return s, err
}

// mostIdle is how many instances of a function or of the coordinator are kept warm.
const mostIdle = 3

// free returns a sandbox that does nothing, warm or new; nil when the function's concurrency is used up.
func (w *world) free(rng *rand.Rand) (*sandbox, error) {
	w.mu.Lock()
	if n := len(w.idle); n > 0 && (n >= mostIdle || rng.IntN(4) > 0) {
		i := rng.IntN(n)
		s := w.idle[i]
		w.idle = append(w.idle[:i], w.idle[i+1:]...)
		w.busy++
		w.mu.Unlock()
		return s, nil
	}
	if w.busy >= w.concurrency {
		w.mu.Unlock()
		return nil, nil
	}
	w.busy++
	w.mu.Unlock()
	return w.newSandbox()
}

// put takes a sandbox back; a dead one is buried.
func (w *world) put(s *sandbox) {
	dead := s.isDead()
	w.mu.Lock()
	w.busy--
	if !dead {
		w.idle = append(w.idle, s)
	}
	w.mu.Unlock()
	if dead {
		s.close()
	}
}

func (s *sandbox) close() {
	s.handler.Close()
	s.offsets.Close()
}

// run has a sandbox handle a request as the platform does: until it answers, is killed, or its time is up.
func (w *world) run(s *sandbox, req *invoke.Request, rng *rand.Rand) (*invoke.Response, error) {
	ctx, cancel := context.WithCancelCause(w.ctx)
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, w.limits.Time)
	defer stop()
	end := s.begin(req.Connector, w.drawFate(rng, 120), cancel)
	defer end()
	timer := time.AfterFunc(w.limits.Time, s.timeUp)
	defer timer.Stop()
	defer w.put(s)
	w.looked()
	resp := s.handler.Handle(ctx, req)
	if w.looked(); s.isDead() {
		return nil, errKilled
	}
	return resp, nil
}

// invoker is how one process reaches the functions.
type invoker struct{ p *process }

// Invoke implements invoke.Invoker: it waits for the answer, which may be lost.
func (i invoker) Invoke(ctx context.Context, _ string, req *invoke.Request) (*invoke.Response, error) {
	w := i.p.w
	rng := w.delivery(req)
	if err := i.p.step("invokes " + string(req.Op)); err != nil {
		return nil, err
	}
	if !sleep(ctx, 5*time.Millisecond+time.Duration(rng.Int64N(int64(20*time.Millisecond)))) {
		return nil, ctx.Err()
	}
	s, err := w.free(rng)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return nil, errors.New("simulated: TooManyRequestsException")
	}
	done := make(chan struct{})
	var resp *invoke.Response
	w.wg.Go(func() {
		defer close(done)
		resp, err = w.run(s, wired(req), rng)
	})
	select {
	case <-done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if lost := i.p.step("hears from the function"); lost != nil {
		return nil, lost
	}
	if err == nil && w.faulty() && rng.IntN(20) == 0 {
		return nil, errors.New("simulated: the answer of the function was lost")
	}
	return resp, err
}

// wired is a request as it arrives: another value, made of the same JSON.
func wired(req *invoke.Request) *invoke.Request {
	text, err := json.Marshal(req)
	if err != nil {
		panic(err) // a request is JSON
	}
	arrived := new(invoke.Request)
	if err := json.Unmarshal(text, arrived); err != nil {
		panic(err)
	}
	return arrived
}

// Start implements invoke.Invoker: the event is delivered at some time, twice, or never.
func (i invoker) Start(_ context.Context, _ string, req *invoke.Request) error {
	w := i.p.w
	rng := w.delivery(req)
	if err := i.p.step("starts a task"); err != nil {
		return err
	}
	copies, kind := 1, rng.IntN(100)
	if w.faulty() {
		switch {
		case kind < 5:
			w.note(i.p.name, req.Connector, "cannot start task %d: throttled", req.Task)
			return errors.New("simulated: TooManyRequestsException")
		case kind < 10:
			w.note(i.p.name, req.Connector, "starts task %d, but the event is lost", req.Task)
			return nil
		case kind < 25:
			copies = 2
		}
	}
	for n := range copies {
		delay := w.drawDelay(rng)
		w.note(i.p.name, req.Connector, "starts task %d of %d in generation %s: delivery %d in %s", req.Task, req.Tasks, generation(req.Generation), n+1, delay)
		arrived := wired(req)
		w.wg.Go(func() { w.deliver(arrived, delay, w.delivery(req)) })
	}
	if w.faulty() && kind > 96 {
		return errors.New("simulated: the answer to the start was lost")
	}
	return nil
}

// deliver hands an event to a sandbox, and waits for one if it has to.
func (w *world) deliver(req *invoke.Request, delay time.Duration, rng *rand.Rand) {
	var s *sandbox
	for s == nil {
		if !sleep(w.ctx, delay) || w.closing.Load() {
			return
		}
		var err error
		if s, err = w.free(rng); err != nil {
			w.violate(req.Connector, "make a sandbox: %v", err)
			return
		}
		delay = time.Second + time.Duration(rng.Int64N(int64(10*time.Second)))
	}
	s.mu.Lock()
	s.connector = req.Connector
	s.mu.Unlock()
	w.note(s.name, req.Connector, "is handed task %d of generation %s", req.Task, generation(req.Generation))
	resp, err := w.run(s, req, rng)
	if err != nil {
		return
	}
	var facts engine.Facts
	_ = json.Unmarshal(resp.Facts, &facts)
	problem := ""
	if resp.Error != nil {
		problem = strings.TrimSpace(resp.Error.Trace)
	}
	w.note(s.name, req.Connector, "answers for task %d: end %q, %d in, %d out, %d commits %s", req.Task, facts.End, facts.RecordsIn, facts.RecordsOut, facts.Batches, problem)
	if resp.Error != nil || facts.End == engine.EndLost || facts.End == engine.EndStopped || facts.End == engine.EndDeadline {
		w.unclean(req.Connector) // of the latter two, if it was told so while the downstream was busy
	}
	if facts.End != "" && rng.IntN(3) > 0 {
		w.passSoon(req.Connector, rng)
	}
}

// journal puts what a process logs into the history.
type journal struct {
	p     *process
	attrs []slog.Attr
}

func (*journal) Enabled(context.Context, slog.Level) bool { return true }
func (j *journal) WithGroup(string) slog.Handler          { return j }
func (j *journal) WithAttrs(a []slog.Attr) slog.Handler {
	return &journal{j.p, append(j.attrs[:len(j.attrs):len(j.attrs)], a...)}
}

// Handle implements slog.Handler.
func (j *journal) Handle(_ context.Context, r slog.Record) error {
	connector := ""
	attrs := make([]any, 0, 8)
	add := func(a slog.Attr) bool {
		if a.Key == "connector" {
			connector = a.Value.String()
		} else {
			attrs = append(attrs, a)
		}
		return true
	}
	for _, a := range j.attrs {
		add(a)
	}
	r.Attrs(add)
	j.p.w.note(j.p.name, connector, "says: "+strings.ReplaceAll(r.Message, "%", "%%")+strings.Repeat(" %v", len(attrs)), attrs...)
	return nil
}
