package connect

// Record is one record on its way from a source to Kafka or from Kafka to a sink. It is flat: no pointer to a parent, no
// map. See Batch for how long it and what it points to stay valid.
type Record struct {
	// Topic is where the record goes or came from. Transforms may change it.
	Topic string
	// KeySchema and ValueSchema are nil for schemaless data.
	KeySchema   *Schema
	ValueSchema *Schema
	Key         Value
	Value       Value
	Headers     []Header
	// Timestamp is in milliseconds since the epoch, NoTimestamp when there is none.
	Timestamp int64
	// Partition is the Kafka partition, NoPartition when a source leaves it to the partitioner.
	Partition int32
	// TimestampType is set for a sink's records only.
	TimestampType TimestampType
	// OriginalPartition, OriginalOffset and OriginalTopic say where a sink's record lies in Kafka, whatever transforms did
	// to Topic and Partition.
	OriginalPartition int32
	OriginalOffset    int64
	OriginalTopic     string
	// Offset is the Kafka offset of a sink's record, NoOffset for a source's.
	Offset int64

	// SourcePartition and SourceOffset are set by a source: the part of the foreign system the record is from, and where in
	// it to go on after this record. SourceOffset is a map of primitives, or null.
	SourcePartition *SourcePartition
	SourceOffset    Value
}

const (
	// NoTimestamp is the Timestamp of a record that has none.
	NoTimestamp int64 = -1
	// NoPartition is the Partition of a record for which none is chosen.
	NoPartition int32 = -1
	// NoOffset is the Offset of a record that is not from Kafka.
	NoOffset int64 = -1
)

// TimestampType says who set a record's timestamp in Kafka.
type TimestampType uint8

// The timestamp types.
const (
	NoTimestampType TimestampType = iota
	CreateTime
	LogAppendTime
)

// String returns the name as Kafka prints it.
func (t TimestampType) String() string {
	return [...]string{"NoTimestampType", "CreateTime", "LogAppendTime", "NoTimestampType"}[t&3]
}

// Header is one header of a record. A null value has a nil schema.
type Header struct {
	Key    string
	Schema *Schema
	Value  Value
}

// SourcePartition names one part of the system a source reads, such as a file or a table: a map from string to primitive
// values, or null. A source makes each of its partitions once and lets all records of it share the pointer; the runtime
// keeps one offset per pointer. It is immutable.
type SourcePartition struct {
	value Value
}

// NewSourcePartition returns the partition with the given key and value, as most sources have just one.
func NewSourcePartition(key string, value Value) *SourcePartition {
	return &SourcePartition{value: NewMap([]Value{String(key), value}).Value().Clone(nil)}
}

// SourcePartitionOf returns the partition described by a map value, of which it takes a copy; a null is a partition too.
func SourcePartitionOf(v Value) *SourcePartition { return &SourcePartition{value: v.Clone(nil)} }

// Value returns the map, or null.
func (p *SourcePartition) Value() Value { return p.value }

// SourceOffset is an offset with the partition it belongs to. The offset is a map of primitives; null means none, or that
// it is to be reset.
type SourceOffset struct {
	Partition *SourcePartition
	Offset    Value
}

// TopicPartition is one partition of a Kafka topic.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// Offsets maps partitions to the next offset to consume: one beyond the last record that is done.
type Offsets map[TopicPartition]int64
