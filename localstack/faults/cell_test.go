package faults_test

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"

	"github.com/ferry-connect/ferry/localstack/faults/ledger"
)

// kind is what is attacked.
type kind string

const (
	source          kind = "source"
	sink            kind = "sink"
	exactlyOnceSink kind = "exactly-once-sink"
)

func kinds() []kind { return []kind{source, sink, exactlyOnceSink} }

func (k kind) class() string {
	switch k {
	case source:
		return ledger.SourceClass
	case sink:
		return ledger.SinkClass
	}
	return ledger.ExactlyOnceSinkClass
}

// step is a step of the protocol, as it shows on the wire.
type step string

const (
	acquire     step = "acquire"     // the UpdateItem that makes the lease ours
	fence       step = "fence"       // InitProducerID
	check       step = "check"       // the GetItem after it
	position    step = "position"    // OffsetFetch, or the reads of the offsets topic
	work        step = "work"        // a source's poll and Produce, a sink's put
	commit      step = "commit"      // a sink's TxnOffsetCommit, and EndTxn
	acknowledge step = "acknowledge" // what a source tells its system after the commit; a sink's flush before it
	release     step = "release"     // the UpdateItem that gives the lease back
)

func steps() []step {
	return []step{acquire, fence, check, position, work, commit, acknowledge, release}
}

// transactional are the steps whose cells run on the real Kafka too.
func (s step) transactional() bool { return s == fence || s == commit || s == acknowledge }

// fault is what happens at the step.
type fault string

const (
	kill        fault = "kill"        // SIGKILL of the task's sandbox
	freeze      fault = "freeze"      // SIGSTOP, until another sandbox owns the task and perhaps has committed
	duplicate   fault = "duplicate"   // the task's event is delivered once more, while this invocation waits
	lostReply   fault = "lost-reply"  // the server did it; the connection breaks before its answer comes
	throttle    fault = "throttle"    // DynamoDB refuses the task's next requests
	restart     fault = "restart"     // the broker is killed and started again
	coordinator fault = "coordinator" // SIGKILL of the coordinator in the middle of a pass
)

func faults() []fault {
	return []fault{kill, freeze, duplicate, lostReply, throttle, restart, coordinator}
}

// sided reports whether it makes a difference if the fault comes before the step's request, or after it and before its answer.
func (f fault) sided() bool { return f != lostReply }

// cell is one thing that goes wrong at one point.
type cell struct {
	kind  kind
	fault fault
	step  step
	after bool // the request was carried out, and its answer is held; otherwise the request is
	real  bool // on a real Kafka
}

// String names the cell; it is also the argument of -faults.cell.
func (c cell) String() string {
	side, on := "before", "kfake"
	if c.after {
		side = "after"
	}
	if c.real {
		on = "kafka"
	}
	return fmt.Sprintf("%s/%s/%s-%s/%s", c.kind, c.fault, side, c.step, on)
}

// connector is a name for the cell's connector, topics and group.
func (c cell) connector() string { return strings.ReplaceAll(c.String(), "/", "-") }

// random is the cell's own source of choices under a seed.
func (c cell) random(seed uint64) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.String())) // it never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// cells are the whole matrix.
func cells() []cell {
	var all []cell
	for _, k := range kinds() {
		for _, f := range faults() {
			for _, s := range steps() {
				for _, after := range []bool{false, true} {
					if !after && !f.sided() {
						continue
					}
					all = append(all, cell{k, f, s, after, false})
					if s.transactional() {
						all = append(all, cell{k, f, s, after, true})
					}
				}
			}
		}
	}
	return all
}

// some are a part of the matrix in which each step, each fault and each kind occurs, and with another seed in other company. On
// the real Kafka it has each transactional step, under a fault of that step's own.
func some(seed uint64) []cell {
	r := rand.New(rand.NewPCG(seed, 0))
	shift := r.IntN(len(faults()))
	var list []cell
	pick := func(k kind, f fault, s step, real bool) {
		list = append(list, cell{k, f, s, !f.sided() || r.IntN(2) == 0, real})
	}
	for i := range 3 * len(steps()) {
		s, k := steps()[i%len(steps())], kinds()[i%len(kinds())]
		pick(k, faults()[(i+shift)%len(faults())], s, false)
	}
	for i, f := range []fault{kill, freeze, lostReply, kill, freeze, lostReply} {
		pick(kinds()[(i+i/3+shift)%3], f, []step{fence, commit, acknowledge}[i%3], true)
	}
	pick(kinds()[shift%3], restart, commit, true)
	return list
}
