package debezium

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

// fieldDropper drops the fields that a header of the record lists.
type fieldDropper struct {
	header       string
	fromKey      bool
	onlyOptional bool
	plans        smt.Plans[dropPlan]
}

// dropPlan is what is left of a schema when fields of some names are dropped.
type dropPlan struct {
	names  []string
	schema *connect.Schema
	from   []int // for each field its position in the old struct
}

func (d *fieldDropper) drop(r *connect.Record, a *connect.Arena) error {
	i := slices.IndexFunc(r.Headers, func(h connect.Header) bool { return h.Key == d.header })
	if i < 0 || r.Headers[i].Value.IsNull() {
		return nil
	}
	if r.Headers[i].Value.Kind() != connect.KindArray {
		return connect.DataError("The header " + d.header + " must hold a list of fields, but it is a " + r.Headers[i].Value.Kind().JavaClass())
	}
	names := r.Headers[i].Value.Array()
	if d.fromKey {
		if err := d.dropFrom(r, a, smt.Key, names); err != nil {
			return err
		}
	}
	return d.dropFrom(r, a, smt.Value, names)
}

func (d *fieldDropper) dropFrom(r *connect.Record, a *connect.Arena, o smt.Operand, names []connect.Value) error {
	s, v := o.Get(r)
	if s == nil || v.Kind() != connect.KindStruct || len(names) == 0 {
		return nil
	}
	from := v.Struct()
	var hash uint64
	for _, v := range names {
		if v.Kind() == connect.KindString {
			hash = hash*31 + smt.HashText(v.Str())
		}
	}
	plan, err := d.plans.FindFor(from.Schema(), hash,
		func(p *dropPlan) bool { return p.isFor(names) },
		func(s *connect.Schema) (dropPlan, error) { return d.plan(s, names) })
	if err != nil {
		return err
	}
	if len(plan.from) == len(from.Fields()) {
		return nil
	}
	to := a.NewStruct(plan.schema)
	fields := to.Fields()
	for i, j := range plan.from {
		if fields[i] = from.Field(j); fields[i].IsNull() {
			if fields[i], err = smt.NullField(plan.schema, i, from, j, true); err != nil {
				return err
			}
		}
	}
	o.Set(r, plan.schema, to.Value())
	return nil
}

func (p *dropPlan) isFor(names []connect.Value) bool {
	return slices.EqualFunc(p.names, names, func(name string, v connect.Value) bool {
		return v.Kind() == connect.KindString && v.Str() == name
	})
}

func (d *fieldDropper) plan(s *connect.Schema, names []connect.Value) (plan dropPlan, err error) {
	for _, v := range names {
		plan.names = append(plan.names, v.Clone(nil).String())
	}
	b := connect.NewSchemaLike(s)
	for i, f := range s.Fields() {
		if slices.Contains(plan.names, f.Name) && (f.Schema.Optional() || !d.onlyOptional) {
			continue
		}
		b.Field(f.Name, f.Schema)
		plan.from = append(plan.from, i)
	}
	plan.schema, err = b.Build()
	return plan, err
}
