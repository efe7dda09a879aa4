package servers

import "testing"

// Connect starts a distributed Kafka Connect worker with the file connectors for t, on the brokers at bootstrap. Two
// workers with the same group and topics form one cluster. Relative file names in connector configs are relative to the
// result's Data.
func Connect(t testing.TB, bootstrap string, opts ...Option) *Server {
	t.Helper()
	brokers := func(env map[string]string) { env["CONNECT_BOOTSTRAP"] = bootstrap }
	return run(t, "connect.sh", append([]Option{brokers}, opts...))
}

// Group sets a worker's group.id; without it, it is connect-cluster.
func Group(id string) Option {
	return func(env map[string]string) { env["CONNECT_GROUP"] = id }
}

// Topics sets a worker's internal topics; without it they are connect-configs, connect-offsets and connect-status.
func Topics(configs, offsets, status string) Option {
	return func(env map[string]string) {
		env["CONNECT_CONFIG_TOPIC"] = configs
		env["CONNECT_OFFSET_TOPIC"] = offsets
		env["CONNECT_STATUS_TOPIC"] = status
	}
}
