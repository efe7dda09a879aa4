// Package offsets reads and writes the records of Kafka Connect's offsets topic, and the shape in which the REST API shows
// a sink's offsets.
//
// A record's key is the JSON array ["<connector>",{<source partition>}], its value the JSON object of the source offset, or
// null when the offset was reset. Kafka Connect writes both with its JsonConverter without schemas and finds offsets again by
// the bytes of the key, so those bytes are part of the format: maps are written in the order of their entries, numbers as
// Java prints them, text as Jackson escapes it. What is read back has lost its types: every integer is an INT64, every
// other number a FLOAT64, bytes are their base64 text, and maps have the order of a java.util.HashMap.
//
// Because the order of a partition's entries decides the key's bytes, two records may mean the same partition under different
// keys. Index finds them by meaning.
package offsets
