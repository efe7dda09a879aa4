package connect

import (
	"context"
	"log/slog"
)

// Sink writes records to another system. The runtime makes one for each task and invocation and calls, from one
// goroutine: Open, then any number of Put and Flush, then Close. Close follows every Open, also one that failed.
type Sink interface {
	// Open prepares writing. Called once an invocation.
	Open(ctx context.Context, rt *SinkRuntime) error

	// Put takes a batch of at least one record, or an empty one, which gives a sink that rotates by time its chance. Records
	// and what they point to are valid until Put returns. Records of one partition come in offset order.
	//
	// Put fails as a whole, or with a *BatchError for single records. After a KindRetriable error the same batch is put
	// again. A record that failed with KindData goes the way errors.tolerance says.
	Put(ctx context.Context, b *Batch) error

	// Flush makes durable what was put, and returns the offsets that are safe to commit: one beyond the last durable record of
	// each partition. A nil map means all that was put; a partition left out stays where it is. Offsets above what was put
	// are ignored.
	Flush(ctx context.Context) (Offsets, error)

	// Close releases everything. It is called once. Records that were put but not flushed are put again by the next
	// invocation.
	Close(ctx context.Context) error
}

// SinkRuntime is what a sink gets from the runtime. It is valid until Close returns; its methods may be called
// concurrently.
type SinkRuntime struct {
	// Config is the task's configuration with placeholders resolved. It may hold secrets.
	Config map[string]string
	// Partitions are the partitions this task consumes.
	Partitions []TopicPartition
	// Epoch is a fencing token: it grows with each owner of the task, so that of two which write at the same time, because one
	// was frozen and does not know that it was replaced, the one with the larger epoch is right. Kafka's fence keeps the other
	// from committing offsets, not from writing to the sink's system. A system that can compare numbers should refuse a write
	// whose epoch is smaller than the largest it has seen for the partition; sinks into other systems have no use for it. 0 is
	// unknown.
	Epoch int64
	// Report hands one bad record to the dead letters, after which it counts as done; nil when neither a dead-letter topic
	// nor errors.log.enable is configured. It fails when errors.tolerance is none.
	Report func(ctx context.Context, r *Record, cause error) error
	// Log is the task's logger. Normal operation logs nothing.
	Log *slog.Logger
}
