package main

import (
	"fmt"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// transforms measures each transform alone, and chains, on records that are there already. The allocations of each are a gate; of a
// chain also how much cheaper it is than the same on maps of Go, as one would write it without thinking of speed.
func transforms(registry *connect.Registry, rounds, n int) ([]row, error) {
	inputs, err := newInputs()
	if err != nil {
		return nil, err
	}
	naive, err := newNaiveInputs()
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range allCases() {
		measured, err := c.rows(registry, inputs, naive, rounds, n)
		if err == nil && missed(measured) > 0 {
			measured, err = c.rows(registry, inputs, naive, 2*rounds, n)
		}
		if err != nil {
			return rows, fmt.Errorf("%s: %w", c.name, err)
		}
		rows = append(rows, measured...)
	}
	return rows, nil
}

func (c transformCase) rows(registry *connect.Registry, inputs map[input]connect.Record, naive map[input]naiveData, rounds, n int) ([]row, error) {
	var contenders []contender
	for _, s := range c.inputs {
		run, err := applied(registry, c.steps, inputs[s])
		if err != nil {
			return nil, err
		}
		contenders = append(contenders, contender{name: string(s), n: n, run: run})
	}
	if c.naive != nil {
		data, ok := naive[c.inputs[len(c.inputs)-1]]
		if !ok {
			data = naive[asMap]
		}
		contenders = append(contenders, contender{name: "naive", n: n / 4, run: naively(c.naive, data)})
	}
	all, err := interleave(rounds, contenders...)
	if err != nil {
		return nil, err
	}
	return c.report(all), nil
}

// report makes rows of the costs of each input, and of the naive transforms if there are such. Those are compared with the last
// input, which is a map as theirs is.
func (c transformCase) report(all []costs) []row {
	var detail []string
	allocs := 0.0
	for i, s := range c.inputs {
		allocs = max(allocs, all[i].fewestAllocs())
		detail = append(detail, fmt.Sprintf("%s %.0f ns", s, all[i].min().cpu))
	}
	rows := []row{{Metric: "allocations a record, " + c.name, Value: allocs, Gate: 0.1, Goal: 0.01, Detail: strings.Join(detail, ", ")}}
	if c.naive == nil {
		return rows
	}
	theirs := all[len(all)-1]
	ratio := theirs.min().cpu / all[len(c.inputs)-1].min().cpu
	text := fmt.Sprintf("; naive %.0f ns, %.0f allocations", theirs.min().cpu, theirs.fewestAllocs())
	if !c.chain {
		rows[0].Detail += text + fmt.Sprintf(": %.1f×", ratio)
		return rows
	}
	return append([]row{{Metric: c.name + " vs naive maps", Value: ratio, Unit: "×", Gate: 4, Goal: 6, AtLeast: true, Detail: rows[0].Detail + text}}, rows...)
}

// applied returns a function that sends the same record through transforms n times, with memory that is taken back now and then, as that
// of a batch is.
func applied(registry *connect.Registry, steps []step, original connect.Record) (func(n int) error, error) {
	var chain []func(*connect.Record, *connect.Arena) (bool, error)
	for _, s := range steps {
		apply, err := s.apply(registry)
		if err != nil {
			return nil, err
		}
		chain = append(chain, apply)
	}
	a, r := new(connect.Arena), new(connect.Record)
	return func(n int) error {
		for i := range n {
			if i%batchRecords == 0 {
				a.Reset()
			}
			*r = original
			for _, apply := range chain {
				keep, err := apply(r, a)
				if err != nil {
					return err
				}
				if !keep {
					break
				}
			}
		}
		return nil
	}, nil
}

func naively(chain []naiveTransform, original naiveData) func(n int) error {
	return func(n int) error {
		for range n {
			r := original
			for _, apply := range chain {
				var keep bool
				if r, keep = apply(r); !keep {
					break
				}
			}
		}
		return nil
	}
}
