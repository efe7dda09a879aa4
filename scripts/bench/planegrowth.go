package main

import (
	"context"
	"fmt"
	"math"
	"strings"
)

// coordinatorGrowth measures what a coordinator costs in CPU that begins with so many connectors, splits each and starts its tasks, and then
// looks at all of them again. Twice the connectors must not cost more than twice as much.
func coordinatorGrowth(ctx context.Context, b *broker) ([]row, error) {
	rows, err := growPlanes(ctx, b, 0)
	if err != nil || missed(rows) == 0 {
		return rows, err
	}
	again, err := growPlanes(ctx, b, 1)
	if err != nil || again[0].Value < rows[0].Value {
		return again, err
	}
	return rows, nil
}

func growPlanes(ctx context.Context, b *broker, time int) ([]row, error) {
	numbers := []int{125, 250, 500, apiConnectors}
	planes := make([]*plane, len(numbers))
	defer func() {
		for _, p := range planes {
			if p != nil {
				p.close()
			}
		}
	}()
	var x, first []float64
	var later []contender
	for i, n := range numbers {
		p, err := newPlane(ctx, b, planeName(n, time))
		if err != nil {
			return nil, err
		}
		planes[i] = p
		if err := p.put(ctx, n); err != nil {
			return nil, err
		}
		pass := func(int) error { return p.passes(ctx, n) }
		begun, err := measure(contender{name: "first passes", n: n, run: pass})
		if err != nil {
			return nil, err
		}
		x, first = append(x, float64(n)), append(first, begun.cpu*float64(n))
		later = append(later, contender{name: fmt.Sprint(n), n: apiConnectors, run: func(total int) error {
			for range total / n { // as many passes over few connectors as over many, so that each has its share of the garbage collector
				if err := p.passes(ctx, n); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	all, err := interleave(5, later...)
	if err != nil {
		return nil, err
	}
	var again []float64
	var detail []string
	for i, n := range numbers {
		again = append(again, all[i].min().cpu*float64(n))
		detail = append(detail, fmt.Sprintf("%d: %.2f and %.2f ms", n, first[i]/float64(n)/1e6, all[i].min().cpu/1e6))
	}
	begun, looked := slope(x, first), slope(x, again)
	return []row{{
		Metric: "growth of CPU with connectors, slope", Value: math.Max(begun, looked), Gate: 1.10, Goal: 1.05,
		Detail: fmt.Sprintf("of first passes %.2f, of later ones %.2f; for a connector of %d tasks, of %s", begun, looked, apiTasks, strings.Join(detail, ", ")),
	}}, nil
}
