package loggers

// Names of loggers. Connectors have that of their class.
const (
	// Root is everything that has no name, and the ancestor of all names. It is found in any case.
	Root = "root"
	// Herder decides about connectors: the coordinator.
	Herder = "org.apache.kafka.connect.runtime.distributed.DistributedHerder"
	// Worker starts and ends tasks.
	Worker = "org.apache.kafka.connect.runtime.Worker"
	// ExactlyOnceSourceTask, SourceTask and SinkTask are the loops of tasks.
	ExactlyOnceSourceTask = "org.apache.kafka.connect.runtime.ExactlyOnceWorkerSourceTask"
	SourceTask            = "org.apache.kafka.connect.runtime.WorkerSourceTask"
	SinkTask              = "org.apache.kafka.connect.runtime.WorkerSinkTask"
	// Retries tells of steps that are tried again, LogReporter of bad records (errors.log.enable).
	Retries     = "org.apache.kafka.connect.runtime.errors.RetryWithToleranceOperator"
	LogReporter = "org.apache.kafka.connect.runtime.errors.LogReporter"
	// REST is the API.
	REST = "org.apache.kafka.connect.runtime.rest.RestServer"
	// Storage is the internal topics.
	Storage = "org.apache.kafka.connect.storage.KafkaConfigBackingStore"
	// Leases is who owns which task, in Kafka Connect a matter of the workers' group.
	Leases = "org.apache.kafka.connect.runtime.distributed.WorkerCoordinator"
)

// names are known to every process, whether or not it has such a logger: the API lists what the functions have.
var names = [...]string{ //nolint:gochecknoglobals // a table
	Herder, Worker, ExactlyOnceSourceTask, SourceTask, SinkTask, Retries, LogReporter, REST, Storage, Leases,
}
