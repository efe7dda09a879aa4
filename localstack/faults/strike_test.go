package faults_test

import (
	"context"
	"time"

	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

// patience bounds what a strike waits for. It is far above what anything takes.
const patience = 60 * time.Second

// tap shows the trial the messages of one server.
func (r *trial) tap(server string) wire.Tap {
	return func(ctx context.Context, m wire.Message) wire.Verdict {
		o, ok := r.owner(m)
		switch {
		case !ok:
			return wire.Verdict{}
		case o.function == coordinatorFunction:
			return r.passing(m, o)
		case o.function != taskFunction:
			return wire.Verdict{}
		}
		s := r.observe(server, m, o.sandbox)
		if s == fence && !m.Reply {
			r.meet(ctx, o.sandbox)
		}
		if r.hunt != nil && r.hunted(m, o.sandbox) {
			return wire.Verdict{Cut: true}
		}
		if r.hunt == nil && r.due(s, m, o.sandbox) {
			return r.strike(ctx, server, m, o.sandbox)
		}
		if server == "DynamoDB" && !m.Reply && r.refuses() {
			return wire.Verdict{Answer: wire.Throttled()}
		}
		return wire.Verdict{}
	}
}

// due says whether this is the message to strike at.
func (r *trial) due(s step, m wire.Message, sandbox string) bool {
	if s != r.cell.step || m.Reply != r.cell.after || r.call != "" && m.Call != r.call {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen++; r.seen != r.nth {
		return false
	}
	r.struck, r.victim = time.Now(), sandbox
	for _, e := range r.epochs {
		if e.sandbox == sandbox {
			r.held = e
		}
	}
	return true
}

func (r *trial) refuses() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.throttled == 0 {
		return false
	}
	r.throttled--
	return true
}

// strike does what the cell is about, while the message is held.
func (r *trial) strike(ctx context.Context, server string, m wire.Message, sandbox string) wire.Verdict {
	what := "before " + m.Call
	if m.Reply {
		what = "after " + m.Call
	}
	r.note("STRIKE: %s of %s, %s", r.cell.fault, short(sandbox), what)
	switch r.cell.fault {
	case kill:
		return r.kill(ctx, m, sandbox)
	case freeze:
		r.freeze(ctx, sandbox)
	case duplicate:
		r.repeat(ctx)
	case lostReply:
		return wire.Verdict{Cut: true}
	case throttle:
		r.mu.Lock()
		r.throttled = 5
		r.mu.Unlock()
		if server == "DynamoDB" && !m.Reply {
			return wire.Verdict{Answer: wire.Throttled()}
		}
	case restart:
		return r.restart(server)
	case cut, slow, halfOpen:
		r.spoil(ctx)
	case coordinator:
		r.mu.Lock()
		r.killIn = 1 + r.random.IntN(8)
		r.mu.Unlock()
		r.await(ctx, r.coordinators, "the coordinator was not killed")
	}
	return wire.Verdict{}
}

// kill ends the sandbox. A request that it had sent is lost with it, or arrives later.
func (r *trial) kill(ctx context.Context, m wire.Message, sandbox string) wire.Verdict {
	if !r.d.lambda.Kill(taskFunction, sandbox) {
		r.note("%s was gone already", short(sandbox))
	}
	if m.Reply || r.random.IntN(2) == 0 {
		return wire.Verdict{Cut: true}
	}
	r.later(ctx)
	r.note("the request of %s arrives now", short(sandbox))
	return wire.Verdict{}
}

// freeze stops the sandbox until later. The request that is held arrives after that.
func (r *trial) freeze(ctx context.Context, sandbox string) {
	if err := r.d.lambda.Freeze(taskFunction, sandbox); err != nil {
		r.wrong("%v", err)
		return
	}
	r.later(ctx)
	if err := r.d.lambda.Thaw(taskFunction, sandbox); err != nil {
		r.wrong("%v", err)
		return
	}
	r.note("%s goes on", short(sandbox))
}

// later waits for the worst moment to come back: when another sandbox owns the task, when it is about to fence, or when it is some
// commits ahead. Whoever comes back after the end of its lease finds its own time over, and gives up by itself. So in half of the cells the
// lease runs out early.
func (r *trial) later(ctx context.Context) {
	moment := r.random.IntN(3)
	if moment == 1 {
		r.mu.Lock()
		r.gate = make(chan struct{})
		r.mu.Unlock()
	}
	if r.random.IntN(2) == 0 {
		r.expire(ctx)
	}
	r.await(ctx, r.takenOver, "nobody took over")
	switch moment {
	case 1:
		r.await(ctx, r.fencing, "the new owner did not fence")
		// What was sent and what goes on has this long to do its worst; then the new owner fences.
		time.AfterFunc(500*time.Millisecond, func() { close(r.gate) })
	case 2:
		r.await(ctx, r.succeeded, "the new owner did not commit")
	}
}

// expire lets the lease run out now, as it does for a contender whose clock is ahead: the holder still has its time.
func (r *trial) expire(ctx context.Context) {
	item, err := r.d.lease(ctx)
	if err == nil && item.Owner == "" {
		return // it is free
	}
	if err == nil {
		item.Until, item.Rev, item.Write = time.Now().Add(-time.Second), item.Rev+1, "clock"
		_, err = r.d.db.table.Swap(ctx, item)
	}
	if err != nil {
		r.wrong("let the lease run out: %v", err)
		return
	}
	r.note("the lease of epoch %d runs out for a clock that is ahead", item.Epoch)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ahead = true
	for i := range r.epochs {
		r.epochs[i].until = item.Until
	}
}

// meet holds the fence of a new owner while somebody who is late has his moment.
func (r *trial) meet(ctx context.Context, sandbox string) {
	r.mu.Lock()
	gate := r.gate
	if gate == nil || sandbox == r.victim {
		r.mu.Unlock()
		return
	}
	r.once[1].Do(func() { close(r.fencing) })
	r.mu.Unlock()
	r.await(ctx, gate, "the fence was not let through")
}

// repeat delivers the task's event to another sandbox, and waits until it has had time to do harm.
func (r *trial) repeat(ctx context.Context) {
	r.mu.Lock()
	payload := r.payload
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	name := taskFunction
	out, err := r.d.client.Invoke(ctx, &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload})
	if err != nil {
		r.note("the second delivery still runs")
		return
	}
	r.note("the second delivery answered %.200s", out.Payload)
}

