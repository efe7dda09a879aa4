package e2e_test

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestABrokerThatIsAwayAtTheStartIsNamed(t *testing.T) {
	// given an address where nobody listens
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	check(t, err)
	address := ln.Addr().String()
	check(t, ln.Close())

	// when
	f := launchFerry(t, "dev", "--bootstrap-servers", address, "--listen", "127.0.0.1:0")

	// then
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	select {
	case <-f.exited:
	case <-deadline.C:
		t.Fatalf("ferry still runs after %v:\n%s", patience, f.tail())
	}
	if code := f.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the exit code is %d, want 1", code)
	}
	contains(t, f.tail(), "cannot reach Kafka", "bootstrap.servers "+address)
}

func TestAWorkerFileThatIsWrongIsRefusedByItsKeys(t *testing.T) {
	// given
	path := filepath.Join(t.TempDir(), "worker.properties")
	write(t, path, "bootstrap.servers=127.0.0.1:9092\nsecurity.protocol=TELNET\n")

	// when
	f := launchFerry(t, "dev", "--worker", path, "--listen", "127.0.0.1:0")
	<-f.exited

	// then
	if code := f.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("the exit code is %d, want 1", code)
	}
	contains(t, f.tail(), "group.id", "config.storage.topic", "offset.storage.topic", "status.storage.topic", "key.converter", "security.protocol")
}

func TestTopicsThatCannotBeCreatedAreNamedAndABrokerThatGoesAwayIsWaitedFor(t *testing.T) {
	broker := servers.Kafka(t, servers.Properties("auto.create.topics.enable=false", "broker.session.timeout.ms=3000", "broker.heartbeat.interval.ms=500"))
	cl := newCluster(broker.Addr, "away")
	f := cl.start(t)
	rest := api{f.rest}
	t.Run("topics that cannot be created are named", func(t *testing.T) { topicsThatCannotBeCreated(t, broker, rest) })
	t.Run("a broker that goes away is waited for", func(t *testing.T) { brokerGoesAway(t, broker, cl, f) })
}

func topicsThatCannotBeCreated(t *testing.T, broker *servers.Server, rest api) {
	// given a broker that creates no topics by itself
	from := filepath.Join(t.TempDir(), "from.txt")
	write(t, from, "one\ntwo\n")

	// when
	rest.create(t, "absent", fileSource(from, "absent-topic"))
	rest.create(t, "invalid", fileSource(from, "no/topic name"))

	// then
	contains(t, rest.awaitFailure(t, "absent"), "UnknownTopicOrPartitionException", "topic absent-topic", "auto.create.topics.enable")
	contains(t, rest.awaitFailure(t, "invalid"), "InvalidTopicException", "topic no/topic name", "letters, digits")

	// and when the topic is there
	createTopic(t, broker.Addr, "absent-topic")
	restartFailed(t, rest, "absent")

	// then nothing is lost
	await(t, "the source has committed all", func() bool { return rest.position(t, "absent") == int64(len("one\ntwo\n")) })
	checkTopic(t, broker.Addr, "absent-topic", []string{"one", "two"})
}

// brokerGoesAway kills the broker while lines are on their way, and adds some while it is away.
func brokerGoesAway(t *testing.T, broker *servers.Server, cl cluster, f *ferry) {
	// given
	const n = 300_000
	content, more := newText(11, n, unixEnds()), "while the broker was away\n"
	c := newCopy(t, cl, content)
	c.create(t, api{f.rest})
	awaitWithin(t, patience, time.Millisecond, "lines are on their way", func() bool { return c.progress(t) >= 0.3 })

	// when
	broker.Kill(t)
	extend(t, c.from, more)
	await(t, "the log says that the broker is away", func() bool { return strings.Contains(f.tail(), "connection refused") })
	broker.Start(t)
	c.admin = kadm.NewClient(client(t, broker.Addr)) // the other one has dead connections

	// then
	want := append(content.lines, strings.TrimSuffix(more, "\n"))
	await(t, "the source has committed all", func() bool { return api{f.rest}.position(t, c.sourceName) == size(t, c.from) })
	await(t, "the sink has committed all", func() bool { return c.committed(t) == c.end(t) })
	f.stop(t)
	checkTopic(t, broker.Addr, c.topic, want)
	checkRepeats(t, read(t, c.to), want, 1)
}
