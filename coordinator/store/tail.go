package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	fetchBytes          = 8 << 20
	fetchPartitionBytes = 1 << 20
	tailAttempts        = 8
)

// tail reads one topic, by requests of its own instead of a consumer: it knows when it has read everything even if the
// last records were compacted away, and nothing runs between calls. It must not be used concurrently.
type tail struct {
	client     *kgo.Client
	topic      string
	decompress kgo.Decompressor

	// patient makes a read wait for transactions that are open when it begins. Without it a read ends before them, and before
	// everything that others committed after their first record.
	patient bool
	waited  time.Duration // for open transactions, in this read

	known   bool // whether what follows is
	id      [16]byte
	leaders map[int32]int32 // by partition
	next    map[int32]int64 // the offset to read next, of partitions that were read
}

func newTail(client *kgo.Client, topic string) *tail {
	return &tail{client: client, topic: topic, decompress: kgo.DefaultDecompressor(), next: make(map[int32]int64)}
}

// read hands every committed record between the position and the end, as it was when the call began, to apply: in order
// for each partition. The first read starts at the beginning.
func (t *tail) read(ctx context.Context, apply func(*kgo.Record)) error {
	t.waited = 0
	err := t.readOn(ctx, apply)
	if errors.Is(err, kerr.OffsetOutOfRange) { // records that were not read yet are lost: the position moves on to those that are left
		if _, _, err = t.bounds(ctx); err == nil {
			err = t.readOn(ctx, apply)
		}
	}
	if err != nil {
		return fmt.Errorf("read topic %s: %w", t.topic, err)
	}
	return nil
}

// readOn is read where no record is lost. Where the topic begins is asked only of partitions that were never read: this is the commonest
// read of all, of a topic in which nothing is new.
func (t *tail) readOn(ctx context.Context, apply func(*kgo.Record)) error {
	var ends map[int32]int64
	err := t.settled(ctx, func() (err error) {
		if err = t.locate(ctx); err == nil { // each time: it may have more partitions now, or be another topic
			ends, err = t.list(ctx, endOffset)
		}
		return err
	})
	if err != nil {
		return err
	}
	for p := range ends {
		if _, known := t.next[p]; known {
			continue
		}
		starts, _, err := t.bounds(ctx)
		if err != nil {
			return err
		}
		for p, start := range starts {
			if _, known := t.next[p]; !known {
				t.next[p] = start
			}
		}
	}
	return t.readTo(ctx, ends, apply)
}

// readFrom is read for one partition, from an offset. It fails with errNoSuchOffset when the partition does not have
// that offset.
func (t *tail) readFrom(ctx context.Context, partition int32, offset int64, apply func(*kgo.Record)) error {
	starts, ends, err := t.bounds(ctx)
	if err != nil {
		return fmt.Errorf("read topic %s: %w", t.topic, err)
	}
	if end, ok := ends[partition]; !ok || offset < starts[partition] || offset > end {
		return fmt.Errorf("read partition %d of topic %s from %d: %w", partition, t.topic, offset, errNoSuchOffset)
	}
	t.next[partition] = offset
	if err := t.readTo(ctx, map[int32]int64{partition: ends[partition]}, apply); err != nil {
		return fmt.Errorf("read partition %d of topic %s: %w", partition, t.topic, err)
	}
	return nil
}

