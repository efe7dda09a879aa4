package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// offsetTxn commits a sink's offsets into its consumer group in transactions that hold nothing else, by raw requests:
// InitProducerID, then for each commit AddOffsetsToTxn, TxnOffsetCommit, EndTxn. With transaction.version 2 the first of the
// three is left out: TxnOffsetCommit of version 5 and above does its work (KIP-890).
//
// The group is no fence: brokers take TxnOffsetCommit with an empty member and generation -1 whether the group is
// unknown, empty or has members. Only the transactional id is, and so its client must never run a transaction of its own
// under the same id: each EndTxn of version 5 raises the epoch (KIP-890), which a kgo client would not hear of. kgo cannot do this
// itself, because its EndTransaction sends nothing when only offsets were added.
type offsetTxn struct {
	cl      *kgo.Client
	owned   bool // cl is ours to close
	adds    bool // AddOffsetsToTxn is needed
	id      string
	group   string
	timeout time.Duration
	pid     int64
	epoch   int16
	// again decides about a request that got no answer, and waits; explain gives an error its kind.
	again   func(ctx context.Context, tries *attempts, call string, err error) bool
	explain func(cl *kgo.Client, doing string, err error) error
}

// offsetCommit is what one partition's offset is to become.
type offsetCommit struct {
	topic     string
	topicID   [16]byte
	partition int32
	next      int64
}

// newOffsetTxn chooses the client for the requests: cl itself, or one of its own that does not go beyond the versions of
// transaction.version 1 when the cluster has not finalized 2. Brokers of 4.x list the newer versions all the same, refuse
// them with UNSUPPORTED_VERSION, and leave the transactional id stuck in CONCURRENT_TRANSACTIONS.
func newOffsetTxn(ctx context.Context, cl *kgo.Client, opts []kgo.Opt, t *offsetTxn) error {
	level, err := transactionVersion(ctx, cl)
	if err != nil {
		return t.explain(cl, "ask for the cluster's features", err)
	}
	t.cl = cl
	if level >= 2 {
		return nil
	}
	v := kversion.Stable()
	v.SetMaxKeyVersion(kmsg.AddOffsetsToTxn.Int16(), 3)
	v.SetMaxKeyVersion(kmsg.EndTxn.Int16(), 4)
	v.SetMaxKeyVersion(kmsg.TxnOffsetCommit.Int16(), 4)
	own, err := kgo.NewClient(append(append([]kgo.Opt{kgo.DisableClientMetrics()}, opts...), kgo.MaxVersions(v))...)
	if err != nil {
		return fmt.Errorf("configure the client for transactions: %w", err)
	}
	t.cl, t.owned, t.adds = own, true, true
	return nil
}

// transactionVersion returns the finalized level of the feature transaction.version. It fails where there are no transactions at all.
func transactionVersion(ctx context.Context, cl *kgo.Client) (int16, error) {
	q := kmsg.NewPtrApiVersionsRequest()
	q.ClientSoftwareName, q.ClientSoftwareVersion = "ferry", "1"
	p, err := q.RequestWith(ctx, cl)
	if err != nil {
		return 0, err
	}
	if p.ErrorCode == 0 {
		if err := lacking(p); err != nil {
			return 0, err
		}
	}
	for _, f := range p.FinalizedFeatures {
		if f.Name == "transaction.version" {
			return f.MaxVersionLevel, nil
		}
	}
	return 0, kerr.ErrorForCode(p.ErrorCode)
}

func (t *offsetTxn) close() {
	if t.owned {
		t.cl.Close()
	}
}

// fence takes over the transactional id, and aborts what a predecessor left open.
func (t *offsetTxn) fence(ctx context.Context) error {
	err := t.retry(ctx, "InitProducerID", func() (int16, error) {
		q := kmsg.NewPtrInitProducerIDRequest()
		q.TransactionalID = &t.id
		q.TransactionTimeoutMillis = int32(t.timeout.Milliseconds())
		q.ProducerID, q.ProducerEpoch = -1, -1
		p, err := q.RequestWith(ctx, t.cl)
		if err != nil {
			return 0, err
		}
		t.pid, t.epoch = p.ProducerID, p.ProducerEpoch
		return p.ErrorCode, nil
	})
	if err == nil {
		return nil
	}
	return t.explain(t.cl, "fence the transactional id "+t.id, err)
}

