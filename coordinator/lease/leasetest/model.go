package leasetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

type op string

const (
	opRaise   op = "raise"
	opAcquire op = "acquire"
	opCheck   op = "check"
	opRelease op = "release"
	// those of an offer and of a longer stay are in modeloffer.go
	opRenew    op = "renew"
	opHandOver op = "hand over"
	opAdopt    op = "adopt"
)

type outcome string

const (
	ok         outcome = "ok"
	held       outcome = "held"
	early      outcome = "early"
	lost       outcome = "lost"
	generation outcome = "generation"
	unknown    outcome = "unknown" // any other error: it may have taken effect
	effect     outcome = "effect"  // the call had its effect, whatever it reported besides: see record
)

func (o outcome) done() bool { return o == ok || o == effect }

func outcomeOf(err error) outcome {
	if err == nil {
		return ok
	}
	if _, is := errors.AsType[*lease.HeldError](err); is {
		return held
	}
	if _, is := errors.AsType[*lease.NotBeforeError](err); is {
		return early
	}
	if _, is := errors.AsType[*lease.LostError](err); is {
		return lost
	}
	if _, is := errors.AsType[*lease.GenerationError](err); is {
		return generation
	}
	return unknown
}

// input of one call, on one item.
type input struct {
	op         op
	owner      string
	token      string // of hand over and adopt
	epoch      int64  // of those that need the lease
	generation int64
	until      time.Time // of those that set it, grace included
	called     time.Time // by the caller's own clock
}

type output struct {
	outcome   outcome
	epoch     int64     // that a successful acquire or adopt is at, or an effect
	takenOver bool      // likewise
	returned  time.Time // by the caller's own clock
}

// state is the item as the model knows it.
type state struct {
	epoch, generation, released int64
	owner                       string
	next                        string // the name on offer
	until                       time.Time
	crashes                     int       // in a row, that a next holder has seen
	notBefore                   time.Time // after them
}

func (s state) owns(i input) bool { return s.owner == i.owner && s.epoch == i.epoch }

// taken says whether somebody has the lease, or has it on offer, and i was not named.
func (s state) taken(i input) bool {
	return s.owner != "" || s.next != "" && s.next != i.token
}

// model says what one item may do. A call whose outcome is unknown either had its effect or not.
func model() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Init: func() []any { return []any{state{}} },
		Step: func(s, in, out any) []any {
			cur, i, o := s.(state), in.(input), out.(output)
			switch i.op {
			case opRaise:
				return stepRaise(cur, i, o)
			case opAcquire, opAdopt:
				return stepAcquire(cur, i, o)
			case opRenew:
				return stepRenew(cur, i, o)
			case opHandOver:
				return stepHandOver(cur, i, o)
			case opCheck:
				return stepCheck(cur, i, o)
			default:
				return stepRelease(cur, i, o)
			}
		},
		Equal:             func(a, b any) bool { return a.(state) == b.(state) },
		DescribeOperation: func(in, out any) string { return describe(in.(input), out.(output)) },
		DescribeState:     func(s any) string { return fmt.Sprintf("%+v", s) },
	}
}

func describe(i input, o output) string {
	return fmt.Sprintf("%s owner %q token %q epoch %d generation %d until %s at %s -> %s epoch %d taken over %t at %s", i.op, i.owner, i.token,
		i.epoch, i.generation, i.until.Format(time.TimeOnly), i.called.Format(time.TimeOnly), o.outcome, o.epoch, o.takenOver, o.returned.Format(time.TimeOnly))
}

func stepRaise(cur state, i input, o output) []any {
	next := cur
	if i.generation > cur.generation {
		next.generation, next.crashes, next.notBefore = i.generation, 0, time.Time{}
		if cur.next != "" { // an offer of the old generation is forgotten
			next.next, next.until = "", time.Time{}
		}
	}
	switch {
	case o.outcome == generation && cur.generation > i.generation:
		return []any{cur}
	case o.outcome.done() && cur.generation <= i.generation:
		return []any{next}
	case o.outcome == unknown:
		return []any{cur, next}
	}
	return nil
}

