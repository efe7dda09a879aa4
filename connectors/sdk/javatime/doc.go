// Package javatime formats and parses dates by the patterns of java.text.SimpleDateFormat and
// java.time.format.DateTimeFormatter, for the locale en_US.
//
// Configurations of Kafka Connect hold such patterns, and what they make ends up in topic names, file names and records. So
// they must mean here exactly what they mean in Java, oddities included; what cannot be had is refused when it is compiled.
//
// # SimpleDateFormat
//
// All letters of Java 17 are supported: G y Y M L w W D d F E u a H k K h m s S z Z X. Parsing is lenient, as it is unless
// Java code asks otherwise: fields have any number of digits and roll over when out of range, whatever follows the last field
// is ignored, two-digit years lie between 80 years before and 20 years after the format was made. Among contradicting fields
// those win that java.util.GregorianCalendar prefers. Dates before 1582-10-15 are Julian.
//
// One thing differs on purpose. When Java parses the name of a time zone, the format keeps that zone, and everything that it
// formats or parses later is in it: the result for one record depends on the records before it. Here a format never changes;
// ParseZone returns the zone for a caller that wants it.
//
// # DateTimeFormatter
//
// See CompileDateTimeFormatter for what is supported.
//
// # Time zones
//
// Zones come from the database that Go embeds, their names from CLDR 39, as in Java 17 (zones.txt).
//
// All types are immutable and may be used concurrently. The append functions do not allocate beyond growing dst.
package javatime