// bounds returns the first offset and the end of each partition: where a read begins at the earliest, and ends. Where the topic has lost records that
// were not read yet, the position moves on.
func (t *tail) bounds(ctx context.Context) (starts, ends map[int32]int64, err error) {
	err = t.settled(ctx, func() error {
		if err := t.locate(ctx); err != nil { // each time: it may have more partitions now, or be another topic
			return err
		}
		if starts, err = t.list(ctx, firstOffset); err != nil {
			return err
		}
		ends, err = t.list(ctx, endOffset)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for p, next := range t.next {
		t.next[p] = max(next, starts[p])
	}
	return starts, ends, nil
}

// settled makes requests to leaders, again after looking the leaders up when they moved.
func (t *tail) settled(ctx context.Context, request func() error) error {
	for attempt := 1; ; attempt++ {
		err := request()
		if err == nil || attempt == tailAttempts || !moved(err) {
			return err
		}
		if err := wait(ctx, 5*time.Millisecond<<attempt); err != nil {
			return err
		}
		if err := t.locate(ctx); err != nil {
			return err
		}
	}
}

// Timestamps that mean the first offset and the end.
const (
	firstOffset int64 = -2
	endOffset   int64 = -1
)

// list returns one offset of each partition: with endOffset the end of committed records, or of all for a patient tail.
func (t *tail) list(ctx context.Context, timestamp int64) (map[int32]int64, error) {
	requests := make(map[int32]*kmsg.ListOffsetsRequest) // by leader
	for partition, leader := range t.leaders {
		if requests[leader] == nil {
			req := kmsg.NewPtrListOffsetsRequest()
			req.ReplicaID, req.IsolationLevel = -1, 1
			if t.patient { // the end of all records, of which those of open transactions are to be waited for
				req.IsolationLevel = 0
			}
			topic := kmsg.NewListOffsetsRequestTopic()
			topic.Topic = t.topic
			req.Topics = append(req.Topics, topic)
			requests[leader] = req
		}
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.CurrentLeaderEpoch, p.Timestamp = partition, -1, timestamp
		requests[leader].Topics[0].Partitions = append(requests[leader].Topics[0].Partitions, p)
	}
	offsets := make(map[int32]int64, len(t.leaders))
	for leader, req := range requests {
		resp, err := t.client.Broker(int(leader)).RetriableRequest(ctx, req)
		if err != nil {
			return nil, fmt.Errorf("list offsets at broker %d: %w", leader, err)
		}
		for _, topic := range resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range topic.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return nil, fmt.Errorf("list offsets of partition %d: %w", p.Partition, t.gone(err))
				}
				offsets[p.Partition] = p.Offset
			}
		}
	}
	return offsets, nil
}

// gone explains errors that mean the topic is not what it was.
func (t *tail) gone(err error) error {
	if errors.Is(err, kerr.UnknownTopicOrPartition) || errors.Is(err, kerr.UnknownTopicID) {
		return stop(fmt.Sprintf("the internal topic %s does not exist any more", t.topic),
			"it held what cannot be recomputed: restore it from a backup, or delete the other internal topics too and set up the connectors again")
	}
	return err
}

// locate asks where the partitions are led.
func (t *tail) locate(ctx context.Context) error {
	all, err := metadata(ctx, t.client, t.topic)
	if err != nil {
		return err
	}
	found := all[t.topic]
	if err := kerr.ErrorForCode(found.ErrorCode); err != nil {
		return t.gone(err)
	}
	if t.known && found.TopicID != t.id {
		return stop(fmt.Sprintf("the internal topic %s was deleted and created again", t.topic),
			"what it held is lost: restart every Ferry process, and check the connectors before they run")
	}
	t.known, t.id, t.leaders = true, found.TopicID, make(map[int32]int32)
	for _, p := range found.Partitions {
		t.leaders[p.Partition] = p.Leader
	}
	return nil
}

