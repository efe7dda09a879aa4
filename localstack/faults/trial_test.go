package faults_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/localstack/faults/ledger"
	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/localstack/lambda"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// trial is one cell at work.
type trial struct {
	cell   cell
	random *rand.Rand
	nth    int    // which occurrence of the step is struck
	call   string // which of a step's calls is struck, where it has several
	began  time.Time

	records int64 // numbers to move
	hunt    *hunt // nil: one strike, as the cell says

	d      *deployment
	ledger *ledger.Ledger
	reader *reader
	tasks  sync.WaitGroup // what strikes began

	mu      sync.Mutex
	history []string
	wrongs  []string
	owners  map[net.Conn]owner
	phases  map[string]step // by sandbox: the last step that was seen of acquire, check and work
	seen    int             // occurrences of the cell's step
	payload []byte          // the last event of the task function
	fed     int64           // numbers in a sink's topic
	feed    sync.Mutex

	epochs       []epoch
	released     map[int64]string  // by epoch, who released it
	late         map[string]bool   // by sandbox: it fenced after another had acquired
	fencer       string            // the sandbox that fenced last
	sessions     map[string]string // of sinks: their sandboxes
	struck       time.Time         // zero before the strike
	victim       string            // the sandbox that was struck
	held         epoch             // its lease, if it had one
	takeOver     time.Duration
	ahead        bool // the lease ran out early
	takenOver    chan struct{}
	commits      int           // of other sandboxes since
	succeeded    chan struct{} // there were some
	fencing      chan struct{} // another sandbox is about to fence
	gate         chan struct{} // holds that fence until it is closed; nil does not
	once         [2]sync.Once
	throttled    int // requests to refuse
	killIn       int // requests of the coordinator until it is killed
	coordinators chan struct{}
}

type owner struct{ function, sandbox string }

// epoch is one holder of the lease.
type epoch struct {
	number  int64
	sandbox string
	until   time.Time
}

// surroundings are what cells share.
type surroundings struct {
	db        *database
	toxiproxy *servers.Server // for faults of the line
	seed      uint64
}

// newTrial prepares a cell; pauses are where its numbers stop until the next invocation.
func newTrial(t testing.TB, c cell, in surroundings, records int64, pauses []int64) *trial {
	t.Helper()
	r := &trial{
		cell: c, records: records, random: c.random(in.seed), began: time.Now(), owners: map[net.Conn]owner{}, phases: map[string]step{},
		released: map[int64]string{}, late: map[string]bool{}, sessions: map[string]string{}, fencing: make(chan struct{}),
		takenOver: make(chan struct{}), succeeded: make(chan struct{}), coordinators: make(chan struct{}),
	}
	r.choose()
	t.Cleanup(func() { r.explain(t, in.seed) })
	b := r.broker(t, in)
	opts := ledger.Options{Records: records, Pauses: pauses, Fenced: r.fencedOff, Note: func(text string) { r.note("%s", text) }}
	if c.kind == source {
		opts.Visible = func(ctx context.Context, below int64) error { return r.reader.visible(ctx, below) }
	} else {
		opts.Feed, opts.Position = r.add, func(ctx context.Context) (int64, error) { return r.d.position(ctx) }
	}
	r.ledger = ledger.New(opts)
	r.d = newDeployment(t, c.connector(), in.db, b, r.ledger, taps{r.tap("Kafka"), r.tap("DynamoDB"), r.tap("Ledger")})
	if c.kind == source {
		r.reader = newReader(t, r.d.name, b)
	}
	r.d.lambda.Inject(lambda.Fault{Function: taskFunction, Times: -1, Match: r.delivered})
	return r
}

// choose settles what the cell leaves open.
func (r *trial) choose() {
	r.nth = 1
	switch r.cell.step {
	case acquire, release:
		r.nth = 1 + r.random.IntN(2)
	case work, commit, acknowledge:
		r.nth = 2 + r.random.IntN(10)
	}
	switch {
	case r.cell.step == work && r.cell.kind == source:
		r.call = []string{"/poll", "Produce"}[r.random.IntN(2)]
	case r.cell.step == commit && r.cell.kind != source:
		r.call = []string{"TxnOffsetCommit", "EndTxn"}[r.random.IntN(2)]
	}
}

