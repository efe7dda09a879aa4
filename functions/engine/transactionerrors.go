package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// errNoTransactions means that a broker does not know the requests that transactions are made of.
var errNoTransactions = errors.New("the brokers do not support transactions")

// supportKey is the worker's setting by which exactly-once is switched off for sources.
const supportKey = "exactly.once.source.support"

// transactionError gives an error of a step of a transaction a kind, and says what to do where the brokers cannot, or may not, run
// transactions for this task. That never leads to weaker delivery by itself: for sources it is the user's to choose.
func (r *run) transactionError(cl *kgo.Client, doing string, err error) error {
	if _, answered := errors.AsType[*kerr.Error](err); !answered && err != nil && r.work.Err() == nil {
		if missing := missingRequests(r.work, cl); missing != nil {
			err = fmt.Errorf("%w: %w", missing, err)
		}
	}
	switch {
	case errors.Is(err, errNoTransactions), errors.Is(err, kerr.UnsupportedVersion):
		return &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.UnsupportedVersionException", Message: doing, Cause: err,
			Hint: "transactions need Kafka 2.5 or later" + r.wayOut()}
	case errors.Is(err, kerr.TransactionalIDAuthorizationFailed):
		return &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.TransactionalIdAuthorizationException", Message: doing, Cause: err,
			Hint: "allow the principal to describe and write the transactional id " + r.task.TransactionalID + r.wayOut()}
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.ClusterAuthorizationException", Message: doing, Cause: err,
			Hint: "grant the principal the operation IdempotentWrite on the cluster, which brokers before 2.8 ask of every producer whose records are not to be repeated"}
	}
	return kafkaError(doing, err)
}

// wayOut is what a user can do who cannot have transactions.
func (r *run) wayOut() string {
	if r.task.Class.Source == nil || r.task.AtLeastOnce != "" {
		return ""
	}
	return "; or set " + supportKey + "=disabled in the worker's configuration to let sources deliver at least once"
}

// missingRequests asks a broker which requests it knows, and returns an error that names those of transactions that it does not. It
// is asked only when something failed: the client says so in no way that a program could tell from a lost connection.
func missingRequests(ctx context.Context, cl *kgo.Client) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	q := kmsg.NewPtrApiVersionsRequest()
	q.ClientSoftwareName, q.ClientSoftwareVersion = "ferry", "1"
	p, err := q.RequestWith(ctx, cl)
	if err != nil || len(p.ApiKeys) == 0 {
		return nil // whatever failed, this is not known to be why
	}
	return lacking(p)
}

// lacking returns an error that names the requests of transactions which a broker does not know, nil if it knows all.
func lacking(p *kmsg.ApiVersionsResponse) error {
	known := make(map[int16]bool, len(p.ApiKeys))
	for _, k := range p.ApiKeys {
		known[k.ApiKey] = true
	}
	for _, key := range []kmsg.Key{kmsg.InitProducerID, kmsg.AddPartitionsToTxn, kmsg.AddOffsetsToTxn, kmsg.EndTxn, kmsg.TxnOffsetCommit} {
		if !known[key.Int16()] {
			return fmt.Errorf("%w: there is no %s", errNoTransactions, key.Name())
		}
	}
	return nil
}
