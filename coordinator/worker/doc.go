// Package worker is Kafka Connect's worker configuration: the keys of worker.properties, read from a file, a map or the
// environment, and turned into what Ferry needs from them. Keys that only make sense inside a Java process are accepted
// and ignored, so that a file users already have works unchanged.
package worker
