package aiven

// TombstoneHandler drops records whose value is null, or refuses them.
//
// Supported: TombstoneHandler with its key behavior, in any mixture of cases. One thing differs: dropping writes nothing to the log,
// neither for drop_warn nor for drop_silent.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func tombstoneHandler() []connect.TransformClass {
	behavior := configdef.ConfigKey{
		Name: "behavior", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceMedium,
		Documentation: "What becomes of records without a value: drop_silent and drop_warn drop them, fail makes them an error.",
	}
	behavior.Validator = configdef.Lambda("one of drop_silent, drop_warn, fail", func(name string, value any) error {
		text, _ := value.(string)
		switch strings.ToLower(text) {
		case "":
			return configdef.Invalid(name, value, "String must be non-empty")
		case "drop_silent", "drop_warn", "fail":
			return nil
		}
		return configdef.Invalid(name, value, "Unsupported behavior name: "+text+". Supported are: drop_silent,drop_warn,fail")
	})
	return []connect.TransformClass{
		smt.Class(packageName+"TombstoneHandler", configdef.MustNew(behavior), func(c configdef.Config) (connect.Transform, error) {
			return tombstones{fail: strings.EqualFold(c.String("behavior"), "fail")}, nil
		}),
	}
}

type tombstones struct{ fail bool }

// Apply implements connect.Transform.
func (t tombstones) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	if r.Value.IsNull() && t.fail {
		return false, connect.DataError("Tombstone record encountered, failing due to configured 'fail' behavior")
	}
	return !r.Value.IsNull(), nil
}