// commit makes the offsets those of the group, all or none. After an error that is not ErrFenced they may be committed or
// not: only the offsets read after the next fence tell.
func (t *offsetTxn) commit(ctx context.Context, commits []offsetCommit) error {
	if err := t.add(ctx, commits); err != nil {
		if !isFenced(err) {
			_ = t.end(ctx, false) // if this fails too, the next fence aborts
		}
		return t.explain(t.cl, "commit offsets of the group "+t.group, err)
	}
	if err := t.end(ctx, true); err != nil {
		return t.explain(t.cl, "commit the transaction "+t.id, err)
	}
	return nil
}

func (t *offsetTxn) add(ctx context.Context, commits []offsetCommit) error {
	if t.adds {
		if err := t.addGroup(ctx); err != nil {
			return err
		}
	}
	return t.retry(ctx, "TxnOffsetCommit", func() (int16, error) {
		p, err := t.request(commits).RequestWith(ctx, t.cl)
		if err != nil {
			return 0, err
		}
		for i := range p.Topics {
			for _, rp := range p.Topics[i].Partitions {
				if rp.ErrorCode != 0 {
					return rp.ErrorCode, nil
				}
			}
		}
		return 0, nil
	})
}

func (t *offsetTxn) addGroup(ctx context.Context) error {
	return t.retry(ctx, "AddOffsetsToTxn", func() (int16, error) {
		q := kmsg.NewPtrAddOffsetsToTxnRequest()
		q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Group = t.id, t.pid, t.epoch, t.group
		p, err := q.RequestWith(ctx, t.cl)
		if err != nil {
			return 0, err
		}
		return p.ErrorCode, nil
	})
}

// request builds the TxnOffsetCommit. Neighbours of one topic share an entry.
func (t *offsetTxn) request(commits []offsetCommit) *kmsg.TxnOffsetCommitRequest {
	q := kmsg.NewPtrTxnOffsetCommitRequest()
	q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Group = t.id, t.pid, t.epoch, t.group
	q.MemberID, q.Generation = "", -1 // no member
	for _, c := range commits {
		if n := len(q.Topics); n == 0 || q.Topics[n-1].Topic != c.topic {
			qt := kmsg.NewTxnOffsetCommitRequestTopic()
			qt.Topic, qt.TopicID = c.topic, c.topicID // version 6 sends the id, older ones the name
			q.Topics = append(q.Topics, qt)
		}
		qt := &q.Topics[len(q.Topics)-1]
		qp := kmsg.NewTxnOffsetCommitRequestTopicPartition()
		qp.Partition, qp.Offset, qp.LeaderEpoch = c.partition, c.next, -1
		qt.Partitions = append(qt.Partitions, qp)
	}
	return q
}

func (t *offsetTxn) end(ctx context.Context, commit bool) error {
	return t.retry(ctx, "EndTxn", func() (int16, error) {
		q := kmsg.NewPtrEndTxnRequest()
		q.TransactionalID, q.ProducerID, q.ProducerEpoch, q.Commit = t.id, t.pid, t.epoch, commit
		p, err := q.RequestWith(ctx, t.cl)
		if err != nil {
			return 0, err
		}
		if p.ErrorCode == 0 && p.Version >= 5 && p.ProducerID >= 0 {
			t.pid, t.epoch = p.ProducerID, p.ProducerEpoch // raised: the old epoch is fenced from here on
		}
		return p.ErrorCode, nil
	})
}

// retryBrokerPause lies between two tries of a request that the coordinator was not ready for.
const retryBrokerPause = 20 * time.Millisecond

// retry repeats a request while its answer says not yet, as long as ctx lives, and a few times while there is no answer.
// All the requests may be repeated: an EndTxn that was carried out already is answered like the first one, or as fenced.
func (t *offsetTxn) retry(ctx context.Context, call string, request func() (int16, error)) error {
	var tries attempts
	for {
		code, err := request()
		if err != nil {
			if t.again(ctx, &tries, call, connect.RetriableError("no answer", err)) {
				continue
			}
			return err
		}
		if err = kerr.ErrorForCode(code); !notYet(err) {
			return err
		}
		if !sleep(ctx, retryBrokerPause) {
			return fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
}

// notYet reports the answers of coordinators that will be another one soon. CONCURRENT_TRANSACTIONS is normal for tens of
// milliseconds after InitProducerID and EndTxn, and UNSTABLE_OFFSET_COMMIT after a commit, while markers are written.
func notYet(err error) bool {
	return errors.Is(err, kerr.ConcurrentTransactions) || errors.Is(err, kerr.UnstableOffsetCommit) ||
		errors.Is(err, kerr.CoordinatorLoadInProgress) || errors.Is(err, kerr.CoordinatorNotAvailable) || errors.Is(err, kerr.NotCoordinator)
}
