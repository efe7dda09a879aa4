// Package servers starts the real servers that tests talk to, by the scripts in scripts/servers: Apache Kafka, Kafka
// Connect, DynamoDB Local, MiniStack, LocalStack and Toxiproxy. Only tests import it.
//
// Every server listens on 127.0.0.1 on a free port, keeps its data in a folder of the test, and is gone when the test
// is: it is stopped by the test's cleanup, and should the test binary die before that (a time-out, a SIGKILL), the
// server notices the end of its standard input and kills itself.
//
// A server can be stopped, killed and started again on its old address with its old data:
//
//	broker := servers.Kafka(t, servers.Properties("auto.create.topics.enable=false"))
//	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Addr))
//	...
//	broker.Kill(t)  // SIGKILL, as by the kernel
//	broker.Start(t) // same address, same data
//
// A broker takes seconds to start, so the tests of a package may share one:
//
//	var kafka servers.SharedKafka
//
//	func TestMain(m *testing.M) { os.Exit(kafka.Main(m)) }
//
//	func TestCommit(t *testing.T) { broker := kafka.Broker(t); ... }
//
// What the machine lacks (no Java) skips the test with one line that names it, unless FERRY_REQUIRE_REAL is 1: then it
// fails the test.
package servers
