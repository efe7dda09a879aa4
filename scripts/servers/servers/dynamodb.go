package servers

import "testing"

// DynamoDB starts DynamoDB Local for t, with its tables in memory: a Kill loses them. It takes any credentials and keeps
// one set of tables for all of them. Clients set DisableValidateResponseChecksum, or they log a warning at every failed
// condition: the checksums of its error responses are wrong.
func DynamoDB(t testing.TB, opts ...Option) *Server {
	t.Helper()
	memory := func(env map[string]string) { env["DYNAMODB_MEMORY"] = "1" }
	return run(t, "dynamodb.sh", append([]Option{memory}, opts...))
}

// OnDisk keeps the tables of DynamoDB Local in the server's Data, so that they are there after a Kill and a Start.
func OnDisk() Option {
	return func(env map[string]string) { env["DYNAMODB_MEMORY"] = "" }
}
