package transform

// RecordIsTombstone is true for records whose value is null, whatever their schema.
//
// Supported: all of Kafka Connect 4.3. It has no configuration.

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func recordIsTombstone() connect.PredicateClass {
	return connect.PredicateClass{
		Name: predicatePackage + "RecordIsTombstone", Config: configdef.MustNew(),
		New: func(map[string]string) (connect.Predicate, error) { return tombstone{}, nil },
	}
}

type tombstone struct{}

// Test implements connect.Predicate.
func (tombstone) Test(r *connect.Record) (bool, error) { return r.Value.IsNull(), nil }
