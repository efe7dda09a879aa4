package engine

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// ErrFenced means that a newer owner took over the task's transactional id, so that nothing more of this invocation can
// be committed. The broker answers the same when a transaction outlived its timeout.
var ErrFenced = errors.New("fenced by a newer owner of the transactional id")

// isFenced reports the three answers that all mean fenced: which one comes depends on the request and on the broker.
func isFenced(err error) bool {
	return errors.Is(err, kerr.InvalidProducerEpoch) || errors.Is(err, kerr.ProducerFenced) || errors.Is(err, kerr.InvalidProducerIDMapping)
}

// kafkaError gives an error of the Kafka client a kind. doing says what was attempted and names the thing.
func kafkaError(doing string, err error) error {
	if err == nil {
		return nil
	}
	if isFenced(err) {
		return &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.ProducerFencedException", Message: doing,
			Hint: "another invocation of this task took over, or the transaction outlived its timeout", Cause: errors.Join(ErrFenced, err)}
	}
	for _, k := range kafkaKinds() {
		if errors.Is(err, k.err) {
			return &connect.Error{Kind: k.kind, Class: k.class, Message: doing, Hint: k.hint, Cause: err}
		}
	}
	if e := loginError(doing, err); e != nil {
		return e
	}
	if ke, ok := errors.AsType[*kerr.Error](err); ok && !ke.Retriable {
		return connect.FatalError(doing, err)
	}
	// What is no answer of a broker is the way to it: connections, timeouts, a coordinator that moves.
	return connect.RetriableError(doing, err)
}

// loginError returns an error for a connection that failed by what one side thinks of the other, and not by the way between them; else
// nil. Java's clients give up then, too.
func loginError(doing string, err error) error {
	e := &connect.Error{Kind: connect.KindFatal, Class: "org.apache.kafka.common.errors.SslAuthenticationException", Message: doing, Cause: err}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		e.Hint = "the broker's certificate is not trusted or is for another name: check ssl.truststore.* and ssl.endpoint.identification.algorithm"
		return e
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" { // as crypto/tls says what the other side sent
		e.Hint = "the broker ended the handshake: check ssl.keystore.*, ssl.enabled.protocols and ssl.cipher.suites"
		return e
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		e.Hint = "the listener does not speak TLS: check security.protocol and the port"
		return e
	}
	if own, ok := errors.AsType[*connect.Error](err); ok { // of a token or of credentials
		return &connect.Error{Kind: own.Kind, Class: own.Class, Message: doing, Hint: own.Hint, Cause: err}
	}
	return nil
}

type kafkaKind struct {
	err   error
	kind  connect.ErrorKind
	class string
	hint  string
}

func kafkaKinds() []kafkaKind {
	const pkg = "org.apache.kafka.common.errors."
	return []kafkaKind{
		{kerr.UnknownTopicOrPartition, connect.KindFatal, pkg + "UnknownTopicOrPartitionException",
			"create the topic, let a source connector create it with topic.creation.*, or let the brokers create it with auto.create.topics.enable"},
		{kerr.InvalidTopicException, connect.KindFatal, pkg + "InvalidTopicException", "a topic name is 1 to 249 letters, digits, '.', '_' or '-'"},
		{kerr.MessageTooLarge, connect.KindFatal, pkg + "RecordTooLargeException",
			"raise producer.override.max.request.size, and max.message.bytes of the topic"},
		{kerr.RecordListTooLarge, connect.KindFatal, pkg + "RecordBatchTooLargeException", "raise max.message.bytes and segment.bytes of the topic"},
		{kerr.TopicAuthorizationFailed, connect.KindFatal, pkg + "TopicAuthorizationException", "allow the principal to describe, read or write the topic"},
		{kerr.GroupAuthorizationFailed, connect.KindFatal, pkg + "GroupAuthorizationException", "allow the principal to read the group"},
		{kerr.TransactionalIDAuthorizationFailed, connect.KindFatal, pkg + "TransactionalIdAuthorizationException",
			"allow the principal to describe and write the transactional id"},
		{kerr.ClusterAuthorizationFailed, connect.KindFatal, pkg + "ClusterAuthorizationException", "grant the principal the operation on the cluster"},
		{kerr.SaslAuthenticationFailed, connect.KindFatal, pkg + "SaslAuthenticationException", "check the sasl.* settings"},
		{kerr.UnsupportedSaslMechanism, connect.KindFatal, pkg + "UnsupportedSaslMechanismException", "set sasl.mechanism to one that the listener has"},
		{kerr.IllegalSaslState, connect.KindFatal, pkg + "IllegalSaslStateException", "the listener asks for no login: check security.protocol and the port"},
		{kerr.OffsetOutOfRange, connect.KindFatal, "org.apache.kafka.clients.consumer.OffsetOutOfRangeException",
			"the committed offset is not in the topic any more; alter the connector's offsets, or set consumer.override.auto.offset.reset"},
		{kerr.InvalidTransactionTimeout, connect.KindConfig, pkg + "InvalidTxnTimeoutException",
			"lower producer.override." + transactionTimeoutKey + ", or raise transaction.max.timeout.ms of the brokers"},
		{kgo.ErrRecordTimeout, connect.KindRetriable, pkg + "TimeoutException", "are the brokers reachable?"},
	}
}

// stopped reports whether err is only the echo of a context that ended.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Cause(ctx)))
}

// outOfTime returns why ctx ended if err is only the echo of that: the client says deadline exceeded for any cause.
func outOfTime(ctx context.Context, err error) error {
	if err != nil && errors.Is(err, ctx.Err()) {
		return context.Cause(ctx)
	}
	return err
}

// errTask prefixes err with the task it is about, keeping its kind.
func errTask(t *Task, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("connector %s, task %d: %w", t.Connector, t.ID, err)
}
