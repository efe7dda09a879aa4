package transform

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const packageName = "org.apache.kafka.connect.transforms."

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	return slices.Concat(
		cast(),
		dropHeaders(),
		extractField(),
		filter(),
		flatten(),
		headerFrom(),
		hoistField(),
		insertField(),
		insertHeader(),
		maskField(),
		regexRouter(),
		replaceField(),
		setSchemaMetadata(),
		timestampConverter(),
		timestampRouter(),
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
