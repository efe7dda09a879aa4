// Package preview shows what a connector's converters and transforms do with records: each record before and after, what each
// transform did with it, and how it failed. It runs the engine's own converters, chain and tolerance (engine.Walk), without Kafka and
// without the other system. The command (ferry transform, ferry test), the connector's function and so the REST API use it alike.
//
// # Records
//
// A record is a JSON object. Its fields, all but topic optional:
//
//	topic           text
//	partition       a whole number; of a sink's record 0 if it is missing
//	offset          a whole number, 0 if it is missing; only a sink's record has one
//	timestamp       milliseconds since 1970
//	timestampType   "CreateTime", which it is if it is missing, or "LogAppendTime"; only with a sink's timestamp
//	key, value      data, see below; null and missing are the same
//	headers         an array of {"key": text, "value": data}
//
// Other fields, and fields that are there twice, are refused by name.
//
// # Data of a sink's record
//
// A sink's record is given as it is in Kafka, and goes through the connector's converters. Bytes are given in one of three ways, of the
// key as of the value, and of a header's value:
//
//	valueText     text: its bytes in UTF-8
//	valueBase64   bytes in Base64
//	value         JSON, of which bytes are made as the converter's data is written:
//	              JsonConverter           the JSON text as it stands; text has its quotes. With schemas.enable, which is true
//	                                      unless it is switched off, it has to be {"schema":…,"payload":…}
//	              StringConverter         text in the converter's encoding; anything else as JSON text
//	              ByteArrayConverter,     text in UTF-8; anything else as JSON text
//	              SimpleHeaderConverter
//	              LongConverter and       a number (a boolean), as the converter writes it
//	              its like
//	              any other               refused: only valueText and valueBase64 will do
//
// # Data of a source's record
//
// A source's record is given as the connector would hand it over: either JSON without a schema, of which data is made as by the JsonConverter
// without schemas (INT64, FLOAT64, STRING, BOOLEAN, arrays and maps), or {"schema":…,"payload":…}, an object of exactly these members,
// as by the JsonConverter with schemas. A map of these two members, without a schema, is written {"schema":null,"payload":{…}}.
//
// # Results
//
// A Result has the record before the chain and behind it in the form of a source's record, with decimals as numbers, bytes in Base64
// and instants in milliseconds (Date: days); what each transform did; for a source also the record that is written to Kafka, in the form of
// a sink's record. Its JSON is the line that ferry transform writes into a pipe, and an element of what the REST API answers.
//
// A change has a path (topic, value.address.city, value.lines[0].id, headers.trace, value["a.b"]) and the type and the value before and
// after; null stands for what was not there. If it has an attribute, it is one of the schema at that path: type, optional, name,
// version, doc, default, parameters, or fields, the order of these.
//
// # Secrets
//
// Values that come from config providers must not be shown. Options.Hide puts placeholders in their place wherever they stand in a
// result: in any text and in names of fields and headers, as the text of a number or boolean, and in bytes, which are then shown
// as text.
package preview
