package simulation_test

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"testing"
	"testing/synctest"
)

// FERRY_SEED in the environment is the seed of the first world; by default it is 1.
var (
	seedFlag  = flag.Uint64("seed", 0, "run only the world of this seed")
	seedsFlag = flag.Uint64("seeds", 40, "run the worlds of so many seeds")
)

// seeds returns the first and the last seed to run.
func seeds(t *testing.T) (first, last uint64) {
	t.Helper()
	first = 1
	if text := os.Getenv("FERRY_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("FERRY_SEED is no number: %v", err)
		}
		first = n
	}
	if *seedFlag > 0 {
		return *seedFlag, *seedFlag
	}
	return first, first + *seedsFlag - 1
}

func TestSimulation(t *testing.T) { // I1 to I6, I9
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // worlds are many, and small
	known := classes(t)
	first, last := seeds(t)
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed, known)
			defer w.report(t) // also when the bubble fails
			watch := w.watchdog(t)
			defer watch.Stop()
			synctest.Test(t, func(*testing.T) { w.live() })
		})
	}
}
