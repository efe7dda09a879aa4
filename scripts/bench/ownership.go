package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
)

// ownership measures, with the real functions as processes, DynamoDB Local and an embedded broker, how long a task is without an
// owner: after a crash, and when an invocation hands it to the next. The benchmarks are those of localstack/lambda.
//
// These are times by the clock, of which a busy machine makes too much: they are the worst of three, and the gates are far above
// what a quiet machine shows.
func ownership(ctx context.Context) ([]row, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^Benchmark(TakeOver|HandOver)$", "-benchtime", "3x", "./localstack/lambda")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("run the benchmarks of localstack/lambda: %w\n%s", err, out)
	}
	var rows []row
	for _, m := range []struct {
		metric, benchmark, unit string
		gate, goal              float64
		detail                  string
	}{
		{"take-over after a crash", "TakeOver", "worst-s", 10, 8, "kill to the next commit, leases of 4 s and 2 s of grace"},
		{"take-over after the end of the lease", "TakeOver", "worst-s-after-lease", 2, 1, "five passes a second"},
		{"hand-over within a chain", "HandOver", "worst-s", 1, 0.5, "the longest time without a record"},
	} {
		r := row{Metric: m.metric, Unit: " s", Gate: m.gate, Goal: m.goal, Detail: m.detail}
		value := regexp.MustCompile(`Benchmark` + m.benchmark + `\S*\s.*?([\d.]+) ` + m.unit + `(\s|$)`).FindSubmatch(out)
		if value == nil {
			r.Skipped = "the benchmark was skipped: it needs Java and Maven"
		} else if r.Value, err = strconv.ParseFloat(string(value[1]), 64); err != nil {
			return rows, fmt.Errorf("read what %s measured: %w", m.benchmark, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}
