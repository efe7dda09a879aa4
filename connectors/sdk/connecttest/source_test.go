package connecttest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// place is a system of lines of text.
type place struct{ lines []string }

// lineSource reads a place. bug is the mistake it makes, empty for none.
type lineSource struct {
	bug       string
	place     *place
	rt        *connect.SourceRuntime
	partition *connect.SourcePartition
	position  int
	kept      connect.Value
	stop      chan struct{}
	blocked   func()
	failed    bool
}

func (s *lineSource) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	s.rt, s.partition, s.stop = rt, connect.NewSourcePartition("place", connect.String(rt.Config["place"])), make(chan struct{})
	if s.bug == "leaks" {
		go func() { <-s.stop }()
	}
	offset, err := rt.Offsets.Offset(ctx, s.partition)
	if err != nil {
		s.failed = true
		return fmt.Errorf("open: %w", err)
	}
	position, ok := offset.Map().Get("position")
	switch {
	case !ok:
	case s.bug == "expects int32" && position.Kind() != connect.KindInt32:
	case s.bug == "repeats":
		s.position = int(position.Int()) - 1
	default:
		s.position = int(position.Int())
	}
	return nil
}

func (s *lineSource) Poll(ctx context.Context, b *connect.Batch) error {
	if s.bug == "blocks" && s.position == len(s.place.lines) {
		s.blocked()
		<-ctx.Done()
	}
	if s.bug == "waits for more" && b.Len() > 0 && s.position == len(s.place.lines) {
		s.blocked()
		<-ctx.Done()
	}
	if s.bug == "starts over" {
		b.Reset()
	}
	if s.bug == "ends with a cancelled poll" && ctx.Err() != nil {
		s.position = len(s.place.lines)
		return ctx.Err()
	}
	if s.rt.Transaction != nil {
		defer s.endTransactions(b, b.Len())
	}
	for s.position < len(s.place.lines) && (!b.Full() || s.bug == "overfills") {
		line := s.place.lines[s.position]
		s.position++
		r := b.Append()
		r.Topic, r.SourcePartition = "lines", s.partition
		if s.bug == "new partitions" {
			r.SourcePartition = connect.NewSourcePartition("place", connect.String(s.rt.Config["place"]))
		}
		r.ValueSchema, r.Value = connect.StringSchema, connect.String(b.Arena.CopyString(line))
		s.misbehave(r, b)
		r.SourceOffset = connect.NewMap([]connect.Value{connect.String("position"), connect.Int32(int32(s.offset()))}).Value().Clone(&b.Arena)
		if s.bug != "counts no bytes" {
			b.AddBytes(len(line))
		}
	}
	return nil
}

// endTransactions ends one after every fourth line, and after the last.
func (s *lineSource) endTransactions(b *connect.Batch, from int) {
	tx := s.rt.Transaction
	first := s.position - (b.Len() - from)
	for i := from; i < b.Len(); i++ {
		if (first+i-from)%4 == 3 {
			tx.CommitTransactionAfter(i)
		}
	}
	if s.position < len(s.place.lines) {
		return
	}
	switch s.bug {
	case "never ends its last transaction":
	case "ends a transaction after a record that is not there":
		tx.CommitTransactionAfter(b.Len())
	case "commits and aborts":
		tx.AbortTransaction()
		tx.CommitTransaction()
	default:
		tx.CommitTransaction()
	}
}

func (s *lineSource) offset() int {
	if s.bug == "loses" {
		return len(s.place.lines)
	}
	return s.position
}

func (s *lineSource) misbehave(r *connect.Record, b *connect.Batch) {
	switch s.bug {
	case "keeps memory":
		if s.kept.IsNull() {
			s.kept = connect.String(b.Arena.CopyString("key"))
		}
		r.KeySchema, r.Key = connect.StringSchema, s.kept
	case "lies about schemas":
		r.ValueSchema = connect.Int32Schema
	case "logs":
		s.rt.Log.Info("a record")
	case "drops":
		if s.position == 3 {
			r.Value = connect.String("line 0")
		}
	}
}

func (s *lineSource) Committed(context.Context, []connect.SourceOffset) error {
	if s.bug == "fails to acknowledge" {
		return errors.New("no connection")
	}
	return nil
}

func (s *lineSource) Close(context.Context) error {
	if s.bug == "fails to close" && s.failed {
		return errors.New("not open")
	}
	if s.bug == "panics in close" && s.failed {
		var none *place
		_ = none.lines
	}
	return nil
}

func lineHarness(bug string, blocked func()) SourceHarness {
	places := make(map[string]*place)
	class := &connect.Class{
		Name: "test.LineSource", Version: "1", Config: configdef.MustNew(),
		Source:              func() connect.Source { return &boundSource{lineSource{bug: bug, blocked: blocked}, places} },
		DefinesTransactions: func(map[string]string) bool { return true },
	}
	if bug == "refuses its offsets" || bug == "" {
		class.AlterOffsets = func(_ context.Context, _ map[string]string, offsets []connect.SourceOffset) (bool, error) {
			for _, o := range offsets {
				if position, _ := o.Offset.Map().Get("position"); bug != "" && position.Kind() != connect.KindInt32 {
					return false, errors.New("position must be INT32")
				}
			}
			return false, nil
		}
	}
	if bug == "plans too many" {
		class.Plan = func(_ context.Context, config map[string]string, _ int) ([]map[string]string, error) {
			return []map[string]string{config, config}, nil
		}
	}
	return SourceHarness{
		Class: class,
		Config: func(testing.TB) map[string]string {
			name := fmt.Sprintf("place %d", len(places))
			places[name] = &place{}
			return map[string]string{"place": name}
		},
		Seed: func(_ testing.TB, config map[string]string, n int) int {
			p := places[config["place"]]
			for range n {
				p.lines = append(p.lines, fmt.Sprintf("line %d", len(p.lines)))
			}
			return n
		},
	}
}

