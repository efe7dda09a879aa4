// Package ledger is a connector that is made to be attacked, and the system at its other end, which counts. A record is a
// number, so every record is known by name: nothing can be lost or repeated without being seen.
//
// # The two ends
//
// Ledger is the other system: an HTTP server of the test's process. The connectors run in function binaries of their own and
// talk to it over the wire, so that a test can hold any of their requests:
//
//	/poll       the source asks for the numbers from its position on
//	/committed  the source acknowledges: Kafka has them
//	/open       a session of a sink begins. The answer is the offset stored with the data
//	/put        a sink hands numbers in; they are nothing yet
//	/flush      what was handed in becomes durable
//
// # Three kinds
//
//	source             keeps its position as its source offset
//	sink               at least once: a flush makes durable whatever was put. Only the offsets of its consumer group say where
//	                   the next invocation goes on, so what was flushed and not committed comes again
//	exactly-once sink  the offset is stored with the data, in one step and on condition: a flush names the stored offset
//	                   that it goes on from. If another session was faster, the flush is refused, and repeated from the new
//	                   offset on; what lies below it is left out
//
// # What the Ledger judges itself
//
// Some things can be seen at one moment only, and the Ledger looks at that moment. See Violations.
package ledger
