package engine

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Trying again does not help a record that names a partition its topic does not have; as long as it looked as if it might, the task
// would be RUNNING and move nothing.
func TestARecordForAPartitionThatDoesNotExistFailsTheTask(t *testing.T) {
	inBubble(t, map[string]int32{"out": 3}, func(t *testing.T, b *broker) {
		src := sourceFunc(func(batch *connect.Batch) {
			r := batch.Append()
			r.Topic, r.Value, r.Partition = "out", connect.Bytes([]byte("v")), 3
			batch.AddBytes(1)
		})
		facts, err := Run(t.Context(), b.task(&connect.Class{Name: "test.Source", Source: func() connect.Source { return src }}, nil))
		if facts.End != EndFailed || connect.KindOf(err) != connect.KindFatal || !strings.Contains(err.Error(), "partition 3 of topic out") {
			t.Errorf("it ended as %s with kind %v: %v", facts.End, connect.KindOf(err), err)
		}
		if got := b.read("out"); len(got) != 0 {
			t.Errorf("%d records were written", len(got))
		}
	})
}
