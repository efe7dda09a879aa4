package engine

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func walkOf(t *testing.T, class *connect.Class, settings ...string) *Walk {
	t.Helper()
	config := map[string]string{
		"value.converter": "test.TextConverter", "transforms": "route, drop, fail", "predicates": "loud",
		"predicates.loud.type": "test.HasText", "predicates.loud.text": "!",
		"transforms.route.type": "test.Route", "transforms.route.topic": "elsewhere", "transforms.route.predicate": "loud",
		"transforms.drop.type": "test.Drop", "transforms.drop.text": "drop", "transforms.fail.type": "test.Fail", "transforms.fail.text": "wrong",
	}
	for i := 0; i < len(settings); i += 2 {
		config[settings[i]] = settings[i+1]
	}
	w, err := NewWalk(Task{Connector: "c", Class: class, Plugins: registry(t), Config: config, OffsetsTopic: offsetsTopic,
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": byteArrayConverter}})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// along sends one record through all steps and returns what each did; "failed" and "dropped" are the last.
func along(w *Walk, r *connect.Record, a *connect.Arena) (outcomes []Outcome, serr *StageError) {
	for i := range w.Steps() {
		outcome, serr := w.Apply(i, r, a)
		if serr != nil {
			return outcomes, serr
		}
		if outcomes = append(outcomes, outcome); outcome == Dropped {
			break
		}
	}
	return outcomes, nil
}

func TestAWalkTellsWhatEachStepDidWithASinksRecord(t *testing.T) {
	w := walkOf(t, &connect.Class{Name: "test.Sink", Sink: func() connect.Sink { return nil }}, "errors.tolerance", "all", "errors.deadletterqueue.topic.name", "dead")
	if steps := w.Steps(); len(steps) != 3 || steps[0] != (Step{Alias: "route", Class: "test.Route", Predicate: "loud", PredicateClass: "test.HasText"}) {
		t.Fatalf("the steps are %+v", steps)
	}
	for value, want := range map[string]struct {
		outcomes []Outcome
		topic    string
		fails    bool
	}{
		"quiet":  {[]Outcome{Skipped, Applied, Applied}, "in", false},
		"loud!":  {[]Outcome{Applied, Applied, Applied}, "elsewhere", false},
		"drop":   {[]Outcome{Skipped, Dropped}, "in", false},
		"wrong!": {[]Outcome{Applied, Applied}, "elsewhere", true},
	} {
		r, a := w.Begin()
		if serr := w.Decode(&kgo.Record{Topic: "in", Offset: 7, Value: []byte(value)}, r); serr != nil {
			t.Fatal(serr)
		}
		outcomes, serr := along(w, r, a)
		if !slices.Equal(outcomes, want.outcomes) || r.Topic != want.topic || (serr != nil) != want.fails {
			t.Errorf("%s: %v, topic %s, %v; want %+v", value, outcomes, r.Topic, serr, want)
		}
		if serr != nil && (serr.Stage != StageTransformation || serr.Class != "test.Fail" || w.Tolerance(serr) != Tolerance{GoesOn: true, DeadLetters: "dead"}) {
			t.Errorf("it failed with %+v, and then %+v", serr, w.Tolerance(serr))
		}
	}
}

func TestAWalkEncodesASourcesRecordAsTheTaskDoes(t *testing.T) {
	w := walkOf(t, &connect.Class{Name: "test.Source", Source: func() connect.Source { return nil }})
	r, a := w.Begin()
	r.Topic, r.ValueSchema, r.Value = "out", connect.StringSchema, connect.String("hello!")
	if outcomes, serr := along(w, r, a); serr != nil || len(outcomes) != 3 {
		t.Fatal(outcomes, serr)
	}
	out, serr := w.Encode(r)
	if serr != nil || out.Topic != "elsewhere" || string(out.Value) != "hello!" || out.Key != nil || out.Partition != -1 {
		t.Errorf("it became %+v, %v", out, serr)
	}
	r, _ = w.Begin()
	r.Topic = offsetsTopic
	if _, serr := w.Encode(r); serr == nil || serr.Stage != StageKafkaProduce || w.Tolerance(serr) != (Tolerance{}) {
		t.Errorf("a record for the offsets topic was answered %v", serr)
	}
}

func TestAPanicOfATransformIsTheFailureOfARecordOnAWalk(t *testing.T) {
	plugins, err := connect.NewRegistry(connect.Plugins{
		Converters: []*connect.ConverterClass{{Name: byteArrayConverter, New: func(map[string]string) (connect.Converter, error) { return bytesConverter{}, nil }}},
		HeaderConverters: []*connect.HeaderConverterClass{
			{Name: simpleHeaderConverter, New: func(map[string]string) (connect.HeaderConverter, error) { return textHeaders{}, nil }},
		},
		Transforms: []*connect.TransformClass{{Name: "test.Panic", New: func(map[string]string) (connect.Transform, error) {
			return apply(func(*connect.Record) (bool, error) { panic("no") }), nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWalk(Task{Class: &connect.Class{Sink: func() connect.Sink { return nil }}, Plugins: plugins,
		Config: map[string]string{"transforms": "p", "transforms.p.type": "test.Panic"},
		Worker: map[string]string{"key.converter": byteArrayConverter, "value.converter": byteArrayConverter}})
	if err != nil {
		t.Fatal(err)
	}
	r, a := w.Begin()
	if _, serr := w.Apply(0, r, a); serr == nil || serr.Class != "test.Panic" || connect.KindOf(serr.Err) != connect.KindFatal {
		t.Errorf("it was answered %v", serr)
	}
}
