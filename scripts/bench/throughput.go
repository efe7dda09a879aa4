package main

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// throughput measures the rows that compare CPU per record. Each pair of contenders is interleaved.
type throughput struct {
	registry *connect.Registry
	rounds   int
	n        int     // records a round
	forget   *broker // for sources
	keep     *broker // for sinks
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
	contenders := []contender{
		{"engine, " + w.name + " source", t.n, engineReplay(t.forget, t.registry, w)},
		{"raw franz-go", t.n, rawSource(t.forget, values)},
	}
	if w.name == jsonsWorkload.name {
		schema, err := schemaOf(values[0])
		if err != nil {
			return nil, err
		}
		contenders = append(contenders, contender{"naive", t.n / 8, naiveSource(t.forget, schema)})
	}
	return t.compare(w, "source", contenders)
}

func (t *throughput) sink(ctx context.Context, w workload, values [][]byte) ([]row, error) {
	topic := "sink-" + w.kind + "-" + w.converter["value.converter.schemas.enable"]
	value := func(i uint64) []byte { return values[i%uint64(len(values))] }
	if err := t.keep.fill(ctx, topic, 1, t.n, kgo.NoCompression(), value); err != nil {
		return nil, err
	}
	contenders := []contender{
		{"engine, " + w.name + " sink", t.n, engineSink(t.keep, t.registry, w, topic)},
		{"raw franz-go", t.n, rawSink(t.keep, topic)},
	}
	if w.name == jsonsWorkload.name {
		contenders = append(contenders, contender{"naive", t.n / 8, naiveSink(t.keep, topic)})
	}
	return t.compare(w, "sink", contenders)
}

// compare makes the rows of one workload and direction: against the raw loop, against the naive one, and allocations.
func (t *throughput) compare(w workload, side string, contenders []contender) ([]row, error) {
	all, err := interleave(t.rounds, contenders...)
	if err != nil {
		return nil, err
	}
	ours, raw := all[0], all[1]
	detail := fmt.Sprintf("engine %.0f ns (p25 %.0f, median %.0f), raw %.0f ns", ours.min().cpu, ours.quantile(.25), ours.quantile(.5), raw.min().cpu)
	var rows []row
	switch w.name {
	case bytesWorkload.name:
		rows = append(rows, row{Metric: "bytes " + side + " ÷ raw franz-go", Gate: 0.75, Goal: 0.90})
	case jsonWorkload.name:
		rows = append(rows, row{Metric: "JSON " + side + " ÷ raw franz-go", Gate: 0.40, Goal: 0.55})
	default:
		rows = append(rows, row{Metric: "JSON+schemas " + side + " ÷ raw franz-go", Gate: 0.55, Goal: 0.75})
	}
	rows[0].Value, rows[0].Unit, rows[0].AtLeast, rows[0].Detail = raw.min().cpu/ours.min().cpu, "×", true, detail
	if len(all) > 2 {
		naive := all[2].min().cpu
		rows = append(rows, row{Metric: "JSON+schemas " + side + " vs naive Go", Value: naive / ours.min().cpu, Unit: "×", Gate: 7, Goal: 10, AtLeast: true,
			Detail: fmt.Sprintf("engine %.0f ns, naive %.0f ns", ours.min().cpu, naive)})
	}
	return append(rows, row{Metric: "allocations a record, " + w.name + " " + side, Value: ours.fewestAllocs(), Gate: 0.1, Goal: 0.03,
		Detail: fmt.Sprintf("raw franz-go %.3f", raw.fewestAllocs())}), nil
}
