package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// ErrFenced is returned by changes of the config topic when somebody else claimed it, again and again, before they were committed.
// Nothing was written; try again later.
var ErrFenced = errors.New("another writer has claimed the config topic")

// ErrChanged is returned by writes that follow from a connector as it was read, when it is another by now. Look at the snapshot and
// decide again.
var ErrChanged = errors.New("the connector was changed or deleted since it was read")

// errInDoubt says that a commit was asked for and not confirmed.
var errInDoubt = errors.New("it is not known whether the transaction was committed")

// errNoSuchOffset says that a partition has no such offset, or a topic no such partition.
var errNoSuchOffset = errors.New("no such offset")

// fenced reports whether a broker said that the producer's claim is gone. A transaction that the coordinator does not know
// was aborted by somebody else's claim.
func fenced(err error) bool {
	for _, e := range []error{kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.InvalidProducerIDMapping, kerr.UnknownProducerID, kerr.InvalidTxnState} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// RecordTooLargeException is the class of the error for what does not fit into a record of the config topic.
const RecordTooLargeException = "org.apache.kafka.common.errors.RecordTooLargeException"

func tooLarge(topic string, records []*kgo.Record, cause error) error {
	largest := 0
	for _, r := range records {
		largest = max(largest, len(r.Value))
	}
	return &connect.Error{
		Kind: connect.KindConfig, Class: RecordTooLargeException, Cause: cause,
		Message: fmt.Sprintf("a record of %d bytes does not fit into topic %s", largest, topic),
		Hint:    "keep large values in files or secrets and refer to them; a producer sends 1 MB at most, and the topic's max.message.bytes is a bound too",
	}
}

// stop returns the error for a state of the cluster that must be mended by hand.
func stop(message, hint string) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: message, Hint: hint}
}

// wait returns after d, or earlier with the context's error.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
