package chainview_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/chainview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

func rendered(lines []terminal.Line) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l.Render(false) + "\n")
	}
	return b.String()
}

func TestEachKindOfChangeHasItsMark(t *testing.T) {
	typed := func(typ, value string) *preview.Typed {
		return &preview.Typed{Type: typ, Value: json.RawMessage(value)}
	}
	for want, c := range map[string]preview.Change{
		`+ value.a  1 int32`:                           {Path: "value.a", After: typed("int32", "1")},
		`- value.a  {"b":[1]} map`:                     {Path: "value.a", Before: typed("map", `{"b": [1]}`)},
		`~ value.a  1 → 2`:                             {Path: "value.a", Before: typed("int32", "1"), After: typed("int32", "2")},
		`~ value.a  1 int64 → 1 int32`:                 {Path: "value.a", Before: typed("int64", "1"), After: typed("int32", "1")},
		`~ value.a  null → "x" string`:                 {Path: "value.a", Before: typed("null", "null"), After: typed("string", `"x"`)},
		`~ value (name)  "A" → "B"`:                    {Path: "value", Attribute: "name", Before: typed("", `"A"`), After: typed("", `"B"`)},
		`+ value (doc)  "A"`:                           {Path: "value", Attribute: "doc", After: typed("", `"A"`)},
		`+ at  5 (1970-01-01T00:00:00.005Z) timestamp`: {Path: "at", After: typed("timestamp", "5")},
	} {
		if got := chainview.Change(c).Render(false); got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	}
}

func TestASchemaIsShownOfWhatIsWrittenToKafkaAlone(t *testing.T) {
	null := preview.Data{JSON: json.RawMessage(`null`)}
	rec := &preview.Record{Topic: "t", Key: null, Value: preview.Data{JSON: json.RawMessage(`{"schema":{"type":"int32"},"payload":5}`)}}
	got := rendered(chainview.Lines(&preview.Result{Line: 1, Outcome: preview.Passed, Before: rec, After: rec, Kafka: rec}))
	want := "● line 1  t  passed\n    before  key null  value 5\n    after   key null  value 5\n    kafka   key null  value {\"schema\":{\"type\":\"int32\"},\"payload\":5}\n"
	if got != want {
		t.Errorf("it is\n%swant\n%s", got, want)
	}
}

func TestAFailureIsToldWithAllThatIsKnown(t *testing.T) {
	got := rendered(chainview.Lines(&preview.Result{Line: 3, Outcome: preview.Failed, Error: &preview.Error{
		Stage: "TRANSFORMATION", Class: "a.b.C$Value", Transform: "x", Exception: "e.f.DataException", Message: "no: ", Cause: "not yet", Hint: "wait",
		Task: preview.TaskTriesAgain, DeadLetters: "dead",
	}}))
	want := "✗ line 3  failed\n    TRANSFORMATION with x, a C$Value\n    DataException: no\n    caused by: not yet\n    hint: wait\n    the task tries again, and writes it to the topic dead\n"
	if got != want {
		t.Errorf("it is\n%swant\n%s", got, want)
	}
}

// Records come from anywhere, and may not move the cursor or change the title of the window.
func TestNothingInARecordReachesTheTerminalAsACommand(t *testing.T) {
	evil := "\x1b]0;title\x07\x1b[2J\u202e"
	text, quoted := evil, json.RawMessage(`"`+"\u202e"+`"`)
	rec := &preview.Record{Topic: evil, Key: preview.Data{Text: &text}, Value: preview.Data{JSON: quoted}, Headers: []preview.Header{{Key: evil, Value: preview.Data{JSON: quoted}}}}
	res := &preview.Result{Outcome: preview.Failed, Before: rec, After: rec, Kafka: rec, Error: &preview.Error{Stage: evil, Class: evil, Transform: evil, Exception: evil, Message: evil, Cause: evil, Hint: evil},
		Steps: []preview.Step{{Transform: evil, Class: evil, Outcome: preview.Changed, Predicate: &preview.Predicate{Name: evil, Class: evil},
			Changes: []preview.Change{{Path: evil, Before: &preview.Typed{Type: evil, Value: quoted}, After: &preview.Typed{Type: evil, Value: json.RawMessage(evil)}}}}}}
	invalid := &preview.Result{Outcome: preview.Invalid, Error: &preview.Error{Field: evil, Message: evil}}
	if got := rendered(append(chainview.Lines(res), chainview.Lines(invalid)...)); strings.ContainsAny(got, "\x1b\x07\u202e") {
		t.Errorf("it is %q", got)
	}
}
