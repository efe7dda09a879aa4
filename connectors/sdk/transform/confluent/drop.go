package confluent

// Drop makes the key or the value of records null.
//
// Supported: Drop$Key and Drop$Value with all keys of release 1.6. A schema that is made optional keeps everything else.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func drop() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "schema.behavior", Type: configdef.TypeString, Default: "nullify", Importance: configdef.ImportanceMedium,
		Validator: configdef.ValidString("nullify", "retain", "validate", "force_optional"),
		Documentation: "What becomes of a schema: nullify removes it, retain keeps it, validate keeps it but refuses one that is not optional, " +
			"force_optional makes it optional.",
	})
	return smt.KeyAndValue(packageName+"Drop", def, func(o smt.Operand, c configdef.Config) (connect.Transform, error) {
		return &dropper{Operand: o, behavior: c.String("schema.behavior")}, nil
	})
}

type dropper struct {
	smt.Operand
	behavior  string
	optionals smt.Plans[*connect.Schema]
}

// Apply implements connect.Transform.
func (t *dropper) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	s, _ := t.Get(r)
	switch {
	case s == nil || t.behavior == "nullify":
		s = nil
	case t.behavior == "validate" && !s.Optional():
		return false, connect.DataError("The " + t.String() + " cannot be dropped: its schema " + s.String() + " is not optional")
	case t.behavior == "force_optional" && !s.Optional():
		optional, err := t.optionals.Find(s, smt.Optional)
		if err != nil {
			return false, err
		}
		s = *optional
	}
	t.Set(r, s, connect.Null())
	return true, nil
}
