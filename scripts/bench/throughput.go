package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// throughput measures the rows that compare CPU per record.
type throughput struct {
	registry *connect.Registry
	rounds   int
	n        int     // records a round
	forget   *broker // for sources
	keep     *broker // for sinks
}

// match is a workload in one direction, and who competes.
type match struct {
	workload
	side string
	// ours is the engine, raw a bare loop that moves the same bytes.
	ours, raw contender
	// making is the engine with a source that also makes its records, as naive does; absent for sinks. naive may be absent.
	making, naive contender
}

// rows measures a workload both ways.
func (t *throughput) rows(ctx context.Context, w workload) ([]row, error) {
	values, err := encoded(t.registry, w, 2*transactionRecords)
	if err != nil {
		return nil, err
	}
	source, err := t.source(w, values)
	if err != nil {
		return nil, err
	}
	sink, err := t.sink(ctx, w, values)
	return append(source, sink...), err
}

func (t *throughput) source(w workload, values [][]byte) ([]row, error) {
	m := match{
		workload: w, side: "source",
		ours:   contender{name: "engine, " + w.name + " source", n: t.n, run: engineReplay(t.forget, t.registry, w)},
		raw:    contender{name: "raw franz-go", n: t.n, run: rawSource(t.forget, values)},
		making: contender{name: "engine with its generator", n: t.n, run: engineSource(t.forget, t.registry, w)},
	}
	if w.name == jsonsWorkload.name {
		schema, err := schemaOf(values[0])
		if err != nil {
			return nil, err
		}
		m.naive = contender{name: "naive", n: t.n / 8, run: naiveSource(t.forget, schema)}
	}
	return t.play(m)
}

func (t *throughput) sink(ctx context.Context, w workload, values [][]byte) ([]row, error) {
	topic := "sink-" + w.kind + "-" + w.config["value.converter.schemas.enable"]
	value := func(i uint64) []byte { return values[i%uint64(len(values))] }
	if err := t.keep.fill(ctx, topic, 1, t.n, kgo.NoCompression(), value); err != nil {
		return nil, err
	}
	m := match{
		workload: w, side: "sink",
		ours: contender{name: "engine, " + w.name + " sink", n: t.n, run: engineSink(t.keep, t.registry, w, topic)},
		raw:  contender{name: "raw franz-go", n: t.n, run: rawSink(t.keep, topic)},
	}
	if w.name == jsonsWorkload.name {
		m.naive = contender{name: "naive", n: t.n / 8, run: naiveSink(t.keep, topic)}
	}
	return t.play(m)
}

// chain measures what three transforms add to a source.
func (t *throughput) chain() ([]row, error) {
	with := chainWorkload()
	measure := func(rounds int) ([]row, error) {
		all, err := interleave(rounds,
			contender{name: "engine, " + with.name + " source", n: t.n, run: engineReplay(t.forget, t.registry, with)},
			contender{name: "engine, JSON source", n: t.n, run: engineReplay(t.forget, t.registry, jsonWorkload)})
		if err != nil {
			return nil, err
		}
		with, without := all[0], all[1]
		return []row{
			{
				Metric: "JSON+3 transforms source ÷ JSON source", Value: with.min().cpu / without.min().cpu, Unit: "×", Gate: 1.3, Goal: 1.15,
				Detail: fmt.Sprintf("%.0f ns (p25 %.0f, median %.0f), without %.0f ns (p25 %.0f)", with.min().cpu, with.quantile(.25), with.quantile(.5), without.min().cpu, without.quantile(.25)),
			},
			{Metric: "allocations a record, JSON+3 transforms source", Value: with.fewestAllocs(), Gate: 0.1, Goal: 0.03},
		}, nil
	}
	rows, err := measure(t.rounds)
	if err != nil || missed(rows) == 0 {
		return rows, err
	}
	return measure(2 * t.rounds)
}

// play measures a match, and once more with twice the rounds if a gate is missed.
func (t *throughput) play(m match) ([]row, error) {
	rows, err := m.measure(t.rounds)
	if err != nil || missed(rows) == 0 {
		return rows, err
	}
	return m.measure(2 * t.rounds)
}

func (m match) measure(rounds int) ([]row, error) {
	contenders := []contender{m.ours, m.raw}
	for _, c := range []contender{m.making, m.naive} {
		if c.run != nil {
			contenders = append(contenders, c)
		}
	}
	all, err := interleave(rounds, contenders...)
	if err != nil {
		return nil, err
	}
	ours, raw := all[0], all[1]
	r := row{
		Metric: m.name + " " + m.side + " ÷ raw franz-go", Value: raw.min().cpu / ours.min().cpu, Unit: "×", AtLeast: true,
		Detail: fmt.Sprintf("engine %.0f ns (p25 %.0f, median %.0f), raw %.0f ns (p25 %.0f)", ours.min().cpu, ours.quantile(.25), ours.quantile(.5), raw.min().cpu, raw.quantile(.25)),
	}
	switch m.name {
	case bytesWorkload.name:
		r.Gate, r.Goal = 0.75, 0.90
	case jsonWorkload.name:
		r.Gate, r.Goal = 0.40, 0.55
	default:
		r.Gate, r.Goal = 0.55, 0.75
	}
	whole := ours
	if m.making.run != nil {
		whole = all[2]
		r.Detail += fmt.Sprintf("; with its generator %.0f ns", whole.min().cpu)
	}
	rows := []row{r}
	if m.naive.run != nil {
		naive := all[len(all)-1]
		rows = append(rows, row{
			Metric: m.name + " " + m.side + " vs naive Go", Value: naive.min().cpu / whole.min().cpu, Unit: "×", Gate: 7, Goal: 10, AtLeast: true,
			Detail: fmt.Sprintf("engine %.0f ns, naive %.0f ns", whole.min().cpu, naive.min().cpu),
		})
	}
	return append(rows, row{
		Metric: "allocations a record, " + m.name + " " + m.side, Value: ours.fewestAllocs(), Gate: 0.1, Goal: 0.03,
		Detail: fmt.Sprintf("raw franz-go %.3f", raw.fewestAllocs()),
	}), nil
}
