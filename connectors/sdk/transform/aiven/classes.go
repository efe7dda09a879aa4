package aiven

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Version is the release whose behaviour the transforms follow.
const Version = "1.6.0"

const packageName = "io.aiven.kafka.connect.transforms."

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	classes := slices.Concat(
		caseTransform(),
		concatFields(),
		extractTimestamp(),
		extractTopic(),
		extractTopicFromSchemaName(),
		filterByFieldValue(),
		hash(),
		keyToValue(),
		makeTombstone(),
		tombstoneHandler(),
	)
	for i := range classes {
		classes[i].Version = Version
	}
	return classes
}
