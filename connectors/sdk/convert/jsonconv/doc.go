// Package jsonconv is Kafka Connect's JsonConverter: values as JSON, with or without their schema beside them, as
// org.apache.kafka.connect.json.JsonConverter of Kafka 4.3 reads and writes them.
//
// # Wire format
//
// With schemas.enable every message is an envelope, {"schema":S,"payload":P}; without, it is P alone. BYTES and, by
// default, Decimal are base64 text; Date, Time and Timestamp are numbers; a map whose keys are strings is an object, any
// other an array of pairs. NaN and the infinities are strings. Characters beyond U+FFFF are written as two escaped
// surrogates, as Jackson does.
//
// # How it is fast
//
// Writing walks a plan made once for each schema: the envelope with the schema in it is one precomputed piece of text, and
// so is every field's name with its quotes, comma and colon.
//
// Reading compares the front of a message with that of the message before. If they agree, which they do as long as the
// schema stays, the schema is known without looking at it. Fields are expected in the order of the schema, each with the
// exact bytes the plan has for it; the text of strings stays where it is in the message. Objects without schema are read
// with the keys of the object before in mind.
//
// # Two readers
//
// What is described above is the fast reader (reader.go and its neighbours). It never reports an error: whenever
// something is not as it expects, it gives up, and the plain reader (plain.go) starts over from the first byte. The plain
// reader first validates the whole document, then converts piece by piece in the order Kafka Connect does, so it alone
// decides about every odd case and every message. A fuzz test holds the two together.
//
// # Limits
//
// A document nests at most 1 000 deep, a number has at most 1 000 characters, a string 20 million bytes and a name 50 000:
// the limits of Jackson. Longer ones are data errors.
//
// # Differences from Kafka Connect
//
//   - Schemaless objects keep the order of their members; Java reads them into a HashMap.
//   - Text that is not UTF-8 is a data error even where Jackson lets it pass: overlong forms and code points beyond
//     U+10FFFF.
//   - Causes of data errors have texts of their own.
package jsonconv
