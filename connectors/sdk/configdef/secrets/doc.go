// Package secrets keeps the values of config providers where they are used. Errors of connectors and of their libraries quote
// configurations; whatever leaves a process as text, an answer, a log line, a status, goes through Hide first, which puts the
// placeholder back in the place of its value.
//
// A value is found as it is and as it is written in Go, in JSON, in URLs, in HTML, in hexadecimal digits, in capitals and in base64, and there
// also within a longer text, as in the header of basic authentication. Of a value of several lines each long line is found, of one with
// texts in quotes each long text: the password in a JAAS configuration.
//
// A value of less than eight bytes is found only where it stands as a word of its own, and not in hexadecimal digits or base64:
// it is part of too much else. One of more than 4 KiB is not looked for in these either. Nothing is found of a value that somebody has cut
// up, hashed or encrypted, and nothing can be done about what a library writes to standard error by itself, or the runtime when a
// goroutine of a library panics.
//
// Facts are not searched: they name topics and source offsets, which are in Kafka in the clear wherever they came from, and which the
// coordinator has to recognise.
package secrets
