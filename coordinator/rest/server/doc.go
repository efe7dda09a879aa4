// Package server stands between the network and the REST API, as RestServer does in Kafka Connect: listeners, TLS, who may ask and how
// often, and what is logged of it.
//
// # The way of a request
//
//	listener    http or https; a client's certificate says who asks
//	log         one line when it is answered (ferry.rest.access.log); a mistake in an extension becomes 500
//	forwarded   X-Forwarded-* are believed of ferry.rest.trusted.proxies alone, and taken away from everybody else
//	headers     response.http.headers.config
//	CORS        access.control.allow.*
//	limits      ferry.rest.rate.*, ferry.rest.request.max.bytes
//	extensions  rest.extension.classes
//	admin       /admin is here, or at listeners of its own, or nowhere: admin.listeners
//	API         package rest
//
// Preflight requests of CORS go all the way, as in Kafka Connect; so an extension that wants a password refuses them, there too.
// Admin listeners have log, forwarded and limits, and then /admin of the API and nothing else: no headers, no CORS, no extensions. That
// too is as in Kafka Connect, whose users bind them where only they can reach them.
//
// On Lambda there are no listeners. The API function calls Front.Main with requests made of events, and says itself who asks.
package server
