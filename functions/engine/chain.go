package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// chain is the transforms of a task in their order. It is used from one goroutine.
type chain struct {
	steps []step
}

// step is one transform with the predicate that guards it: Kafka Connect's TransformationStage.
type step struct {
	alias     string
	class     string
	transform connect.Transform
	predicate connect.Predicate // nil: always
	guard     guard             // what the predicate is, for people
	negate    bool
}

// guard names a predicate.
type guard struct{ alias, class string }

// Outcome is what a step of the chain did with a record.
type Outcome uint8

// The outcomes of a step that did not fail.
const (
	// Applied says that the transform was applied, and the record goes on.
	Applied Outcome = iota
	// Skipped says that the predicate kept the transform from the record, which goes on.
	Skipped
	// Dropped says that the transform dropped the record.
	Dropped
)

// newChain builds the transforms that config names under transforms, with the predicates under predicates. Errors are
// KindConfig and name the key.
func newChain(config map[string]string, plugins *connect.Registry) (chain, error) {
	var c chain
	aliases, err := aliasList(config, "transforms")
	if err != nil {
		return c, err
	}
	for _, alias := range aliases {
		s, err := newStep(config, plugins, alias)
		if err != nil {
			return c, err
		}
		c.steps = append(c.steps, s)
	}
	return c, nil
}

func newStep(config map[string]string, plugins *connect.Registry, alias string) (step, error) {
	prefix := "transforms." + alias + "."
	own := withPrefix(config, prefix)
	class, err := plugins.Transform(own["type"])
	if err != nil {
		return step{}, fmt.Errorf("%stype: %w", prefix, err)
	}
	s := step{alias: alias, class: class.Name, negate: strings.EqualFold(own["negate"], "true")}
	alias, guarded := own["predicate"]
	if _, negates := own["negate"]; negates && !guarded {
		return step{}, connect.ConfigError(fmt.Sprintf("Config '%snegate' was provided but there is no config '%spredicate' defining a predicate to be negated.", prefix, prefix))
	}
	if guarded {
		s.guard.alias = alias
		if s.predicate, s.guard.class, err = newPredicate(config, plugins, alias); err != nil {
			return step{}, fmt.Errorf("%spredicate: %w", prefix, err)
		}
	}
	for _, k := range []string{"type", "predicate", "negate", "plugin.version"} { // a transform's own keys of these names are hidden
		delete(own, k)
	}
	if s.transform, err = class.New(own); err != nil {
		return step{}, fmt.Errorf("%s*: %w", prefix, err)
	}
	return s, nil
}

func newPredicate(config map[string]string, plugins *connect.Registry, alias string) (_ connect.Predicate, class string, err error) {
	aliases, err := aliasList(config, "predicates")
	if err != nil {
		return nil, "", err
	}
	prefix := "predicates." + alias + "."
	if !slices.Contains(aliases, alias) {
		return nil, "", connect.ConfigError(fmt.Sprintf("the predicate '%s' is not listed in 'predicates'", alias))
	}
	own := withPrefix(config, prefix)
	found, err := plugins.Predicate(own["type"])
	if err != nil {
		return nil, "", fmt.Errorf("%stype: %w", prefix, err)
	}
	delete(own, "type")
	delete(own, "plugin.version")
	p, err := found.New(own)
	if err != nil {
		return nil, "", fmt.Errorf("%s*: %w", prefix, err)
	}
	return p, found.Name, nil
}

// apply sends a record through the chain, beginning with step from, and reports whether it goes on. When a step fails,
// at is its index.
func (c *chain) apply(r *connect.Record, a *connect.Arena, from int) (keep bool, at int, err error) {
	for i := from; i < len(c.steps); i++ {
		outcome, err := c.steps[i].apply(r, a)
		if err != nil || outcome == Dropped {
			return false, i, err
		}
	}
	return true, 0, nil
}

// apply applies the transform if the predicate, negated or not, says so.
func (s *step) apply(r *connect.Record, a *connect.Arena) (Outcome, error) {
	if s.predicate != nil {
		matches, err := s.predicate.Test(r)
		if err != nil {
			return Skipped, err
		}
		if matches == s.negate {
			return Skipped, nil
		}
	}
	keep, err := s.transform.Apply(r, a)
	if !keep {
		return Dropped, err
	}
	return Applied, err
}

// transform sends a record through the chain and reports whether it goes on. A step that fails with a retriable error
// is tried again, and so must leave the record as it was; other failures are decided by the tolerance. raw is the record
// as it was consumed, nil for a source's.
func (r *run) transform(rec *connect.Record, a *connect.Arena, raw *kgo.Record) (keep bool, err error) {
	var tries stageTries
	for step := 0; ; {
		keep, at, err := r.chain.apply(rec, a, step)
		if err == nil {
			if !keep {
				r.facts.RecordsDropped++
			}
			return keep, nil
		}
		serr := r.chain.steps[at].failed(rec, err)
		if !r.tol.again(r.poll, &tries, serr) {
			return false, r.tol.failed(r.poll, serr, rec, raw)
		}
		step = at
	}
}

// failed says which step failed with which record.
func (s *step) failed(r *connect.Record, err error) *StageError {
	return &StageError{Stage: StageTransformation, Class: s.class, Record: place(r), Err: err}
}
