// Package primconv holds the converters of Kafka Connect for single values: StringConverter, ByteArrayConverter,
// BooleanConverter, and ShortConverter, IntegerConverter, LongConverter, FloatConverter and DoubleConverter.
//
// Each takes null as null in both directions and reads with an optional schema. Those for numbers look at the value and
// not at its schema: an INT32 is no INT64. None of them allocates: what they read points into the record, what they write
// is appended to the caller's buffer.
//
// All of them convert headers as well.
package primconv
