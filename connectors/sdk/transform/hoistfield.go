package transform

// HoistField wraps a key or value in a struct or map of one field.
//
// Supported: HoistField$Key and HoistField$Value with the key field. The struct has no name and is required. A null is wrapped
// too, which fails when its schema is required.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func hoistField() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "field", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceMedium,
		Documentation: "Name of the single field in the resulting struct or map.",
	})
	return forKeyAndValue("HoistField", def, newHoistField)
}

type hoister struct {
	operand
	field string
	plans plans[hoistPlan]
}

type hoistPlan struct{ schema *connect.Schema }

func newHoistField(o operand, c configdef.Config) (connect.Transform, error) {
	return &hoister{operand: o, field: c.String("field")}, nil
}

// Apply implements connect.Transform.
func (t *hoister) Apply(r *connect.Record, a *connect.Arena) (keep bool, err error) {
	s, v := t.get(r)
	if s == nil {
		to := newMapWriter(a, 1)
		to.append(connect.String(t.field), v)
		t.set(r, nil, to.value())
		return true, nil
	}
	plan, err := t.plans.find(s, t.plan)
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
	t.set(r, plan.schema, to.Value())
	return true, nil
}

func (t *hoister) plan(s *connect.Schema) (plan hoistPlan, err error) {
	plan.schema, err = connect.NewStructSchema().Field(t.field, s).Build()
	return plan, err
}
