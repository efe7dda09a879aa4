package aiven

// MakeTombstone makes records tombstones: without a value and without its schema.
//
// Supported: MakeTombstone, which has no keys of its own. It is for use with a predicate.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func makeTombstone() []connect.TransformClass {
	return []connect.TransformClass{
		smt.Class(packageName+"MakeTombstone", configdef.MustNew(), func(configdef.Config) (connect.Transform, error) { return tombstoneMaker{}, nil }),
	}
}

type tombstoneMaker struct{}

// Apply implements connect.Transform.
func (tombstoneMaker) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	r.ValueSchema, r.Value = nil, connect.Null()
	return true, nil
}
