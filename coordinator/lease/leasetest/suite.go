package leasetest

import (
	"context"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

const grace = 10 * time.Second

// size is how much of a test with a size is done.
type size struct {
	rounds int // of contenders and of crowd
	seeds  int // of chaos
}

// Option changes the suite.
type Option func(*size)

// Slow is for a table that does a hundred writes a second or less: every test is there, with fewer rounds and seeds.
func Slow() Option { return func(s *size) { *s = size{rounds: 1, seeds: 2} } }

// Run tests a Table. table returns an empty one, or one that holds other connectors' items only, at each call; the suite
// uses connector names of its own for each test.
func Run(t *testing.T, table func() lease.Table, opts ...Option) {
	s := size{rounds: 3, seeds: 6}
	for _, o := range opts {
		o(&s)
	}
	sized := func(test func(*testing.T, lease.Table, size)) func(*testing.T, lease.Table) {
		return func(t *testing.T, table lease.Table) { test(t, table, s) }
	}
	tests := []struct {
		name string
		test func(*testing.T, lease.Table)
	}{
		{"Table/an absent item has revision 0", tableAbsent},
		{"Table/an item comes back as it was written", tableRoundTrip},
		{"Table/a swap under another revision conflicts and shows the stored item", tableConflict},
		{"Table/a delete under another revision conflicts", tableDelete},
		{"Table/a list has all items of one connector in order of tasks", tableList},
		{"Acquire/of 64 contenders exactly one wins each epoch", sized(contenders)},
		{"Acquire/a task that was never raised cannot be acquired", acquireAbsent},
		{"Acquire/another generation is refused", acquireGeneration},
		{"Acquire/a held lease is refused until deadline plus grace, then free", acquireExpired},
		{"Acquire/a repeated call of the same owner is the same lease", acquireTwice},
		{"Acquire/not before its time", acquireNotBefore},
		{"Acquire/a lost reply counts as success", acquireLostReply},
		{"Acquire/a repetition below counts as success", acquireRepeated},
		{"Acquire/gives up after bounded attempts", acquireGivesUp},
		{"Acquire/gives up in bounded time when nothing answers", acquireHangs},
		{"Acquire/an epoch grows beyond 53 bits, and ends with an error before it overflows", acquireLargeEpoch},
		{"Renew/moves the deadline, and fails after a take-over", renew},
		{"Release/stores the outcome for the next holder", releaseOutcome},
		{"Release/an invocation costs two writes and one read beside its checks", costs},
		{"Release/after a take-over is refused", releaseAfterTakeOver},
		{"Release/a lost reply counts as success though somebody acquired since", releaseLostReply},
		{"Release/is possible after the generation was raised", releaseAfterRaise},
		{"HandOver/only the named one may adopt, once", handOver},
		{"HandOver/an offer that nobody adopts runs out or is taken back", handOverUnused},
		{"HandOver/a hop that comes late adopts what nobody took, and never steals", handOverLate},
		{"HandOver/an offer that was adopted cannot be taken back", handOverTakenBackLate},
		{"Crash/in a row they rest longer each time, and a good run forgets them", crashesBackOff},
		{"Crash/counts with failures as one series", crashesAndFailures},
		{"Crash/a restart and a new generation forget all but the last", crashesForgotten},
		{"Crash/a renewal moves the rest that follows it", crashAfterRenewal},
		{"Crash/neither an adopted lease nor an offer that ran out is one", noCrash},
		{"Raise/ends holders at their next check", raiseEndsHolders},
		{"Raise/fewer tasks retire items and more bring them back at a larger epoch", raiseTasks},
		{"Raise/an older generation is refused", raiseOlder},
		{"Raise/of a retired connector is idle, and its own lease is not touched", raiseRetired},
		{"Raise/one that is overtaken by a newer one is refused", raiseOvertaken},
		{"Raise/retired items are deleted after the retention", raiseDeletes},
		{"Postpone/sets the time to wait and clears it", postpone},
		{"History/skewed clocks, lost replies and throttling are linearizable", sized(chaos)},
		{"History/64 contenders with skewed clocks, lost replies and throttling are linearizable", sized(crowd)},
	}
	for _, x := range tests {
		t.Run(x.name, func(t *testing.T) { x.test(t, settled{table()}) })
	}
}

// bench is what most tests need: a table with faults, a clock, the protocol, one task of generation 1.
type bench struct {
	*testing.T
	ctx    context.Context
	clock  *clock
	faults *faults
	leases *lease.Leases
	key    lease.Key
}

func setUp(t *testing.T, table lease.Table) *bench {
	t.Helper()
	b := &bench{T: t, ctx: t.Context(), clock: newClock(), faults: newFaults(table, 1), key: lease.Key{Connector: t.Name()}}
	b.leases = lease.New(b.faults, lease.Options{Clock: b.clock, Grace: grace})
	b.raise(1, 1)
	return b
}

func (b *bench) raise(tasks int, generation int64) {
	b.Helper()
	if err := b.leases.Raise(b.ctx, b.key.Connector, tasks, generation); err != nil {
		b.Fatal(err)
	}
}

// acquire takes the lease for a minute.
func (b *bench) acquire(owner string, generation int64) lease.Held {
	b.Helper()
	h, err := b.leases.Acquire(b.ctx, b.key, owner, generation, b.clock.Now().Add(time.Minute))
	if err != nil {
		b.Fatal(err)
	}
	return h
}

func (b *bench) refused(owner string, generation int64) error {
	b.Helper()
	h, err := b.leases.Acquire(b.ctx, b.key, owner, generation, b.clock.Now().Add(time.Minute))
	if err == nil {
		b.Fatalf("acquired %+v", h)
	}
	return err
}

func (b *bench) want(err error, want outcome) {
	b.Helper()
	if got := outcomeOf(err); got != want {
		b.Fatalf("outcome %s (%v), want %s", got, err, want)
	}
}

func (b *bench) stored() lease.Item {
	b.Helper()
	item, err := b.faults.Table.Get(b.ctx, b.key)
	if err != nil {
		b.Fatal(err)
	}
	return item
}
