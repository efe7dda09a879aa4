package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
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

// item is what a PutItem writes, as far as it matters here.
type item struct {
	Item struct {
		Owner struct{ S string }
		Epoch struct{ N string }
		Until struct{ N string }
	}
}

func (i *item) epoch(sandbox string) epoch {
	number, _ := strconv.ParseInt(i.Item.Epoch.N, 10, 64)
	until, _ := strconv.ParseInt(i.Item.Until.N, 10, 64)
	return epoch{number, sandbox, time.UnixMilli(until)}
}

// observe says which step a message is, and remembers what the steps after it depend on.
func (r *trial) observe(server string, m wire.Message, sandbox string) step {
	r.mu.Lock()
	phase := r.phases[sandbox]
	r.mu.Unlock()
	s := stepOf(m, r.cell.kind, phase)
	switch {
	case s == acquire && !m.Reply, s == check && m.Reply, s == work:
		r.mu.Lock()
		r.phases[sandbox] = s
		r.mu.Unlock()
	}
	if m.Reply {
		r.told(s, m, sandbox)
	} else {
		r.begun(s, m, sandbox)
	}
	if s == release && !m.Reply {
		if err := r.ledger.Resume(context.Background()); err != nil {
			r.wrong("%v", err)
		}
	}
	return s
}

// stepOf reads a step off the wire. phase is the last of acquire, check and work that was seen of the sandbox: the same GetItem
// is the check after the fence, or a look during the work.
func stepOf(m wire.Message, k kind, phase step) step {
	switch m.Call {
	case "PutItem":
		var i item
		if json.Unmarshal(m.Body, &i) == nil && i.Item.Owner.S != "" {
			return acquire
		}
		return release
	case "GetItem":
		if phase == acquire {
			return check
		}
	case "InitProducerID":
		return fence
	case "OffsetFetch":
		return position
	case "ListOffsets", "Fetch":
		if k == source && phase == check {
			return position
		}
	case "/poll", "/put", "Produce":
		return work
	case "TxnOffsetCommit", "EndTxn":
		return commit
	case "/committed", "/flush":
		return acknowledge
	}
	return ""
}

// begun looks at a request of a sandbox. One that fenced when another owned the task already has pushed out that owner: it must
// find out before it does anything else, and leave.
func (r *trial) begun(s step, m wire.Message, sandbox string) {
	r.mu.Lock()
	late := r.late[sandbox]
	r.mu.Unlock()
	if late && (s == position || s == work || s == commit || s == acknowledge) {
		r.wrong("%s fenced when it was not the owner any more, and goes on with %s", short(sandbox), m.Call)
	}
}

// told keeps account of what was carried out.
func (r *trial) told(s step, m wire.Message, sandbox string) {
	switch {
	case s == fence:
		r.note("%s has fenced", short(sandbox))
		r.mu.Lock()
		defer r.mu.Unlock()
		r.late[sandbox] = len(r.epochs) > 0 && r.epochs[len(r.epochs)-1].sandbox != sandbox
	case s == commit && m.Call == "EndTxn":
		r.note("%s has ended a transaction", short(sandbox))
		r.mu.Lock()
		defer r.mu.Unlock()
		if !r.struck.IsZero() && sandbox != r.victim {
			r.once[1].Do(func() { close(r.succeeded) })
		}
	case s == release && m.Status == 200:
		var i item
		_ = json.Unmarshal(m.Body, &i) // stepOf has read it
		r.note("%s has released epoch %s", short(sandbox), i.Item.Epoch.N)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.released[i.epoch(sandbox).number] = sandbox
	case s == acquire && m.Status == 200:
		var i item
		_ = json.Unmarshal(m.Body, &i) // stepOf has read it
		r.acquired(i.epoch(sandbox))
	}
}

func (r *trial) acquired(e epoch) {
	r.note("%s has acquired epoch %d", short(e.sandbox), e.number)
	r.mu.Lock()
	defer r.mu.Unlock()
	if n := len(r.epochs); n > 0 {
		// A lease that runs out at this moment may have been free by the holder's clock and not by ours.
		last := r.epochs[n-1]
		early := time.Until(last.until) > 100*time.Millisecond && r.released[last.number] != last.sandbox
		switch {
		case e.number != last.number+1:
			r.wrongs = append(r.wrongs, fmt.Sprintf("epoch %d follows %d", e.number, last.number))
		case early:
			r.wrongs = append(r.wrongs, fmt.Sprintf("epoch %d was acquired %v before the lease of epoch %d runs out", e.number, time.Until(last.until), last.number))
		}
	}
	r.epochs = append(r.epochs, e)
	r.late[e.sandbox] = false
	if r.hunt != nil {
		r.hunt.taken(e)
	}
	if !r.struck.IsZero() && e.sandbox != r.victim {
		r.once[0].Do(func() {
			r.takeOver = time.Since(r.struck)
			close(r.takenOver)
		})
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

// later waits for the worst moment to come back: when another sandbox owns the task, when it is about to fence, or when it has
// committed.
func (r *trial) later(ctx context.Context) {
	moment := r.random.IntN(3)
	if moment == 1 {
		r.mu.Lock()
		r.gate = make(chan struct{})
		r.mu.Unlock()
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

// meet holds the fence of a new owner while somebody who is late has his moment.
func (r *trial) meet(ctx context.Context, sandbox string) {
	r.mu.Lock()
	gate := r.gate
	if gate == nil || sandbox == r.victim {
		r.mu.Unlock()
		return
	}
	r.once[2].Do(func() { close(r.fencing) })
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
