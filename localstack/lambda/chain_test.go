package lambda_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A file that takes several invocations is moved by one chain of them: nobody waits for the schedule in between.
func TestABacklogIsMovedByAChainOfInvocations(t *testing.T) {
	d := newDeployment(t)
	// given more lines than a task function moves within its timeout, since each takes a detour
	path := filepath.Join(t.TempDir(), "in.txt")
	lines := numbered("long", 0, 1_000_000)
	appendLines(t, path, lines)
	config := detour(400)
	maps.Copy(config, map[string]string{"connector.class": fileSource, "file": path, "topic": "lines"})

	// when
	d.create("long", config)
	settled(t, d.lambda)

	// then one pass leads to several invocations, each with its epoch. On a slow machine a chain may be broken off, by a
	// deadline that comes before the first batch or after the release; then the schedule begins another
	started := int64(1) // by the pass that the creation asked for
	_, writes := d.tasks.take(t)
	item := d.item("long")
	t.Logf("the first chain had %d hops, wrote the lease %d times and moved %d of %d lines", item.Epoch, writes, d.committed("lines"), len(lines))
	if int64(writes) > 2*item.Epoch {
		t.Errorf("%d invocations wrote %d times", item.Epoch, writes)
	}
	eventually(t, 3*time.Minute, "not all lines were moved", func() bool {
		if d.committed("lines") >= int64(len(lines)) {
			return true
		}
		d.pass()
		started++
		return false
	})
	if item = d.item("long"); item.Epoch <= started {
		t.Errorf("%d invocations, of which the coordinator started %d: there was no chain", item.Epoch, started)
	}
	if item.Owner != "" || item.Next != "" || item.Released != item.Epoch || item.Attempts != 0 {
		t.Errorf("the chain left the lease as %+v", item)
	}
	values, gap := d.readWithGap("lines")
	if !slices.Equal(values, lines) {
		t.Errorf("a reader sees %d lines of %d: %s", len(values), len(lines), firstDifference(values, lines))
	}
	t.Logf("%d invocations, %d of them started by the coordinator; the longest time without a record was %v", item.Epoch, started, gap)
	if started == 1 && gap > 15*time.Second {
		t.Errorf("for %v no record was written", gap)
	}
	if logs, err := d.lambda.Logs("ferry-file"); err != nil || strings.Contains(logs, "could not start the next hop") {
		t.Errorf("a hop was not started: %v", err)
	}
}

// detour puts a value into a map and takes it out again, so many times: it stays what it is, and takes its time.
func detour(times int) map[string]string {
	const prefix = "org.apache.kafka.connect.transforms."
	config := map[string]string{}
	var names []string
	for i := range times {
		in, out := fmt.Sprint("in", i), fmt.Sprint("out", i)
		names = append(names, in, out)
		config["transforms."+in+".type"], config["transforms."+in+".field"] = prefix+"HoistField$Value", "line"
		config["transforms."+out+".type"], config["transforms."+out+".field"] = prefix+"ExtractField$Value", "line"
	}
	config["transforms"] = strings.Join(names, ",")
	return config
}

// readWithGap returns the values of a topic of one partition, and the longest time between two of its records, by the clock
// of those who wrote them.
func (d *deployment) readWithGap(topic string) (values []string, gap time.Duration) {
	d.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(d.seeds...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.KeepControlRecords())
	if err != nil {
		d.t.Fatal(err)
	}
	defer cl.Close()
	ends, err := kadm.NewClient(cl).ListCommittedOffsets(d.t.Context(), topic)
	if err != nil {
		d.t.Fatal(err)
	}
	end, _ := ends.Lookup(topic, 0)
	var last time.Time
	for next := int64(0); next < end.Offset; {
		fetches := cl.PollFetches(d.t.Context())
		if err := fetches.Err(); err != nil {
			d.t.Fatal(err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			if r.Attrs.IsControl() {
				return
			}
			if !last.IsZero() {
				gap = max(gap, r.Timestamp.Sub(last))
			}
			last = r.Timestamp
			values = append(values, string(r.Value))
		})
	}
	return values, gap
}
