package smt

import (
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// RecordText returns what toString returns for a record from Kafka or from a source.
func RecordText(r *connect.Record) string {
	text := "SourceRecord{sourcePartition=" + sourcePartitionText(r) + ", sourceOffset=" + r.SourceOffset.String() + "}"
	if r.Offset != connect.NoOffset {
		text = "SinkRecord{kafkaOffset=" + strconv.FormatInt(r.Offset, 10) + ", timestampType=" + r.TimestampType.String() +
			", originalTopic=" + r.OriginalTopic + ", originalKafkaPartition=" + numberText(int64(r.OriginalPartition), int64(connect.NoPartition)) +
			", originalKafkaOffset=" + strconv.FormatInt(r.OriginalOffset, 10) + "}"
	}
	text += " ConnectRecord{topic='" + r.Topic + "', kafkaPartition=" + numberText(int64(r.Partition), int64(connect.NoPartition)) +
		", key=" + r.Key.String() + ", keySchema=" + r.KeySchema.String() + ", value=" + r.Value.String() + ", valueSchema=" + r.ValueSchema.String() +
		", timestamp=" + numberText(r.Timestamp, connect.NoTimestamp) + ", headers=ConnectHeaders(headers="
	for i, h := range r.Headers {
		if i > 0 {
			text += ", "
		}
		text += "ConnectHeader(key=" + h.Key + ", value=" + h.Value.String() + ", schema=" + h.Schema.String() + ")"
	}
	return text + ")}"
}

func sourcePartitionText(r *connect.Record) string {
	if r.SourcePartition == nil {
		return "null"
	}
	return r.SourcePartition.Value().String()
}

func numberText(n, none int64) string {
	if n == none {
		return "null"
	}
	return strconv.FormatInt(n, 10)
}