func stepAcquire(cur state, i input, o output) []any {
	next := cur
	next.epoch, next.owner, next.next, next.until = cur.epoch+1, i.owner, "", i.until
	if cur.owner != "" {
		next.crashes++
		next.notBefore = i.until.Add(rest(next.crashes + 1))
	}
	named := i.token != "" && cur.next == i.token
	free := (!cur.taken(i) || !o.returned.Before(cur.until)) && !o.returned.Before(cur.notBefore)
	mayTake := cur.generation == i.generation && (named || free)
	switch o.outcome {
	case ok, effect:
		if mayTake && o.epoch == next.epoch && (o.outcome == effect || o.takenOver == (cur.epoch > cur.released)) {
			return []any{next}
		}
	case held:
		if cur.taken(i) && cur.owner != i.owner && i.called.Before(cur.until) {
			return []any{cur}
		}
	case early:
		if cur.owner != i.owner && i.called.Before(cur.notBefore) {
			return []any{cur}
		}
	case generation:
		if cur.generation != i.generation {
			return []any{cur}
		}
	case unknown:
		if mayTake {
			return []any{cur, next}
		}
		return []any{cur}
	}
	return nil
}

func stepCheck(cur state, i input, o output) []any {
	owns := cur.owns(i)
	current := cur.generation == i.generation
	right := o.outcome == unknown ||
		o.outcome == ok && owns && current ||
		o.outcome == lost && !owns ||
		o.outcome == generation && owns && !current
	if right {
		return []any{cur}
	}
	return nil
}

func stepRelease(cur state, i input, o output) []any {
	mine := cur.owns(i) || cur.epoch == i.epoch && cur.next != "" // an offer can be taken back
	next := cur
	next.owner, next.next, next.until, next.released = "", "", time.Time{}, i.epoch
	next.crashes, next.notBefore = 0, time.Time{}
	switch {
	case o.outcome.done() && mine:
		return []any{next}
	case o.outcome == ok && cur.released >= i.epoch && cur.next == "", o.outcome == lost && !mine:
		return []any{cur}
	case o.outcome == unknown && mine:
		return []any{cur, next}
	case o.outcome == unknown:
		return []any{cur}
	}
	return nil
}

// history records calls. It may be used concurrently.
type history struct {
	mu    sync.Mutex
	ticks int64
	ops   []porcupine.Operation
}

// record makes the call and remembers when it began and ended. table is the client's own.
//
// A call whose write lost its reply may find, when it reads again, that somebody else acted after it: the lease that it took
// without knowing ran out and was taken over, or the generation that it raised was raised again. Then it takes the lease once
// more, or fails. So it had an effect beside the outcome that it reports. The table knows which writes were made: for each but
// the one that is the outcome, the history gets a second call over the same time, with the epoch that was written. (That it may
// have had an effect would be true too; but among dozens of contenders the search for when would not end.) A call that
// reports that it does not know its outcome is known by its effects alone.
func (h *history) record(client int, table *faults, in input, call func() output) output {
	began := h.tick()
	table.takeEffects() // of calls that are not recorded
	out := call()
	effects, doubts := table.takeEffects()
	ended := h.tick()
	h.mu.Lock()
	defer h.mu.Unlock()
	add := func(o output) {
		h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Call: began, Output: o, Return: ended})
	}
	if out.outcome != unknown {
		add(out)
	}
	if out.outcome == ok && len(effects) > 0 {
		effects = effects[:len(effects)-1]
	}
	for _, e := range effects {
		add(output{outcome: effect, epoch: e.Epoch, returned: out.returned})
	}
	for range doubts {
		add(output{outcome: unknown, returned: out.returned})
	}
	return out
}

func (h *history) tick() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ticks++
	return h.ticks
}

// check fails the test if the history has no explanation.
func (h *history) check(t *testing.T) {
	t.Helper()
	m := model()
	result, _ := porcupine.CheckOperationsVerbose(m.ToModel(), h.ops, 20*time.Second)
	if result == porcupine.Ok {
		return
	}
	for _, o := range h.ops {
		t.Logf("%3d-%3d client %d %s", o.Call, o.Return, o.ClientId, m.DescribeOperation(o.Input, o.Output))
	}
	t.Fatalf("the history is %s", result)
}

// count returns how many calls ended so.
func (h *history) count(o op, want outcome) int {
	n := 0
	for _, x := range h.ops {
		if x.Input.(input).op == o && x.Output.(output).outcome == want {
			n++
		}
	}
	return n
}
