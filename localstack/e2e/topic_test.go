package e2e_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// createTopic creates a topic of one partition.
func createTopic(t *testing.T, bootstrap, topic string) {
	t.Helper()
	_, err := kadm.NewClient(client(t, bootstrap)).CreateTopic(t.Context(), 1, 1, nil, topic)
	check(t, err)
}

// checkTopic checks that a read_committed consumer of the topic sees exactly the lines, in order, none lost and none twice.
func checkTopic(t *testing.T, bootstrap, topic string, lines []string) {
	t.Helper()
	n := 0
	readCommitted(t, bootstrap, topic, func(value string) {
		switch {
		case n >= len(lines):
			t.Fatalf("topic %s: record %d is %.80q, after all %d lines", topic, n, value, len(lines))
		case value != lines[n]:
			t.Fatalf("topic %s: record %d is %.80q (line %d), want %.80q", topic, n, value, slices.Index(lines, value), lines[n])
		}
		n++
	})
	if n != len(lines) {
		t.Fatalf("topic %s holds %d records, want %d", topic, n, len(lines))
	}
}

// readCommitted calls see with the value of every committed record of partition 0, up to where the partition ends now.
// An open transaction fails the test: nothing may be pending when what wrote has ended.
func readCommitted(t *testing.T, bootstrap, topic string, see func(value string)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	stable, end := ends(t, bootstrap, topic)
	if stable != end {
		t.Fatalf("topic %s: a transaction is open: it ends at %d, and is stable up to %d", topic, end, stable)
	}
	consumer := client(t, bootstrap, kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(),
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: {0: kgo.NewOffset().AtStart()}}))
	defer consumer.Close()
	aborted := int64(0) // records that are skipped leave holes, the last of them before the marker
	for next := int64(0); next < end; {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("topic %s: read up to %d of %d: %v", topic, next, end, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			aborted += r.Offset - next
			next = r.Offset + 1
			if !r.Attrs.IsControl() {
				see(string(r.Value))
			}
		})
	}
	if aborted > 0 {
		t.Logf("topic %s: %d records of aborted transactions were passed over", topic, aborted)
	}
}

// ends returns up to where partition 0 can be read by read_committed consumers, and where it ends.
func ends(t *testing.T, bootstrap, topic string) (stable, end int64) {
	t.Helper()
	admin := kadm.NewClient(client(t, bootstrap))
	defer admin.Close()
	high, err := admin.ListEndOffsets(t.Context(), topic)
	check(t, err)
	check(t, high.Error())
	committed, err := admin.ListCommittedOffsets(t.Context(), topic)
	check(t, err)
	check(t, committed.Error())
	return committed[topic][0].Offset, high[topic][0].Offset
}

// size is that of a file, 0 if it does not exist.
func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if os.IsNotExist(err) {
		return 0
	}
	check(t, err)
	return info.Size()
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	check(t, err)
	return string(content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	check(t, os.WriteFile(path, []byte(content), 0o600))
}

func extend(t *testing.T, path, content string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	check(t, err)
	_, err = f.WriteString(content)
	check(t, err)
	check(t, f.Close())
}

// awaitFile waits until a file holds a text, and fails as soon as it can no longer become that.
func awaitFile(t *testing.T, path, want string) {
	t.Helper()
	await(t, path+" is complete", func() bool {
		if size(t, path) == 0 {
			return want == ""
		}
		got := read(t, path)
		if !strings.HasPrefix(want, got) {
			t.Fatalf("%s deviates at byte %d: %.200q", path, commonPrefix(want, got), got[commonPrefix(want, got):])
		}
		return got == want
	})
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
