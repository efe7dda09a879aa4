package transform

// HasHeaderKey is true for records that have at least one header of a given name.
//
// Supported: all of Kafka Connect 4.3.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

func hasHeaderKey() connect.PredicateClass {
	def := configdef.MustNew(configdef.ConfigKey{
		Name: "name", Type: configdef.TypeString, Required: true, Validator: configdef.NonEmptyString(), Importance: configdef.ImportanceMedium,
		Documentation: "The header name.",
	})
	return connect.PredicateClass{
		Name: predicatePackage + "HasHeaderKey", Config: def,
		New: func(config map[string]string) (connect.Predicate, error) {
			c, err := smt.Parse(def, config)
			if err != nil {
				return nil, err
			}
			return headerMatcher{name: c.String("name")}, nil
		},
	}
}

type headerMatcher struct{ name string }

// Test implements connect.Predicate.
func (p headerMatcher) Test(r *connect.Record) (bool, error) {
	for i := range r.Headers {
		if r.Headers[i].Key == p.name {
			return true, nil
		}
	}
	return false, nil
}
