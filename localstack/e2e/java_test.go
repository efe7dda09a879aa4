package e2e_test

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

func TestAJavaConsumerReadsWhatASourceWrote(t *testing.T) {
	// given
	broker := kafka.Broker(t)
	content := newText(5, 1000, unixEnds())
	from := filepath.Join(t.TempDir(), "from.txt")
	write(t, from, content.raw)
	cl := newCluster(broker.Addr, "forjava")
	topic := cl.group + "-lines"
	createTopic(t, broker.Addr, topic)

	// when
	f := cl.start(t)
	api{f.rest}.create(t, "for-java", fileSource(from, topic))
	await(t, "the source has committed all", func() bool { return api{f.rest}.position(t, "for-java") == int64(len(content.raw)) })
	f.stop(t)
	output, err := servers.Output(t, "kafka-console-consumer.sh", "--bootstrap-server", broker.Addr, "--topic", topic,
		"--isolation-level", "read_committed", "--from-beginning", "--max-messages", strconv.Itoa(len(content.lines)), "--timeout-ms", "60000")

	// then
	check(t, err)
	if output != content.raw {
		at := commonPrefix(output, content.raw)
		t.Errorf("Java read %d bytes, want %d; they differ at %d: %.100q", len(output), len(content.raw), at, output[at:])
	}
}

// A relay is a source and a sink that run on one worker after the other.
type relay struct {
	cluster      cluster
	from, to     string
	source, sink string
	topic        string
	written      []string
	admin        *kadm.Client
}

func newRelay(t *testing.T, cl cluster) *relay {
	t.Helper()
	folder := t.TempDir()
	r := &relay{
		cluster: cl, from: filepath.Join(folder, "from.txt"), to: filepath.Join(folder, "to.txt"),
		source: cl.group + "-source", sink: cl.group + "-sink", topic: cl.group + "-lines",
		admin: kadm.NewClient(client(t, cl.bootstrap)),
	}
	write(t, r.from, "")
	createTopic(t, cl.bootstrap, r.topic)
	return r
}

func (r *relay) create(t *testing.T, a api) {
	t.Helper()
	a.create(t, r.source, fileSource(r.from, r.topic))
	a.create(t, r.sink, fileSink(r.to, r.topic))
}

// pass appends lines and waits until they are in the second file; nothing else may be there. The lines are ASCII: the
// position that Java keeps counts UTF-16 units and is wrong after any other character.
func (r *relay) pass(t *testing.T, who string, n int) {
	t.Helper()
	added := make([]string, n)
	for i := range added {
		added[i] = "line " + strconv.Itoa(len(r.written)+i) + " passed by " + who
	}
	r.written = append(r.written, added...)
	extend(t, r.from, strings.Join(added, "\n")+"\n")
	awaitFile(t, r.to, strings.Join(r.written, "\n")+"\n")
}

// awaitCommits waits until the offsets of both connectors are those of the end, so that the next worker repeats nothing.
func (r *relay) awaitCommits(t *testing.T, a api) {
	t.Helper()
	await(t, "the source's offset is committed", func() bool { return a.position(t, r.source) == size(t, r.from) })
	_, end := ends(t, r.cluster.bootstrap, r.topic)
	await(t, "the sink's offset is committed", func() bool { return groupOffset(t, r.admin, r.sink, r.topic) == end })
}

func (r *relay) checkListed(t *testing.T, a api) {
	t.Helper()
	if got, want := a.names(t), []string{r.sink, r.source}; !slices.Equal(got, want) {
		t.Fatalf("the connectors are %v, want %v", got, want)
	}
	var config map[string]string
	a.get(t, "/connectors/"+r.sink+"/config", &config)
	if config["file"] != r.to || config["name"] != r.sink {
		t.Errorf("the sink's configuration is %v", config)
	}
}

// java starts a real Connect worker of the cluster.
func (r *relay) java(t *testing.T) *servers.Server {
	t.Helper()
	return servers.Connect(t, r.cluster.bootstrap, servers.Group(r.cluster.group),
		servers.Topics(r.cluster.configs, r.cluster.offsets, r.cluster.status), servers.Properties("offset.flush.interval.ms=500"))
}

func TestAJavaWorkerGoesOnWhereFerryStopped(t *testing.T) {
	// given connectors that ferry created and moved lines with
	broker := kafka.Broker(t)
	r := newRelay(t, newCluster(broker.Addr, "tojava"))
	f := r.cluster.start(t)
	r.create(t, api{f.rest})
	r.pass(t, "ferry", 1000)
	r.awaitCommits(t, api{f.rest})
	f.stop(t)

	// when a Java worker starts on the same topics
	worker := r.java(t)

	// then it has the connectors, and loses and repeats nothing
	r.checkListed(t, api{worker.URL()})
	r.pass(t, "Java", 1000)

	// and when ferry comes back, it goes on from there
	r.awaitCommits(t, api{worker.URL()})
	worker.Stop(t)
	again := r.cluster.start(t)
	r.checkListed(t, api{again.rest})
	r.pass(t, "ferry again", 1000)
	again.stop(t)
	checkTopic(t, broker.Addr, r.topic, r.written)
}

func TestFerryGoesOnWhereAJavaWorkerStopped(t *testing.T) {
	// given connectors that a Java worker created and moved lines with
	broker := kafka.Broker(t)
	r := newRelay(t, newCluster(broker.Addr, "fromjava"))
	worker := r.java(t)
	r.create(t, api{worker.URL()})
	r.pass(t, "Java", 1000)
	r.awaitCommits(t, api{worker.URL()})
	worker.Stop(t)

	// when
	f := r.cluster.start(t)

	// then
	r.checkListed(t, api{f.rest})
	api{f.rest}.awaitRunning(t, r.source)
	api{f.rest}.awaitRunning(t, r.sink)
	r.pass(t, "ferry", 1000)
	r.awaitCommits(t, api{f.rest})
	f.stop(t)
	checkTopic(t, broker.Addr, r.topic, r.written)
}
