// Package wire stands between a process and the servers it talks to, and shows a test each message while it holds it: the
// request before it is forwarded, and the reply before it is delivered. What the test does meanwhile (kill the process, freeze
// it, restart the server) happens at exactly that point, and nobody's code has to know.
//
// Messages are never changed. A test can let one pass, cut the connection instead, or give an HTTP request an answer of its
// own:
//
//	request held, then cut    the server never saw it
//	reply held, then cut      the server did it, and the process does not know: the lost reply
//	request held, then passed whatever happened meanwhile, the request still arrives, late
//
// Kafka is a proxy for the Kafka protocol, of which it reads the head of each request and matches replies to requests by
// correlation id. HTTP is one for DynamoDB, Lambda, and whatever else speaks HTTP.
package wire
