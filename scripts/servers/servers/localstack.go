package servers

import "testing"

// LocalStack starts LocalStack for t, without Docker: DynamoDB, S3, SQS, Secrets Manager and Systems Manager parameters at
// one URL. It takes any credentials and keeps everything in memory: a Kill or a Stop loses it.
//
// It is ready in five seconds, when DynamoDB is; another service is loaded by the first request for it. Writes to DynamoDB are
// slow, about a hundred a second. Heap and JVM are those of the DynamoDB Local behind it, so clients set DisableValidateResponseChecksum.
func LocalStack(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return run(t, "localstack.sh", opts)
}
