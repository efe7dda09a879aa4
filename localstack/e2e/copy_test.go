package e2e_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

const (
	// million is how many lines are copied.
	million = 1_000_000
	// kills is how often the process is killed on the way.
	kills = 20
	// copyLimit is far above what copying a million lines takes.
	copyLimit = 5 * time.Minute
)

// killSeed chooses the text and the kill points; a run is replayed with the seed that it logged.
var killSeed = flag.Uint64("kill-seed", 0, "seed of the test that kills ferry; 0 is a random one")

func TestAMillionLinesAreTheSameBytesAfterTheWayThroughKafka(t *testing.T) {
	// given a file of a million lines
	broker := kafka.Broker(t)
	content := newText(1, million, unixEnds())
	c := newCopy(t, newCluster(broker.Addr, "whole"), content)

	// when
	f := c.cluster.start(t)
	c.create(t, api{f.rest})
	begin := time.Now()
	awaitWithin(t, copyLimit, 50*time.Millisecond, "the second file is as long as the first", func() bool {
		return size(t, c.to) >= int64(len(content.raw))
	})
	t.Logf("%d lines, %d MB in %v", million, len(content.raw)>>20, time.Since(begin).Round(time.Millisecond))
	f.stop(t)

	// then
	if got := read(t, c.to); got != content.raw {
		at := commonPrefix(got, content.raw)
		t.Fatalf("the second file has %d bytes, want %d; they differ at %d: %.100q, want %.100q", len(got), len(content.raw), at, got[at:], content.raw[at:])
	}
	checkTopic(t, broker.Addr, c.topic, content.lines)
}

func TestNothingIsLostOrWrittenTwiceWhenTheProcessIsKilled(t *testing.T) {
	// given a file of a million lines with line ends of every kind, and points to kill at
	seed := seedOf(t)
	broker := kafka.Broker(t)
	content := newText(seed, million, mixedEnds())
	c := newCopy(t, newCluster(broker.Addr, "killed"), content)
	points := killPoints(seed, kills)

	// when
	f := c.cluster.start(t)
	c.create(t, api{f.rest})
	begin := time.Now()
	for _, point := range points {
		awaitWithin(t, copyLimit, time.Millisecond, fmt.Sprintf("progress %.3f", point), func() bool { return c.progress(t) >= point })
		f.kill()
		f = c.cluster.start(t)
	}
	t.Logf("%d kills after %v", len(points), time.Since(begin).Round(time.Millisecond))
	awaitWithin(t, copyLimit, 50*time.Millisecond, "the sink has committed all that is in the topic", func() bool {
		return c.committed(t) >= c.end(t) && c.end(t) > million
	})
	t.Logf("done after %v", time.Since(begin).Round(time.Millisecond))
	f.stop(t)

	// then
	checkTopic(t, broker.Addr, c.topic, content.lines)
	checkRepeats(t, read(t, c.to), content.lines, kills)
}

func TestNothingIsLostOrWrittenTwiceWhenTheEmbeddedBrokerIsKilledToo(t *testing.T) {
	// given a file that is copied over the broker within ferry
	const kills = 5
	seed := seedOf(t)
	content := newText(seed, 200_000, mixedEnds())
	whole := len(content.plain())
	args := []string{"dev", "--data", t.TempDir(), "--listen", "127.0.0.1:0"}
	f := startFerry(t, args...)
	c := newCopy(t, newCluster(f.kafka, "embedded"), content)
	c.create(t, api{f.rest})

	// when
	for _, point := range killPoints(seed, kills) {
		awaitWithin(t, copyLimit, time.Millisecond, fmt.Sprintf("%.3f of the second file", point), func() bool {
			return float64(size(t, c.to)) >= point*float64(whole)
		})
		f.kill()
		f = startFerry(t, args...)
	}
	c.admin = kadm.NewClient(client(t, f.kafka))
	awaitWithin(t, copyLimit, 50*time.Millisecond, "the sink has committed all that is in the topic", func() bool {
		return api{f.rest}.position(t, c.sourceName) == size(t, c.from) && c.committed(t) >= c.end(t)
	})

	// then
	checkTopic(t, f.kafka, c.topic, content.lines)
	checkRepeats(t, read(t, c.to), content.lines, kills)
}

// seedOf returns the seed of this run, and logs how to use it again.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	seed := *killSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("replay with: go test ./localstack/e2e -run '^%s$' -kill-seed %d", t.Name(), seed)
	return seed
}

// killPoints are in order. They are parts of the whole work: 1 is when the topic and the file hold everything.
func killPoints(seed uint64, n int) []float64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	points := make([]float64, n)
	for i := range points {
		points[i] = rng.Float64()
	}
	slices.Sort(points)
	return points
}

// fileCopy is a file, a source, a topic, a sink and a second file.
type fileCopy struct {
	cluster              cluster
	content              text
	from, topic, to      string
	sourceName, sinkName string
	admin                *kadm.Client
}

func newCopy(t *testing.T, cl cluster, content text) *fileCopy {
	t.Helper()
	folder := t.TempDir()
	c := &fileCopy{
		cluster: cl, content: content, topic: cl.group + "-lines",
		from: filepath.Join(folder, "from.txt"), to: filepath.Join(folder, "to.txt"),
		sourceName: cl.group + "-source", sinkName: cl.group + "-sink",
		admin: kadm.NewClient(client(t, cl.bootstrap)),
	}
	write(t, c.from, content.raw)
	createTopic(t, cl.bootstrap, c.topic)
	return c
}

func (c *fileCopy) create(t *testing.T, a api) {
	t.Helper()
	a.create(t, c.sourceName, fileSource(c.from, c.topic))
	a.create(t, c.sinkName, fileSink(c.to, c.topic))
}

// end is where the topic ends, records of open transactions included, so that a kill can fall into one.
func (c *fileCopy) end(t *testing.T) int64 {
	t.Helper()
	listed, err := c.admin.ListEndOffsets(t.Context(), c.topic)
	check(t, err)
	check(t, listed.Error())
	return listed[c.topic][0].Offset
}

// committed is the offset of the sink's group.
func (c *fileCopy) committed(t *testing.T) int64 {
	t.Helper()
	return groupOffset(t, c.admin, c.sinkName, c.topic)
}

// progress is half done when the topic holds all lines, and done when the second file does too.
func (c *fileCopy) progress(t *testing.T) float64 {
	t.Helper()
	topic := min(1, float64(c.end(t))/float64(len(c.content.lines)))
	file := min(1, float64(size(t, c.to))/float64(len(c.content.raw)))
	return (topic + file) / 2
}

// groupOffset is the committed offset of a sink's group in partition 0, 0 if there is none.
func groupOffset(t *testing.T, admin *kadm.Client, connector, topic string) int64 {
	t.Helper()
	offsets, err := admin.FetchOffsets(t.Context(), "connect-"+connector)
	check(t, err)
	at, ok := offsets.Lookup(topic, 0)
	if !ok {
		return 0
	}
	check(t, at.Err)
	return at.At
}
