// Package kafkaevent is the events by which a Lambda event source mapping hands Kafka records to a function, and the answer
// by which the function says which of them failed. It is data and its JSON form, nothing else.
//
// The types of aws-lambda-go are not used: they cannot tell a null value, which is a tombstone, from an empty one. Here
// null is a nil slice, and empty is one that is not nil.
//
// An event maps "<topic>-<partition>" to records. Topics may contain a dash, so a key cannot be taken apart: topic and
// partition are in each record.
//
// Sources: https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html,
// https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html,
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
package kafkaevent

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Values of Event.EventSource.
const (
	// MSK is an event of a cluster of Amazon MSK, SelfManaged of any other.
	MSK         = "aws:kafka"
	SelfManaged = "SelfManagedKafka"
)

// Values of Record.TimestampType.
const (
	CreateTime    = "CREATE_TIME"
	LogAppendTime = "LOG_APPEND_TIME"
)

// Event is what a function is invoked with.
type Event struct {
	// EventSource is MSK or SelfManaged.
	EventSource string `json:"eventSource"`
	// EventSourceARN is the cluster's, on Amazon MSK.
	EventSourceARN string `json:"eventSourceArn,omitempty"`
	// BootstrapServers are addresses of brokers, joined by commas.
	BootstrapServers string `json:"bootstrapServers"`
	// Records are the records of each partition, in the partition's order, under the key that TopicPartition makes.
	Records map[string][]Record `json:"records"`
}

// Record is a record of Kafka.
type Record struct {
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	// Timestamp is in milliseconds since 1970; TimestampType is CreateTime or LogAppendTime.
	Timestamp     int64  `json:"timestamp"`
	TimestampType string `json:"timestampType"`
	// Key and Value are nil for null. In JSON they are base64.
	Key   []byte `json:"key"`
	Value []byte `json:"value"`
	// Headers are in the record's order, and may repeat a key.
	Headers []Header `json:"headers"`
	// KeySchemaMetadata and ValueSchemaMetadata are there when the mapping has a schema registry.
	KeySchemaMetadata   *SchemaMetadata `json:"keySchemaMetadata,omitempty"`
	ValueSchemaMetadata *SchemaMetadata `json:"valueSchemaMetadata,omitempty"`
}

// SchemaMetadata says by which schema a key or a value was written.
type SchemaMetadata struct {
	DataFormat string `json:"dataFormat"`
	SchemaID   string `json:"schemaId"`
}

// Header is a header of a record. In JSON it is an object of one member, whose value is an array of signed bytes.
type Header struct {
	Key string
	// Value is nil for null.
	Value []byte
}

// TopicPartition is the key of a partition's records, and how an answer names the partition.
func TopicPartition(topic string, partition int32) string {
	return topic + "-" + strconv.FormatInt(int64(partition), 10)
}

// MarshalJSON implements json.Marshaler.
func (h Header) MarshalJSON() ([]byte, error) {
	key, err := json.Marshal(h.Key)
	if err != nil {
		return nil, err
	}
	b := append(append([]byte{'{'}, key...), ':')
	if h.Value == nil {
		return append(b, "null}"...), nil
	}
	b = append(b, '[')
	for i, c := range h.Value {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(int8(c)), 10)
	}
	return append(b, "]}"...), nil
}

// UnmarshalJSON implements json.Unmarshaler. Bytes may be written as -128 to 127, as Lambda does, or as 0 to 255.
func (h *Header) UnmarshalJSON(text []byte) error {
	var members map[string][]int
	if err := json.Unmarshal(text, &members); err != nil {
		return err
	}
	if len(members) != 1 {
		return fmt.Errorf("a header has one key, not %d", len(members))
	}
	for key, value := range members {
		h.Key, h.Value = key, nil
		if value == nil {
			continue
		}
		h.Value = make([]byte, len(value))
		for i, n := range value {
			if n < -128 || n > 255 {
				return fmt.Errorf("header %q: %d is not a byte", key, n)
			}
			h.Value[i] = byte(n)
		}
	}
	return nil
}

// Decode reads an event. It fails when the JSON is not an event of Kafka, or names a partition otherwise than its records do:
// an answer that is built from such an event would name records that Lambda does not know, and be retried for ever.
func Decode(payload []byte) (*Event, error) {
	var e Event
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("decode an event of Kafka: %w", err)
	}
	if e.EventSource != MSK && e.EventSource != SelfManaged {
		return nil, fmt.Errorf("decode an event of Kafka: eventSource is %q; is the function's trigger a Kafka topic?", e.EventSource)
	}
	for name, records := range e.Records {
		for i := range records {
			if own := TopicPartition(records[i].Topic, records[i].Partition); own != name {
				return nil, fmt.Errorf("decode an event of Kafka: a record of %s is listed under %s", own, name)
			}
		}
	}
	return &e, nil
}

// Response is the answer of a function whose mapping reports failures of single records. Without failures all records are
// done with, and so they are when the answer is null or empty.
type Response struct {
	BatchItemFailures []Failure `json:"batchItemFailures"`
}

// Failure names the first record of a partition that is not done with: it and those after it in the batch are retried.
type Failure struct {
	ItemIdentifier Identifier `json:"itemIdentifier"`
}

// Identifier names a record of a batch.
type Identifier struct {
	// Partition is a TopicPartition.
	Partition string `json:"partition"`
	Offset    int64  `json:"offset"`
}
