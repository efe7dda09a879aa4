package worker

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/topiccreation"
)

// Keys that other packages ask for by name.
const (
	FlushIntervalKey    = "offset.flush.interval.ms"
	TopicTrackingKey    = "topic.tracking.enable"
	ShutdownTimeoutKey  = "task.shutdown.graceful.timeout.ms"
	ExtensionsKey       = "rest.extension.classes"
	OverridePolicyKey   = "connector.client.config.override.policy"
	simpleHeaders       = "org.apache.kafka.connect.storage.SimpleHeaderConverter"
	ofAJVM              = "of a Java process"
	oneVersionOfEach    = "there is one version of each plugin"
	converterVersionKey = ".converter.plugin.version"
)

// workerKeys are about connectors and tasks.
func workerKeys() []Key {
	return []Key{
		{Name: "bootstrap.servers", Type: configdef.TypeList, Required: true, Validator: configdef.AnyNonDuplicateValues(false, false),
			State: Honoured, Note: "the Kafka cluster"},
		{Name: "key.converter", Type: configdef.TypeClass, Required: true, State: Honoured, Note: "of connectors that name none"},
		{Name: "value.converter", Type: configdef.TypeClass, Required: true, State: Honoured, Note: "of connectors that name none"},
		{Name: "header.converter", Type: configdef.TypeClass, Default: simpleHeaders, State: Honoured, Note: "of connectors that name none"},
		{Name: "key" + converterVersionKey, Type: configdef.TypeString, State: Meaningless, Note: oneVersionOfEach},
		{Name: "value" + converterVersionKey, Type: configdef.TypeString, State: Meaningless, Note: oneVersionOfEach},
		{Name: "header" + converterVersionKey, Type: configdef.TypeString, State: Meaningless, Note: oneVersionOfEach},
		{Name: ShutdownTimeoutKey, Type: configdef.TypeLong, Default: int64(5000), State: Honoured,
			Note: "how long tasks have to commit when the `ferry` command ends; a function has its own deadline"},
		{Name: FlushIntervalKey, Type: configdef.TypeLong, Default: int64(60000), State: Honoured,
			Note: "the interval of `transaction.boundary=interval`; other offsets are written with every batch"},
		{Name: "offset.flush.timeout.ms", Type: configdef.TypeLong, Default: int64(5000), State: Meaningless,
			Note: "offsets are written before the next batch begins"},
		{Name: "plugin.path", Type: configdef.TypeList, Validator: configdef.AnyNonDuplicateValues(false, true), State: Meaningless,
			Note: "plugins are part of the program"},
		{Name: "plugin.discovery", Type: configdef.TypeString, Default: "hybrid_warn",
			Validator: configdef.CaseInsensitiveValidString("only_scan", "service_load", "hybrid_warn", "hybrid_fail"), State: Meaningless,
			Note: "plugins are part of the program"},
		{Name: "config.providers", Type: configdef.TypeList, Default: "", Validator: configdef.AnyNonDuplicateValues(true, false), State: Honoured,
			Note: "they resolve placeholders here too, but in `plugin.path`"},
		{Name: OverridePolicyKey, Type: configdef.TypeString, Default: "All", State: Honoured,
			Note: "All, None, Principal or Allowlist; a class of one's own is refused"},
		{Name: "topic.creation.enable", Type: configdef.TypeBoolean, Default: true, State: Honoured, Note: "whether `topic.creation.*` of sources counts"},
		{Name: TopicTrackingKey, Type: configdef.TypeBoolean, Default: true, State: Honoured, Note: "whether `GET …/topics` is there"},
		{Name: "topic.tracking.allow.reset", Type: configdef.TypeBoolean, Default: true, State: Honoured, Note: "whether `PUT …/topics/reset` is there"},
		{Name: ExactlyOnceSupportKey, Type: configdef.TypeString, Default: ExactlyOnceEnabled,
			Validator: configdef.CaseInsensitiveValidString("disabled", "enabled", "preparing"), State: Honoured,
			Note: "Kafka Connect's default is `disabled`, and its standalone mode does not have the key"},
	}
}

// topicKeys are about where the worker keeps what it knows.
func topicKeys() []Key {
	var keys []Key
	for _, t := range []struct {
		name       string
		partitions any
	}{{"config", nil}, {"offset", 25}, {"status", 5}} {
		keys = append(keys, Key{Name: t.name + ".storage.topic", Type: configdef.TypeString, Required: true, Mode: DistributedOnly,
			State: Honoured, Note: "must not be empty, and no other internal topic's"})
		if t.partitions != nil {
			keys = append(keys, Key{Name: t.name + ".storage.partitions", Type: configdef.TypeInt, Default: t.partitions, Mode: DistributedOnly,
				Validator: topiccreation.ValidPartitions(), State: Honoured, Note: "when the topic is created"})
		}
		keys = append(keys, Key{Name: t.name + ".storage.replication.factor", Type: configdef.TypeShort, Default: 3, Mode: DistributedOnly,
			Validator: topiccreation.ValidReplicationFactor(), State: Honoured, Note: "when the topic is created"})
	}
	return append(keys, Key{Name: "offset.storage.file.filename", Type: configdef.TypeString, Required: true, Mode: StandaloneOnly,
		State: Honoured, Note: "must not be empty"})
}

// metricKeys are about Kafka Connect's metrics.
func metricKeys() []Key {
	const why = "there are no metrics of a Java process"
	return []Key{
		{Name: "metrics.sample.window.ms", Type: configdef.TypeLong, Default: int64(30000), Validator: configdef.AtLeast(0), State: Meaningless, Note: why},
		{Name: "metrics.num.samples", Type: configdef.TypeInt, Default: 2, Validator: configdef.AtLeast(1), State: Meaningless, Note: why},
		{Name: "metrics.recording.level", Type: configdef.TypeString, Default: "INFO", Validator: configdef.ValidString("INFO", "DEBUG"),
			State: Meaningless, Note: why},
		{Name: "metric.reporters", Type: configdef.TypeList, Default: "org.apache.kafka.common.metrics.JmxReporter",
			Validator: configdef.AnyNonDuplicateValues(true, false), State: Meaningless, Note: why},
	}
}
