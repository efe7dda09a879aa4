package main

import (
	"fmt"
	"maps"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
)

// step is a transform and its configuration, keys and values in turns.
type step struct {
	class  string
	config []string
}

const apache = "org.apache.kafka.connect.transforms."

// chainOfThree is the chain that is compared with others: a field is renamed and one dropped, a text is added, two numbers
// change their types.
func chainOfThree() []step {
	return []step{
		{apache + "ReplaceField$Value", []string{"renames", "note:comment", "exclude", "tags"}},
		{apache + "InsertField$Value", []string{"static.field", "origin", "static.value", "bench"}},
		{apache + "Cast$Value", []string{"spec", "seq:int64,score:float64"}},
	}
}

// chainWorkload is the JSON workload with the chain of three before its converter.
func chainWorkload() workload {
	w := workload{name: "JSON+3 transforms", kind: jsonWorkload.kind, config: maps.Clone(jsonWorkload.config)}
	var aliases []string
	for i, s := range chainOfThree() {
		alias := fmt.Sprint("t", i)
		aliases = append(aliases, alias)
		w.config["transforms."+alias+".type"] = s.class
		for key, value := range s.settings() {
			w.config["transforms."+alias+"."+key] = value
		}
	}
	w.config["transforms"] = strings.Join(aliases, ",")
	return w
}

// settings returns the configuration of the step's own.
func (s step) settings() map[string]string {
	settings := make(map[string]string)
	for i := 0; i < len(s.config); i += 2 {
		settings[s.config[i]] = s.config[i+1]
	}
	return settings
}

// apply returns what the transform does to a record. A predicate, which can stand in its place, tells only whether a record goes on.
func (s step) apply(registry *connect.Registry) (func(*connect.Record, *connect.Arena) (bool, error), error) {
	if strings.HasPrefix(s.class, apache+"predicates.") {
		class, err := registry.Predicate(s.class)
		if err != nil {
			return nil, err
		}
		p, err := class.New(s.settings())
		if err != nil {
			return nil, fmt.Errorf("configure %s: %w", s.class, err)
		}
		return func(r *connect.Record, _ *connect.Arena) (bool, error) { return p.Test(r) }, nil
	}
	class, err := registry.Transform(s.class)
	if err != nil {
		return nil, err
	}
	t, err := class.New(s.settings())
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", s.class, err)
	}
	return t.Apply, nil
}

// pipeline reads JSON, sends it through transforms, and writes JSON: what a sink and a source do to a record, with neither Kafka
// nor an engine around it. It is used as those use it, batch by batch.
type pipeline struct {
	converter connect.Converter
	chain     []func(*connect.Record, *connect.Arena) (keep bool, err error)
	batch     *connect.Batch
	values    [][]byte
	out       []byte
}

func newPipeline(registry *connect.Registry, steps []step, values [][]byte) (*pipeline, error) {
	converter, err := benchconn.JSON(registry, false)
	if err != nil {
		return nil, err
	}
	p := &pipeline{converter: converter, batch: connect.NewBatch(batchRecords, 1<<30), values: values}
	for _, s := range steps {
		apply, err := s.apply(registry)
		if err != nil {
			return nil, err
		}
		p.chain = append(p.chain, apply)
	}
	return p, nil
}

// batchRecords is how many records share memory in the rows of transforms: what stays in the processor's cache. benthos has its best too.
const batchRecords = 256

// run moves n records, beginning anew with the values when there are no more.
func (p *pipeline) run(n int) error { return p.move(n, func([]byte) {}) }

// move calls out with what each record has become. out keeps nothing.
func (p *pipeline) move(n int, out func([]byte)) error {
	for i := range n {
		if p.batch.Full() {
			p.batch.Reset()
			p.out = p.out[:0]
		}
		r, a := p.batch.Append(), &p.batch.Arena
		r.Topic = sourceTopic
		var err error
		if r.ValueSchema, r.Value, err = p.converter.ReadData(a, r.Topic, p.values[i%len(p.values)]); err != nil {
			return err
		}
		for _, apply := range p.chain {
			if keep, err := apply(r, a); err != nil || !keep {
				return fmt.Errorf("a transform dropped record %d, or failed: %w", i, err)
			}
		}
		before := len(p.out)
		if p.out, err = p.converter.AppendData(p.out, r.Topic, r.ValueSchema, r.Value); err != nil {
			return err
		}
		out(p.out[before:])
	}
	p.batch.Reset()
	p.out = p.out[:0]
	return nil
}
