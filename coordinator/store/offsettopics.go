package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// offsetRecords is where offsets are kept: topics, or the file of standalone mode. Methods may be called concurrently.
type offsetRecords interface {
	// scan hands all records of a topic to apply, in order for each key.
	scan(ctx context.Context, topic string, apply func(*kgo.Record)) error
	// tail hands the records of one partition from an offset on to apply. It fails when there is no such place.
	tail(ctx context.Context, topic string, partition int32, offset int64, apply func(*kgo.Record)) error
	// partition returns where records with the key are.
	partition(ctx context.Context, topic string, key []byte) (int32, error)
	// write adds records of one connector, all or none.
	write(ctx context.Context, topic, connector string, records []*kgo.Record) error
}

// offsetTopics are the worker's offsets topic and those that connectors name as their own.
type offsetTopics struct {
	opts    Options
	base    []kgo.Opt
	client  *kgo.Client
	servers []string

	mu    sync.Mutex
	ready map[string]int32 // number of partitions by topic
}

// ensure creates a connector's own topic like the worker's, if it is missing, and returns the number of partitions.
func (t *offsetTopics) ensure(ctx context.Context, topic string) (int32, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if n, ok := t.ready[topic]; ok {
		return n, nil
	}
	if topic != t.opts.OffsetTopic {
		if err := ensure(ctx, t.client, t.servers, t.opts.Log, t.opts.offsetTopic(topic, "offsets.storage.topic")); err != nil {
			return 0, err
		}
	}
	found, err := metadata(ctx, t.client, topic)
	if err == nil {
		err = kerr.ErrorForCode(found[topic].ErrorCode)
	}
	if err != nil {
		return 0, passing(fmt.Errorf("look up topic %s: %w", topic, err))
	}
	if t.ready == nil {
		t.ready = make(map[string]int32)
	}
	t.ready[topic] = int32(len(found[topic].Partitions))
	return t.ready[topic], nil
}

func (t *offsetTopics) scan(ctx context.Context, topic string, apply func(*kgo.Record)) error {
	if _, err := t.ensure(ctx, topic); err != nil {
		return err
	}
	return passing(t.patient(topic).read(ctx, apply))
}

func (t *offsetTopics) tail(ctx context.Context, topic string, partition int32, offset int64, apply func(*kgo.Record)) error {
	return passing(t.patient(topic).readFrom(ctx, partition, offset, apply))
}

// passing makes errors retriable that are about the way to the brokers: a task that fails with one looks again in seconds, and not in
// minutes as after an error that needs a person.
func passing(err error) error {
	if err == nil || !moved(err) {
		return err
	}
	return connect.RetriableError("", err)
}

// patient returns a tail that waits for open transactions. Connectors share the partitions of an offsets topic, and the
// transaction that a task of another connector left open, when it crashed say, hides from readers what was committed after
// it. To end before it would be to go on from an older offset, and to write records a second time (kafka-connect:
// KafkaBasedLog reads to the end of all records, too).
func (t *offsetTopics) patient(topic string) *tail {
	tail := newTail(t.client, topic)
	tail.patient = true
	return tail
}

// partition is what the default partitioner of Java's producer makes of the key.
func (t *offsetTopics) partition(ctx context.Context, topic string, key []byte) (int32, error) {
	n, err := t.ensure(ctx, topic)
	if err != nil {
		return 0, err
	}
	return int32(kgo.StickyKeyPartitioner(nil).ForTopic(topic).Partition(&kgo.Record{Key: key}, int(n))), nil
}

// write is a transaction of the connector's first task, as in Kafka Connect: it fences a task 0 that is still at work.
func (t *offsetTopics) write(ctx context.Context, topic, connector string, records []*kgo.Record) error {
	if _, err := t.ensure(ctx, topic); err != nil {
		return err
	}
	id := t.opts.GroupID + "-" + connector + "-0"
	client, err := kgo.NewClient(slices.Concat(t.base, []kgo.Opt{kgo.TransactionalID(id), kgo.TransactionTimeout(transactionTimeout)})...)
	if err != nil {
		return fmt.Errorf("write offsets of connector %s: %w", connector, err)
	}
	defer client.Close()
	for _, r := range records {
		r.Topic = topic
	}
	if err := transact(ctx, client, endTime, records); err != nil {
		return fmt.Errorf("write %d offsets of connector %s to topic %s: %w", len(records), connector, topic, err)
	}
	return nil
}
