// Package connectorconfig is what every connector can be configured with whatever its class is: Kafka Connect's own keys
// (ConnectorConfig, SourceConnectorConfig and SinkConnectorConfig of 4.3), and the validation of a whole configuration.
//
// # Validation
//
// A configuration is checked in this order (AbstractHerder.validateConnectorConfig):
//
//  1. connector.class must name a connector, connector.plugin.version a version of it.
//  2. Connect's own keys, and for each alias in transforms and predicates the keys of that plugin.
//  3. What concerns several of these keys: topics against topics.regex and the dead letter topic, exactly once.
//  4. Keys that are null.
//  5. Settings of converters that the configuration names itself, and of clients (producer.override.* and so on).
//  6. The connector's own keys. On a name clash they count, and Connect's do not.
//  7. The connector's own code, asked through its function, where it has something to say.
//
// The catalog knows the keys of every plugin, so that steps 1 to 6 need no plugin.
//
// # Placeholders
//
// Placeholders such as ${file:path:key} are resolved in the connector's function and nowhere else. A configuration with one, of a
// provider the worker knows, is therefore validated there as a whole, by this package too (ValidateResolved): the answer has the
// placeholder in the place of the value, and says of one that is wrong only that.
package connectorconfig
