package confluent

import (
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Version is the release of connect-transforms whose documentation the transforms follow.
const Version = "1.6"

const packageName = "io.confluent.connect.transforms."

// Classes returns the transforms.
func Classes() []connect.TransformClass {
	classes := slices.Concat(
		drop(),
		extractTopic(),
		filter(),
		gzipDecompress(),
		messageTimestampRouter(),
		replaceField(),
		tombstoneHandler(),
	)
	for i := range classes {
		classes[i].Version = Version
	}
	return classes
}
