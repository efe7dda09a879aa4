package main

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// contender is one way of doing a piece of work. run moves n records and returns when all are done; what it costs beside
// the records themselves is part of it. One in another process has cost instead, which also says what that came to there.
type contender struct {
	name string
	n    int
	run  func(n int) error
	cost func(n int) (sample, error)
}

// sample is what one round of one contender cost per record.
type sample struct {
	cpu    float64 // ns of user and system time of this process
	allocs float64
}

// costs is a contender's rounds, cheapest first.
type costs []sample

func (c costs) min() sample { return c[0] }

func (c costs) quantile(q float64) float64 { return c[int(q*float64(len(c)-1))].cpu }

// fewestAllocs is exact where cpu is not: background work can only add to it.
func (c costs) fewestAllocs() float64 {
	return slices.MinFunc(c, func(a, b sample) int { return cmp.Compare(a.allocs, b.allocs) }).allocs
}

// interleave runs the contenders in turn, round by round, so that all meet the same moods of the machine, and returns the
// costs of each. Minima are compared: a busy machine only adds. One round that is not counted comes first.
func interleave(rounds int, contenders ...contender) ([]costs, error) {
	all := make([]costs, len(contenders))
	for round := -1; round < rounds; round++ {
		for i, c := range contenders {
			s, err := measure(c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			if round >= 0 {
				all[i] = append(all[i], s)
			}
		}
	}
	for _, c := range all {
		slices.SortFunc(c, func(a, b sample) int { return cmp.Compare(a.cpu, b.cpu) })
	}
	return all, nil
}

func measure(c contender) (sample, error) {
	if c.cost != nil {
		return c.cost(c.n)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := cpuTime()
	err := c.run(c.n)
	cpu := cpuTime() - start
	runtime.ReadMemStats(&after)
	return sample{cpu: float64(cpu.Nanoseconds()) / float64(c.n), allocs: float64(after.Mallocs-before.Mallocs) / float64(c.n)}, err
}

// cpuTime is the user and system time of this process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// slope is the least-squares slope of log y over log x: 1 is linear growth.
func slope(x, y []float64) float64 {
	var sx, sy, sxx, sxy float64
	for i := range x {
		lx, ly := math.Log(x[i]), math.Log(y[i])
		sx, sy, sxx, sxy = sx+lx, sy+ly, sxx+lx*lx, sxy+lx*ly
	}
	n := float64(len(x))
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}
