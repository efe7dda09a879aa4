package confluent

// ReplaceField drops and renames fields of a struct or map, nested ones too.
//
// Supported: ReplaceField$Key and ReplaceField$Value with all keys of release 1.6: exclude, include and renames. A name is a path with
// dots, foo.a3.b1, of names before renaming; renaming changes its last part. An included field comes with all that is in it and with
// what it lies in. Arrays are not looked into. A null key or value passes unchanged. Structs keep name, version, documentation and
// parameters and lose their defaults; the outermost becomes required. Nulls become the defaults of their fields.

import (
	"cmp"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func replaceField() []connect.TransformClass {
	fields := func(name, doc string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeList, Default: []string{}, Importance: configdef.ImportanceMedium, Documentation: doc}
	}
	def := configdef.MustNew(
		fields("exclude", "Fields to exclude. This takes precedence over the fields to include."),
		fields("renames", "Colon-delimited pairs of a field and its new name, such as foo.a3.b1:luck."),
		fields("include", "Fields to include. If there are some, other fields are dropped."),
	)
	return smt.KeyAndValue(packageName+"ReplaceField", def, newReplaceField)
}

// rule is what becomes of a field. The rule of the whole key or value has no name.
type rule struct {
	excluded bool
	// included says that the field comes with all in it, leads that something in it is included.
	included, leads bool
	renamed         string
	// renames says that something in it is renamed, so that two fields may come to have one name.
	renames bool
	fields  map[string]*rule
}

// at returns the rule for the field at the end of path, and passes each rule on the way to it.
func (r *rule) at(path string, pass func(*rule)) *rule {
	for name := range strings.SplitSeq(path, ".") {
		pass(r)
		next := r.fields[name]
		if next == nil {
			next = new(rule)
			if r.fields == nil {
				r.fields = make(map[string]*rule)
			}
			r.fields[name] = next
		}
		r = next
	}
	return r
}

func newReplaceField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	include := c.List("include")
	t := &replacer{Operand: o, root: rule{included: len(include) == 0}}
	for _, path := range include {
		t.root.at(path, func(r *rule) { r.leads = true }).included = true
	}
	for _, path := range c.List("exclude") {
		t.root.at(path, func(*rule) {}).excluded = true
	}
	for _, pair := range c.List("renames") {
		path, name, ok := strings.Cut(pair, ":")
		if !ok || path == "" || name == "" || strings.Contains(name, ":") {
			return nil, smt.ConfigError(configdef.Invalid("renames", pair, "Invalid rename mapping: "+pair))
		}
		t.root.at(path, func(r *rule) { r.renames = true }).renamed = name
	}
	return t, nil
}

// keeps reports whether a field with rule r, nil for none, is kept when its surroundings are included or only lead to something
// that is; all says that everything in it is kept too.
func (r *rule) keeps(surroundings bool) (keep, all bool) {
	switch {
	case r == nil:
		return surroundings, surroundings
	case r.excluded:
		return false, false
	}
	all = surroundings || r.included
	return all || r.leads, all
}

type replacer struct {
	smt.Operand
	root  rule
	plans smt.Plans[replacePlan]
}

// replacePlan is the schema of a new struct and where its fields come from.
type replacePlan struct {
	schema *connect.Schema
	fields []replacement
}

// replacement takes field from of the old struct; as it is, or by a plan of its own.
type replacement struct {
	from   int
	nested *replacePlan
}

// Apply implements connect.Transform.
func (t *replacer) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
		return true, nil
	case s == nil:
		m, err := smt.MapOf(v, "field replacement")
		if err != nil {
			return false, err
		}
		if v, err = replaceInMap(a, m, &t.root, t.root.included); err != nil {
			return false, err
		}
		t.Set(r, nil, v)
		return true, nil
	}
	st, err := smt.StructOf(v, "field replacement")
	if err != nil {
		return false, err
	}
	plan, err := t.plans.Find(st.Schema(), func(s *connect.Schema) (replacePlan, error) { return planStruct(s, &t.root, t.root.included, false) })
	if err != nil {
		return false, err
	}
	if v, err = plan.apply(a, st); err != nil {
		return false, err
	}
	t.Set(r, plan.schema, v)
	return true, nil
}

func planStruct(s *connect.Schema, r *rule, all, optional bool) (plan replacePlan, err error) {
	b := connect.NewSchemaLike(s).SetOptional(optional)
	for i, f := range s.Fields() {
		inner := r.fields[f.Name]
		keep, allInside := inner.keeps(all)
		if !keep {
			continue
		}
		from := replacement{from: i}
		schema := f.Schema
		switch {
		case inner == nil || len(inner.fields) == 0:
		case schema.Type() == connect.TypeStruct:
			nested, err := planStruct(schema, inner, allInside, schema.Optional())
			if err != nil {
				return plan, err
			}
			from.nested, schema = &nested, nested.schema
		case !allInside: // there is nothing in it that could be included
			continue
		}
		name := f.Name
		if inner != nil {
			name = cmp.Or(inner.renamed, name)
		}
		b.Field(name, schema)
		plan.fields = append(plan.fields, from)
	}
	plan.schema, err = b.Build()
	return plan, err
}

func (p *replacePlan) apply(a *connect.Arena, from connect.Struct) (v connect.Value, err error) {
	to := a.NewStruct(p.schema)
	for i, f := range p.fields {
		v := from.FieldOrDefault(f.from)
		switch {
		case v.IsNull():
			field := &p.schema.Fields()[i]
			err = connect.ValidateValue(field.Name, field.Schema, v)
		case f.nested != nil:
			var nested connect.Struct
			if nested, err = smt.StructOf(v, "field replacement"); err != nil {
				return v, err
			}
			if err = smt.SameFields(nested, from.Schema().Fields()[f.from].Schema); err == nil {
				v, err = f.nested.apply(a, nested)
			}
		}
		if err != nil {
			return v, err
		}
		to.SetField(i, v)
	}
	return to.Value(), nil
}

func replaceInMap(a *connect.Arena, from connect.Map, r *rule, all bool) (connect.Value, error) {
	to := smt.NewMapWriter(a, from.Len())
	for i := range from.Len() {
		k, v := from.Entry(i)
		if k.Kind() != connect.KindString {
			return v, smt.NotAString(k)
		}
		inner := r.fields[k.Str()]
		keep, allInside := inner.keeps(all)
		if !keep {
			continue
		}
		name := k.Str()
		if inner != nil {
			name = cmp.Or(inner.renamed, name)
			if len(inner.fields) > 0 && v.Kind() == connect.KindMap {
				var err error
				if v, err = replaceInMap(a, v.Map(), inner, allInside); err != nil {
					return v, err
				}
			} else if !allInside && !v.IsNull() {
				continue
			}
		}
		if r.renames {
			to.Put(name, v)
		} else {
			to.Append(k, v)
		}
	}
	return to.Value(), nil
}
