package connectorconfig

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// defaults are the parts of the definition that depend on the worker and on the configuration itself; an empty text is
// null.
type defaults struct {
	connectorVersion                                 string
	keyConverter, valueConverter, headerConverter    string
	keyVersion, valueVersion, headerConverterVersion string
}

// FrameworkKeys returns Kafka Connect's own keys of one kind of connector, or with an empty kind those that every connector has. They are
// for documentation: classes are not looked up, and defaults that a worker sets are null.
func FrameworkKeys(kind connect.PluginType) []configdef.ConfigKey {
	switch kind {
	case connect.TypeSource:
		return sourceKeys()
	case connect.TypeSink:
		return sinkKeys()
	}
	return commonKeys(&plugins{}, defaults{})
}

// commonKeys are the keys of ConnectorConfig, in its order.
func commonKeys(p *plugins, d defaults) []configdef.ConfigKey {
	keys := identityKeys(p, d)
	keys = append(keys, converterKeys(p, KeyConverterKey, "Key converter", connect.TypeConverter, 6, d.keyConverter, d.keyVersion)...)
	keys = append(keys, converterKeys(p, ValueConverterKey, "Value converter", connect.TypeConverter, 8, d.valueConverter, d.valueVersion)...)
	keys = append(keys, converterKeys(p, HeaderConverterKey, "Header converter", connect.TypeHeaderConverter, 10, d.headerConverter, d.headerConverterVersion)...)
	keys = append(keys, stageKeys()...)
	return append(keys, errorKeys()...)
}

// identityKeys say what the connector is and how far it may be split.
func identityKeys(p *plugins, d defaults) []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: NameKey, Type: configdef.TypeString, Required: true, Validator: configdef.NonEmptyStringWithoutControlChars(),
			Importance: configdef.ImportanceHigh, Group: groupCommon, OrderInGroup: 1, Width: configdef.WidthMedium, DisplayName: "Connector name",
			Documentation: "The connector's name, unique in the cluster.",
		},
		{
			Name: ConnectorClassKey, Type: configdef.TypeString, Required: true,
			Importance: configdef.ImportanceHigh, Group: groupCommon, OrderInGroup: 2, Width: configdef.WidthLong, DisplayName: "Connector class",
			Documentation: "The connector's class, or an alias of it: org.apache.kafka.connect.file.FileStreamSinkConnector is also FileStreamSink.",
		},
		{
			Name: PluginVersionKey, Type: configdef.TypeString, Default: orNull(d.connectorVersion), Validator: versionSpec(), Recommender: connectorVersions{p},
			Importance: configdef.ImportanceMedium, Group: groupCommon, OrderInGroup: 3, Width: configdef.WidthMedium, DisplayName: "Connector version",
			Documentation: "The version of the connector: one version, a range such as [1.0,2.0), or latest.",
		},
		{
			Name: "tasks.max", Type: configdef.TypeInt, Default: 1, Validator: configdef.AtLeast(1),
			Importance: configdef.ImportanceHigh, Group: groupCommon, OrderInGroup: 4, Width: configdef.WidthShort, DisplayName: "Tasks max",
			Documentation: "The largest number of tasks that the work may be split into.",
		},
		{
			Name: "tasks.max.enforce", Type: configdef.TypeBoolean, Default: true,
			Importance: configdef.ImportanceLow, Group: groupCommon, OrderInGroup: 5, Width: configdef.WidthShort, DisplayName: "Enforce tasks max",
			Documentation: "Deprecated. Whether a connector that makes more than tasks.max tasks fails.",
		},
	}
}

