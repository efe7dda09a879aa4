package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	benthosFolder  = "scripts/bench/benthos"
	benthosVersion = "4.40.0"
	// benthosShare of a round's records is what benthos moves in it: each of them takes so much longer.
	benthosShare = 16
)

// benthos is the program of benthosFolder: benthos in a process of its own, since it is in a module of its own.
type benthos struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines *bufio.Scanner
	dir   string
}

func startBenthos(ctx context.Context, values [][]byte) (*benthos, error) {
	dir, err := os.MkdirTemp("", "ferry-bench")
	if err != nil {
		return nil, err
	}
	b := &benthos{dir: dir}
	if err := b.start(ctx, values); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *benthos) start(ctx context.Context, values [][]byte) error {
	program := filepath.Join(b.dir, "benthos")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", program, ".")
	build.Dir = benthosFolder
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", benthosFolder, err, text)
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start benthos: %w", err)
	}
	b.cmd, b.stdin, b.lines = cmd, stdin, bufio.NewScanner(stdout)
	_, err = stdin.Write(append(bytes.Join(values, []byte("\n")), "\n\n"...))
	return err
}

func (b *benthos) close() {
	if b.cmd != nil {
		_ = b.stdin.Close()
		_ = b.cmd.Wait()
	}
	_ = os.RemoveAll(b.dir)
}

// ask sends a command and calls each with the lines of the answer.
func (b *benthos) ask(verb, processor string, n, lines int, each func(line []byte) error) error {
	if _, err := fmt.Fprintln(b.stdin, verb, processor, n); err != nil {
		return fmt.Errorf("ask benthos: %w", err)
	}
	for range lines {
		if !b.lines.Scan() {
			return errors.Join(errors.New("benthos ended before it had answered"), b.lines.Err())
		}
		if err := each(b.lines.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// show returns what the first n records become.
func (b *benthos) show(processor string, n int) (values [][]byte, err error) {
	err = b.ask("show", processor, n, n, func(line []byte) error {
		values = append(values, bytes.Clone(line))
		return nil
	})
	return values, err
}

// cost returns a function that has benthos move n records.
func (b *benthos) cost(processor string) func(n int) (sample, error) {
	return func(n int) (s sample, err error) {
		err = b.ask("run", processor, n, 1, func(line []byte) error {
			var cpu, allocs float64
			_, err := fmt.Sscan(string(line), &cpu, &allocs)
			s = sample{cpu: cpu / float64(n), allocs: allocs / float64(n)}
			return err
		})
		return s, err
	}
}

// againstBenthos compares what a record costs on its way from JSON through three transforms to JSON. benthos does it with a mapping of
// the same effect, in process, as do we; the cheaper of its two processors counts. That both make the same of every record is
// checked before.
func againstBenthos(ctx context.Context, registry *connect.Registry, rounds, n int) ([]row, error) {
	values, err := encoded(registry, jsonWorkload, transactionRecords)
	if err != nil {
		return nil, err
	}
	ours, err := newPipeline(registry, chainOfThree(), values)
	if err != nil {
		return nil, err
	}
	theirs, err := startBenthos(ctx, values)
	if err != nil {
		return nil, err
	}
	defer theirs.close()
	if err := checkSame(ours, theirs, "mapping", "mutation"); err != nil {
		return nil, err
	}
	measure := func(rounds int) ([]row, error) {
		all, err := interleave(rounds,
			contender{name: "ours", n: n, run: ours.run},
			contender{name: "benthos, mapping", n: n / benthosShare, cost: theirs.cost("mapping")},
			contender{name: "benthos, mutation", n: n / benthosShare, cost: theirs.cost("mutation")},
			contender{name: "naive", n: n / benthosShare, run: naiveJSON(values, func([]byte) {})})
		if err != nil {
			return nil, err
		}
		return benthosRows(all[0], all[1], all[2], all[3]), nil
	}
	rows, err := measure(rounds)
	if err != nil || missed(rows) == 0 {
		return rows, err
	}
	return measure(2 * rounds)
}

func benthosRows(ours, mapping, mutation, naive costs) []row {
	theirs := min(mapping.min().cpu, mutation.min().cpu)
	return []row{
		{
			Metric: "JSON, 3 transforms, JSON vs benthos " + benthosVersion, Value: theirs / ours.min().cpu, Unit: "×", Gate: 8, Goal: 20, AtLeast: true,
			Detail: fmt.Sprintf("ours %.0f ns (p25 %.0f); benthos mapping %.0f ns, %.0f allocations, mutation %.0f ns, %.0f; naive %.0f ns, %.0f", ours.min().cpu, ours.quantile(.25),
				mapping.min().cpu, mapping.fewestAllocs(), mutation.min().cpu, mutation.fewestAllocs(), naive.min().cpu, naive.fewestAllocs()),
		},
		{Metric: "allocations a record, JSON, 3 transforms, JSON", Value: ours.fewestAllocs(), Gate: 0.1, Goal: 0.01},
	}
}

// checkSame compares what we and benthos make of each record.
func checkSame(ours *pipeline, theirs *benthos, processors ...string) error {
	for _, processor := range processors {
		values, err := theirs.show(processor, len(ours.values))
		if err != nil {
			return err
		}
		i := 0
		var different error
		if err := ours.move(len(values), func(value []byte) {
			if different == nil {
				different = sameJSON(value, values[i])
			}
			i++
		}); err != nil {
			return err
		}
		if different != nil {
			return fmt.Errorf("the %s of benthos makes something else of a record: %w", processor, different)
		}
	}
	return nil
}

// sameJSON fails if two documents differ in more than in the order of fields or in how numbers are written.
func sameJSON(a, b []byte) error {
	var texts [2][]byte
	for i, document := range [][]byte{a, b} {
		var v any
		err := json.Unmarshal(document, &v)
		if err == nil {
			texts[i], err = json.Marshal(v) // fields in order
		}
		if err != nil {
			return err
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		return fmt.Errorf("%s is not %s", a, b)
	}
	return nil
}