// readTo reads until every partition of ends is at its end.
func (t *tail) readTo(ctx context.Context, ends map[int32]int64, apply func(*kgo.Record)) error {
	for {
		if len(t.behind(ends)) == 0 {
			return nil
		}
		err := t.settled(ctx, func() error {
			for leader, partitions := range t.behind(ends) {
				if err := t.fetch(ctx, leader, partitions, ends, apply); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// behind returns the partitions that are not at their end, by leader.
func (t *tail) behind(ends map[int32]int64) map[int32][]int32 {
	behind := make(map[int32][]int32)
	for p, end := range ends {
		if t.next[p] < end {
			behind[t.leaders[p]] = append(behind[t.leaders[p]], p)
		}
	}
	return behind
}

// moved reports whether an error may go away when the leaders are looked up again.
func moved(err error) bool {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	if _, halt := errors.AsType[*connect.Error](err); halt {
		return false
	}
	_, answered := errors.AsType[*kerr.Error](err)
	return !answered || kerr.IsRetriable(err)
}

var errStaleLeader = errors.New("the leader does not have records that another broker has seen committed")

// fetch makes one request to one broker and applies what comes back.
func (t *tail) fetch(ctx context.Context, leader int32, partitions []int32, ends map[int32]int64, apply func(*kgo.Record)) error {
	resp, err := t.client.Broker(int(leader)).RetriableRequest(ctx, t.request(partitions))
	if err != nil {
		return fmt.Errorf("fetch from broker %d: %w", leader, err)
	}
	fetched := resp.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(fetched.ErrorCode); err != nil {
		return fmt.Errorf("fetch from broker %d: %w", leader, err)
	}
	progress, stable := false, make(map[int32]int64)
	for _, topic := range fetched.Topics {
		for i := range topic.Partitions {
			p := &topic.Partitions[i]
			more, err := t.process(p, apply)
			if err != nil {
				return fmt.Errorf("fetch from partition %d: %w", p.Partition, t.gone(err))
			}
			progress = progress || more
			stable[p.Partition] = p.LastStableOffset
		}
	}
	if progress {
		return nil
	}
	// Nothing came although each partition had room: between the position and the end there are only records that compaction
	// removed.
	for _, p := range partitions {
		if stable[p] < ends[p] && t.patient {
			return t.waitForTransactions(ctx, p)
		}
		if stable[p] < ends[p] {
			return errStaleLeader
		}
		t.next[p] = ends[p]
	}
	return nil
}

// openTransactionTime bounds the wait for open transactions. It is longer than those of any task, which their timeout ends.
const openTransactionTime = 75 * time.Second

// waitForTransactions returns after a while, to look again.
func (t *tail) waitForTransactions(ctx context.Context, partition int32) error {
	if t.waited > openTransactionTime {
		err := connect.RetriableError(fmt.Sprintf("partition %d of topic %s is held back by an open transaction", partition, t.topic), nil)
		err.Hint = "it ends by itself with its timeout; kafka-transactions.sh find-hanging shows one that does not"
		return err
	}
	pause := min(5*time.Millisecond+t.waited/8, time.Second)
	t.waited += pause
	return wait(ctx, pause)
}

func (t *tail) request(partitions []int32) *kmsg.FetchRequest {
	req := kmsg.NewPtrFetchRequest()
	req.MaxWaitMillis, req.MinBytes, req.MaxBytes, req.IsolationLevel = 0, 0, fetchBytes, 1
	req.SessionEpoch = -1
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic, topic.TopicID = t.topic, t.id
	for _, p := range partitions {
		part := kmsg.NewFetchRequestTopicPartition()
		part.Partition, part.FetchOffset, part.PartitionMaxBytes, part.CurrentLeaderEpoch = p, t.next[p], fetchPartitionBytes, -1
		topic.Partitions = append(topic.Partitions, part)
	}
	req.Topics = append(req.Topics, topic)
	return req
}

// process decodes one partition of a response, without aborted records, and reports whether the position moved.
func (t *tail) process(p *kmsg.FetchResponseTopicPartition, apply func(*kgo.Record)) (bool, error) {
	from := t.next[p.Partition]
	fetched, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{
		Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: t.topic, Partition: p.Partition,
	}, p, t.decompress, nil)
	if fetched.Err != nil {
		return false, fetched.Err
	}
	for _, r := range fetched.Records {
		apply(r)
	}
	t.next[p.Partition] = max(from, next)
	return next > from, nil
}
