package connecttest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// lineSink appends to a place. bug is the mistake it makes, empty for none.
type lineSink struct {
	bug    string
	places map[string]*sinkPlace
	place  *sinkPlace
	buffer []string
	rt     *connect.SinkRuntime
	stop   chan struct{}
}

// sinkPlace is a system of lines that may be out of order.
type sinkPlace struct {
	place
	broken bool
}

func (s *lineSink) Open(ctx context.Context, rt *connect.SinkRuntime) error {
	s.rt, s.place, s.stop = rt, s.places[rt.Config["place"]], make(chan struct{})
	if s.bug == "leaks" {
		go func() { <-s.stop }()
	}
	return ctx.Err()
}

func (s *lineSink) Put(_ context.Context, b *connect.Batch) error {
	if s.bug == "refuses empty batches" && b.Len() == 0 {
		return errors.New("no records")
	}
	if s.bug == "logs" {
		s.rt.Log.Warn("records came")
	}
	for i := range b.Records() {
		text := b.Records()[i].Value.Str()
		if s.bug != "keeps memory" {
			text = strings.Clone(text)
		}
		s.buffer = append(s.buffer, text)
	}
	if s.bug == "writes backwards" {
		slices.Reverse(s.buffer)
	}
	return nil
}

func (s *lineSink) Flush(context.Context) (connect.Offsets, error) {
	switch {
	case s.place.broken && s.bug == "hides failures":
		s.buffer = nil
		return nil, nil
	case s.place.broken && s.bug == "blames the data":
		return nil, connect.DataError("cannot write")
	case s.place.broken:
		return nil, connect.RetriableError("cannot write", nil)
	case s.bug == "never commits":
		return connect.Offsets{}, nil
	case s.bug == "commits too early":
		return nil, nil
	case s.bug == "goes back" && len(s.place.lines) > 0:
		return connect.Offsets{partitionOf(0): 0}, nil
	}
	for _, line := range s.buffer {
		if s.bug == "" && slices.Contains(s.place.lines, line) {
			continue
		}
		s.place.lines = append(s.place.lines, line)
	}
	s.buffer = s.buffer[:0]
	return nil, nil
}

func (s *lineSink) Close(ctx context.Context) error {
	if s.bug == "fails to close" {
		return errors.New("nothing to close")
	}
	return nil
}

func sinkHarness(bug string) SinkHarness {
	places := make(map[string]*sinkPlace)
	return SinkHarness{
		Class: &connect.Class{
			Name: "test.LineSink", Version: "1", Config: configdef.MustNew(),
			Sink: func() connect.Sink { return &lineSink{bug: bug, places: places} },
		},
		Config: func(testing.TB) map[string]string {
			name := fmt.Sprintf("place %d", len(places))
			places[name] = &sinkPlace{}
			return map[string]string{"place": name}
		},
		ReadBack: func(_ testing.TB, config map[string]string) []string { return places[config["place"]].lines },
		Break: func(_ testing.TB, config map[string]string) func() {
			p := places[config["place"]]
			p.broken = true
			return func() { p.broken = false }
		},
		Once: bug == "" || bug == "writes twice",
	}
}

func TestAGoodSinkConforms(t *testing.T) { Sink(t, sinkHarness("")) }

func TestTheSinkSuiteFindsEachMistake(t *testing.T) {
	for bug, where := range map[string]string{
		"keeps memory":          "what was flushed is durable, intact, in order, and written in silence",
		"logs":                  "what was flushed is durable, intact, in order, and written in silence",
		"writes backwards":      "what was flushed is durable, intact, in order, and written in silence",
		"commits too early":     "what was flushed is durable, intact, in order, and written in silence",
		"goes back":             "what was flushed is durable, intact, in order, and written in silence",
		"never commits":         "the next invocation goes on from the safe offsets",
		"writes twice":          "a batch put twice loses nothing",
		"refuses empty batches": "an empty batch is no error",
		"leaks":                 "a closed sink leaves no goroutine behind",
		"fails to close":        "a sink can be closed after an Open that failed",
		"hides failures":        "after a failure the same batch is taken",
		"blames the data":       "after a failure the same batch is taken",
	} {
		t.Run(bug, func(t *testing.T) {
			requireFinding(t, newCountdown(t), sinkHarness(bug).checks(), where)
		})
	}
}
