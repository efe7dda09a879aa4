package transform

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	return slices.Concat(
		insertField(),
		regexRouter(),
		replaceField(),
	)
}

// Predicates returns the predicates.
func Predicates() []connect.PredicateClass {
	return []connect.PredicateClass{
		hasHeaderKey(),
		recordIsTombstone(),
		topicNameMatches(),
	}
}
