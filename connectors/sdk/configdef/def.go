package configdef

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Def is the definition of a configuration: an ordered set of keys. It is
// immutable, so it may be shared and used concurrently.
type Def struct {
	keys    []ConfigKey
	index   map[string]int
	groups  []string
	classes ClassResolver
}

// New returns the definition of the given keys, in this order. It fails if a key
// is incomplete or defined twice, or if a default does not fit its own key.
func New(keys ...ConfigKey) (*Def, error) {
	return (&Def{}).With(keys...)
}

// MustNew is like [New] but panics if it fails. It is for definitions whose keys
// are written in the program.
func MustNew(keys ...ConfigKey) *Def {
	d, err := New(keys...)
	if err != nil {
		panic("configdef: " + err.Error())
	}
	return d
}

// With returns a definition of d's keys followed by the given ones. It fails as
// [New] does. d stays as it is.
func (d *Def) With(keys ...ConfigKey) (*Def, error) {
	next := d.clone(len(keys))
	for _, k := range keys {
		k, err := k.prepared()
		if err != nil {
			return nil, err
		}
		if _, twice := next.index[k.Name]; twice {
			return nil, Errorf(k.Name, "Configuration %s is defined twice.", k.Name)
		}
		if k.Group != "" && !slices.Contains(next.groups, k.Group) {
			next.groups = append(next.groups, k.Group)
		}
		next.index[k.Name] = len(next.keys)
		next.keys = append(next.keys, k)
	}
	return next, nil
}

// WithClasses returns the same definition with a resolver for the values of its
// CLASS keys.
func (d *Def) WithClasses(classes ClassResolver) *Def {
	next := d.clone(0)
	next.classes = classes
	return next
}

// Embed returns a definition of d's keys followed by the keys of child, renamed
// with keyPrefix, in the order of [Def.Sorted]. Their groups become groupPrefix,
// or "groupPrefix: group" for those that had one, and their order counts up
// from startingOrder. Child validators and recommenders see the names without
// the prefix, so their messages name the keys without it. It fails if a renamed
// key is defined already.
func (d *Def) Embed(keyPrefix, groupPrefix string, startingOrder int, child *Def) (*Def, error) {
	var renamed []ConfigKey
	for i, k := range child.Sorted() {
		k.Name = keyPrefix + k.Name
		if k.Group == "" {
			k.Group = groupPrefix
		} else {
			k.Group = groupPrefix + ": " + k.Group
		}
		k.OrderInGroup = startingOrder + i
		for j, dependent := range k.Dependents {
			k.Dependents[j] = keyPrefix + dependent
		}
		if k.Validator != nil {
			k.Validator = embeddedValidator{keyPrefix, k.Validator}
		}
		if k.Recommender != nil {
			k.Recommender = embeddedRecommender{keyPrefix, k.Recommender}
		}
		renamed = append(renamed, k)
	}
	return d.With(renamed...)
}

// Key returns the definition of the named key, and whether there is one.
func (d *Def) Key(name string) (ConfigKey, bool) {
	at, ok := d.index[name]
	if !ok {
		return ConfigKey{}, false
	}
	return d.keys[at].clone(), true
}

// Keys returns the keys in the order they were defined.
func (d *Def) Keys() []ConfigKey {
	keys := make([]ConfigKey, len(d.keys))
	for i, k := range d.keys {
		keys[i] = k.clone()
	}
	return keys
}

// Names returns the names of the keys in the order they were defined.
func (d *Def) Names() []string {
	names := make([]string, len(d.keys))
	for i, k := range d.keys {
		names[i] = k.Name
	}
	return names
}

// Groups returns the names of the groups in the order of their first use.
func (d *Def) Groups() []string { return slices.Clone(d.groups) }

// Sorted returns the keys in the order documentation lists them: keys without a
// group first, then by group, by order in the group, required keys before
// others, by importance and by name.
func (d *Def) Sorted() []ConfigKey {
	keys := d.Keys()
	slices.SortStableFunc(keys, func(a, b ConfigKey) int {
		return cmp.Or(
			cmp.Compare(d.groupRank(a), d.groupRank(b)),
			cmp.Compare(a.OrderInGroup, b.OrderInGroup),
			compareRequired(a, b),
			cmp.Compare(a.Importance, b.Importance),
			strings.Compare(a.Name, b.Name),
		)
	})
	return keys
}

// groupRank is -1 for a key without a group, else the group's position.
func (d *Def) groupRank(k ConfigKey) int { return slices.Index(d.groups, k.Group) }

func compareRequired(a, b ConfigKey) int {
	switch {
	case a.Required == b.Required:
		return 0
	case a.Required:
		return -1
	}
	return 1
}

// clone returns a copy of d with room for more keys.
func (d *Def) clone(more int) *Def {
	next := &Def{
		keys:    make([]ConfigKey, len(d.keys), len(d.keys)+more),
		index:   make(map[string]int, len(d.keys)+more),
		groups:  slices.Clone(d.groups),
		classes: d.classes,
	}
	copy(next.keys, d.keys)
	for i, k := range next.keys {
		next.index[k.Name] = i
	}
	return next
}

// clone returns a copy that shares nothing a caller could change.
func (k ConfigKey) clone() ConfigKey {
	k.Dependents = slices.Clone(k.Dependents)
	k.Default = cloneValue(k.Default)
	return k
}

// embeddedValidator calls a child's validator with the child's key name.
type embeddedValidator struct {
	prefix string
	child  Validator
}

func (v embeddedValidator) Validate(name string, value any) error {
	return v.child.Validate(strings.TrimPrefix(name, v.prefix), value)
}

func (v embeddedValidator) String() string { return v.child.String() }

// embeddedRecommender calls a child's recommender with the child's key names.
type embeddedRecommender struct {
	prefix string
	child  Recommender
}

func (r embeddedRecommender) ValidValues(name string, parsed map[string]any) ([]any, error) {
	return r.child.ValidValues(strings.TrimPrefix(name, r.prefix), r.unprefixed(parsed))
}

func (r embeddedRecommender) Visible(name string, parsed map[string]any) (bool, error) {
	return r.child.Visible(strings.TrimPrefix(name, r.prefix), r.unprefixed(parsed))
}

func (r embeddedRecommender) unprefixed(parsed map[string]any) map[string]any {
	own := make(map[string]any)
	for name, value := range parsed {
		if rest, ok := strings.CutPrefix(name, r.prefix); ok {
			own[rest] = value
		}
	}
	return own
}

// String lists the keys, for debugging.
func (d *Def) String() string { return fmt.Sprintf("configdef.Def%v", d.Names()) }
