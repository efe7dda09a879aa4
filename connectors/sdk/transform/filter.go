package transform

// Filter drops every record. It is made for use with a predicate.
//
// Supported: all of Kafka Connect 4.3. It has no configuration.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func filter() []connect.TransformClass {
	return []connect.TransformClass{{
		Name: packageName + "Filter", Config: configdef.MustNew(),
		New: func(map[string]string) (connect.Transform, error) { return dropAll{}, nil },
	}}
}

type dropAll struct{}

// Apply implements connect.Transform.
func (dropAll) Apply(*connect.Record, *connect.Arena) (keep bool, err error) { return false, nil }
