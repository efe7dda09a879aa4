// Package worker is Kafka Connect's worker configuration: the keys of worker.properties, read from a file, a map or the
// environment, and turned into what Ferry needs from them. Keys that only make sense inside a Java process are checked and have no
// effect, so that a file users already have works unchanged. Keys and Prefixes are the table of all keys; README.md shows it.
package worker
