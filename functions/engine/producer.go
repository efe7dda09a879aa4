package engine

import (
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// producerOptions configures the transactional client of a source, or with an empty id the one that writes dead letters.
//
// Linger is zero: records are produced when their batch is complete, and nothing would be gained by waiting. There is no
// delivery timeout: the client counts it from the record's timestamp, so a record of last year would have timed out before it is
// sent. The context of each Produce takes its place.
func producerOptions(t *Task, transactionalID, kind string) ([]kgo.Opt, error) {
	s := t.client(kafkaclient.Producer)
	opts, err := t.connection(s, kind)
	if err != nil {
		return nil, err
	}
	producing, err := s.Producing(transactionalID != "")
	if err != nil {
		return nil, err
	}
	byKey, err := s.Partitioner()
	if err != nil {
		return nil, err
	}
	opts = append(append(opts, producing...),
		kgo.ProducerLinger(0), kgo.AllowAutoTopicCreation(), kgo.MaxBufferedRecords(max(10_000, 4*t.Budget.BatchRecords)),
		kgo.RecordPartitioner(partitioner{byKey, t.OffsetsTopic, new(sync.Map)}))
	if transactionalID != "" {
		timeout, err := t.transactionTimeout(time.Now())
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.TransactionalID(transactionalID), kgo.TransactionTimeout(timeout))
	}
	return opts, nil
}

// partitioner takes the partition that a record names, else what the producer's settings say. Offset records are written as Java's
// default does, by murmur2 of the key, whatever those say: all records of one key must be in one partition, whoever writes them.
type partitioner struct {
	other   kgo.Partitioner
	offsets string    // topic
	short   *sync.Map // by topic: how many partitions it has, of topics that lack one that a record named
}

// ForTopic implements kgo.Partitioner.
func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	of := p.other
	if topic == p.offsets {
		of = kafkaclient.UniformPartitioner(true, true)
	}
	other := of.ForTopic(topic)
	backup, _ := other.(kgo.TopicBackupPartitioner)
	return &topicPartitioner{TopicPartitioner: other, backup: backup, topic: topic, short: p.short}
}

type topicPartitioner struct {
	kgo.TopicPartitioner
	backup kgo.TopicBackupPartitioner
	topic  string
	short  *sync.Map
}

// RequiresConsistency implements kgo.TopicPartitioner.
func (p *topicPartitioner) RequiresConsistency(r *kgo.Record) bool {
	return r.Partition >= 0 || p.TopicPartitioner.RequiresConsistency(r)
}

// PartitionByBackup implements kgo.TopicBackupPartitioner.
func (p *topicPartitioner) PartitionByBackup(r *kgo.Record, n int, backup kgo.TopicBackupIter) int {
	if r.Partition >= 0 {
		if int(r.Partition) >= n {
			p.short.Store(p.topic, n)
		}
		return int(r.Partition)
	}
	if p.backup == nil {
		return p.TopicPartitioner.Partition(r, n)
	}
	return p.backup.PartitionByBackup(r, n, backup)
}

// noSuchPartition returns an error if a record could not be written because its topic lacks the partition it names. The client says
// so with an error like any of its own; but to try again, as after those, would help only if somebody added partitions.
func noSuchPartition(cl *kgo.Client, r *kgo.Record, cause error) error {
	p, ok := cl.OptValue(kgo.RecordPartitioner).(partitioner)
	if !ok || r.Partition < 0 {
		return nil
	}
	n, short := p.short.Load(r.Topic)
	if count, _ := n.(int); !short || int(r.Partition) < count {
		return nil
	}
	return &connect.Error{Kind: connect.KindFatal, Class: connect.ConnectException, Cause: cause,
		Message: fmt.Sprintf("a record is for partition %d of topic %s, which has %d partitions", r.Partition, r.Topic, n),
		Hint:    "add partitions to the topic, or let the connector or a transform name none"}
}
