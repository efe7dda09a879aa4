package vectors

import (
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// recordJSON is a record as the vectors write it.
type recordJSON struct {
	Kind              string          `json:"kind"`
	Topic             *string         `json:"topic"`
	Partition         *int32          `json:"partition"`
	KeySchema         json.RawMessage `json:"keySchema"`
	Key               json.RawMessage `json:"key"`
	ValueSchema       json.RawMessage `json:"valueSchema"`
	Value             json.RawMessage `json:"value"`
	Timestamp         *int64          `json:"timestamp"`
	Headers           []headerJSON    `json:"headers"`
	Offset            *int64          `json:"offset"`
	TimestampType     string          `json:"timestampType"`
	OriginalTopic     *string         `json:"originalTopic"`
	OriginalPartition *int32          `json:"originalPartition"`
	OriginalOffset    *int64          `json:"originalOffset"`
	SourcePartition   json.RawMessage `json:"sourcePartition"`
	SourceOffset      json.RawMessage `json:"sourceOffset"`
}

type headerJSON struct {
	Key    string          `json:"key"`
	Schema json.RawMessage `json:"schema"`
	Value  json.RawMessage `json:"value"`
}

// Record decodes a record of a source or a sink. Null partitions, offsets and timestamps become the constants that mean
// none.
func Record(raw json.RawMessage) (*connect.Record, error) {
	var j recordJSON
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("decode record: %w", err)
	}
	r := &connect.Record{
		Topic:             or(j.Topic, ""),
		Partition:         or(j.Partition, connect.NoPartition),
		Timestamp:         or(j.Timestamp, connect.NoTimestamp),
		Offset:            or(j.Offset, connect.NoOffset),
		OriginalTopic:     or(j.OriginalTopic, ""),
		OriginalPartition: or(j.OriginalPartition, connect.NoPartition),
		OriginalOffset:    or(j.OriginalOffset, connect.NoOffset),
		TimestampType:     timestampType(j.TimestampType),
	}
	if err := j.decodeParts(r); err != nil {
		return nil, fmt.Errorf("decode record: %w", err)
	}
	return r, nil
}

func (j *recordJSON) decodeParts(r *connect.Record) (err error) {
	if r.KeySchema, r.Key, err = schemaAndValue(j.KeySchema, j.Key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if r.ValueSchema, r.Value, err = schemaAndValue(j.ValueSchema, j.Value); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	for _, h := range j.Headers {
		s, v, err := schemaAndValue(h.Schema, h.Value)
		if err != nil {
			return fmt.Errorf("header %s: %w", h.Key, err)
		}
		r.Headers = append(r.Headers, connect.Header{Key: h.Key, Schema: s, Value: v})
	}
	if j.Kind == "sink" {
		return nil
	}
	partition, err := Value(nil, j.SourcePartition)
	if err != nil {
		return fmt.Errorf("source partition: %w", err)
	}
	r.SourcePartition = connect.SourcePartitionOf(partition)
	if r.SourceOffset, err = Value(nil, j.SourceOffset); err != nil {
		return fmt.Errorf("source offset: %w", err)
	}
	return nil
}

func schemaAndValue(schema, value json.RawMessage) (*connect.Schema, connect.Value, error) {
	s, err := Schema(schema)
	if err != nil {
		return nil, connect.Value{}, err
	}
	v, err := Value(s, value)
	return s, v, err
}

func timestampType(name string) connect.TimestampType {
	for _, t := range []connect.TimestampType{connect.CreateTime, connect.LogAppendTime} {
		if t.String() == name {
			return t
		}
	}
	return connect.NoTimestampType
}

func or[T any](p *T, none T) T {
	if p == nil {
		return none
	}
	return *p
}

// EqualRecord says how got differs from the record that want describes; nil means not at all. Source partitions are compared
// by value, schemas in full.
func EqualRecord(want json.RawMessage, got *connect.Record) error {
	w, err := Record(want)
	if err != nil {
		return err
	}
	var j recordJSON
	if err := json.Unmarshal(want, &j); err != nil {
		return fmt.Errorf("decode record: %w", err)
	}
	if err := equalHead(w, got); err != nil {
		return err
	}
	if err := equalPart("key", j.KeySchema, j.Key, got.KeySchema, got.Key); err != nil {
		return err
	}
	if err := equalPart("value", j.ValueSchema, j.Value, got.ValueSchema, got.Value); err != nil {
		return err
	}
	if err := equalHeaders(j.Headers, got.Headers); err != nil {
		return err
	}
	return j.equalSource(got)
}

func equalHead(w, g *connect.Record) error {
	for _, part := range []struct {
		name      string
		want, got any
	}{
		{"topic", w.Topic, g.Topic},
		{"partition", w.Partition, g.Partition},
		{"timestamp", w.Timestamp, g.Timestamp},
		{"timestamp type", w.TimestampType, g.TimestampType},
		{"offset", w.Offset, g.Offset},
		{"original topic", w.OriginalTopic, g.OriginalTopic},
		{"original partition", w.OriginalPartition, g.OriginalPartition},
		{"original offset", w.OriginalOffset, g.OriginalOffset},
	} {
		if part.want != part.got {
			return fmt.Errorf("%s is %v, want %v", part.name, part.got, part.want)
		}
	}
	return nil
}

func equalPart(name string, schema, value json.RawMessage, gotSchema *connect.Schema, got connect.Value) error {
	if err := EqualSchema(schema, gotSchema); err != nil {
		return fmt.Errorf("%s schema: %w", name, err)
	}
	if err := EqualValue(value, gotSchema, got); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// equalHeaders compares headers in order.
func equalHeaders(want []headerJSON, got []connect.Header) error {
	if len(want) != len(got) {
		return fmt.Errorf("there are %d headers, want %d", len(got), len(want))
	}
	for i, h := range want {
		if h.Key != got[i].Key {
			return fmt.Errorf("header %d has key %q, want %q", i, got[i].Key, h.Key)
		}
		if err := equalPart(fmt.Sprintf("header %d (%s)", i, h.Key), h.Schema, h.Value, got[i].Schema, got[i].Value); err != nil {
			return err
		}
	}
	return nil
}

func (j *recordJSON) equalSource(got *connect.Record) error {
	if j.Kind == "sink" {
		return nil
	}
	partition := connect.Null()
	if got.SourcePartition != nil {
		partition = got.SourcePartition.Value()
	}
	if err := EqualValue(j.SourcePartition, nil, partition); err != nil {
		return fmt.Errorf("source partition: %w", err)
	}
	if err := EqualValue(j.SourceOffset, nil, got.SourceOffset); err != nil {
		return fmt.Errorf("source offset: %w", err)
	}
	return nil
}
