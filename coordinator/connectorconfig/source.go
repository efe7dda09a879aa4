package connectorconfig

import "github.com/ferry-connect/ferry/connectors/sdk/configdef"

// sourceKeys are what SourceConnectorConfig adds.
func sourceKeys() []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: "topic.creation.groups", Type: configdef.TypeList, Default: []string{}, Validator: aliases("unique topic creation groups"),
			Importance: configdef.ImportanceLow, Group: groupTopicCreation, OrderInGroup: 1, Width: configdef.WidthLong, DisplayName: "Topic Creation Groups",
			Documentation: "Names, freely chosen, of groups of topics that are created with the same settings.",
		},
		{
			Name: exactlyOnceKey, Type: configdef.TypeString, Default: "requested", Validator: configdef.CaseInsensitiveValidString("requested", "required"),
			Importance: configdef.ImportanceMedium, Group: groupExactlyOnce, OrderInGroup: 2, Width: configdef.WidthShort, DisplayName: "Exactly once support",
			Documentation: "With required, the configuration is refused if the connector cannot deliver exactly once with it.",
		},
		{
			Name: boundaryKey, Type: configdef.TypeString, Default: "poll", Validator: configdef.CaseInsensitiveValidString("poll", "interval", "connector"),
			Importance: configdef.ImportanceMedium, Group: groupExactlyOnce, OrderInGroup: 3, Width: configdef.WidthShort, DisplayName: "Transaction Boundary",
			Documentation: "Where a transaction ends: after every batch (poll), after some time (interval), or where the connector says (connector).",
		},
		{
			Name: "transaction.boundary.interval.ms", Type: configdef.TypeLong, Validator: atLeastZeroOrNull(),
			Importance: configdef.ImportanceLow, Group: groupExactlyOnce, OrderInGroup: 4, Width: configdef.WidthShort, DisplayName: "Transaction boundary interval",
			Documentation: "The time between commits in milliseconds where transaction.boundary is interval; by default the worker's offset.flush.interval.ms.",
		},
		{
			Name: offsetsTopicKey, Type: configdef.TypeString, Validator: configdef.NonEmptyString(),
			Importance: configdef.ImportanceLow, Group: groupOffsetsTopic, OrderInGroup: 1, Width: configdef.WidthLong, DisplayName: "Offsets topic",
			Documentation: "A topic for this connector's offsets beside the worker's; it is created if it does not exist.",
		},
	}
}

// atLeastZeroOrNull is Kafka's range from 0, for a key whose default of null is not checked.
func atLeastZeroOrNull() configdef.Validator {
	atLeast := configdef.AtLeast(0)
	return configdef.Lambda(atLeast.String(), func(name string, value any) error {
		if value == nil {
			return nil
		}
		return atLeast.Validate(name, value)
	})
}
