package engine

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// producerOptions configures the transactional client of a source, or with an empty id the one that writes dead letters.
//
// Linger is zero: records are produced when their batch is complete, and nothing would be gained by waiting. There is no
// delivery timeout: the client counts it from the record's timestamp, so a record of last year would have timed out before it is
// sent. The context of each Produce takes its place.
func producerOptions(t *Task, transactionalID string) ([]kgo.Opt, error) {
	opts := []kgo.Opt{
		kgo.ProducerLinger(0),
		kgo.ProducerBatchCompression(kgo.NoCompression()), // Java's default, not kgo's
		kgo.AllowAutoTopicCreation(),
		kgo.MaxBufferedRecords(max(10_000, 4*t.Budget.BatchRecords)),
		kgo.ProducerBatchMaxBytes(producerBatchBytes),
		kgo.DisableClientMetrics(),
	}
	own, err := producerSettings(t)
	if err != nil {
		return nil, err
	}
	opts = append(append(opts, own...), t.Kafka...)
	opts = append(opts, kgo.RecordPartitioner(partitioner{kgo.UniformBytesPartitioner(64<<10, true, true, nil), new(sync.Map)}))
	if transactionalID != "" {
		timeout, err := t.transactionTimeout(time.Now())
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.TransactionalID(transactionalID), kgo.TransactionTimeout(timeout))
	}
	return opts, nil
}

// producerBatchBytes is Java's default of max.request.size, and what a broker takes by default.
const producerBatchBytes = 1 << 20

// producerSettings honours the producer's settings that do not weaken the protocol; acks, idempotence and the
// transactional id are not for the connector to choose.
func producerSettings(t *Task) ([]kgo.Opt, error) {
	settings := clientSettings(t, "producer")
	var opts []kgo.Opt
	size, err := intSetting(settings, "max.request.size", producerBatchBytes)
	if err != nil {
		return nil, fmt.Errorf("producer settings: %w", err)
	}
	if size < 1 || size > 1<<30 {
		return nil, invalid("producer.override.max.request.size", settings["max.request.size"], "Value must be between 1 and 1073741824")
	}
	opts = append(opts, kgo.ProducerBatchMaxBytes(int32(size)), kgo.BrokerMaxWriteBytes(int32(max(size+1<<20, 100<<20))))
	if name, ok := settings["compression.type"]; ok {
		codec, err := compression(name)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.ProducerBatchCompression(codec))
	}
	return opts, nil
}

func compression(name string) (kgo.CompressionCodec, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "none":
		return kgo.NoCompression(), nil
	case "gzip":
		return kgo.GzipCompression(), nil
	case "snappy":
		return kgo.SnappyCompression(), nil
	case "lz4":
		return kgo.Lz4Compression(), nil
	case "zstd":
		return kgo.ZstdCompression(), nil
	}
	return kgo.CompressionCodec{}, invalid("producer.override.compression.type", name, "String must be one of: none, gzip, snappy, lz4, zstd")
}

// partitioner takes the partition that a record names, else what Java's default does: murmur2 of the key, or for a
// record without key whichever partition is convenient. Offset records depend on it: all records of one key must be in
// one partition, whoever writes them.
type partitioner struct {
	byKey kgo.Partitioner
	short *sync.Map // by topic: how many partitions it has, of topics that lack one that a record named
}

// ForTopic implements kgo.Partitioner.
func (p partitioner) ForTopic(topic string) kgo.TopicPartitioner {
	byKey := p.byKey.ForTopic(topic)
	backup, _ := byKey.(kgo.TopicBackupPartitioner)
	return &topicPartitioner{TopicPartitioner: byKey, backup: backup, topic: topic, short: p.short}
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
