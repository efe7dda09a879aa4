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
	var x, y []float64
	var detail []string
	run := engineSource(b, registry, jsonWorkload)
	for n := 10_000; n <= largest; n *= 10 {
		best := math.Inf(1)
		for range 3 {
			s, err := measure(contender{"growth", n, run})
			if err != nil {
				return nil, err
			}
			best = min(best, s.cpu)
			if n == largest {
				break
			}
		}
		detail = append(detail, fmt.Sprintf("10^%d: %.0f ns", int(math.Round(math.Log10(float64(n)))), best))
		if n >= 100_000 {
			x, y = append(x, float64(n)), append(y, best*float64(n))
		}
	}
	return []row{{Metric: "growth of CPU with records, slope", Value: slope(x, y), Gate: 1.05, Goal: 1.02, Detail: strings.Join(detail, ", ")}}, nil
}
