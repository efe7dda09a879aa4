// Package values turns text into typed data and data into text, and converts data from one type to another, by the rules
// of org.apache.kafka.connect.data.Values. Header values are written and read with it, and so are the literals in the
// configuration of transforms.
//
// # Text to data
//
// ParseString guesses: `12` is an INT8, `1.5` a FLOAT32, `2020-01-01` a Date, `[1,2]` an array, and whatever is nothing
// else is a STRING. The guess cannot be told apart from the original type, so writing and reading change types: an INT64 5
// comes back as an INT8. That is Kafka Connect's contract for headers, and tools rely on it.
//
// The text is cut into tokens: each of `: , { } [ ] "` is one unless an odd number of backslashes stands before it, and so
// is everything between. An array or a map that cannot be read to its end makes the whole text a STRING.
//
// Two things are better than in Java, where they lose data: a text that begins with blanks and goes on with an unreadable
// array or map stays whole (Java keeps the blanks only), and nesting deeper than a thousand levels is a STRING (Java
// overflows its stack, at a depth that varies).
//
// # Data to data
//
// The Convert functions follow Values.convertTo*: numbers are cut and wrap around as casts do in Java, text is parsed,
// instants become days or milliseconds as the schema beside them says. Errors are KindData with Java's texts.
package values
