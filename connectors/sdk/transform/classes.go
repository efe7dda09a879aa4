package transform

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	return slices.Concat(
		cast(),
		extractField(),
		flatten(),
		hoistField(),
		insertField(),
		maskField(),
		regexRouter(),
		replaceField(),
		setSchemaMetadata(),
		valueToKey(),
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
