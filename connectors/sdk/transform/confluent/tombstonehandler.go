package confluent

// TombstoneHandler drops records whose value is null, or refuses them.
//
// Supported: all keys of release 1.6. One thing differs: dropping writes nothing to the log, neither for warn nor for ignore.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func tombstoneHandler() []connect.TransformClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "behavior", Type: configdef.TypeString, Default: "warn", Validator: configdef.ValidString("ignore", "warn", "fail"), Importance: configdef.ImportanceMedium,
		Documentation: "What becomes of records without a value: ignore and warn drop them, fail makes them an error.",
	})
	return []connect.TransformClass{smt.Class(packageName+"TombstoneHandler", def, func(c configdef.Config) (connect.Transform, error) {
		return tombstones{fail: c.String("behavior") == "fail"}, nil
	})}
}

type tombstones struct{ fail bool }

// Apply implements connect.Transform.
func (t tombstones) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	if r.Value.IsNull() && t.fail {
		return false, connect.DataError("Tombstone record encountered in topic " + r.Topic + ", and the behavior of the TombstoneHandler is fail")
	}
	return !r.Value.IsNull(), nil
}
