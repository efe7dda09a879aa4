package lambda

import (
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A partition whose batch is retried for hours must not fill the memory with what comes after it.
func TestAPartitionThatHasEnoughPendingIsNotFetched(t *testing.T) {
	cl, err := kgo.NewClient(kgo.SeedBrokers("127.0.0.1:1"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	small, large := &item{text: make([]byte, 10)}, &item{text: make([]byte, maxPending)}
	m := &Mapping{EventSourceMapping: EventSourceMapping{Topic: "t", BatchSize: 3}, kafka: cl, ctx: t.Context(), parts: map[int32]*partition{
		0: {pending: []*item{small, small}}, 1: {pending: []*item{small, small, small}}, 2: {pending: []*item{large}},
	}}
	paused := func() int { return len(cl.PauseFetchPartitions(nil)["t"]) }
	m.hold()
	if m.parts[0].held || !m.parts[1].held || !m.parts[2].held || paused() != 2 {
		t.Errorf("%d partitions are paused", paused())
	}
	m.take([]int32{1}).stop()
	m.parts[2].pending = nil
	m.hold()
	if m.parts[1].held || m.parts[2].held || paused() != 0 {
		t.Errorf("then %d partitions are paused", paused())
	}
}