func (r *trial) broker(t testing.TB, in surroundings) *broker {
	t.Helper()
	switch tap := r.tap("Kafka"); {
	case in.toxiproxy != nil:
		return newLine(t, r.cell.connector(), tap, in.toxiproxy)
	case !r.cell.real:
		return newKfake(t, tap)
	case r.cell.fault == restart:
		return newRestartable(t, tap)
	default:
		return newReal(t, tap)
	}
}

// taskTime is the timeout of the task function, on which the length of a lease depends.
func (r *trial) taskTime() time.Duration {
	switch {
	case r.hunt != nil:
		return 3 * time.Second
	case r.cell.real:
		return 6 * time.Second
	}
	return 4 * time.Second
}

// delivered notes an event of the task function on its way.
func (r *trial) delivered(payload []byte) bool {
	if !bytes.Contains(payload, []byte(`"op":"run"`)) {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.payload = bytes.Clone(payload)
	return true
}

// add writes the numbers below the given one to a sink's topic, each at the offset of its own number.
func (r *trial) add(ctx context.Context, below int64) error {
	r.feed.Lock()
	defer r.feed.Unlock()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var list []*kgo.Record
	for id := r.fed; id < below; id++ {
		list = append(list, &kgo.Record{Topic: r.d.name, Value: []byte(strconv.FormatInt(id, 10))})
	}
	if err := r.d.kafka.ProduceSync(ctx, list...).FirstErr(); err != nil {
		return fmt.Errorf("write to the topic: %w", err)
	}
	r.fed = max(r.fed, below)
	return nil
}

// owner finds whose connection it is.
func (r *trial) owner(m wire.Message) (owner, bool) {
	r.mu.Lock()
	o, ok := r.owners[m.Conn]
	r.mu.Unlock()
	if ok {
		return o, true
	}
	o, err := ownerOf(r.d.lambda, []string{taskFunction, coordinatorFunction, apiFunction}, m.Local, m.Peer)
	if err != nil {
		if !errors.Is(err, lambda.ErrNoSandbox) {
			r.wrong("%v", err)
		}
		return owner{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owners[m.Conn] = o
	return o, true
}

// note adds a line to the history.
func (r *trial) note(format string, args ...any) {
	line := fmt.Sprintf("%7.3f s  %s", time.Since(r.began).Seconds(), fmt.Sprintf(format, args...))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.history = append(r.history, line)
}

// wrong adds a line to the history that fails the cell.
func (r *trial) wrong(format string, args ...any) {
	r.note("WRONG: "+format, args...)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrongs = append(r.wrongs, fmt.Sprintf(format, args...))
}

// short names a sandbox in the history.
func short(sandbox string) string { return sandbox[:min(4, len(sandbox))] }

// explain tells the history of a cell that failed, and how to see it again.
func (r *trial) explain(t testing.TB, seed uint64) {
	if !t.Failed() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	again := fmt.Sprintf("FERRY_SEED=%d make faults CELL=%s", seed, r.cell)
	if r.hunt != nil {
		again = fmt.Sprintf("FERRY_SEED=%d make faults", seed)
	}
	t.Logf("what happened (times are since the beginning, sandboxes are named by their first letters):\n%s\nagain: %s",
		strings.Join(r.history, "\n"), again)
	if r.d == nil {
		return
	}
	for _, name := range []string{apiFunction, coordinatorFunction, taskFunction} {
		logs, err := r.d.lambda.Logs(name)
		if err != nil {
			t.Log(err)
		}
		t.Logf("the log of %s ends with:\n%s", name, logs[max(0, len(logs)-6<<10):])
	}
	if dump := r.d.broker.dump; dump != nil {
		t.Log(dump(context.WithoutCancel(t.Context()), r.d.name))
	}
}
