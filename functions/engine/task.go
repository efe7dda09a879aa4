package engine

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"log/slog"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// Task is one invocation of one task: everything Run needs, and nothing that it has to look up elsewhere.
type Task struct {
	// Connector is the connector's name; ID is the number of the task, from 0, of Tasks in this generation.
	Connector string
	ID, Tasks int

	// Class is the connector's class; it decides between source and sink. Plugins finds converters, transforms and predicates.
	Class   *connect.Class
	Plugins *connect.Registry

	// Config is the connector's configuration, TaskConfig what the plan made of it for this task. Placeholders are resolved in
	// both, so both may hold secrets.
	Config, TaskConfig map[string]string
	// Worker is the worker's configuration: converters and their keys; producer.*, consumer.* and admin.*; bootstrap.servers,
	// security.protocol, ssl.* and sasl.* of all clients.
	Worker map[string]string

	// Kafka configures every client the engine makes: seeds, rack, logger.
	Kafka []kgo.Opt
	// Security makes what Worker and Config say of security into options of clients; nil does so without AWS, and remembers nothing.
	Security *kafkaclient.Security
	// TransactionalID fences this task: <group.id>-<connector>-<task>. No other task may use it.
	TransactionalID string
	// OffsetsTopic is where a source's offset records go.
	OffsetsTopic string
	// KeepOffsets, when set, takes the place of OffsetsTopic: a store outside Kafka, as the file of standalone mode. It is
	// called with the offsets of a batch once its records are committed, and returns when they are durable. Records and
	// offsets are then not one transaction, so a crash between the two repeats one batch. The offsets must not be kept.
	KeepOffsets func(ctx context.Context, offsets []connect.SourceOffset) error
	// AtLeastOnce, when not empty, is why a source runs without transactions, and so at least once: what switched exactly-once
	// off, in words for the log. See the package comment for what is promised then.
	AtLeastOnce string
	// Offsets reads a source's committed offsets. It is used only after the fence.
	Offsets connect.OffsetReader

	// Session is what the task's last Run in this process left; nil keeps nothing. See Session for when it may be given.
	Session *Session
	// Ownership is asked whether this invocation still owns the task. Epoch counts its owners: see connect.SinkRuntime.
	Ownership Ownership
	Epoch     int64
	// Budget says how much this invocation may do.
	Budget Budget

	// Hide hides secrets in what the engine writes to Kafka about an error: the headers of dead letters. Log is to hide them by itself.
	// Nil hides nothing.
	Hide func(text string) string
	// Log is the task's logger; nil discards. Normal operation logs nothing.
	Log *slog.Logger
	// Progress is called after every commit, from the loop's goroutine; it must not block. It may be nil.
	Progress func(Facts)
	// RequestReplan asks for the connector to be planned anew. It may be nil.
	RequestReplan func()
}

// Ownership says whether an invocation still owns its task: a look at the lease.
type Ownership interface {
	// Check returns nil while the task is still owned and nothing about it changed. An error that wraps ErrStop makes the
	// engine commit what is done and end; any other error makes it end at once, without another commit. Check is called by
	// one goroutine at a time and returns when ctx is done. It retries what is worth retrying itself.
	Check(ctx context.Context) error
}

// ErrStop is wrapped by what Ownership.Check returns when the task should end in good order: it was paused or stopped, its
// configuration is new, the generation changed.
var ErrStop = errors.New("the task is asked to end")

// Budget is what one invocation may use. It is looked at between batches, so Records and Bytes are exceeded by less than
// one batch.
type Budget struct {
	// Records and Bytes end the invocation when so many records, or bytes of keys and values, were read; 0 is no limit.
	Records, Bytes int64
	// Deadline is the soft one: from then on nothing more is polled, what is done is committed. Zero is none.
	Deadline time.Time
	// Lease is what is left of the task's lease whenever a transaction may begin, at the least: no transaction outlives it. 0
	// is no bound.
	Lease time.Duration
	// Idle ends the invocation after so long without data; 0 ends it at the first poll that finds nothing.
	Idle time.Duration
	// BatchRecords and BatchBytes bound one batch, which is one commit. 0 derives them from MemoryBytes. A sink gets its batch
	// in Puts of at most 2048 records.
	BatchRecords, BatchBytes int
	// CheckEvery is how often Ownership is asked; 0 is 2 s.
	CheckEvery time.Duration
	// MemoryBytes is the memory of the function, from which batch and fetch limits are derived; 0 is 512 MiB.
	MemoryBytes int64
}

// Run moves batches until the budget is used, nothing more is there, Ownership says to stop, or something fails. It
// follows the protocol of the package comment. Facts are returned with an error too.
//
// Errors are *connect.Error somewhere in their chain, whose kind says what is to be done; a panic of a plugin is one of
// KindFatal. One that wraps ErrFenced, or
// what Ownership.Check returned, means that the task is now somebody else's (Facts.End is EndLost). When ctx is done Run
// gives up what is not committed, and returns the cause with EndStopped.
//
// When Run returns, nothing of the invocation is left: no goroutine, no connection, no open transaction that the
// broker could be told about, but for the client of a Session, which is idle. Run may be called concurrently for different tasks.
func Run(ctx context.Context, t Task) (Facts, error) {
	r, err := newRun(ctx, &t)
	if err != nil {
		return Facts{End: EndFailed}, err
	}
	defer r.cancelWork(nil)
	defer r.cancelPoll(nil)
	facts, err := r.finish(r.guarded())
	if err != nil || t.Session == nil || !r.session.Open() {
		r.session.Close()
	}
	return facts, err
}

// AssignedTo returns the task, of tasks many, that consumes a partition of a sink's topic. It depends on nothing else, so
// tasks agree without talking, and partitions stay where they are when others are added.
func AssignedTo(topic string, partition int32, tasks int) int {
	h := fnv.New32a()
	h.Write([]byte(topic))
	return int((h.Sum32() + uint32(partition)) % uint32(max(tasks, 1)))
}

func (t *Task) check() error {
	switch {
	case t.Class == nil || (t.Class.Source == nil) == (t.Class.Sink == nil):
		return connect.FatalError("run a task: its class must be either a source or a sink", nil)
	case t.Plugins == nil || t.Ownership == nil:
		return connect.FatalError("run a task: plugins and ownership are required", nil)
	case t.TransactionalID == "":
		return connect.FatalError("run a task: it needs a transactional id, without which nothing fences it", nil)
	case t.Class.Source != nil && (t.OffsetsTopic == "" && t.KeepOffsets == nil || t.Offsets == nil):
		return connect.FatalError("run a source task: it needs an offsets topic and a reader for it", nil)
	case t.ID < 0 || t.ID >= max(t.Tasks, 1):
		return connect.FatalError("run a task: its number is not below the number of tasks", nil)
	}
	return nil
}

func (t *Task) setDefaults() {
	t.Tasks = max(t.Tasks, 1)
	if t.Log == nil {
		t.Log = slog.New(slog.DiscardHandler)
	}
	if t.Hide == nil {
		t.Hide = func(text string) string { return text }
	}
	if t.TaskConfig == nil {
		t.TaskConfig = t.Config
	}
	b := &t.Budget
	b.CheckEvery = cmp.Or(b.CheckEvery, defaultCheckEvery)
	b.MemoryBytes = cmp.Or(b.MemoryBytes, defaultMemory)
	b.BatchRecords = cmp.Or(b.BatchRecords, defaultBatchRecords)
	b.BatchBytes = cmp.Or(b.BatchBytes, batchBytes(b.MemoryBytes))
}
