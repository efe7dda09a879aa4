package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// Facts is what an invocation did and saw: what the lease keeps, and what health is computed from.
type Facts struct {
	// RecordsIn were polled or consumed; RecordsOut were committed to Kafka by a source, or put by a sink; RecordsDropped
	// were dropped by a transform; RecordsSkipped failed and were passed over as errors.tolerance says; DeadLetters of those
	// are in the dead-letter topic; RecordsAborted were in transactions that the source itself aborted.
	RecordsIn      int64 `json:"recordsIn"`
	RecordsOut     int64 `json:"recordsOut"`
	RecordsDropped int64 `json:"recordsDropped,omitempty"`
	RecordsSkipped int64 `json:"recordsSkipped,omitempty"`
	DeadLetters    int64 `json:"deadLetters,omitempty"`
	RecordsAborted int64 `json:"recordsAborted,omitempty"`
	// BytesIn and BytesOut count keys and values: BytesIn of the records a sink consumed, BytesOut of those a source wrote.
	BytesIn  int64 `json:"bytesIn,omitempty"`
	BytesOut int64 `json:"bytesOut,omitempty"`
	// Batches were committed, or transactions that span several of them; EmptyPolls found nothing; Retries were made in place after a retriable error.
	Batches    int64 `json:"batches"`
	EmptyPolls int64 `json:"emptyPolls,omitempty"`
	Retries    int64 `json:"retries,omitempty"`

	// PolledAt is when data was last asked for, CommittedAt when something was last committed; zero if never.
	PolledAt    time.Time `json:"polledAt,omitzero"`
	CommittedAt time.Time `json:"committedAt,omitzero"`
	// End is why the invocation ended; empty while it runs.
	End End `json:"end,omitempty"`
	// Backlog says that more is known to be there.
	Backlog bool `json:"backlog,omitempty"`

	// Hint is where a source's last offset record lies, nil if none was written.
	Hint *OffsetHint `json:"hint,omitempty"`
	// SourceOffsets are some of the source offsets last committed: a list of objects with partition and offset, at most
	// 4 KiB of it.
	SourceOffsets json.RawMessage `json:"sourceOffsets,omitempty"`
	// Positions are where a sink stands.
	Positions []Position `json:"positions,omitempty"`
	// Topics are those that a sink has read records of, or that a source has written records to and committed them. Others may be no
	// more than what a transform made of a secret.
	Topics []string `json:"topics,omitempty"`
}

// End is a reason for an invocation to end.
type End string

// The reasons.
const (
	EndIdle     End = "idle"     // nothing more to do now
	EndRecords  End = "records"  // the budget's records are used
	EndBytes    End = "bytes"    // the budget's bytes are used
	EndDeadline End = "deadline" // the soft deadline passed
	EndStopped  End = "stopped"  // Ownership said ErrStop, or the context ended
	EndLost     End = "lost"     // fenced, or no longer the owner
	EndFailed   End = "failed"   // see the error
)

// OffsetHint points into the offsets topic.
type OffsetHint struct {
	Partition int32 `json:"partition"`
	Offset    int64 `json:"offset"`
}

// Position is where a sink stands in one partition. Offset is the committed one, -1 if none; Head is where the
// partition ends for a reader of the task's isolation level, -1 if unknown.
type Position struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Head      int64  `json:"head"`
}

func (n topicNames) list() []string { return slices.Sorted(maps.Values(n)) }
