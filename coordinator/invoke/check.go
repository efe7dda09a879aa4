package invoke

// What validation says of a source that cannot keep what its configuration asks for, in Kafka Connect's words: the API of a class that
// never can, the class's function (OpCheck) of one that cannot with this configuration.
const (
	// NotExactlyOnce is said of exactly.once.support=required.
	NotExactlyOnce = "The connector does not support exactly-once semantics with the provided configuration."
	// NoTransactionsDefined is said of transaction.boundary=connector.
	NoTransactionsDefined = "The connector does not support connector-defined transaction boundaries with the given configuration. " +
		"Please reconfigure it to use a different transaction boundary definition."
)
