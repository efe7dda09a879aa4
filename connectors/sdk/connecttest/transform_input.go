package connecttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// checkRetention applies one transform to the same records again and again. Each round has an arena of its own, and those of
// earlier rounds are overwritten, so that a pointer into one cannot happen to find the right bytes.
func (h TransformHarness) checkRetention(context.Context, testing.TB) error {
	if h.Clock {
		return nil
	}
	tr, err := h.new()
	if err != nil {
		return err
	}
	var first []string
	for round := range 3 {
		a := new(connect.Arena)
		var outcomes []string
		for _, r := range h.Records(a) {
			keep, err := tr.Apply(&r, a)
			outcomes = append(outcomes, outcome(&r, keep, err))
		}
		a.Poison()
		if round > 0 && !slices.Equal(outcomes, first) {
			return fmt.Errorf("the first round gave\n%q, round %d\n%q", first, round+1, outcomes)
		}
		first = outcomes
	}
	return nil
}

// checkShared looks at the schemas before and after: they are shared by records that the transform never sees.
func (h TransformHarness) checkShared(context.Context, testing.TB) error {
	tr, err := h.new()
	if err != nil {
		return err
	}
	var a connect.Arena
	for _, r := range h.Records(&a) {
		key, value := r.KeySchema, r.ValueSchema
		before := schemaText(key) + schemaText(value)
		_, _ = tr.Apply(&r, &a) // other checks look at the error
		if after := schemaText(key) + schemaText(value); after != before {
			return fmt.Errorf("Apply changed the record's schemas from %s to %s", before, after)
		}
	}
	return nil
}

// schemaText renders a schema with the defaults of its fields, which is where a transform could do harm.
func schemaText(s *connect.Schema) string {
	if s == nil {
		return "none"
	}
	text := s.String()
	if def, ok := s.Default(); ok {
		text += "=" + valueText(def)
	}
	params, _ := s.Parameters()
	text += fmt.Sprint(params)
	for _, f := range s.Fields() {
		text += " " + f.Name + ":" + schemaText(f.Schema)
	}
	if s.KeySchema() != nil {
		text += " key " + schemaText(s.KeySchema())
	}
	if s.ValueSchema() != nil {
		text += " value " + schemaText(s.ValueSchema())
	}
	return text
}

// checkInput gives the transform a copy of each record, as records of a source may share a row, or headers, and more than they show of
// them. What the other sees must stay.
func (h TransformHarness) checkInput(context.Context, testing.TB) error {
	tr, err := h.new()
	if err != nil {
		return err
	}
	var a connect.Arena
	for _, other := range h.Records(&a) {
		beyond := connect.Header{Key: "beyond", Value: connect.Int32(1)}
		shared := append(slices.Clone(other.Headers), beyond, beyond, beyond)
		other.Headers = shared[:len(other.Headers)]
		before := outcome(&other, true, nil)
		r := other
		_, _ = tr.Apply(&r, &a) // other checks look at the error
		if after := outcome(&other, true, nil); after != before {
			return fmt.Errorf("Apply changed what another record shares from %s to %s", before, after)
		}
		for _, header := range shared[len(other.Headers):] {
			if header.Key != beyond.Key {
				return fmt.Errorf("Apply wrote header %s behind those of record %s, where another record may have its own", header.Key, before)
			}
		}
	}
	return nil
}

// checkSchemaless compares what becomes of random structs with what becomes of the maps of their fields: the way compiled for a schema
// with the plain one, which looks up names record by record.
func (h TransformHarness) checkSchemaless(context.Context, testing.TB) error {
	for _, config := range h.Schemaless {
		compiled, err := h.Class.New(config)
		if err != nil {
			return fmt.Errorf("configure %s with %v: %w", h.Class.Name, config, err)
		}
		plain, err := h.Class.New(config)
		if err != nil {
			return err
		}
		r := rand.New(rand.NewPCG(3, 3))
		for range 300 {
			s := flatSchema(r, 2)
			st := AnyValue(r, s, nil)
			record := connect.Record{Topic: "conformance", Timestamp: 1700000000000, Partition: 1, Offset: 5}
			with, without := record, record
			with.KeySchema, with.Key, with.ValueSchema, with.Value = s, st, s, st
			without.Key, without.Value = MapOf(st), MapOf(st)
			got, want := schemalessOutcome(compiled, &with), schemalessOutcome(plain, &without)
			if got != want {
				return fmt.Errorf("%v: struct %s becomes\n%s, the map\n%s", config, st, got, want)
			}
		}
	}
	return nil
}

func schemalessOutcome(tr connect.Transform, r *connect.Record) string {
	keep, err := tr.Apply(r, nil)
	r.KeySchema, r.Key, r.ValueSchema, r.Value = nil, MapOf(r.Key), nil, MapOf(r.Value)
	for i := range r.Headers {
		r.Headers[i].Schema = nil
	}
	return outcome(r, keep, err)
}

// flatSchema returns a random struct schema of scalars f0, f1 …, which are not of logical types, and of a struct n of the same
// kind as long as depth allows.
func flatSchema(r *rand.Rand, depth int) *connect.Schema {
	b := connect.NewStructSchema()
	for i := range 3 + r.IntN(10) {
		b.Field("f"+strconv.Itoa(i), connect.NewSchema(connect.TypeInt8+connect.Type(r.IntN(9))).SetOptional(r.IntN(3) == 0).MustBuild())
	}
	if depth > 0 {
		b.Field("n", flatSchema(r, depth-1))
	}
	return b.MustBuild()
}

// MapOf returns a value with maps in place of structs: what it is without its schema, on the heap.
func MapOf(v connect.Value) connect.Value {
	if v.Kind() != connect.KindStruct {
		return v
	}
	m := connect.NewMap(nil)
	for i, f := range v.Struct().Schema().Fields() {
		m = m.Put(nil, f.Name, MapOf(v.Struct().Field(i)))
	}
	return m.Value()
}

// checkConcurrent runs two instances at once over records that share all they can. Under the race detector it also finds memory
// that both write to.
func (h TransformHarness) checkConcurrent(context.Context, testing.TB) error {
	var a connect.Arena
	records := h.Records(&a)
	var outcomes [3][]string
	var errs [3]error
	run := func(i, rounds int) {
		tr, err := h.new()
		if err != nil {
			errs[i] = err
			return
		}
		var own connect.Arena
		for range rounds {
			outcomes[i] = outcomes[i][:0]
			for _, r := range records {
				keep, err := tr.Apply(&r, &own)
				outcomes[i] = append(outcomes[i], outcome(&r, keep, err))
			}
			own.Reset()
		}
	}
	run(0, 1)
	var both sync.WaitGroup
	for i := range 2 {
		both.Go(func() { run(i+1, 20) })
	}
	both.Wait()
	for i := range outcomes {
		switch {
		case errs[i] != nil:
			return errs[i]
		case !h.Clock && !slices.Equal(outcomes[i], outcomes[0]):
			return fmt.Errorf("alone it gives\n%q, beside another\n%q", outcomes[0], outcomes[i])
		}
	}
	return nil
}
