package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// boundary says where the transactions of a source end, as transaction.boundary asks: after every batch (poll), some time after the
// last commit (interval), or where the source says (connector).
//
// With interval and connector a transaction spans batches. Its records go to the broker with each batch and are forgotten once they
// are acknowledged; what is kept until the commit is one offset a source partition. So a long transaction costs time, not
// memory.
type boundary struct {
	kind     string
	interval time.Duration // between two commits, with interval
	longest  time.Duration // that a transaction may stay open
	// context is what the source makes its requests through, requests what has come of it; nil but with connector. next is the index of
	// the record after which the next request is to be honoured, -1 for none.
	context  *connect.TransactionContext
	requests *connect.TransactionRequests
	next     int

	committedAt time.Time // when the last transaction ended, at first when the loop began
	openSince   time.Time // when the open transaction got its first record or offset; zero: nothing is open
}

// The values of transaction.boundary.
const (
	boundaryKey         = "transaction.boundary"
	boundaryIntervalKey = "transaction.boundary.interval.ms"
	offsetFlushKey      = "offset.flush.interval.ms" // the worker's
	exactlyOnceKey      = "exactly.once.support"

	atPoll      = "poll"
	atInterval  = "interval"
	atConnector = "connector"

	defaultOffsetFlush = time.Minute
)

// An interval's transaction ends early at these bounds. Records that are acknowledged cost no memory, so the bounds are about
// others: until the transaction ends, no read_committed reader sees anything that anybody wrote to its partitions after its first
// record; and a crash throws all of it away, to be read from the source again.
const (
	maxTransactionRecords = 1 << 20
	maxTransactionBytes   = 256 << 20
)

// newBoundary reads the settings of a source task. timeout is that of its transactions.
//
// A source that runs at least once has no transactions whose end could be chosen, and its offsets are written after every batch; so
// has, as in Kafka Connect, one in standalone mode, where Ferry's transactions do not hold the offsets.
func newBoundary(t *Task, timeout time.Duration) (boundary, error) {
	b := boundary{kind: atPoll, next: -1, committedAt: time.Now(), longest: timeout - min(timeout/2, commitTimeout)}
	if t.KeepOffsets != nil {
		return b, nil
	}
	if err := keepsPromise(t); err != nil || t.AtLeastOnce != "" {
		return b, err
	}
	switch kind := strings.ToLower(strings.TrimSpace(t.Config[boundaryKey])); kind {
	case "", atPoll:
		return b, nil
	case atInterval:
		b.kind = kind
		return b, b.setInterval(t)
	case atConnector:
		b.kind = kind
		return b, b.letSourceDecide(t)
	}
	return b, invalid(boundaryKey, t.Config[boundaryKey], "String must be one of: poll, interval, connector")
}

// keepsPromise returns an error if the connector requires exactly-once and would get less. Validation says so too; but the worker
// may be configured anew since, or the configuration be written by another.
func keepsPromise(t *Task) error {
	if !strings.EqualFold(strings.TrimSpace(t.Config[exactlyOnceKey]), "required") {
		return nil
	}
	e := &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException}
	switch supports := t.Class.ExactlyOnce; {
	case t.AtLeastOnce != "":
		e.Message = fmt.Sprintf("the connector has %s=required, and exactly-once is off: %s", exactlyOnceKey, t.AtLeastOnce)
		e.Hint = "set " + supportKey + "=enabled in the worker's configuration, or let the connector have requested"
	case supports == nil || !supports(t.Config):
		e.Message = fmt.Sprintf("the connector has %s=required, and does not support exactly-once semantics with its configuration", exactlyOnceKey)
		e.Hint = "let it have requested, and mind that records may then be repeated or lost as its documentation says"
	default:
		return nil
	}
	return e
}

// setInterval takes the connector's interval, else the worker's, but not more than a transaction may stay open: the broker aborts a
// transaction at its timeout, which is at most what the invocation can live and a minute, and then the whole of it would have to
// be done again. What is left between the two is for the last batch and the commit.
func (b *boundary) setInterval(t *Task) error {
	def, err := millisSetting(t.Worker, offsetFlushKey, defaultOffsetFlush)
	if err != nil {
		return err
	}
	if b.interval, err = millisSetting(t.Config, boundaryIntervalKey, def); err != nil {
		return err
	}
	if b.interval < 0 {
		return invalid(boundaryIntervalKey, t.Config[boundaryIntervalKey], "Value must be at least 0")
	}
	b.interval = min(b.interval, b.longest)
	return nil
}

// letSourceDecide gives the source its TransactionContext. A class that does not say that it defines transactions would never ask for
// a commit, and so would never move anything.
func (b *boundary) letSourceDecide(t *Task) error {
	if defines := t.Class.DefinesTransactions; defines == nil || !defines(t.Config) {
		return invalid(boundaryKey, t.Config[boundaryKey], "The connector does not support connector-defined transaction boundaries with the given configuration.")
	}
	b.context, b.requests = connect.NewTransactionContext()
	return nil
}

// isDue reports whether the open transaction is to be committed after a batch. With connector it never is.
func (b *boundary) isDue(l *sourceLoop) bool {
	switch b.kind {
	case atPoll:
		return true
	case atInterval:
		return time.Since(b.committedAt) >= b.interval || l.out >= maxTransactionRecords || l.bytes >= maxTransactionBytes ||
			len(l.offsets.touched) >= maxSlots
	}
	return false
}

// until returns when a Poll within the open transaction has to return, so that there is time to settle what is open; zero is whenever
// it likes.
func (b *boundary) until() time.Time {
	if b.openSince.IsZero() || b.kind == atPoll {
		return time.Time{}
	}
	return b.openSince.Add(b.longest)
}

// isTooOld reports whether a source's transaction has been open for as long as it may be.
func (b *boundary) isTooOld() bool {
	return b.kind == atConnector && !b.openSince.IsZero() && time.Since(b.openSince) >= b.longest
}

// took notes that the batch left something open, settled that nothing is.
func (b *boundary) took() {
	if b.openSince.IsZero() {
		b.openSince = time.Now()
	}
}

// outlived returns an error if the transaction was open for longer than its timeout, so that the broker has aborted it and would answer
// as if another owner had taken over, or not at all. It was kept open by what does not end with its context: a Poll, or a step that is retried for long.
func (b *boundary) outlived(timeout time.Duration) error {
	if b.kind == atPoll || b.openSince.IsZero() || time.Since(b.openSince) < timeout {
		return nil
	}
	return &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.ProducerFencedException",
		Message: fmt.Sprintf("the transaction was open for %v, and brokers abort one after %v", time.Since(b.openSince).Round(time.Second), timeout),
		Hint: fmt.Sprintf("a Poll that does not return, or a step that errors.retry.timeout lets be retried, may last as long only with %s=%s, or with a larger producer.override.%s",
			boundaryKey, atPoll, transactionTimeoutKey)}
}

func (b *boundary) settled() { b.committedAt, b.openSince = time.Now(), time.Time{} }
