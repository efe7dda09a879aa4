package transform

// HoistField wraps a key or value in a struct or map of one field.
//
// Supported: HoistField$Key and HoistField$Value with the key field. The struct has no name and is required. A null is wrapped
// too, which fails when its schema is required.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func hoistField() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "field", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceMedium,
		Documentation: "Name of the single field in the resulting struct or map.",
	})
	return smt.KeyAndValue(packageName+"HoistField", def, newHoistField)
}

type hoister struct {
	smt.Operand
	field string
	plans smt.Plans[hoistPlan]
}

type hoistPlan struct{ schema *connect.Schema }

func newHoistField(o smt.Operand, c configdef.Config) (connect.Transform, error) {
	return &hoister{Operand: o, field: c.String("field")}, nil
}

// Apply implements connect.Transform.
func (t *hoister) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.Get(r)
	if s == nil {
		to := smt.NewMapWriter(a, 1)
		to.Append(connect.String(t.field), v)
		t.Set(r, nil, to.Value())
		return true, nil
	}
	plan, err := t.plans.Find(s, t.plan)
	if err != nil {
		return false, err
	}
	if v.IsNull() {
		if err := connect.ValidateValue(t.field, s, v); err != nil {
			return false, err
		}
	}
	to := a.NewStruct(plan.schema)
	to.SetField(0, v)
	t.Set(r, plan.schema, to.Value())
	return true, nil
}

func (t *hoister) plan(s *connect.Schema) (plan hoistPlan, err error) {
	plan.schema, err = connect.NewStructSchema().Field(t.field, s).Build()
	return plan, err
}
