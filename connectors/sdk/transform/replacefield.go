package transform

// ReplaceField drops and renames fields of a struct or map.
//
// Supported: ReplaceField$Key and ReplaceField$Value with the keys of Kafka Connect 4.x: exclude, include, renames and
// replace.null.with.default. The older names blacklist and whitelist are ignored, as in Kafka Connect since 4.0. A null key
// or value passes unchanged. Fields are chosen by their names before renaming and keep their order. The struct keeps name,
// version, documentation and parameters, but becomes required and loses its default.

import (
	"cmp"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const replacePurpose = "field replacement"

func replaceField() []connect.TransformClass {
	fields := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{
			Name: name, Type: configdef.TypeList, Default: []string{}, Validator: configdef.AnyNonDuplicateValues(true, false),
			Importance: configdef.ImportanceMedium, Documentation: doc,
		}
	}
	renames := fields("renames", "Field rename mappings.")
	renames.Validator = configdef.Lambda("list of colon-delimited pairs, e.g. <code>foo:bar,abc:xyz</code>", func(name string, value any) error {
		mappings, _ := value.([]string)
		_, err := parseRenames(name, mappings)
		return err
	})
	def := configdef.MustNew(
		fields("exclude", "Fields to exclude. This takes precedence over the fields to include."),
		fields("include", "Fields to include. If specified, only these fields will be used."),
		renames,
		replaceNullKey(),
	)
	return smt.KeyAndValue(packageName+"ReplaceField", def, newReplaceField)
}

// parseRenames reads old:new pairs. What counts are the parts that are left after empty ones at the end are dropped.
func parseRenames(key string, mappings []string) (map[string]string, error) {
	renames := make(map[string]string, len(mappings))
	for _, mapping := range mappings {
		parts := strings.Split(strings.TrimRight(mapping, ":"), ":")
		if len(parts) != 2 {
			return nil, configdef.Invalid(key, mappings, "Invalid rename mapping: "+mapping)
		}
		renames[parts[0]] = parts[1]
	}
	return renames, nil
}

type replacer struct {
	smt.Operand
	// few or many say what becomes of the fields that the configuration names, other what becomes of the rest.
	few         []namedChoice
	many        map[string]*choice
	other       choice
	useDefaults bool
	plans       smt.Plans[replacePlan]
}

// choice is what becomes of a field.
type choice struct {
	keep bool
	// name is the new name, empty for the old one.
	name string
	// collides says that another field may get the same name.
	collides bool
}

// namedChoice is what becomes of the field of a name.
type namedChoice struct {
	field string
	choice
}

// fewFields is how many names are looked through one by one, which is quicker than to hash a name.
const fewFields = 8

// replacePlan is the output schema, and for each of its fields the position it comes from.
type replacePlan struct {
	schema *connect.Schema
	from   []int
}

func newReplaceField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	renames, err := parseRenames("renames", c.List("renames"))
	if err != nil {
		return nil, smt.ConfigError(err)
	}
	exclude, include := c.List("exclude"), c.List("include")
	t := &replacer{Operand: o, many: make(map[string]*choice), other: choice{keep: len(include) == 0}, useDefaults: c.Bool("replace.null.with.default")}
	for _, name := range include {
		t.many[name] = &choice{keep: true}
	}
	for from, to := range renames {
		for _, name := range []string{from, to} {
			what := *t.choose(name)
			what.collides = true
			if name == from {
				what.name = to
			}
			t.many[name] = &what
		}
	}
	for _, name := range exclude {
		t.many[name] = &choice{}
	}
	if len(t.many) <= fewFields {
		for name, what := range t.many {
			t.few = append(t.few, namedChoice{name, *what})
		}
		t.many = nil
	}
	return t, nil
}

func (t *replacer) choose(name string) *choice {
	for i := range t.few {
		if t.few[i].field == name {
			return &t.few[i].choice
		}
	}
	if c, ok := t.many[name]; ok {
		return c
	}
	return &t.other
}

// Apply implements connect.Transform.
func (t *replacer) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
	case s == nil:
		err = t.replaceInMap(r, a, v)
	default:
		err = t.replaceInStruct(r, a, v)
	}
	return err == nil, err
}

func (t *replacer) replaceInStruct(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.StructOf(v, replacePurpose)
	if err != nil {
		return err
	}
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	slots, fields := from.Fields(), to.Fields()
	for i, j := range plan.from {
		if fields[i] = slots[j]; fields[i].IsNull() {
			if fields[i], err = smt.NullField(plan.schema, i, from, j, t.useDefaults); err != nil {
				return err
			}
		}
	}
	t.Set(r, plan.schema, to.Value())
	return nil
}

func (t *replacer) plan(s *connect.Schema) (plan replacePlan, err error) {
	b := connect.NewSchemaLike(s)
	for i, f := range s.Fields() {
		c := t.choose(f.Name)
		if !c.keep {
			continue
		}
		b.Field(cmp.Or(c.name, f.Name), f.Schema)
		plan.from = append(plan.from, i)
	}
	plan.schema, err = b.Build()
	return plan, err
}

func (t *replacer) replaceInMap(r *connect.Record, a *connect.Arena, v connect.Value) error {
	from, err := smt.MapOf(v, replacePurpose)
	if err != nil {
		return err
	}
	to := smt.NewMapWriter(a, from.Len())
	for slots := from.Slots(); len(slots) > 0; slots = slots[2:] {
		k, v := &slots[0], &slots[1]
		if k.Kind() != connect.KindString {
			return smt.NotAString(*k)
		}
		switch c := t.choose(k.Str()); {
		case !c.keep:
		case c.collides:
			to.Put(cmp.Or(c.name, k.Str()), *v)
		default:
			to.Append(*k, *v)
		}
	}
	t.Set(r, nil, to.Value())
	return nil
}
