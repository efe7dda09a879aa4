package debezium

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Version is the release whose behaviour the transforms follow.
const Version = "3.3.1.Final"

const packageName = "io.debezium.transforms."

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	classes := slices.Concat(
		byLogicalTableRouter(),
		eventRouter(),
		extractNewRecordState(),
		headerToValue(),
		scripting(),
		timezoneConverter(),
	)
	for i := range classes {
		classes[i].Version = Version
	}
	return classes
}
