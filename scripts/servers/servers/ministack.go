package servers

import "testing"

// MiniStack starts a small AWS for t: DynamoDB, S3, SQS, Secrets Manager, Systems Manager parameters and more at one URL. It
// takes any credentials and keeps everything in memory: a Kill or a Stop loses it. It is ready within a second.
func MiniStack(t testing.TB, opts ...Option) *Server {
	t.Helper()
	return run(t, "ministack.sh", opts)
}
