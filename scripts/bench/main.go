// Command bench measures Ferry and checks the figures against their gates. It prints one table, writes it as JSON, and
// exits with 1 when a gate is missed.
//
// Only ratios and exact counters are gates: contenders take turns in one process, CPU time is compared, and of each the
// cheapest round counts, since a busy machine can only add. A ratio that misses its gate is measured once more with twice the
// rounds, and growth likewise. Where users wait for an answer, the time by the clock has a gate too: the best of several measurements counts,
// and the gate is far above what a quiet machine shows.
//
// What Ferry is compared with: a bare loop of franz-go that moves the same bytes, which is the floor; a naive program, with maps and
// encoding/json, which stands in for the JVM (see naive.go); and for transforms benthos v4.40.0, a Go program with the same purpose. It is
// linked by a program of its own, which this one builds, feeds with the same records and lets take its turns (see benthos.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 && args[0] == "broker" {
		return serveBroker(len(args) > 1 && args[1] == "true")
	}
	registry, err := benchconn.Registry()
	if err != nil {
		return err
	}
	if len(args) == 6 && args[0] == "cell" {
		n, err := strconv.Atoi(args[5])
		if err != nil {
			return err
		}
		return serveCell(registry, args[1], args[2], args[3], args[4], n)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := flags.Int("rounds", 25, "counted rounds of each contender")
	n := flags.Int("n", 262_144, "records a round")
	largest := flags.Int("largest", 10_000_000, "records of the longest run of the growth row")
	only := flags.String("rows", ".", "measure the groups of rows whose name matches this regular expression: bytes, json, jsons, chain, transforms, benthos, start, invocation, exactlyonce, ownership, size, memory, growth, api")
	out := flags.String("json", "bench.json", "where the table goes as JSON")
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-rows: %w", err)
	}
	rows, failed := measureAll(context.Background(), registry, wanted, *rounds, *n, *largest)
	r := newReport(rows) // also what was measured before a failure
	fmt.Print(r.text())
	if err := errors.Join(failed, r.write(*out)); err != nil {
		return err
	}
	if n := missed(rows); n > 0 {
		return fmt.Errorf("%d of %d gates are missed", n, len(rows))
	}
	return nil
}

// group is rows that are measured together.
type group struct {
	name    string
	measure func() ([]row, error)
}

func measureAll(ctx context.Context, registry *connect.Registry, wanted *regexp.Regexp, rounds, n, largest int) ([]row, error) {
	runtime.GOMAXPROCS(1)
	forget, err := startBroker(ctx, true)
	if err != nil {
		return nil, err
	}
	defer forget.close()
	keep, err := startBroker(ctx, false)
	if err != nil {
		return nil, err
	}
	defer keep.close()
	t := &throughput{registry: registry, rounds: rounds, n: n, forget: forget, keep: keep}
	var rows []row
	for _, g := range []group{
		{"bytes", func() ([]row, error) { return t.rows(ctx, bytesWorkload) }},
		{"json", func() ([]row, error) { return t.rows(ctx, jsonWorkload) }},
		{"jsons", func() ([]row, error) { return t.rows(ctx, jsonsWorkload) }},
		{"chain", func() ([]row, error) { return t.chain() }},
		{"transforms", func() ([]row, error) { return transforms(registry, rounds, n/32) }},
		{"benthos", func() ([]row, error) { return againstBenthos(ctx, registry, rounds, n/8) }},
		{"start", func() ([]row, error) { return start(ctx, runtime.GOARCH, 2*rounds) }},
		{"invocation", func() ([]row, error) { return invocation(ctx, forget, keep, registry, rounds) }},
		{"exactlyonce", func() ([]row, error) { return exactlyOnce(ctx, registry, rounds, n) }},
		{"ownership", func() ([]row, error) { return ownership(ctx) }},
		{"size", func() ([]row, error) { return size(ctx) }},
		{"memory", func() ([]row, error) { return memory(ctx, keep, registry) }},
		{"growth", func() ([]row, error) { return growth(forget, registry, largest) }},
		{"api", func() ([]row, error) { return api(ctx, keep, rounds) }},
	} {
		if !wanted.MatchString(g.name) {
			continue
		}
		measured, err := g.measure()
		if err != nil {
			return rows, fmt.Errorf("%s: %w", g.name, err)
		}
		rows = append(rows, measured...)
	}
	return rows, nil
}
