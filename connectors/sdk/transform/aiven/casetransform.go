package aiven

// CaseTransform writes text fields of a struct or map in capitals or in small letters.
//
// Supported: CaseTransform$Key and CaseTransform$Value with all keys: field.names and case. Fields of a struct that are missing
// or no text stay as they are; nulls become the defaults of their fields. In a map without schema every listed entry becomes text,
// and one that is missing is added as null. In a map with a schema only texts change: the original makes it invalid.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func caseTransform() []connect.TransformClass {
	def := configdef.MustNew(
		requiredList("field.names", "The names of the fields to transform."),
		requiredText("case", "What the fields become: upper or lower."),
	)
	return smt.KeyAndValue(packageName+"CaseTransform", def, newCaseTransform)
}

type caseChanger struct {
	smt.Operand
	fields []string
	// change appends a text in the case that is wanted.
	change  func(dst []byte, s string) []byte
	plans   smt.Plans[casePlan]
	scratch []byte
}

// casePlan says which fields of a struct are to be changed.
type casePlan struct{ fields []int }

func newCaseTransform(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	t := &caseChanger{Operand: o, fields: c.List("field.names")}
	switch which := c.String("case"); which {
	case "lower":
		t.change = javatext.AppendLower
	case "upper":
		t.change = javatext.AppendUpper
	default:
		return nil, smt.ConfigError(configdef.Invalid("case", which, "Unknown enum value "+which))
	}
	return t, nil
}

// Apply implements connect.Transform.
func (t *caseChanger) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	switch v.Kind() {
	case connect.KindNull:
		return false, recordError(r, t.String(), " Value can't be null")
	case connect.KindStruct:
		if s, v, err = t.changeStruct(a, v.Struct()); err != nil {
			return false, err
		}
	case connect.KindMap:
		v = t.changeMap(a, v.Map(), s != nil)
	default:
		return false, recordError(r, "Value type must be STRUCT or MAP")
	}
	t.Set(r, s, v)
	return true, nil
}

func (t *caseChanger) changeStruct(a *connect.Arena, from connect.Struct) (*connect.Schema, connect.Value, error) {
	plan, err := t.plans.Find(from.Schema(), t.plan)
	if err != nil {
		return nil, connect.Value{}, err
	}
	to := a.NewStruct(from.Schema())
	if err := smt.CopyFields(to, from, true); err != nil {
		return nil, connect.Value{}, err
	}
	for _, i := range plan.fields {
		if v := to.Field(i); v.Kind() == connect.KindString {
			to.SetField(i, t.changed(a, v))
		}
	}
	return from.Schema(), to.Value(), nil
}

func (t *caseChanger) plan(s *connect.Schema) (plan casePlan, err error) {
	for _, name := range t.fields {
		if i := s.FieldIndex(name); i >= 0 && s.Fields()[i].Schema.Type() == connect.TypeString {
			plan.fields = append(plan.fields, i)
		}
	}
	return plan, nil
}

func (t *caseChanger) changeMap(a *connect.Arena, from connect.Map, hasSchema bool) connect.Value {
	to := smt.CopyMap(a, from, len(t.fields))
	for _, name := range t.fields {
		v, _ := from.Get(name)
		if v.Kind() == connect.KindString || !hasSchema {
			to.Put(name, t.changed(a, v))
		}
	}
	return to.Value()
}

// changed returns the text of v in the other case; null stays null.
func (t *caseChanger) changed(a *connect.Arena, v connect.Value) connect.Value {
	if v.IsNull() {
		return v
	}
	text := v
	if v.Kind() != connect.KindString {
		text = connect.String(v.String())
	}
	t.scratch = t.change(t.scratch[:0], text.Str())
	return connect.StringBytes(a.CopyBytes(t.scratch))
}
