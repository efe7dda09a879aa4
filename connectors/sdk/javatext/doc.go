// Package javatext writes and reads numbers as Java does, and orders keys as a java.util.HashMap does.
//
// Kafka Connect's data leaves Java through toString and enters it through parse methods: a FLOAT64 becomes JSON by
// Double.toString, a Decimal by BigDecimal.toString, a schemaless map is written in the order of its hash table. Text
// that other systems compare byte for byte must therefore follow Java's rules and not Go's.
//
// Floating-point text follows the specification of Double.toString as it has been since JDK 19: the fewest digits that
// read back as the same number, at least two of them, and of several candidates the closest. Older releases print more
// digits than needed for some numbers (JDK-4511638). That is not reproduced; either text reads back as the same number.
//
// All functions are pure and may be called concurrently. The append functions do not allocate beyond growing dst.
package javatext
