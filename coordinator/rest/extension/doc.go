// Package extension lets a program put code of its own before and beside the REST API, as REST extensions do in Kafka Connect
// (rest.extension.classes). It is a Go interface: a Java class cannot be loaded, but its name stands for a value of this package's
// Class, so that a worker's configuration stays as it is.
//
// # The life of an extension
//
//	1 New      with the worker's properties, in the order of rest.extension.classes. Nothing listens yet: an error ends the start
//	2 Register it says what it adds: middleware (Wrap) and routes (Handle)
//	3          requests pass the middleware of the first class, then that of the second, and so on, then a route of an extension
//	           or the API. On admin listeners there are no extensions
//	4 Close    when no request is being answered any more, the last class first
//
// Classes are values in an explicit list that the program hands over; none registers itself.
package extension