// restart lets the broker go and come back. What the process waits for from it is lost.
func (r *trial) restart(server string) wire.Verdict {
	r.tasks.Go(func() {
		if err := r.d.broker.restart(); err != nil {
			r.wrong("%v", err)
			return
		}
		r.note("the broker is back")
	})
	return wire.Verdict{Cut: server == "Kafka"}
}

// spoil makes the line to the broker bad, while the request goes its way.
func (r *trial) spoil(ctx context.Context) {
	r.mu.Lock()
	d := map[fault]time.Duration{cut: outage, slow: 8 * time.Second, halfOpen: time.Until(r.held.until) + time.Second}[r.cell.fault]
	r.mu.Unlock()
	r.tasks.Go(func() {
		if err := r.d.broker.line.spoil(ctx, r.cell.fault, d); err != nil {
			r.wrong("%v", err)
		}
		r.note("the line is good again")
	})
}

// passing sees the requests of the coordinator, and kills it when its time has come.
func (r *trial) passing(m wire.Message, o owner) wire.Verdict {
	if m.Reply {
		return wire.Verdict{}
	}
	r.mu.Lock()
	last := r.killIn == 1
	r.killIn = max(0, r.killIn-1)
	r.mu.Unlock()
	if !last {
		return wire.Verdict{}
	}
	r.d.lambda.Kill(o.function, o.sandbox)
	r.note("the coordinator was killed before its %s", m.Call)
	close(r.coordinators)
	return wire.Verdict{Cut: true}
}

func (r *trial) await(ctx context.Context, what <-chan struct{}, missing string) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-what:
	case <-ctx.Done():
	case <-timer.C:
		r.wrong("after %v %s", patience, missing)
	}
}

// wait waits, or ends with the context.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
