package topiccreation

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// Keys of a group, after topic.creation.<group>. in a configuration. Whatever else follows is a setting of the topic.
const (
	includeKey           = "include"
	excludeKey           = "exclude"
	replicationFactorKey = "replication.factor"
	partitionsKey        = "partitions"
)

// DefaultDef returns the definition of the group default. Its include and exclude are defined and without effect.
func DefaultDef() *configdef.Def {
	replicationFactor, partitions := replicationFactor(DefaultGroup), partitions(DefaultGroup)
	replicationFactor.Required, partitions.Required = true, true
	include, exclude := patterns(DefaultGroup)
	include.Default = []string{".*"}
	include.Validator, exclude.Validator = configdef.NonNull(), configdef.NonNull()
	return configdef.MustNew(include, exclude, replicationFactor, partitions)
}

// GroupDef returns the definition of any other group, for which the group default gives replication factor and number of
// partitions. heading is the one under which a user interface shows the keys.
func GroupDef(heading string, defaultReplicationFactor int16, defaultPartitions int) *configdef.Def {
	replicationFactor, partitions := replicationFactor(heading), partitions(heading)
	replicationFactor.Default, partitions.Default = defaultReplicationFactor, defaultPartitions
	include, exclude := patterns(heading)
	return configdef.MustNew(include, exclude, replicationFactor, partitions)
}

func patterns(heading string) (include, exclude configdef.ConfigKey) {
	key := configdef.ConfigKey{
		Name: includeKey, Type: configdef.TypeList, Default: []string{}, Validator: validPatterns(), Importance: configdef.ImportanceLow,
		Group: heading, OrderInGroup: 1, Width: configdef.WidthLong, DisplayName: "Inclusion Topic Pattern for " + heading,
		Documentation: "Java regular expressions; topics whose whole name matches one of them belong to the group. Without effect in the group default.",
	}
	include = key
	key.Name, key.OrderInGroup, key.DisplayName = excludeKey, 2, "Exclusion Topic Pattern for "+heading
	key.Documentation = "Java regular expressions; topics whose whole name matches one of them do not belong to the group, even if include says so. Without effect in the group default."
	return include, key
}

func replicationFactor(heading string) configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: replicationFactorKey, Type: configdef.TypeShort, Importance: configdef.ImportanceLow,
		Validator: ValidReplicationFactor(),
		Group:     heading, OrderInGroup: 3, Width: configdef.WidthLong, DisplayName: "Replication Factor for Topics in " + heading,
		Documentation: "The replication factor of new topics, at most the number of brokers; -1 is the brokers' default. Required in the group default, which gives it to groups without one.",
	}
}

func partitions(heading string) configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: partitionsKey, Type: configdef.TypeInt, Importance: configdef.ImportanceLow,
		Validator: ValidPartitions(),
		Group:     heading, OrderInGroup: 4, Width: configdef.WidthLong, DisplayName: "Partition Count for Topics in " + heading,
		Documentation: "The number of partitions of new topics; -1 is the brokers' default. Required in the group default, which gives it to groups without one.",
	}
}

// ValidReplicationFactor is Kafka Connect's check of the replication factor of a topic to be made, a SHORT; -1 is the brokers' default.
func ValidReplicationFactor() configdef.Validator {
	return positiveOrBrokerDefault("Positive number not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
		"Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default")
}

// ValidPartitions is Kafka Connect's check of the number of partitions of a topic to be made, an INT; -1 is the brokers' default.
func ValidPartitions() configdef.Validator {
	return positiveOrBrokerDefault("Positive number, or -1 to use the broker's default",
		"Number of partitions must be positive, or -1 to use the broker's default")
}

func positiveOrBrokerDefault(description, complaint string) configdef.Validator {
	return configdef.Lambda(description, func(name string, value any) error {
		var n int64
		switch v := value.(type) {
		case int16:
			n = int64(v)
		case int32:
			n = int64(v)
		}
		if n != BrokerDefault && n < 1 {
			return configdef.Invalid(name, value, complaint)
		}
		return nil
	})
}

// validPatterns has a description that is another's in Kafka Connect too.
func validPatterns() configdef.Validator {
	return configdef.Lambda("Positive number, or -1 to use the broker's default", func(name string, value any) error {
		list, _ := value.([]string)
		for _, pattern := range list {
			if _, err := javaregex.Compile(pattern); err != nil {
				return configdef.Invalid(name, value, "Syntax error in regular expression: "+err.Error())
			}
		}
		return nil
	})
}
