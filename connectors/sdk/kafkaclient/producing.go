package kafkaclient

import (
	"math"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Producing returns the options of a producer. A transactional one has the acknowledgements and the idempotence that transactions need,
// whatever is set: connectors come here from workers without exactly-once, and more than they asked for does no harm.
func (s Settings) Producing(transactional bool) ([]kgo.Opt, error) {
	size, err := s.Number("max.request.size", DefaultRequestSize, 1, 1<<30)
	if err != nil {
		return nil, err
	}
	size = max(size, 512) // below, the client refuses
	opts := []kgo.Opt{kgo.ProducerBatchMaxBytes(int32(size)), kgo.BrokerMaxWriteBytes(int32(min(max(size+1<<20, 100<<20), 1<<30)))}
	codec, err := s.compression()
	if err != nil {
		return nil, err
	}
	acks, err := s.acknowledgements(transactional)
	return append(append(opts, kgo.ProducerBatchCompression(codec)), acks...), err
}

// DefaultRequestSize is Java's default of max.request.size, and what a broker takes by default.
const DefaultRequestSize = 1 << 20

func (s Settings) acknowledgements(transactional bool) ([]kgo.Opt, error) {
	const acksKey = "acks"
	acks, err := s.oneOf(acksKey, "all", "-1", "1", "0")
	if err != nil {
		return nil, err
	}
	idempotent, err := s.boolean("enable.idempotence", true)
	if err != nil {
		return nil, err
	}
	inFlight, err := s.Number("max.in.flight.requests.per.connection", 1, 1, math.MaxInt32)
	switch {
	case err != nil || transactional:
		return nil, err
	case acks == "0":
		return nil, s.invalid(acksKey, "nobody would know that a record is lost; use all or 1")
	case idempotent && acks != "1":
		return nil, nil
	case idempotent && s.Get("enable.idempotence") != "":
		return nil, s.invalid(acksKey, "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.")
	}
	opts := []kgo.Opt{kgo.DisableIdempotentWrite(), kgo.MaxProduceRequestsInflightPerBroker(int(inFlight))}
	if acks == "1" {
		opts = append(opts, kgo.RequiredAcks(kgo.LeaderAck()))
	}
	return opts, nil
}

func (s Settings) compression() (kgo.CompressionCodec, error) {
	name, err := s.oneOf("compression.type", "none", "gzip", "snappy", "lz4", "zstd")
	if err != nil {
		return kgo.NoCompression(), err
	}
	gzip, err := s.Number("compression.gzip.level", -1, -1, 9)
	if err == nil && gzip == 0 {
		err = s.invalid("compression.gzip.level", "Value must be between 1 and 9 or equal to -1")
	}
	if err != nil {
		return kgo.NoCompression(), err
	}
	lz4, err := s.Number("compression.lz4.level", javaLz4, 1, 17)
	if err != nil {
		return kgo.NoCompression(), err
	}
	zstd, err := s.Number("compression.zstd.level", 3, -131072, 22)
	switch name {
	case "gzip":
		return kgo.GzipCompression().WithLevel(int(gzip)), err
	case "snappy":
		return kgo.SnappyCompression(), err
	case "lz4":
		return kgo.Lz4Compression().WithLevel(lz4Level(lz4)), err
	case "zstd":
		return kgo.ZstdCompression().WithLevel(zstdLevel(zstd)), err
	}
	return kgo.NoCompression(), err
}

// javaLz4 is the level that is Java's default, and is its fast compressor: only another level is one of the slower kind.
const javaLz4 = 9

// lz4Level returns a level of the Go library, which counts them as the depth of its search: 512 for 1, to 131072 for 9.
func lz4Level(level int64) int {
	if level == javaLz4 {
		return 0
	}
	return 1 << (8 + min(level, 9))
}

// zstdLevel returns one of the four levels of the Go library.
func zstdLevel(level int64) int {
	switch {
	case level < 3:
		return 1
	case level < 6:
		return 2
	case level < 10:
		return 3
	}
	return 4
}

// Partitioner returns what decides for records that name no partition: Java's default, or what partitioner.class names.
func (s Settings) Partitioner() (kgo.Partitioner, error) {
	const key = "partitioner.class"
	ignoresKeys, err := s.boolean("partitioner.ignore.keys", false)
	if err != nil {
		return nil, err
	}
	adaptive, err := s.boolean("partitioner.adaptive.partitioning.enable", true)
	if err != nil {
		return nil, err
	}
	switch strings.TrimPrefix(s.Get(key), "org.apache.kafka.clients.producer.") {
	case "", "internals.DefaultPartitioner":
	case "UniformStickyPartitioner":
		ignoresKeys = true
	case "RoundRobinPartitioner":
		return kgo.RoundRobinPartitioner(), nil
	default:
		return nil, s.refused(key, "use org.apache.kafka.clients.producer.RoundRobinPartitioner, or a transform that sets the partition")
	}
	return UniformPartitioner(adaptive, !ignoresKeys), nil
}

// UniformPartitioner is Java's default: murmur2 of the key, and for a record without key, or if keys do not count, as many bytes for
// each partition.
func UniformPartitioner(adaptive, keys bool) kgo.Partitioner {
	return kgo.UniformBytesPartitioner(64<<10, adaptive, keys, nil)
}
