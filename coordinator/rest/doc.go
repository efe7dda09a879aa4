// Package rest is Kafka Connect's REST API (that of 4.3) over the internal topics: what existing clients, tools and
// interfaces speak. It is an http.Handler, so it runs in a short-lived function as well as in the local command.
//
// # What a request does
//
// It reads the topics to their end, decides, writes if there is something to write, reads that back, and answers. Bringing
// about what was asked for is the coordinator's: after each change the connector's name is handed to Trigger. Nothing waits
// for tasks. Therefore 201, 202 and 204 say that the wish is stored and cannot be lost; what becomes of it is in the
// status.
//
// # Two changes at once
//
// Within one process they run one after the other. Two processes: each claims the config topic (see package store), and the
// one that was overtaken finds out when it writes, before anything of it is visible; it claims again, looks again and
// decides again.
//
// # While Kafka is away
//
// A request that only looks is answered from what was read before, after five seconds at most, and the header Warning says how old
// that is: a Java worker answers from its memory too. Whoever has read nothing yet, and every change, is told with status 500 that Kafka
// does not answer. A change is told so before it begins, so that nobody has to find out what became of it.
//
// # Differences from Kafka Connect
//
// They are listed in COMPATIBILITY.md, which has the table of endpoints from the table of routes here. Every error has a body of type
// application/json; names with slashes and percent signs can be addressed, escaped; there are no workers to forward to, so the
// conflicts (409) that a rebalance causes do not happen. Where an answer of Kafka Connect is an accident, such as the text of a
// NullPointerException, this one says what is wrong.
package rest
