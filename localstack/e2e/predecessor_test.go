package e2e_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

// predecessor is what an invocation of a sink task leaves behind that was frozen: it holds the transactional id of the task
// as of when it began, and goes on to commit offsets as if nothing had happened.
type predecessor struct {
	client    *kgo.Client
	id, group string
	topic     string
	pid       int64
	epoch     int16
}

// begin takes the transactional id over. The requests are those of before transaction.version 2, which every broker of
// today takes: the versions that came with it are refused when a cluster has not finalized it.
func (p *predecessor) begin(t *testing.T, bootstrap string) {
	t.Helper()
	versions := kversion.Stable()
	versions.SetMaxKeyVersion(kmsg.AddOffsetsToTxn.Int16(), 3)
	versions.SetMaxKeyVersion(kmsg.EndTxn.Int16(), 4)
	versions.SetMaxKeyVersion(kmsg.TxnOffsetCommit.Int16(), 4)
	p.client = client(t, bootstrap, kgo.MaxVersions(versions))
	check(t, settled(t.Context(), func(ctx context.Context) (int16, error) {
		q := kmsg.NewPtrInitProducerIDRequest()
		q.TransactionalID, q.TransactionTimeoutMillis = &p.id, 60_000
		q.ProducerID, q.ProducerEpoch = -1, -1
		r, err := q.RequestWith(ctx, p.client)
		if err != nil {
			return 0, err
		}
		p.pid, p.epoch = r.ProducerID, r.ProducerEpoch
		return r.ErrorCode, nil
	}))
}

// commit commits the offset of partition 0 in a transaction.
func (p *predecessor) commit(ctx context.Context, offset int64) error {
	for _, step := range []func(context.Context) (int16, error){
		p.addOffsets,
		func(ctx context.Context) (int16, error) { return p.commitOffset(ctx, offset) },
		p.endTxn,
	} {
		if err := settled(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

func (p *predecessor) addOffsets(ctx context.Context) (int16, error) {
	q := kmsg.NewPtrAddOffsetsToTxnRequest()
	q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Group = p.id, p.pid, p.epoch, p.group
	r, err := q.RequestWith(ctx, p.client)
	if err != nil {
		return 0, err
	}
	return r.ErrorCode, nil
}

func (p *predecessor) commitOffset(ctx context.Context, offset int64) (int16, error) {
	q := kmsg.NewPtrTxnOffsetCommitRequest()
	q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Group = p.id, p.pid, p.epoch, p.group
	q.Generation = -1
	topic := kmsg.NewTxnOffsetCommitRequestTopic()
	topic.Topic = p.topic
	partition := kmsg.NewTxnOffsetCommitRequestTopicPartition()
	partition.Offset = offset
	topic.Partitions = append(topic.Partitions, partition)
	q.Topics = append(q.Topics, topic)
	r, err := q.RequestWith(ctx, p.client)
	if err != nil {
		return 0, err
	}
	return r.Topics[0].Partitions[0].ErrorCode, nil
}

func (p *predecessor) endTxn(ctx context.Context) (int16, error) {
	q := kmsg.NewPtrEndTxnRequest()
	q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Commit = p.id, p.pid, p.epoch, true
	r, err := q.RequestWith(ctx, p.client)
	if err != nil {
		return 0, err
	}
	return r.ErrorCode, nil
}

// settled repeats a request while the coordinator is not ready for it, as it is for a moment after each transaction.
func settled(ctx context.Context, request func(context.Context) (int16, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	notReady := []error{kerr.ConcurrentTransactions, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		code, err := request(ctx)
		if err != nil {
			return err
		}
		err = kerr.ErrorForCode(code)
		if !slices.Contains(notReady, err) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}

// transactionVersion is the finalized level of the feature; a broker does not list one that is at 0.
func transactionVersion(t *testing.T, c *kgo.Client) int16 {
	t.Helper()
	q := kmsg.NewPtrApiVersionsRequest()
	q.ClientSoftwareName, q.ClientSoftwareVersion = "ferry", "test"
	r, err := q.RequestWith(t.Context(), c)
	check(t, err)
	for _, feature := range r.FinalizedFeatures {
		if feature.Name == "transaction.version" {
			return feature.MaxVersionLevel
		}
	}
	return 0
}
