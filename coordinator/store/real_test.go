package store

import (
	"testing"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// TestRealKafka repeats on a real broker what depends on how a broker treats transactions and topics.
func TestRealKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	addr := servers.Kafka(t).Addr
	t.Run("the transcript of a real worker", func(t *testing.T) { replayTopics(t, addr) })
	t.Run("fencing", func(t *testing.T) { fencing(t, optionsAt(addr)) })
	t.Run("no update is lost", func(t *testing.T) { losesNone(t, optionsAt(addr)) })
	t.Run("what a predecessor left open", func(t *testing.T) { abortsOpen(t, addr) })
	t.Run("committed offsets only", func(t *testing.T) { committedOnly(t, addr) })
}

func TestAProcessThatIsKilledLeavesAWholeWriteOrNoneOnRealKafka(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a broker")
	}
	killOnReal(t)
}
