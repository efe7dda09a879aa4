// Package loggers gives each logger of a process a level of its own that can be changed while it runs, as Kafka Connect's
// endpoint /admin/loggers does.
//
// # Names
//
// Names are hierarchical, with dots, and are those of the Java classes that users of Kafka Connect know from their log files and
// from what they have read: the class of a connector, org.apache.kafka.connect.runtime.WorkerSinkTask for the loop of a sink,
// and so on; see names.go. A part of the program names its logger by an attribute:
//
//	log = log.With(loggers.Key, loggers.SinkTask)
//
// So neither the engine nor a connector needs more than a *slog.Logger, and what is not named is the root logger.
//
// # Levels
//
// Each name has its effective level in one atomic variable, and each handler points to that of its name: whether a line is
// written costs one load. A name that comes up later takes the level of its nearest known ancestor. To set the level of a name sets it
// for every known name that begins with it, with or without a dot, as in Kafka Connect, and the last one wins.
//
// # Levels of the whole cluster
//
// They are records of the config topic. The API and the coordinator read it; task functions hear of them in the request. Each
// process applies each change once, in the order of the topic, so that one made for this process alone afterwards stays. A process
// that starts applies all there are: a Java worker ignores those from before its start, but a function starts with every other event.
package loggers
