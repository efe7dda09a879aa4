package aiven

// ConcatFields adds a text field made of other fields of a struct or map.
//
// Supported: ConcatFields$Key and ConcatFields$Value with all keys: field.names, output.field.name, delimiter and
// field.replace.missing. As in the original, the new struct has the old fields and the new one, optional and last, but neither name,
// version, documentation nor parameters; a struct that has the output field already is an error. Nulls become the defaults of their
// fields. A map with a schema is an error.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func concatFields() []connect.TransformClass {
	missing := text("field.replace.missing", "What stands for a field that is missing or null.")
	delimiter := text("delimiter", "What stands between the fields.")
	missing.Default, delimiter.Default = "", ""
	def := configdef.MustNew(
		requiredList("field.names", "The fields to concatenate."),
		requiredText("output.field.name", "The name of the new field."),
		missing,
		delimiter,
	)
	return smt.KeyAndValue(packageName+"ConcatFields", def, newConcatFields)
}

type concatenator struct {
	smt.Operand
	fields                     []string
	output, missing, delimiter string
	plans                      smt.Plans[concatPlan]
	scratch                    []byte
}

// concatPlan is the output schema and the positions of the fields to concatenate, -1 for a missing one.
type concatPlan struct {
	schema *connect.Schema
	from   []int
}

func newConcatFields(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	return &concatenator{
		Operand: o, fields: c.List("field.names"), output: c.String("output.field.name"),
		missing: c.String("field.replace.missing"), delimiter: c.String("delimiter"),
	}, nil
}

// Apply implements connect.Transform.
func (t *concatenator) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch {
	case v.IsNull():
		err = recordError(r, t.String(), " Value can't be null")
	case v.Kind() == connect.KindStruct:
		err = t.addToStruct(r, a, v.Struct())
	case v.Kind() == connect.KindMap && s == nil:
		t.addToMap(r, a, v.Map())
	case v.Kind() == connect.KindMap:
		err = smt.ErrNoFields()
	default:
		err = recordError(r, "Value type must be STRUCT or MAP")
	}
	return err == nil, err
}

func (t *concatenator) addToStruct(r *connect.Record, a *connect.Arena, from connect.Struct) error {
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return err
	}
	to := a.NewStruct(plan.schema)
	if err := smt.CopyFields(to, from, true); err != nil {
		return err
	}
	t.scratch = t.scratch[:0]
	for n, i := range plan.from {
		v := connect.Null()
		if i >= 0 {
			v = to.Field(i)
		}
		t.add(n, v)
	}
	to.SetField(len(from.Fields()), connect.StringBytes(a.CopyBytes(t.scratch)))
	t.Set(r, plan.schema, to.Value())
	return nil
}

func (t *concatenator) plan(s *connect.Schema) (plan concatPlan, err error) {
	b := connect.NewStructSchema()
	for _, f := range s.Fields() {
		b.Field(f.Name, f.Schema)
	}
	plan.schema, err = b.Field(t.output, connect.OptionalStringSchema).Build()
	for _, name := range t.fields {
		plan.from = append(plan.from, s.FieldIndex(name))
	}
	return plan, err
}

func (t *concatenator) addToMap(r *connect.Record, a *connect.Arena, from connect.Map) {
	t.scratch = t.scratch[:0]
	for n, name := range t.fields {
		v, _ := from.Get(name)
		t.add(n, v)
	}
	to := smt.CopyMap(a, from, 1)
	to.Put(t.output, connect.StringBytes(a.CopyBytes(t.scratch)))
	t.Set(r, nil, to.Value())
}

// add appends the n-th field to the text.
func (t *concatenator) add(n int, v connect.Value) {
	if n > 0 {
		t.scratch = append(t.scratch, t.delimiter...)
	}
	if v.IsNull() {
		t.scratch = append(t.scratch, t.missing...)
		return
	}
	t.scratch = v.AppendString(t.scratch)
}
