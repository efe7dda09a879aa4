// Command benthos sends records through a mapping of benthos and tells what that cost: what Ferry's transforms are compared with
// in make bench, which builds and runs it. It is a module of its own, so that nothing of Ferry links or lists benthos.
//
// benthos runs in process, without a pipeline, input or output around it: a batch of messages, the mapping, the bytes of what
// comes out. That is what its processors do, at their cheapest; whatever moves messages comes on top, as it does for Ferry.
//
// On standard input come records, a line of JSON each, and an empty line; then commands, a line each. `show <processor> <n>` is
// answered by what n records become, a line each; `run <processor> <n>` by the nanoseconds of CPU time and the allocations that
// n records take. It ends with its input.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"

	"github.com/redpanda-data/benthos/v4/public/bloblang"
	_ "github.com/redpanda-data/benthos/v4/public/components/pure" // the methods of the language
	"github.com/redpanda-data/benthos/v4/public/service"
)

// changes are the transforms of the bench's chain: ReplaceField renames note and drops tags, InsertField adds origin, Cast
// makes seq an INT64 and score a FLOAT64.
const changes = `root.comment = this.note
root.note = deleted()
root.tags = deleted()
root.origin = "bench"
root.seq = this.seq.int64()
root.score = this.score.float64()`

// batchSize is how many messages a batch has. More at once cost more each: a thousand a quarter more.
const batchSize = 64

// processor sends a batch through a mapping, and calls out with what each message has become. out keeps nothing.
type processor func(batch service.MessageBatch, out func([]byte) error) error

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "benthos:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	runtime.GOMAXPROCS(1) // as the bench has it
	processors, err := newProcessors()
	if err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	var records [][]byte
	for lines.Scan() && len(lines.Bytes()) > 0 {
		records = append(records, append([]byte(nil), lines.Bytes()...))
	}
	if len(records) == 0 {
		return errors.Join(errors.New("there are no records"), lines.Err())
	}
	answer := bufio.NewWriter(out)
	for lines.Scan() {
		if err := command(lines.Text(), processors, records, answer); err != nil {
			return err
		}
		if err := answer.Flush(); err != nil {
			return err
		}
	}
	return lines.Err()
}

// newProcessors returns benthos's two: mapping makes a new document, mutation changes the one that is there.
func newProcessors() (map[string]processor, error) {
	mapping, err := bloblang.Parse("root = this\n" + changes)
	if err != nil {
		return nil, fmt.Errorf("parse the mapping: %w", err)
	}
	mutation, err := bloblang.Parse(changes)
	if err != nil {
		return nil, fmt.Errorf("parse the mutation: %w", err)
	}
	return map[string]processor{
		"mapping": func(batch service.MessageBatch, out func([]byte) error) error {
			return each(batch, batch.BloblangExecutor(mapping).Query, out)
		},
		"mutation": func(batch service.MessageBatch, out func([]byte) error) error {
			return each(batch, batch.BloblangExecutor(mutation).Mutate, out)
		},
	}, nil
}

func each(batch service.MessageBatch, apply func(int) (*service.Message, error), out func([]byte) error) error {
	for i := range batch {
		message, err := apply(i)
		if err != nil {
			return err
		}
		data, err := message.AsBytes()
		if err != nil {
			return err
		}
		if err := out(data); err != nil {
			return err
		}
	}
	return nil
}

func command(line string, processors map[string]processor, records [][]byte, answer io.Writer) error {
	var verb, name string
	var n int
	if _, err := fmt.Sscan(line, &verb, &name, &n); err != nil {
		return fmt.Errorf("read the command %q: %w", line, err)
	}
	process, ok := processors[name]
	if !ok {
		return fmt.Errorf("there is no processor %q", name)
	}
	switch verb {
	case "show":
		return move(process, records, n, func(data []byte) error {
			_, err := fmt.Fprintf(answer, "%s\n", data)
			return err
		})
	case "run":
		return measure(process, records, n, answer)
	}
	return fmt.Errorf("there is no command %q", verb)
}

func measure(process processor, records [][]byte, n int, answer io.Writer) error {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := cpuTime()
	err := move(process, records, n, func([]byte) error { return nil })
	cpu := cpuTime() - start
	runtime.ReadMemStats(&after)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(answer, cpu, after.Mallocs-before.Mallocs)
	return err
}

// move sends n records through a processor, beginning anew when there are no more.
func move(process processor, records [][]byte, n int, out func([]byte) error) error {
	var batch service.MessageBatch
	for i := range n {
		batch = append(batch, service.NewMessage(records[i%len(records)]))
		if len(batch) < batchSize && i < n-1 {
			continue
		}
		if err := process(batch, out); err != nil {
			return err
		}
		batch = batch[:0]
	}
	return nil
}

// cpuTime is the user and system time of this process so far, in nanoseconds.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
