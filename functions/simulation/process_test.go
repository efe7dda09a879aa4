package simulation_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// errKilled is what a dead process meets wherever it turns.
var errKilled = errors.New("the process was killed")

// process is one process of the world: a sandbox of a function, a coordinator, or the API. Whatever it asks of others, brokers,
// lease table and the systems of its connectors, is a step, and at a step the seed ends or stops it:
//
//   - A killed one reaches nobody any more and is told so. What it has sent before may still arrive.
//   - A frozen one waits in its next step. What it has sent arrives, answers wait for it, its deadline passes. Then it goes
//     on where it was.
type process struct {
	w    *world
	name string
	skew time.Duration // of its clock

	mu        sync.Mutex
	connector string // that it works for
	steps     int    // of this piece of work
	fate      fate
	ice       chan struct{} // while it is frozen; closed when it thaws
	dead      bool
	working   bool
	cancel    context.CancelCauseFunc // ends its piece of work
	clients   map[*kgo.Client]struct{}
	wires     map[*wire]struct{}
	wired     uint64 // how many wires it ever had

	// The lease that it has, or had last.
	key               lease.Key
	generation, epoch int64
}

// fate is what becomes of a process at one step of its work; at the zero step nothing does.
type fate struct {
	step   int
	freeze time.Duration // 0 kills
}

// newProcess is called with the world's lock held.
func (w *world) newProcess(name string, rng *rand.Rand) *process {
	p := &process{w: w, name: name, skew: w.drawSkew(rng), wires: make(map[*wire]struct{}), clients: make(map[*kgo.Client]struct{})}
	w.processes = append(w.processes, p)
	return p
}

// disconnect breaks all wires of the process.
func (p *process) disconnect() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.wires {
		_ = c.Close()
	}
}

// begin starts a piece of work, which the returned function ends.
func (p *process) begin(connector string, f fate, cancel context.CancelCauseFunc) (end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connector, p.steps, p.fate, p.cancel, p.working = connector, 0, f, cancel, true
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.fate, p.cancel, p.working = fate{}, nil, false
	}
}

// step is called before a process asks something of others, and again before it hears the answer. It returns when the process
// runs, or an error when it is dead.
func (p *process) step(doing string) error {
	p.mu.Lock()
	p.steps++
	if p.working && p.steps == p.fate.step && !p.dead && p.w.faulty() {
		if p.fate.freeze > 0 {
			p.freeze(p.fate.freeze, doing)
		} else {
			p.kill("as it " + doing)
		}
	}
	p.mu.Unlock()
	return p.pass()
}

// pass returns when the process runs, or an error when it is dead.
func (p *process) pass() error {
	for {
		p.mu.Lock()
		ice, dead := p.ice, p.dead
		p.mu.Unlock()
		switch {
		case dead:
			return errKilled
		case ice == nil:
			return nil
		}
		<-ice
	}
}

// freeze is called with the lock held.
func (p *process) freeze(d time.Duration, doing string) {
	if p.ice != nil || p.dead {
		return
	}
	p.ice = make(chan struct{})
	p.w.unclean(p.connector)
	p.w.note(p.name, p.connector, "is frozen for %s as it %s", d, doing)
	time.AfterFunc(d, p.thaw)
}

func (p *process) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ice == nil {
		return
	}
	p.w.note(p.name, p.connector, "is thawed")
	close(p.ice)
	p.ice = nil
}

// kill is called with the lock held.
func (p *process) kill(why string) {
	if p.dead {
		return
	}
	p.dead = true
	p.w.unclean(p.connector)
	p.w.note(p.name, p.connector, "is killed %s", why)
	if p.ice != nil {
		close(p.ice)
		p.ice = nil
	}
	if p.cancel != nil {
		p.cancel(errKilled)
	}
	for c := range p.wires {
		_ = c.Close()
	}
	// What runs of it runs on in the test, and reaches nobody. It has to end: a client would try for ever to write what it may
	// have written already.
	clients := slices.Collect(maps.Keys(p.clients))
	p.w.wg.Go(func() {
		for _, cl := range clients {
			cl.UnsafeAbortBufferedRecords()
		}
	})
}

// kafka returns the options of every client in the process.
func (p *process) kafka() []kgo.Opt {
	return append(p.w.kafka(), kgo.Dialer(p.dial), kgo.WithHooks(p))
}

// OnNewClient implements kgo.HookNewClient.
func (p *process) OnNewClient(cl *kgo.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clients[cl] = struct{}{}
}

// OnClientClosed implements kgo.HookClientClosed.
func (p *process) OnClientClosed(cl *kgo.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, cl)
}

// timeUp is what the platform does at the deadline of a piece of work. It does not notice the end of one that is frozen.
func (p *process) timeUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ice == nil {
		p.kill("because its time is up")
	}
}

func (p *process) isWorking() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.working
}

func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// holds notes the lease that the process has taken.
func (p *process) holds(key lease.Key, generation, epoch int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.generation, p.epoch = key, generation, epoch
}

// isHolder reports whether nobody has taken the lease since the process took it.
func (p *process) isHolder() bool {
	p.mu.Lock()
	key, epoch := p.key, p.epoch
	p.mu.Unlock()
	item, err := p.w.leases.Get(p.w.ctx, key)
	return err == nil && item.Epoch == epoch
}

// held returns the generation and the epoch of the lease that the process took last.
func (p *process) held() (generation, epoch int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.generation, p.epoch
}

// clock is time as a process knows it.
type clock struct{ p *process }

// Now implements lease.Clock.
func (c clock) Now() time.Time { return time.Now().Add(c.p.skew) }

// Wait implements lease.Clock.
func (clock) Wait(ctx context.Context, d time.Duration) error {
	if !sleep(ctx, d) {
		return ctx.Err()
	}
	return nil
}

// sleep reports whether it slept to the end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
