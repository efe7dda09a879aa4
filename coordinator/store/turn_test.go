package store

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
)

// A burst of requests starts a process for each, and every one has to claim the topic. Without turns they fence each other, and some give
// up; with them each comes through.
func TestOfManyProcessesThatStartAtOnceEachGetsItsWrite(t *testing.T) {
	const processes = 24
	c := cluster(t)
	leases := lease.New(lease.NewMemory(), lease.Options{Clock: patient{}})
	o := options(c)
	o.Turn = func(ctx context.Context) func() {
		end, err := leases.Turn(ctx, lease.Key{Connector: "\tturns", Task: -1})
		if err != nil {
			t.Errorf("no turn: %v", err)
		}
		return end
	}
	must(t, open(t, o).Configs().PutConnector(t.Context(), "c", props("n", "0"), nil))
	var done sync.WaitGroup
	decided := make([]int, processes)
	for i := range processes {
		s := open(t, o)
		done.Go(func() {
			if err := s.Configs().Update(t.Context(), func(tx *Tx) error {
				decided[i]++
				return tx.PutConnector("c", props("n", "1"), nil)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	for i, n := range decided {
		if n != 1 {
			t.Errorf("process %d decided %d times: somebody claimed within its turn", i, n)
		}
	}
}

// patient is a clock by which no time passes, so that nobody loses patience on a slow machine.
type patient struct{}

func (patient) Now() time.Time { return time.Unix(1e9, 0) }

func (patient) Wait(ctx context.Context, _ time.Duration) error { return wait(ctx, time.Millisecond) }
