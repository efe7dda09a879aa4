package connecttest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// PredicateHarness is what the suite must know about a predicate.
type PredicateHarness struct {
	// Class is the predicate under test, Config its keys without prefix.
	Class  connect.PredicateClass
	Config map[string]string
	// Matching and Other return a record that matches and one that does not, in memory of a.
	Matching, Other func(a *connect.Arena) connect.Record
}

// Predicate runs the conformance suite for a predicate.
func Predicate(t *testing.T, h PredicateHarness) {
	t.Helper()
	runChecks(t, h.checks())
}

func (h PredicateHarness) checks() []check {
	return []check{
		{"it tells records apart, whatever became of earlier arenas", h.checkAnswers},
		{"any record gets an answer or fails as data, and stays as it is", h.checkAnything},
		{"two of them at once answer as each does alone", h.checkConcurrent},
	}
}

func (h PredicateHarness) new() (connect.Predicate, error) {
	p, err := h.Class.New(h.Config)
	if err != nil {
		return nil, fmt.Errorf("configure %s: %w", h.Class.Name, err)
	}
	return p, nil
}

func (h PredicateHarness) checkAnswers(context.Context, testing.TB) error {
	p, err := h.new()
	if err != nil {
		return err
	}
	return h.answers(p, 3)
}

// answers asks about both records, each time in an arena of its own that is overwritten afterwards.
func (h PredicateHarness) answers(p connect.Predicate, rounds int) error {
	for round := range rounds {
		for i, record := range []func(*connect.Arena) connect.Record{h.Matching, h.Other} {
			var a connect.Arena
			r := record(&a)
			before := outcome(&r, true, nil)
			got, err := p.Test(&r)
			if err != nil {
				return fmt.Errorf("round %d, record %s: %w", round, before, err)
			}
			if want := i == 0; got != want {
				return fmt.Errorf("round %d, record %s: got %t", round, before, got)
			}
			a.Poison()
		}
	}
	return nil
}

func (h PredicateHarness) checkAnything(context.Context, testing.TB) error {
	p, err := h.new()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(19, 19))
	var a connect.Arena
	for i := range 500 {
		a.Reset()
		record := anyRecord(r, &a)
		record.Topic = "topic" + strconv.Itoa(i)
		before := outcome(&record, true, nil)
		first, err := p.Test(&record)
		if err != nil && connect.KindOf(err) != connect.KindData && connect.KindOf(err) != connect.KindRetriable {
			return fmt.Errorf("record %s: the error is of kind %s, want data or retriable: %w", before, connect.KindOf(err), err)
		}
		if second, _ := p.Test(&record); second != first {
			return fmt.Errorf("record %s: the answer was %t, then %t", before, first, second)
		}
		if after := outcome(&record, true, nil); after != before {
			return fmt.Errorf("record %s has become %s", before, after)
		}
	}
	return nil
}

func (h PredicateHarness) checkConcurrent(context.Context, testing.TB) error {
	var errs [2]error
	var both sync.WaitGroup
	for i := range errs {
		both.Go(func() {
			p, err := h.new()
			if err == nil {
				err = h.answers(p, 20)
			}
			errs[i] = err
		})
	}
	both.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// PredicateClasses runs the conformance suite for every class of a list, as TransformClasses does. The harnesses need no class.
func PredicateClasses(t *testing.T, classes []connect.PredicateClass, cases map[string]PredicateHarness) {
	t.Helper()
	used := make(map[string]bool)
	for _, class := range classes {
		name := caseOf(class.Name, cases)
		if name == "" {
			t.Errorf("%s is not tested", class.Name)
			continue
		}
		used[name] = true
		h := cases[name]
		h.Class = class
		t.Run(name, func(t *testing.T) { Predicate(t, h) })
	}
	for name := range cases {
		if !used[name] {
			t.Errorf("there is no class %s", name)
		}
	}
}
