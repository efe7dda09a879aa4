package engine

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The simulation runs tasks that are killed, frozen and answered late, against systems that fail at random, until
// everything is moved; then it compares what is there with what was. A seed is replayed with
//
//	go test -run Simulation -seed 17 ./functions/engine
var (
	seedFlag  = flag.Uint64("seed", 0, "run only this seed of the simulation")
	seedsFlag = flag.Uint64("seeds", 40, "run so many seeds of the simulation")
)

func simulate(t *testing.T, run func(t *testing.T, rng *rand.Rand)) {
	first, last := uint64(1), *seedsFlag
	if *seedFlag > 0 {
		first, last = *seedFlag, *seedFlag
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { run(t, seeded(seed)) })
	}
}

// errKilled is the cause of a context that ends because its process was killed.
var errKilled = errors.New("killed")

// killer kills a process around one of its requests to the broker: the line is cut, nothing is cleaned up. Some kills
// come when the request is out and its answer is lost, others when the answer is in and nothing more goes out.
type killer struct {
	line   *line
	cancel context.CancelCauseFunc
	at     int
	lost   bool // the answer of the fatal request is lost
	flaky  int  // each request of this number drops the line, so that its answer is lost; zero is none

	mu       sync.Mutex
	requests int
	dead     bool
}

// mortal returns the context and the way to the broker of a process that dies around its request number at; zero is never.
func (b *broker) mortal(at int, lost bool) (context.Context, []kgo.Opt, *killer) {
	ctx, cancel := context.WithCancelCause(b.t.Context())
	k := &killer{line: &line{dial: b.dial}, cancel: cancel, at: at, lost: lost}
	return ctx, append(b.kafka(), kgo.Dialer(k.line.DialContext), kgo.WithHooks(k)), k
}

// OnBrokerWrite implements kgo.HookBrokerWrite.
func (k *killer) OnBrokerWrite(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	if k.lost {
		k.count()
	}
}

// OnBrokerRead implements kgo.HookBrokerRead.
func (k *killer) OnBrokerRead(kgo.BrokerMetadata, int16, int, time.Duration, time.Duration, error) {
	if !k.lost {
		k.count()
	}
}

func (k *killer) count() {
	k.mu.Lock()
	k.requests++
	fatal := k.requests == k.at
	flaky := k.flaky > 0 && k.requests%k.flaky == 0
	k.dead = k.dead || fatal
	k.mu.Unlock()
	switch {
	case fatal:
		k.line.kill()
		k.cancel(errKilled)
	case flaky:
		k.line.drop()
	}
}

