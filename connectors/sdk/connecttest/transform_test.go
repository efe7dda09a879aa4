package connecttest

import (
	"errors"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// suffixTransform appends a suffix to STRING values, and sets the key of others. bug is the mistake it makes, empty for none.
type suffixTransform struct {
	bug  string
	kept connect.Value
}

func (tr *suffixTransform) Apply(r *connect.Record, a *connect.Arena) (bool, error) {
	if r.ValueSchema == nil || r.ValueSchema.Type() != connect.TypeString || r.Value.IsNull() {
		switch tr.bug {
		case "panics":
			_ = r.Value.Struct().Schema().Name
		case "fails for good":
			return false, errors.New("no text")
		}
		return true, nil
	}
	text := connect.String(a.CopyString(r.Value.Str() + "!"))
	switch tr.bug {
	case "keeps memory":
		if tr.kept.IsNull() {
			tr.kept = text
		}
		text = tr.kept
	case "changes the type":
		text = connect.Int32(1)
	case "spoils the default":
		if def, ok := r.ValueSchema.Default(); ok {
			copy(def.Bytes(), strings.ToUpper(def.Str()))
		}
	case "fails half way":
		r.Headers = connect.AppendHeader(a, r.Headers, connect.Header{Key: "seen", Schema: connect.StringSchema, Value: text})
		return false, connect.RetriableError("no connection", nil)
	}
	r.Value = text
	return true, nil
}

func suffixHarness(bug string) TransformHarness {
	return TransformHarness{
		Class: connect.TransformClass{
			Name: "test.Suffix",
			New:  func(map[string]string) (connect.Transform, error) { return &suffixTransform{bug: bug}, nil },
		},
		Records: func(a *connect.Arena) []connect.Record {
			withDefault := connect.NewSchema(connect.TypeString).Default(connect.String("default")).MustBuild()
			return []connect.Record{
				{KeySchema: connect.StringSchema, Key: connect.String(a.CopyString("key")), ValueSchema: withDefault, Value: connect.String(a.CopyString("value"))},
				{ValueSchema: connect.OptionalStringSchema},
			}
		},
	}
}

func TestAGoodTransformConforms(t *testing.T) { Transform(t, suffixHarness("")) }

func TestTheTransformSuiteFindsEachMistake(t *testing.T) {
	for bug, where := range map[string]string{
		"changes the type":   "what comes out is valid",
		"keeps memory":       "the same record gives the same result, whatever became of earlier arenas",
		"spoils the default": "schemas and their defaults stay what they are",
		"panics":             "any record passes, is dropped, or fails as data or for now",
		"fails for good":     "any record passes, is dropped, or fails as data or for now",
		"fails half way":     "a failure that may pass leaves the record as it was",
	} {
		t.Run(bug, func(t *testing.T) {
			requireFinding(t, newCountdown(t), suffixHarness(bug).checks(), where)
		})
	}
}
