package connect

import (
	"context"
	"log/slog"
)

// Source reads records from another system. The runtime makes one for each task and invocation and calls, from one
// goroutine: Open, then any number of Poll and Committed, then Close. Close follows every Open, also one that failed.
type Source interface {
	// Open prepares reading: it looks up its offsets through rt and connects. Called once an invocation.
	Open(ctx context.Context, rt *SourceRuntime) error

	// Poll appends records to b until b is full or nothing more is there now. Nothing now is not an error: return nil at
	// once and leave b as it is; the runtime decides how long to wait. Poll may block for data only as long as ctx allows,
	// and returns nil, not ctx.Err(), when it appended records. ctx may end in the middle of an invocation, so that a transaction can
	// be ended in time; then Poll is called again, and goes on where it was. It does not wait when b already holds records: the runtime
	// fills a batch by several polls, and what is there must not be held back. What b held at the last Poll
	// is invalid from now on.
	//
	// A KindRetriable error makes the runtime call again after a pause; records appended before it are kept. After any other
	// error only Close follows.
	Poll(ctx context.Context, b *Batch) error

	// Committed says that the given offsets, and all records before them, are durable in Kafka: now is the time to
	// acknowledge upstream. The offsets are in no particular order and valid only during the call. An error is logged and
	// changes nothing; a source that cannot go on says so from its next Poll.
	Committed(ctx context.Context, offsets []SourceOffset) error

	// Close releases everything. It is called once. Work that was not committed is done again by the next invocation.
	Close(ctx context.Context) error
}

// SourceRuntime is what a source gets from the runtime. It is valid until Close returns; its methods may be called
// concurrently.
type SourceRuntime struct {
	// Config is the task's configuration with placeholders resolved. It may hold secrets.
	Config map[string]string
	// Offsets reads offsets committed by earlier invocations.
	Offsets OffsetReader
	// Log is the task's logger. Normal operation logs nothing.
	Log *slog.Logger
	// RequestReplan asks for the connector to be planned anew, because the set of things to read changed. It does not
	// block, and may be nil in tests.
	RequestReplan func()
	// Transaction is where the source says which of its records are one transaction. It is nil unless the task runs exactly
	// once with transaction.boundary=connector; then nothing is committed that the source does not ask to be.
	Transaction *TransactionContext
}

// OffsetReader looks up committed source offsets.
type OffsetReader interface {
	// Offset returns the last committed offset of p: a map, or null when there is none. All integers come back as INT64 and
	// all decimals as FLOAT64, whatever was written (kafka-connect: OffsetStorageReader). The value is on the heap and stays
	// valid.
	Offset(ctx context.Context, p *SourcePartition) (Value, error)
}
