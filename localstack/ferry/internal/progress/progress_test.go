package progress_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

func records(n int64) engine.Facts { return engine.Facts{RecordsOut: n} }

func TestInvocationsOfAllTasksAddUp(t *testing.T) {
	tally := progress.New()
	tally.Committed("c", 0, 0, records(10))
	tally.Committed("c", 0, 0, records(25)) // the same invocation, so 25 in all
	tally.Ended("c", 0, 0, records(30))
	tally.Ended("c", 0, 0, records(0)) // one that found nothing
	tally.Committed("c", 1, 0, records(5))
	tally.Committed("other", 0, 0, records(1))

	counts := tally.Look(time.Now())
	if got := counts["c"].Records; got != 35 {
		t.Errorf("counted %d records, want 35", got)
	}
	if got := counts["other"].Records; got != 1 {
		t.Errorf("counted %d records of the other, want 1", got)
	}
	tally.Forget("other")
	if _, ok := tally.Look(time.Now())["other"]; ok {
		t.Error("a connector that is gone is still counted")
	}
}

// The next hop of a chain is started before the end of the last one is told.
func TestHopsOfOneChainAddUpInWhateverOrderTheyAreTold(t *testing.T) {
	at := func(n int64, second int64) engine.Facts {
		return engine.Facts{RecordsOut: n, CommittedAt: time.Unix(second, 0), SourceOffsets: fmt.Appendf(nil, `[{"partition":{"filename":"f"},"offset":{"position":%d}}]`, second)}
	}
	tally := progress.New()
	tally.Committed("c", 0, 0, at(10, 1))
	tally.Committed("c", 0, 1, at(5, 2))
	tally.Ended("c", 0, 0, at(10, 1))
	if got := tally.Look(time.Now())["c"]; got.Records != 15 || !strings.Contains(got.Position, "position 2") {
		t.Errorf("it shows %+v, want 15 records at position 2", got)
	}
	tally.Committed("c", 0, 1, at(7, 3))
	tally.Ended("c", 0, 1, at(9, 4))
	if got := tally.Look(time.Now())["c"]; got.Records != 19 || !strings.Contains(got.Position, "position 4") {
		t.Errorf("at the end it shows %+v, want 19 records at position 4", got)
	}
}

func TestTheRateIsThatOfTheLastSeconds(t *testing.T) {
	tally, now := progress.New(), time.Unix(0, 0)
	tally.Committed("c", 0, 0, records(0))
	if rate := tally.Look(now)["c"].Rate; rate != 0 {
		t.Errorf("the first look has rate %v, want 0", rate)
	}
	for i := range int64(100) { // 10 records in each quarter of a second
		now = now.Add(250 * time.Millisecond)
		tally.Committed("c", 0, 0, records(10*(i+1)))
		if rate := tally.Look(now)["c"].Rate; rate != 40 {
			t.Fatalf("after %d quarters the rate is %v, want 40", i+1, rate)
		}
	}
	for range 24 { // and then nothing
		now = now.Add(250 * time.Millisecond)
		tally.Look(now)
	}
	if rate := tally.Look(now)["c"].Rate; rate != 0 {
		t.Errorf("six idle seconds later the rate is %v, want 0", rate)
	}
}

func TestPositionsAreToldInFewWords(t *testing.T) {
	source := func(json string) engine.Facts { return engine.Facts{SourceOffsets: []byte(json)} }
	sink := func(p ...engine.Position) engine.Facts { return engine.Facts{Positions: p} }
	tests := []struct {
		name  string
		facts []engine.Facts
		want  string
	}{
		{"nothing yet", []engine.Facts{{}}, ""},
		{"a file", []engine.Facts{source(`[{"partition":{"filename":"/var/log/x"},"offset":{"position":12345678901}}]`)}, "position 12345678901 of /var/log/x"},
		{"two fields", []engine.Facts{source(`[{"partition":{"db":"a","table":"t"},"offset":{"id":7,"at":"noon"}}]`)}, "at noon, id 7 of a, t"},
		{"several partitions", []engine.Facts{source(`[{"partition":{"p":1},"offset":{"o":1}},{"partition":{"p":2},"offset":{"o":2}}]`), source(`[{"partition":{"p":3},"offset":{"o":3}}]`)}, "o 1 of 1 and 2 more"},
		{"a reset offset", []engine.Facts{source(`[{"partition":{"p":1},"offset":null}]`)}, "the beginning of 1"},
		{"a sink", []engine.Facts{sink(engine.Position{Topic: "t", Partition: 3, Offset: 7, Head: 7})}, "t/3 at offset 7"},
		{"a sink that is behind", []engine.Facts{sink(engine.Position{Topic: "t", Offset: 7, Head: 10})}, "t/0 at offset 7, 3 behind"},
		{"a sink that has not committed", []engine.Facts{sink(engine.Position{Topic: "t", Offset: -1, Head: 10})}, "t/0 at offset 0, 10 behind"},
		{"many partitions", []engine.Facts{sink(engine.Position{Offset: 1, Head: 2}, engine.Position{Offset: 5, Head: 9}), sink(engine.Position{Offset: 0, Head: 0})}, "3 partitions, 5 behind"},
		{"an unknown head", []engine.Facts{sink(engine.Position{Topic: "t", Offset: 7, Head: -1})}, "t/0 at offset 7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tally := progress.New()
			for i, f := range tt.facts {
				tally.Ended("c", i, 0, f)
				tally.Ended("c", i, 0, engine.Facts{}) // an invocation that found nothing keeps the position
			}
			if got := tally.Look(time.Now())["c"].Position; got != tt.want {
				t.Errorf("position is %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMalformedOffsetsAreNoPosition(t *testing.T) {
	for _, text := range []string{"", "{", "[1]", `[{"partition":1,"offset":2}]`} {
		tally := progress.New()
		tally.Ended("c", 0, 0, engine.Facts{SourceOffsets: json.RawMessage(text)})
		got := tally.Look(time.Now())["c"].Position
		if got != "" && got != "the beginning" {
			t.Errorf("%q gives position %q", text, got)
		}
	}
}
