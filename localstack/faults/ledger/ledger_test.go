package ledger

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// scene is a Ledger of ten numbers whose group's offset and reader a test moves by hand.
type scene struct {
	*Ledger
	t        *testing.T
	position int64
	visible  int64
	fed      int64
	fenced   string // session
}

func newScene(t *testing.T, pauses ...int64) *scene {
	s := &scene{t: t}
	s.Ledger = New(Options{
		Records: 10, Pauses: pauses, Note: func(string) {},
		Visible: func(_ context.Context, below int64) error {
			if below > s.visible {
				return errors.New("it is not there")
			}
			return nil
		},
		Feed:     func(_ context.Context, below int64) error { s.fed = max(s.fed, below); return nil },
		Position: func(context.Context) (int64, error) { return s.position, nil },
		Fenced:   func(session string) bool { return session == s.fenced },
	})
	return s
}

func (s *scene) ask(path string, q request) response {
	s.t.Helper()
	p, err := s.answer(s.t.Context(), path, q)
	if err != nil {
		s.t.Fatalf("%s: %v", path, err)
	}
	return p
}

// move puts and flushes the numbers from one to below another.
func (s *scene) move(session string, from, to, stored int64, conditional bool) response {
	s.t.Helper()
	q := request{Session: session, From: from}
	for id := from; id < to; id++ {
		q.IDs = append(q.IDs, id)
	}
	s.ask("/put", q)
	return s.ask("/flush", request{Session: session, From: stored, To: to, Conditional: conditional})
}

func TestALedgerSeesWhatMustNotBe(t *testing.T) {
	for name, c := range map[string]struct {
		story func(s *scene)
		lost  int64
		again int64
		want  string // of a violation; empty for none
	}{
		"all arrive once": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 10, 0, false)
		}, 0, 0, ""},
		"one is lost": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 9, 0, false)
		}, 1, 0, ""},
		"a batch that was flushed and not committed comes again": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 5, 0, false)
			s.ask("/open", request{Session: "b"})
			s.move("b", 0, 10, 0, false)
		}, 0, 5, ""},
		"a batch that was committed comes again": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 5, 0, false)
			s.position = 5
			s.ask("/open", request{Session: "b"})
			s.move("b", 0, 10, 0, false)
		}, 0, 5, "at most 0 were flushed without being committed"},
		"two batches come again": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 5, 0, false)
			s.move("a", 5, 10, 0, false)
			s.ask("/open", request{Session: "b"})
		}, 0, 0, "10 numbers come again, and the largest batch had 5"},
		"a session that was fenced flushes what it had": {func(s *scene) {
			s.ask("/open", request{Session: "b"})
			s.move("b", 0, 10, 0, false)
			s.position, s.fenced = 10, "a"
			s.ask("/open", request{Session: "a"}) // it was frozen before
			s.move("a", 6, 10, 0, false)
		}, 0, 4, ""},
		"a session that was fenced flushes what it had, and more": {func(s *scene) {
			s.fenced = "a"
			s.ask("/open", request{Session: "a"})
			s.ask("/open", request{Session: "b"})
			s.move("b", 0, 10, 0, false)
			s.move("a", 0, 2, 0, false)
			s.move("a", 2, 4, 0, false)
		}, 0, 4, "flushed a second batch"},
		"the group is ahead of what is durable": {func(s *scene) {
			s.position = 1
			s.ask("/open", request{Session: "a"})
		}, 10, 0, "and only 0 numbers are durable"},
		"the group goes back": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 0, 10, 0, false)
			s.position = 10
			s.ask("/open", request{Session: "b"})
			s.position = 5
			s.ask("/flush", request{Session: "b", To: 10})
		}, 0, 0, "went from 10 back to 5"},
		"of two exactly-once sessions the slower leaves out what is there": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.ask("/open", request{Session: "b"})
			s.move("b", 0, 4, 0, true)
			if p := s.move("a", 0, 6, 0, true); !p.Refused || p.Stored != 4 {
				s.t.Errorf("answered %+v", p)
			}
			s.ask("/flush", request{Session: "a", From: 4, To: 6, Conditional: true})
			s.move("b", 6, 10, 6, true)
		}, 0, 0, ""},
		"an exactly-once flush leaves a gap": {func(s *scene) {
			s.ask("/open", request{Session: "a"})
			s.move("a", 5, 10, 0, true)
		}, 5, 0, "a flush from 0 to 10 had 5 numbers"},
		"a source is told of what is not there": {func(s *scene) {
			s.visible = 3
			s.ask("/committed", request{To: 3})
			s.ask("/committed", request{To: 4})
		}, 10, 0, "all below 4 are durable"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.story(s)
			a := s.Account()
			if a.Lost != c.lost || a.Repeated != c.again {
				t.Errorf("%d lost, %d repeated; want %d and %d", a.Lost, a.Repeated, c.lost, c.again)
			}
			if c.want == "" && len(a.Violations) > 0 || c.want != "" && !slices.ContainsFunc(a.Violations, func(v string) bool { return strings.Contains(v, c.want) }) {
				t.Errorf("violations are %q, want %q", a.Violations, c.want)
			}
		})
	}
}

func TestNumbersStopAtAPauseUntilItIsOver(t *testing.T) {
	s := newScene(t, 4)
	for _, want := range []int64{4, 4} {
		if p := s.ask("/poll", request{From: 2, To: 10}); p.To != want {
			t.Errorf("before the pause a source gets numbers below %d, want %d", p.To, want)
		}
		if err := s.Resume(t.Context()); err != nil { // nobody has reached it
			t.Fatal(err)
		}
	}
	s.ask("/poll", request{From: 4, To: 10})
	if err := s.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p := s.ask("/poll", request{From: 4, To: 10}); p.To != 10 || s.fed != 10 {
		t.Errorf("after the pause a source gets numbers below %d, and a sink's topic has %d", p.To, s.fed)
	}
}