// stageKeys are the lists of transformations and predicates, and what stands behind them in Connect's order.
func stageKeys() []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: transformsKey, Type: configdef.TypeList, Default: []string{}, Validator: aliases("unique transformation aliases"),
			Importance: configdef.ImportanceLow, Group: groupTransforms, OrderInGroup: 12, Width: configdef.WidthLong, DisplayName: "Transforms",
			Documentation: "Names, freely chosen, of the transformations that records go through, in this order.",
		},
		{
			Name: predicatesKey, Type: configdef.TypeList, Default: []string{}, Validator: aliases("unique predicate aliases"),
			Importance: configdef.ImportanceLow, Group: groupPredicates, OrderInGroup: 13, Width: configdef.WidthLong, DisplayName: "Predicates",
			Documentation: "Names, freely chosen, of the predicates that transformations refer to.",
		},
		{
			Name: "config.action.reload", Type: configdef.TypeString, Default: "restart", Validator: configdef.ValidString("none", "restart"),
			Importance: configdef.ImportanceLow, Group: groupCommon, OrderInGroup: 14, Width: configdef.WidthMedium, DisplayName: "Reload Action",
			Documentation: "What to do when a config provider says that a value has changed: restart the connector, or none.",
		},
	}
}

// converterKeys are a converter's class and its version.
func converterKeys(p *plugins, name, label string, kind connect.PluginType, order int, class, version string) []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: name, Type: configdef.TypeClass, Default: orNull(class), Validator: p.implements(kind), Recommender: classesOf{p, kind},
			Importance: configdef.ImportanceLow, Group: groupCommon, OrderInGroup: order, Width: configdef.WidthShort, DisplayName: label + " class",
			Documentation: "The class that turns " + strings.ToLower(strings.Fields(label)[0]) + "s into bytes and back. If it is not set, the worker's is used, with the worker's settings.",
		},
		{
			Name: name + versionSuffix, Type: configdef.TypeString, Default: orNull(version), Validator: versionSpec(), Recommender: versionsOf{p, name, kind, true},
			Importance: configdef.ImportanceLow, Group: groupCommon, OrderInGroup: order + 1, Width: configdef.WidthShort, DisplayName: label + " version",
			Documentation: "The version of that class.",
		},
	}
}

func errorKeys() []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: "errors.retry.timeout", Type: configdef.TypeLong, Default: 0,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 1, Width: configdef.WidthMedium, DisplayName: "Retry Timeout for Errors",
			Documentation: "How many milliseconds a failed operation is tried again; 0 is not at all, -1 without end.",
		},
		{
			Name: "errors.retry.delay.max.ms", Type: configdef.TypeLong, Default: 60000,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 2, Width: configdef.WidthMedium, DisplayName: "Maximum Delay Between Retries for Errors",
			Documentation: "The longest pause between two attempts, in milliseconds.",
		},
		{
			Name: "errors.tolerance", Type: configdef.TypeString, Default: "none", Validator: configdef.ValidString("none", "all"),
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 3, Width: configdef.WidthShort, DisplayName: "Error Tolerance",
			Documentation: "With none, a record that cannot be processed fails the task; with all, it is skipped.",
		},
		{
			Name: "errors.log.enable", Type: configdef.TypeBoolean, Default: false,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 4, Width: configdef.WidthShort, DisplayName: "Log Errors",
			Documentation: "Whether tolerated errors are logged too.",
		},
		{
			Name: "errors.log.include.messages", Type: configdef.TypeBoolean, Default: false,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 5, Width: configdef.WidthShort, DisplayName: "Log Error Details",
			Documentation: "Whether the log names the record too: for sinks its place in Kafka, for sources the record itself.",
		},
	}
}

// aliases checks a list of freely chosen names.
func aliases(description string) configdef.Validator {
	unique := configdef.Lambda(description, func(name string, value any) error {
		list, _ := value.([]string)
		seen := make(map[string]bool, len(list))
		for _, alias := range list {
			if seen[alias] {
				return configdef.Invalid(name, value, "Duplicate alias provided.")
			}
			seen[alias] = true
		}
		return nil
	})
	return configdef.Composite(configdef.NonNull(), unique)
}

// orNull makes a default of a text that is empty for null.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
