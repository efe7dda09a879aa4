// Package txn ends transactions of the Kafka client so that success means success.
//
// kgo's EndTransaction looks through the partitions that the client knows for those that records were written to, and aborts,
// without an error, when it finds none. With franz-go v1.22.2 it can find none although records were acknowledged: the
// partitions of a topic that was not known before are stored only after the records that waited for them were sent. If the
// broker is quick, this happens:
//
//  1. the first Produce to a topic waits for the topic's partitions
//  2. they arrive; the waiting records are sent
//  3. the records are acknowledged
//  4. EndTransaction(TryCommit) finds no partition, aborts, and returns nil
//  5. the partitions are stored
//
// A source that trusted the nil would acknowledge records that no reader will ever see. So Commit waits for 5 before 4.
package txn

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Committer commits the transactions of one client. It remembers which partitions the client has stored, so that checking
// costs a comparison a record. It is used from one goroutine.
type Committer struct {
	client *kgo.Client
	stored map[string]int32 // by topic, the largest partition that is known to be stored
	topic  string           // of the last record, with its entry of stored
	upTo   int32
}

// NewCommitter returns a Committer for a transactional client.
func NewCommitter(client *kgo.Client) *Committer {
	return &Committer{client: client, stored: make(map[string]int32), upTo: -1}
}

// See waits until the client knows the partition of a record that was acknowledged in the open transaction. Every record of
// the transaction has to be seen before Commit. It fails only when ctx ends.
func (c *Committer) See(ctx context.Context, r *kgo.Record) error {
	if r.Topic != c.topic {
		c.topic, c.upTo = r.Topic, -1
		if known, ok := c.stored[r.Topic]; ok {
			c.upTo = known
		}
	}
	if r.Partition <= c.upTo {
		return nil
	}
	if err := c.wait(ctx, r.Topic, r.Partition); err != nil {
		return err
	}
	c.upTo = r.Partition
	c.stored[r.Topic] = r.Partition
	return nil
}

// wait polls what the client has stored: a matter of microseconds, and of nothing that could be waited for.
func (c *Committer) wait(ctx context.Context, topic string, partition int32) error {
	for pause := time.Microsecond; ; pause = min(2*pause, 10*time.Millisecond) {
		leader, _, err := c.client.PartitionLeader(topic, partition)
		if leader >= 0 || err != nil { // stored, if only with an error of a later look-up
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return fmt.Errorf("wait until the client knows partition %d of topic %s: %w", partition, topic, context.Cause(ctx))
		case <-timer.C:
		}
	}
}

// Commit commits the transaction whose records were all seen.
func (c *Committer) Commit(ctx context.Context) error {
	return c.client.EndTransaction(ctx, kgo.TryCommit)
}
