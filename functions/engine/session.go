package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/connectors/sdk/txn"
)

// Session is what a warm process keeps of one task from one invocation to the next: the client that owns the task's
// transactional id, and the source offsets that were read or committed under it. The zero value is ready: the first Run opens it.
// It is used by one Run at a time.
//
// A Run with an open session goes without steps 1 to 3 of the protocol, so it is given one only if nobody else can have held
// the task since: the lease's epoch is the next one after that of the Run before, the generation is the same, and the holder before
// released. Two others may have fenced all the same, and both are harmless:
//
//   - A predecessor that was frozen between acquire and fence, thaws, fences, sees at its check that the task is not its own, and leaves.
//     It has read and written nothing. The session's next commit is refused; the Run ends as lost.
//   - The coordinator, before a change of the number of tasks. That is a new generation, which this Run learns of.
//
// A Run that is lost before its first commit, with an open session or without, may be repeated at once with a new one, if the lease is still held.
//
// Between two Runs the client has nothing to do: no transaction is open and no request is on its way. If the process is frozen
// meanwhile, connections and metadata age, and the client replaces them when it finds out.
type Session struct {
	cl        *kgo.Client
	fenced    bool           // and seen to be the owner afterwards: until then there is nothing to keep
	committer *txn.Committer // of a source
	timeout   time.Duration  // of a source's transactions
	known     knownOffsets   // of a source
	offsets   offsetTxn      // of a sink
}

// What client.id calls the clients of a task.
const (
	producerKind    = "producer"
	consumerKind    = "consumer"
	adminKind       = "adminclient"
	deadLetterKind  = "dlq-producer"
	deadLetterAdmin = "dlq-adminclient"
)

// idleConnections is how long a client keeps a connection that is not used, unless connections.max.idle.ms says otherwise: longer than the minute between two
// ticks of a schedule, shorter than the 350 s after which load balancers and NAT gateways forget it.
const idleConnections = 4 * time.Minute

// metadataAge is for how long what a sink's client saw of topics is as good as a new look. With the client's default of five seconds a
// warm process would find a topic, or a partition, so much later: that the one before it did not find it would be the answer.
const metadataAge = 100 * time.Millisecond

// Open reports whether a Run left the session for the next one. After one that failed or lost the task it is closed.
func (s *Session) Open() bool { return s.fenced }

// Close ends the session's connections. It may be called again; the session can be opened anew.
func (s *Session) Close() {
	s.offsets.close()
	if s.cl != nil {
		s.cl.Close()
	}
	*s = Session{}
}

// openSource makes the client of a source, fences with it, and returns a transaction that a broker has left hanging.
func (r *run) openSource() (hung txn.Last, err error) {
	opts, err := producerOptions(r.task, r.task.TransactionalID, producerKind)
	if err != nil {
		return hung, err
	}
	s := r.session
	if s.timeout, err = r.task.transactionTimeout(time.Now()); err != nil {
		return hung, err
	}
	if s.cl, err = newClient("the producer", opts); err != nil {
		return hung, err
	}
	s.committer = txn.NewCommitter(s.cl)
	if err := r.patiently(r.poll, "find the offsets topic", func() error { return r.findOffsetsTopic(s.cl) }); err != nil {
		return hung, err
	}
	if err := r.patiently(r.poll, "look for hanging transactions", func() error { hung, err = r.hanging(s.cl); return err }); err != nil {
		return hung, err
	}
	return hung, r.patiently(r.poll, "fence", func() error { return r.fence(s.cl) })
}

// openSink makes the client by which a sink commits, and fences with it. Records are fetched by another one, which an invocation
// that finds nothing to fetch does without, and which does not outlive the invocation: its fetches would.
func (l *sinkLoop) openSink(ctx context.Context, group string) error {
	s := l.session
	opts, err := l.task.connection(l.task.client(kafkaclient.Consumer), consumerKind)
	if err != nil {
		return err
	}
	opts = append(opts, kgo.MetadataMinAge(metadataAge))
	if s.cl, err = newClient("the Kafka client", opts); err != nil {
		return err
	}
	s.offsets = offsetTxn{id: l.task.TransactionalID, group: group, again: l.again, explain: l.transactionError,
		timeout: transactionTimeout(&l.task.Budget, time.Now(), maxTransactionTimeout)}
	if err := l.patiently(ctx, "connect", func() error { return newOffsetTxn(ctx, s.cl, opts, &s.offsets) }); err != nil {
		return err
	}
	if err := l.patiently(ctx, "look for a hanging transaction", func() error { return l.lookBack(ctx) }); err != nil {
		return err
	}
	return s.offsets.fence(ctx)
}

// knownOffsets are the committed offsets of the partitions that a source looked up or committed under one fence: while that
// holds nobody else can change them. It is a connect.OffsetReader in front of another.
type knownOffsets struct {
	connector string
	next      connect.OffsetReader // of the Run that goes on

	mu    sync.Mutex
	known map[string]*knownOffset // by key of the offsets topic
}

// knownOffset is an offset as it was read, or the bytes of the record that was committed since.
type knownOffset struct {
	value  connect.Value
	record []byte
	isRead bool // value counts
}

// Offset implements connect.OffsetReader. Offsets come back in the form in which the topic would give them.
func (k *knownOffsets) Offset(ctx context.Context, p *connect.SourcePartition) (connect.Value, error) {
	key, err := offsets.AppendKey(nil, k.connector, p)
	if err != nil {
		return connect.Null(), fmt.Errorf("look up an offset of connector %s: %w", k.connector, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	o, ok := k.known[string(key)]
	if !ok {
		v, err := k.next.Offset(ctx, p)
		if err != nil {
			return connect.Null(), err
		}
		o = &knownOffset{value: v, isRead: true}
		k.put(string(key), o)
	}
	if !o.isRead {
		if o.value, err = offsets.ParseValue(o.record); err != nil {
			return connect.Null(), fmt.Errorf("read an offset of connector %s: %w", k.connector, err)
		}
		o.isRead = true
	}
	return o.value, nil
}

func (k *knownOffsets) put(key string, o *knownOffset) {
	if k.known == nil || len(k.known) >= maxSlots { // what is forgotten is read again
		k.known = make(map[string]*knownOffset)
	}
	k.known[key] = o
}

// committed notes the offsets of a transaction that was committed.
func (k *knownOffsets) committed(o *sourceOffsets) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, i := range o.touched {
		s := &o.slots[i]
		known, ok := k.known[string(s.key)]
		if !ok {
			known = new(knownOffset)
			k.put(string(s.key), known)
		}
		known.record, known.isRead = append(known.record[:0], s.record...), false
	}
}
