package main

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/scripts/bench/benchconn"
)

func newRegistry(t *testing.T) *connect.Registry {
	t.Helper()
	registry, err := benchconn.Registry()
	if err != nil {
		t.Fatal(err)
	}
	return registry
}

func TestEveryTransformIsMeasured(t *testing.T) {
	measured := make(map[string]bool)
	for _, c := range allCases() {
		for _, s := range c.steps {
			measured[s.class] = true
		}
	}
	plugins := builtin.Plugins()
	var names []string
	for _, class := range plugins.Transforms {
		names = append(names, class.Name)
	}
	for _, class := range plugins.Predicates {
		names = append(names, class.Name)
	}
	for _, name := range names {
		value := strings.ReplaceAll(name, "$Key", "$Value") // they differ in where they look
		refused := name == debezium+"ContentBasedRouter" || name == debezium+"Filter"
		if !measured[value] && !refused {
			t.Errorf("%s is not measured", name)
		}
	}
}

// applyAll sends an input through the steps of a case.
func applyAll(t *testing.T, registry *connect.Registry, c transformCase, r *connect.Record) (keep bool) {
	t.Helper()
	for _, s := range c.steps {
		apply, err := s.apply(registry)
		if err != nil {
			t.Fatal(err)
		}
		if keep, err = apply(r, nil); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
	}
	return keep
}

// What changes nothing would look quick.
func TestEveryTransformChangesTheRecordItIsMeasuredWith(t *testing.T) {
	registry := newRegistry(t)
	inputs, err := newInputs()
	if err != nil {
		t.Fatal(err)
	}
	filters := []string{confluent + "Filter$Value", confluent + "TombstoneHandler", aiven + "TombstoneHandler", aiven + "FilterByFieldValue$Value"}
	for _, c := range allCases() {
		for _, in := range c.inputs {
			for range 2 { // the record is taken again and again
				r := inputs[in]
				keep := applyAll(t, registry, c, &r)
				if class := c.steps[0].class; strings.Contains(class, "predicates") || slices.Contains(filters, class) {
					continue
				}
				if keep && same(r, inputs[in]) {
					t.Errorf("%s leaves the %s as it is", c.name, in)
				}
			}
		}
	}
}

func same(r, o connect.Record) bool {
	return r.Topic == o.Topic && r.Timestamp == o.Timestamp && len(r.Headers) == len(o.Headers) &&
		r.KeySchema.Equal(o.KeySchema) && r.Key.Equal(o.Key) && r.ValueSchema.Equal(o.ValueSchema) && r.Value.Equal(o.Value)
}

func TestTheNaiveTransformsDoTheSame(t *testing.T) {
	registry := newRegistry(t)
	inputs, err := newInputs()
	if err != nil {
		t.Fatal(err)
	}
	naive, err := newNaiveInputs()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, c := range allCases() {
		in := c.inputs[len(c.inputs)-1]
		theirs, ok := naive[in]
		if c.naive == nil || !ok {
			continue
		}
		compared++
		keep := true
		for _, apply := range c.naive {
			theirs, keep = apply(theirs)
		}
		ours := inputs[in]
		if applyAll(t, registry, c, &ours) != keep {
			t.Errorf("%s: naive says %t", c.name, keep)
		}
		if err := errors.Join(sameValue(registry, ours.Value, theirs.value), sameValue(registry, ours.Key, theirs.key)); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if ours.Topic != theirs.topic || len(ours.Headers) != len(theirs.headers) {
			t.Errorf("%s: topic %s with %d headers, naive %s with %d", c.name, ours.Topic, len(ours.Headers), theirs.topic, len(theirs.headers))
		}
	}
	if compared < 15 {
		t.Errorf("only %d were compared", compared)
	}
}

func sameValue(registry *connect.Registry, ours connect.Value, theirs any) error {
	converter, err := benchconn.JSON(registry, false)
	if err != nil {
		return err
	}
	var schema *connect.Schema
	if ours.Kind() == connect.KindStruct {
		schema = ours.Struct().Schema()
	}
	a, err := converter.AppendData([]byte{}, sourceTopic, schema, ours)
	if err != nil {
		return err
	}
	b, err := json.Marshal(theirs)
	if err != nil {
		return err
	}
	return sameJSON(a, b)
}

func TestThePipelineDoesWhatNaiveJSONDoes(t *testing.T) {
	registry := newRegistry(t)
	values, err := encoded(registry, jsonWorkload, 100)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPipeline(registry, chainOfThree(), values)
	if err != nil {
		t.Fatal(err)
	}
	var naive [][]byte
	if err := naiveJSON(values, func(value []byte) { naive = append(naive, value) })(len(values)); err != nil {
		t.Fatal(err)
	}
	i := 0
	if err := p.move(len(values), func(value []byte) {
		if err := sameJSON(value, naive[i]); err != nil {
			t.Errorf("record %d: %v", i, err)
		}
		i++
	}); err != nil || i != len(values) {
		t.Errorf("%d records, %v", i, err)
	}
}

func TestDocumentsAreComparedByTheirData(t *testing.T) {
	if err := sameJSON([]byte(`{"a":1,"b":[2.50]}`), []byte(`{"b":[2.5], "a":1.0}`)); err != nil {
		t.Error(err)
	}
	for _, other := range []string{`{"a":2}`, `{"a":1,"b":null}`, `{"a":"1"}`, `{`} {
		if sameJSON([]byte(`{"a":1}`), []byte(other)) == nil {
			t.Errorf("%s is taken for the same", other)
		}
	}
}

func TestTheVersionOfBenthosIsThatOfItsModule(t *testing.T) {
	text, err := os.ReadFile("benthos/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if want := "require github.com/redpanda-data/benthos/v4 v" + benthosVersion + "\n"; !strings.Contains(string(text), want) {
		t.Errorf("benthos/go.mod does not say %q", want)
	}
}
