package connecttest

import (
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// taggerTransform makes the value a struct of a schema named tagged, and leaves maps as they are. bug is the mistake it makes, empty
// for none.
type taggerTransform struct {
	bug       string
	number    string
	byHash    map[uint64]*connect.Schema
	byPointer map[*connect.Schema]*connect.Schema
	fields    int
}

func (tr *taggerTransform) Apply(r *connect.Record, a *connect.Arena) (bool, error) {
	if r.Value.Kind() != connect.KindStruct {
		return true, nil
	}
	from := r.Value.Struct()
	s, err := tr.schemaFor(from.Schema())
	if err != nil {
		return false, err
	}
	to := a.NewStruct(s)
	copy(to.Fields(), from.Fields())
	switch tr.bug {
	case "changes what it got":
		from.SetField(0, connect.Null())
	case "writes behind the headers":
		r.Headers = append(r.Headers, connect.Header{Key: "tagged"})
	case "shares what it counts":
		r.Topic = tr.number
	case "knows only structs":
		to.SetField(0, connect.Null())
	}
	r.ValueSchema, r.Value = s, to.Value()
	return true, nil
}

func (tr *taggerTransform) schemaFor(s *connect.Schema) (*connect.Schema, error) {
	hash := s.Hash()
	if tr.bug == "takes one schema for another" {
		hash = uint64(len(s.Fields()))
	}
	if found := tr.byHash[hash]; found != nil {
		return found, nil
	}
	if found := tr.byPointer[s]; found != nil {
		return found, nil
	}
	b := connect.NewStructSchema().Name("tagged")
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	made, err := b.Build()
	switch tr.bug {
	case "makes a schema for each record":
	case "keeps every schema":
		tr.byPointer[s] = made
	default:
		if tr.fields += len(s.Fields()); tr.fields > 50_000 {
			clear(tr.byHash)
			tr.fields = 0
		}
		tr.byHash[hash] = made
	}
	return made, err
}

func taggerHarness(bug string) TransformHarness {
	var made atomic.Int32
	return TransformHarness{
		Class: connect.TransformClass{
			Name: "test.Tagger",
			New: func(map[string]string) (connect.Transform, error) {
				return &taggerTransform{
					bug: bug, number: strconv.Itoa(int(made.Add(1))), byHash: make(map[uint64]*connect.Schema), byPointer: make(map[*connect.Schema]*connect.Schema),
				}, nil
			},
		},
		Records: func(a *connect.Arena) []connect.Record {
			s := connect.NewStructSchema().Field("text", connect.OptionalStringSchema).MustBuild()
			st := a.NewStruct(s)
			st.SetField(0, connect.String(a.CopyString("text")))
			return []connect.Record{{Topic: "t", ValueSchema: s, Value: st.Value(), Headers: make([]connect.Header, 1)}}
		},
		Schemaless: []map[string]string{{}},
	}
}

func TestATransformWithPlansConforms(t *testing.T) { Transform(t, taggerHarness("")) }

func TestTheTransformSuiteFindsMistakesWithSchemas(t *testing.T) {
	for bug, where := range map[string]string{
		"changes what it got":            "what another record shares stays as it is",
		"writes behind the headers":      "what another record shares stays as it is",
		"knows only structs":             "a struct and the map of its fields become the same",
		"shares what it counts":          "two of them at once give what each gives alone",
		"takes one schema for another":   "a thousand schemas in turn stay correct, and each keeps its output schema",
		"makes a schema for each record": "of schemas that are made anew for each record one is kept",
		"keeps every schema":             "what is kept of schemas is bounded",
	} {
		t.Run(bug, func(t *testing.T) {
			requireFinding(t, newCountdown(t), taggerHarness(bug).checks(), where)
		})
	}
}

// topicPredicate is true for the topic of its configuration. bug is the mistake it makes.
type topicPredicate struct{ topic, bug, kept string }

func (p *topicPredicate) Test(r *connect.Record) (bool, error) {
	switch p.bug {
	case "keeps memory":
		if p.kept == "" {
			p.kept = r.Topic
		}
		return p.kept == p.topic && r.Topic == p.topic, nil
	case "changes the record":
		r.Topic = p.topic
	}
	return r.Topic == p.topic, nil
}

func topicHarness(bug string) PredicateHarness {
	on := func(topic string) func(*connect.Arena) connect.Record {
		return func(a *connect.Arena) connect.Record { return connect.Record{Topic: a.CopyString(topic)} }
	}
	return PredicateHarness{
		Class: connect.PredicateClass{
			Name: "test.Topic",
			New:  func(map[string]string) (connect.Predicate, error) { return &topicPredicate{topic: "a", bug: bug}, nil },
		},
		Matching: on("a"), Other: on("b"),
	}
}

func TestAGoodPredicateConforms(t *testing.T) { Predicate(t, topicHarness("")) }

func TestThePredicateSuiteFindsEachMistake(t *testing.T) {
	for bug, where := range map[string]string{
		"keeps memory":       "it tells records apart, whatever became of earlier arenas",
		"changes the record": "any record gets an answer or fails as data, and stays as it is",
	} {
		t.Run(bug, func(t *testing.T) {
			requireFinding(t, newCountdown(t), topicHarness(bug).checks(), where)
		})
	}
}