// boundSource finds its place when it is opened.
type boundSource struct {
	lineSource
	places map[string]*place
}

func (s *boundSource) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	s.place = s.places[rt.Config["place"]]
	return s.lineSource.Open(ctx, rt)
}

// countdown ends when it was asked often enough, so that giving up takes no time.
type countdown struct {
	context.Context
	left   atomic.Int64
	cancel context.CancelFunc
}

func newCountdown(t *testing.T) *countdown {
	ctx, cancel := context.WithCancel(t.Context())
	c := &countdown{Context: ctx, cancel: cancel}
	c.left.Store(2000)
	return c
}

// Err counts down.
func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

func TestAGoodSourceConforms(t *testing.T) { Source(t, lineHarness("", nil)) }

func TestTheSourceSuiteFindsEachMistake(t *testing.T) {
	for bug, where := range map[string]string{
		"plans too many":       "the class is complete",
		"counts no bytes":      "everything is read once, valid, in bounded batches, in silence",
		"overfills":            "a batch ends at its byte bound",
		"new partitions":       "everything is read once, valid, in bounded batches, in silence",
		"lies about schemas":   "everything is read once, valid, in bounded batches, in silence",
		"logs":                 "everything is read once, valid, in bounded batches, in silence",
		"drops":                "everything is read once, valid, in bounded batches, in silence",
		"blocks":               "a poll without data returns at once, and later data is found",
		"waits for more":       "a poll adds to what a batch holds, without waiting for more",
		"starts over":          "a poll adds to what a batch holds, without waiting for more",
		"repeats":              "an invocation resumes after the last committed record",
		"loses":                "an invocation resumes after the last committed record",
		"expects int32":        "an invocation resumes after the last committed record",
		"fails to acknowledge": "an invocation resumes after the last committed record",
		"keeps memory":         "nothing in the arena is kept between polls",
		"leaks":                "a closed source leaves no goroutine behind",
		"fails to close":       "a source can be closed after an Open that failed",
		"panics in close":      "a source can be closed after an Open that failed",
		"refuses its offsets":  "its own offsets can be set by a user",

		"ends with a cancelled poll":                          "a cancelled poll returns, and the next one goes on",
		"never ends its last transaction":                     "what it defines as transactions is complete",
		"ends a transaction after a record that is not there": "what it defines as transactions is complete",
		"commits and aborts":                                  "what it defines as transactions is complete",
	} {
		t.Run(bug, func(t *testing.T) {
			ctx := newCountdown(t)
			requireFinding(t, ctx, lineHarness(bug, ctx.cancel).checks(), where)
		})
	}
}

// requireFinding runs the check of the given name, which must fail.
func requireFinding(t *testing.T, ctx context.Context, checks []check, name string) {
	t.Helper()
	for _, c := range checks {
		if c.name != name {
			continue
		}
		err := c.guarded(ctx, t)
		if err == nil {
			t.Errorf("%q passes", name)
		}
		t.Log(err)
		return
	}
	t.Fatalf("no check is called %q", name)
}

func TestOffsetsComeBackAsProductionReturnsThem(t *testing.T) {
	var store OffsetStore
	p := connect.NewSourcePartition("file", connect.String("a"))
	offset := connect.NewMap([]connect.Value{
		connect.String("i"), connect.Int8(-5), connect.String("l"), connect.Int64(1 << 60), connect.String("f"), connect.Float32(1.5),
		connect.String("b"), connect.Bool(true), connect.String("s"), connect.String("é\x00"), connect.String("n"), connect.Null(),
	}).Value()
	want := connect.NewMap([]connect.Value{
		connect.String("i"), connect.Int64(-5), connect.String("l"), connect.Int64(1 << 60), connect.String("f"), connect.Float64(1.5),
		connect.String("b"), connect.Bool(true), connect.String("s"), connect.String("é\x00"), connect.String("n"), connect.Null(),
	}).Value()
	if err := store.Commit(connect.SourceOffset{Partition: p, Offset: offset}); err != nil {
		t.Fatal(err)
	}
	got, err := store.Offset(t.Context(), connect.NewSourcePartition("file", connect.String("a")))
	if err != nil || !got.Equal(want) {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	if got, err := store.Offset(t.Context(), connect.NewSourcePartition("file", connect.String("b"))); err != nil || !got.IsNull() {
		t.Errorf("an unknown partition has %s, %v", got, err)
	}
	for _, bad := range []connect.Value{connect.Int64(1), connect.NewMap([]connect.Value{connect.String("k"), connect.Array(nil)}).Value(), connect.NewMap([]connect.Value{connect.Int8(1), connect.Int8(1)}).Value()} {
		if err := store.Commit(connect.SourceOffset{Partition: p, Offset: bad}); err == nil {
			t.Errorf("%s is taken as an offset", bad)
		}
	}
}
