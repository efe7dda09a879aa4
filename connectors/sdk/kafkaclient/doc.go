// Package kafkaclient turns settings of Kafka's Java clients into options of ours: those that a worker has for the clients of its
// connectors (producer.*, consumer.*, admin.*), and those with which a connector overrides them (producer.override.* and so on).
//
// keys.json is the one list of all settings that Java's clients of 4.3 have. It says of each whether it is honoured and by which option,
// has no meaning here and why, or is refused; README.md shows it. What is refused fails validation, and the task too: a
// configuration may have come to the config topic by another way. A setting that nobody knows is passed over, as Java's clients do.
//
// URLs and files of OAUTHBEARER that a connector names must be listed by the worker, or be the worker's own: see allowed.go.
//
// Where a setting and the memory of a function disagree, the memory wins: see Bounds.
package kafkaclient
