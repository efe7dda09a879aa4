// Package connect is what an author of a connector, converter or transform imports: Kafka Connect's data model and
// contracts, in Go.
//
// # Data
//
// A Value is a 24-byte union. A Schema is immutable and shared. A Struct is a schema and a window into a slab of Values;
// arrays and maps are windows too, and maps keep their order. A Batch owns an Arena of such slabs and is reset as a whole,
// so that in steady state moving a record allocates nothing.
//
// Ownership is one sentence: records and all they point to are valid until Put returns (sink) or until Poll is called
// again (source); whoever keeps one longer clones it. The conformance suite in connecttest overwrites the arena after Put,
// so a connector that keeps a pointer fails loudly.
//
// # Contracts
//
// Source and Sink move data, Converter and HeaderConverter turn it into bytes, Transform and Predicate change or choose
// records. A Class is one kind of connector under the Java class name that users already write; ConverterClass,
// TransformClass and so on are the same for the other plugins. A Registry is a value built from explicit lists; nothing
// registers itself.
//
// # Errors
//
// There are four kinds of error, decided in errors.go: retriable, data, config, fatal. They carry the name of the Java
// exception that Kafka Connect would show, since traces and dead-letter headers are read by tools.
package connect
