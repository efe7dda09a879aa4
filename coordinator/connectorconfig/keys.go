package connectorconfig

// Keys of Kafka Connect that code refers to.
const (
	NameKey             = "name"
	ConnectorClassKey   = "connector.class"
	PluginVersionKey    = "connector.plugin.version"
	KeyConverterKey     = "key.converter"
	ValueConverterKey   = "value.converter"
	HeaderConverterKey  = "header.converter"
	transformsKey       = "transforms"
	predicatesKey       = "predicates"
	topicsKey           = "topics"
	topicsRegexKey      = "topics.regex"
	deadLetterTopicKey  = "errors.deadletterqueue.topic.name"
	exactlyOnceKey      = "exactly.once.support"
	boundaryKey         = "transaction.boundary"
	offsetsTopicKey     = "offsets.storage.topic"
	topicCreationPrefix = "topic.creation."

	versionSuffix = ".plugin.version"
	latestVersion = "latest"
)

// Groups under which a user interface shows the keys.
const (
	groupCommon        = "Common"
	groupTransforms    = "Transforms"
	groupPredicates    = "Predicates"
	groupErrors        = "Error Handling"
	groupTopicCreation = "Topic Creation"
	groupExactlyOnce   = "Exactly Once Support"
	groupOffsetsTopic  = "offsets.topic"
)
