package offsets

import (
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// The keys of a sink's partition and offset in the REST API.
const (
	sinkTopic     = "kafka_topic"
	sinkPartition = "kafka_partition"
	sinkOffset    = "kafka_offset"
)

// BadRequestException is the class of the errors that ParseSink returns; the REST API answers them with status 400.
const BadRequestException = "org.apache.kafka.connect.runtime.rest.errors.BadRequestException"

// GroupID returns the consumer group that holds the offsets of the sink connector: connect-<name>.
func GroupID(connector string) string { return "connect-" + connector }

// SinkOffset is the committed offset of one partition of a sink connector's group.
type SinkOffset struct {
	connect.TopicPartition
	// Offset is the next offset to consume. It counts only if Reset is false.
	Offset int64
	// Reset asks for the committed offset to be removed.
	Reset bool
}

// FormatSink returns what GET /connectors/{name}/offsets shows for one partition of a sink.
func FormatSink(p connect.TopicPartition, offset int64) (partition, position connect.Value) {
	partition = connect.NewMap([]connect.Value{
		connect.String(sinkPartition), connect.Int32(p.Partition), connect.String(sinkTopic), connect.String(p.Topic),
	}).Value()
	return partition, connect.NewMap([]connect.Value{connect.String(sinkOffset), connect.Int64(offset)}).Value()
}

// ParseSink reads one entry of a request that alters a sink's offsets. Numbers may be text. Errors are KindConfig of class
// BadRequestException with Kafka Connect's text (SinkUtils.parseSinkConnectorOffsets).
func ParseSink(partition, offset connect.Value) (SinkOffset, error) {
	p, err := parseSinkPartition(partition)
	if err != nil {
		return SinkOffset{}, err
	}
	if offset.IsNull() {
		return SinkOffset{TopicPartition: p, Reset: true}, nil
	}
	position, ok := get(offset, sinkOffset)
	if !ok {
		return SinkOffset{}, badRequest("The offset for a sink connector should either be null or contain the key '%s'", sinkOffset)
	}
	n, err := javatext.ParseInt(position.String(), 64)
	if err != nil {
		return SinkOffset{}, badRequest("Failed to parse the following Kafka offset value in the provided offsets: '%s'. "+
			"Offset values for sink connectors need to be integers.", position)
	}
	return SinkOffset{TopicPartition: p, Offset: n}, nil
}

func parseSinkPartition(v connect.Value) (connect.TopicPartition, error) {
	var p connect.TopicPartition
	if v.IsNull() {
		return p, badRequest("The partition for a sink connector offset cannot be null or missing")
	}
	topic, hasTopic := get(v, sinkTopic)
	partition, hasPartition := get(v, sinkPartition)
	if !hasTopic || !hasPartition {
		return p, badRequest("The partition for a sink connector offset must contain the keys '%s' and '%s'", sinkTopic, sinkPartition)
	}
	if topic.IsNull() {
		return p, badRequest("Kafka topic names must be valid strings and may not be null")
	}
	n, err := javatext.ParseInt(partition.String(), 32)
	if err != nil {
		return p, badRequest("Failed to parse the following Kafka partition value in the provided offsets: '%s'. "+
			"Partition values for sink connectors need to be integers.", partition)
	}
	return connect.TopicPartition{Topic: topic.String(), Partition: int32(n)}, nil
}

func get(v connect.Value, key string) (connect.Value, bool) {
	if v.Kind() != connect.KindMap {
		return connect.Null(), false
	}
	return v.Map().Get(key)
}

func badRequest(format string, args ...any) error {
	return &connect.Error{Kind: connect.KindConfig, Class: BadRequestException, Message: fmt.Sprintf(format, args...)}
}
