package main

import (
	"fmt"
	"math"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// growth measures whether twice the records cost twice the CPU: the slope of log CPU over log records. The fixed part of an
// invocation would make small runs look dear, so the slope is taken from 10⁵ records on; 10⁴ is reported.
func growth(b *broker, registry *connect.Registry, largest int) ([]row, error) {
	run := engineSource(b, registry, jsonWorkload)
	rows, err := grow(run, largest, 3)
	if err != nil || missed(rows) == 0 {
		return rows, err
	}
	return grow(run, largest, 6)
}

// grow runs 10⁴, 10⁵, … records, each so often, but the most only a third as often.
func grow(run func(int) error, largest, times int) ([]row, error) {
	var x, y []float64
	var detail []string
	for n := 10_000; n <= largest; n *= 10 {
		if n == largest {
			times /= 3
		}
		best := math.Inf(1)
		for range times {
			s, err := measure(contender{name: "growth", n: n, run: run})
			if err != nil {
				return nil, err
			}
			best = min(best, s.cpu)
		}
		detail = append(detail, fmt.Sprintf("10^%d: %.0f ns", int(math.Round(math.Log10(float64(n)))), best))
		if n >= 100_000 {
			x, y = append(x, float64(n)), append(y, best*float64(n))
		}
	}
	return []row{{Metric: "growth of CPU with records, slope", Value: slope(x, y), Gate: 1.05, Goal: 1.02, Detail: strings.Join(detail, ", ")}}, nil
}