// buried ends the process and reports whether it had been killed.
func (k *killer) buried() bool {
	k.cancel(nil)
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

func TestSimulationOfASource(t *testing.T) { // I1, I4
	simulate(t, func(t *testing.T, rng *rand.Rand) {
		partitions := 1 + 2*rng.Int32N(2)
		boundary := []string{atPoll, atInterval, atConnector}[rng.IntN(3)]
		inBubble(t, map[string]int32{"out": partitions}, func(t *testing.T, b *broker) {
			b.simulateSource(rng, "out", partitions, 15, boundary)
		})
	})
}

// simulateSource moves lines to a topic in some runs that end as they may, and then in as many as it takes. Its transactions end at
// the boundary given; with interval in every other run, since a boundary may be configured anew at any time.
func (b *broker) simulateSource(rng *rand.Rand, topic string, partitions int32, unruly int, boundary string) {
	t := b.t
	t.Helper()
	lines := map[string][]string{"a": count("a", 150), "b": count("b", 90), "c": count("c", 10)}
	kills, runs := 0, 0
	acknowledged := &ledger{lines: make(map[string]int64)}
	var others []chan struct{}
	for finished := false; !finished; runs++ {
		if runs > 200 {
			t.Fatal("does not come to an end")
		}
		u := &upstream{topic: topic, lines: lines, atOnce: 1 + rng.IntN(30), ledger: acknowledged, onTransaction: byTens}
		u.misbehave(rng)
		at := 0
		if runs < unruly && rng.IntN(4) > 0 {
			at = 1 + rng.IntN(25)
		}
		ctx, opts, k := b.mortal(at, rng.IntN(2) == 0)
		if runs < unruly && rng.IntN(3) == 0 {
			k.flaky = 3 + rng.IntN(9)
		}
		task := b.task(u.class(), bounded(boundary))
		if boundary == atInterval {
			task.Config = bounded([]string{atPoll, atInterval}[rng.IntN(2)], boundaryIntervalKey, fmt.Sprint(rng.IntN(3000)))
		}
		task.Kafka = opts
		task.Budget.BatchRecords = 1 + rng.IntN(20)
		if runs < unruly {
			task.Budget.Records = 1 + rng.Int64N(40)
		}
		if runs < unruly && rng.IntN(4) == 0 { // a twin: delivered twice, or frozen and thawed
			others = append(others, b.twin(task, u, rng.Uint64()))
		}
		facts, err := Run(ctx, task)
		killed := k.buried()
		if killed {
			kills++
		}
		if err != nil && strings.Contains(err.Error(), "is gone") {
			t.Fatal(err) // I1
		}
		finished = err == nil && facts.End == EndIdle && !killed
	}
	for _, o := range others {
		<-o
	}
	// A twin may have taken over last and died before it was done: the end is what one more run leaves.
	last := &upstream{topic: topic, lines: lines, ledger: acknowledged, onTransaction: byTens}
	if facts, err := Run(t.Context(), b.task(last.class(), bounded(boundary))); err != nil {
		t.Fatalf("last run: %s, %v", asJSON(facts), err)
	}
	t.Logf("%d runs, %d kills, %d twins", runs, kills, len(others))
	got := make(map[string][]string)
	for _, v := range b.values(topic) {
		got[v[:1]] = append(got[v[:1]], v)
	}
	for name, want := range lines {
		if boundary == atConnector {
			want = slices.DeleteFunc(slices.Clone(want), isAborted)
		}
		if partitions > 1 { // records without a key go to any partition
			slices.Sort(got[name])
			want = slices.Sorted(slices.Values(want))
		}
		if !slices.Equal(got[name], want) {
			t.Errorf("after %d runs with %d kills, %s: a reader sees %d records of %d: %v", runs, kills, name, len(got[name]), len(want), difference(got[name], want))
		}
	}
	if left := b.leftovers(); len(left) > 0 {
		t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
	}
}

// byTens ends the transactions of a source after the lines whose number ends in 2 and 9, and aborts those that end in 3 to 7, which
// mostly are in several batches; after some polls it commits too.
func byTens(tx *connect.TransactionContext, b *connect.Batch, from int) {
	last := ""
	for i := from; i < b.Len(); i++ {
		last = string(b.Records()[i].Value.Bytes())
		switch {
		case strings.HasSuffix(last, "2"), strings.HasSuffix(last, "9"):
			tx.CommitTransactionAfter(i)
		case strings.HasSuffix(last, "7"):
			tx.AbortTransactionAfter(i)
		}
	}
	if (b.Len()-from)%4 == 1 && !isAborted(last) {
		tx.CommitTransaction()
	}
}

func isAborted(line string) bool { return strings.ContainsAny(line[len(line)-1:], "34567") }

// misbehave makes the upstream fail at random, in some runs.
func (u *upstream) misbehave(rng *rand.Rand) {
	failing := rng.IntN(3) == 0
	pollSeed := rng.Uint64()
	u.pollErr = func(poll int) error {
		switch r := seeded(pollSeed + uint64(poll)).IntN(20); {
		case failing && r == 0:
			return connect.FatalError("the source broke", nil)
		case failing && r < 4:
			return connect.RetriableError("busy", nil)
		}
		return nil
	}
}

// twin runs a task once more at the same time, from a moment of its own.
func (b *broker) twin(task Task, u *upstream, seed uint64) chan struct{} {
	done := make(chan struct{})
	twin := *u
	twin.acked = nil
	twin.onPoll = func(ctx context.Context, poll int) {
		if rng := seeded(seed + uint64(poll)); rng.IntN(4) == 0 {
			sleep(ctx, time.Duration(rng.IntN(3000))*time.Millisecond)
		}
	}
	task.Class, task.Kafka = twin.class(), b.kafka()
	go func() {
		defer close(done)
		_, _ = Run(b.t.Context(), task)
	}()
	return done
}

// difference names what is missing and what is there more than once.
func difference(got, want []string) string {
	times := make(map[string]int)
	for _, v := range got {
		times[v]++
	}
	var d []string
	for _, v := range want {
		if times[v] != 1 {
			d = append(d, fmt.Sprintf("%s %d times", v, times[v]))
		}
	}
	return strings.Join(d, ", ")
}

func TestSimulationOfASink(t *testing.T) {
	simulate(t, func(t *testing.T, rng *rand.Rand) {
		inBubble(t, map[string]int32{"in": 3}, func(t *testing.T, b *broker) {
			b.simulateSink(rng, "in", 15)
		})
	})
}

// simulateSink moves three partitions to a downstream in some runs that end as they may, and then in as many as it takes.
func (b *broker) simulateSink(rng *rand.Rand, topic string, unruly int) {
	t := b.t
	t.Helper()
	var want []string
	for p, n := range []int{150, 80, 5} {
		b.fill(topic, int32(p), fmt.Sprint("p", p), n)
		want = append(want, count(fmt.Sprint("p", p), n)...)
	}
	d := new(downstream)
	kills, runs, batch := 0, 0, 1+rng.IntN(20)
	for finished := false; !finished; runs++ {
		if runs > 200 {
			t.Fatal("does not come to an end")
		}
		d.misbehave(rng, runs < unruly)
		at := 0
		if runs < unruly && rng.IntN(4) > 0 {
			at = 1 + rng.IntN(40)
		}
		ctx, opts, k := b.mortal(at, rng.IntN(2) == 0)
		if runs < unruly && rng.IntN(3) == 0 {
			k.flaky = 3 + rng.IntN(9)
		}
		task := b.task(d.class(), topics(topic))
		task.Kafka = opts
		task.Budget.BatchRecords = batch
		if runs < unruly {
			task.Budget.Records = 1 + rng.Int64N(40)
		}
		facts, err := Run(ctx, task)
		killed := k.buried()
		if killed || err != nil {
			kills++
		}
		finished = err == nil && facts.End == EndIdle && !killed
	}
	t.Logf("%d runs, %d kills and failures", runs, kills)
	times := make(map[string]int)
	for _, v := range d.values() {
		times[v]++
	}
	repeated := 0
	for _, v := range want {
		if times[v] == 0 {
			t.Errorf("%s is lost", v)
		}
		repeated += times[v] - 1
	}
	if repeated > kills*batch {
		t.Errorf("%d records are there more than once after %d kills with batches of %d", repeated, kills, batch)
	}
	for p, n := range []int64{150, 80, 5} {
		if c := b.committed("connect-"+b.name, topic, int32(p)); c != n {
			t.Errorf("partition %d: committed %d of %d", p, c, n)
		}
	}
	if left := b.leftovers(); len(left) > 0 {
		t.Errorf("goroutines left:\n%s", strings.Join(left, "\n\n"))
	}
}

// misbehave makes the downstream fail at random.
func (d *downstream) misbehave(rng *rand.Rand, failing bool) {
	d.putErr, d.flushErr = nil, nil
	if !failing {
		return
	}
	d.putErr = func(_ int, b *connect.Batch) error {
		switch rng.IntN(12) {
		case 0:
			return connect.FatalError("disk full", nil)
		case 1, 2:
			return connect.RetriableError("busy", nil)
		case 3:
			failed := new(connect.BatchError)
			for i := range b.Len() {
				if rng.IntN(3) == 0 {
					failed.Failed = append(failed.Failed, connect.RecordError{Index: i, Err: connect.RetriableError("busy", nil)})
				}
			}
			if len(failed.Failed) > 0 {
				return failed
			}
		}
		return nil
	}
	d.flushErr = func(int) error {
		switch rng.IntN(12) {
		case 0:
			return connect.FatalError("disk full", nil)
		case 1:
			return connect.RetriableError("busy", nil)
		}
		return nil
	}
}
