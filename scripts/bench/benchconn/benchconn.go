// Package benchconn has the two connector classes that exist for measuring: a source that makes the records of package
// records as fast as it can, and a sink that counts and forgets. They are in no function and in no list.
package benchconn

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// The configuration keys of BenchSource.
const (
	topicKey = "topic"
	kindKey  = "bench.kind"
	countKey = "bench.n"
	batchKey = "bench.batch"
)

// Kinds of values that BenchSource makes.
const (
	kindBytes  = "bytes"
	kindRecord = "record"
)

// Classes returns bench.BenchSource and bench.NullSink. The sink adds the records of each Put to put, which may be nil.
func Classes(put *atomic.Int64) []*connect.Class {
	source, sink := sourceConfig(), configdef.MustNew()
	return []*connect.Class{
		{
			Name: "bench.BenchSource", Version: "1", TaskClass: "bench.BenchSourceTask", Config: source,
			Source:      func() connect.Source { return &Source{def: source} },
			ExactlyOnce: func(map[string]string) bool { return true },
		},
		{
			Name: "bench.NullSink", Version: "1", TaskClass: "bench.NullSinkTask", Config: sink,
			Sink: func() connect.Sink { return NullSink{put} },
		},
	}
}

func sourceConfig() *configdef.Def {
	return configdef.MustNew(
		configdef.ConfigKey{Name: topicKey, Type: configdef.TypeString, Required: true, Validator: configdef.NonEmptyString(),
			Importance: configdef.ImportanceHigh, Documentation: "The topic to write to."},
		configdef.ConfigKey{Name: kindKey, Type: configdef.TypeString, Default: kindRecord, Validator: configdef.ValidString(kindBytes, kindRecord),
			Importance: configdef.ImportanceHigh, Documentation: "What values are: 200 bytes, or a struct of ten fields."},
		configdef.ConfigKey{Name: countKey, Type: configdef.TypeLong, Default: -1, Importance: configdef.ImportanceHigh,
			Documentation: "How many records there are; less than 0: no end."},
		configdef.ConfigKey{Name: batchKey, Type: configdef.TypeInt, Default: 1000, Validator: configdef.AtLeast(1),
			Importance: configdef.ImportanceMedium, Documentation: "The most records that one poll returns."},
	)
}

// Source makes records. Keys are null.
type Source struct {
	def       *configdef.Def
	topic     string
	bytes     bool
	count     int64
	batch     int
	next      int64
	schema    *connect.Schema
	partition *connect.SourcePartition
}

// Open reads the number of the next record from the offset.
func (s *Source) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	c, err := s.def.Parse(rt.Config)
	if err != nil {
		return connect.ConfigError(err.Error())
	}
	s.topic, s.bytes = c.String(topicKey), c.String(kindKey) == kindBytes
	s.count, s.batch = c.Long(countKey), c.Int(batchKey)
	if s.schema = connect.BytesSchema; !s.bytes {
		s.schema = records.NewSchema()
	}
	s.partition = connect.NewSourcePartition("source", connect.String("bench"))
	offset, err := rt.Offsets.Offset(ctx, s.partition)
	if err != nil {
		return fmt.Errorf("read the committed offset: %w", err)
	}
	if offset.Kind() == connect.KindMap {
		n, _ := offset.Map().Get("n")
		s.next = n.Int()
	}
	return nil
}

// Poll makes the next records.
func (s *Source) Poll(_ context.Context, b *connect.Batch) error {
	for made := 0; made < s.batch && !b.Full() && (s.count < 0 || s.next < s.count); made++ {
		r := b.Append()
		r.Topic, r.ValueSchema = s.topic, s.schema
		if s.bytes {
			r.Value = connect.Bytes(records.AppendBytes(b.Arena.Bytes(records.BytesSize)[:0], uint64(s.next)))
		} else {
			r.Value = records.Fill(&b.Arena, s.schema, uint64(s.next))
		}
		s.next++
		slots := b.Arena.Values(2)
		slots[0], slots[1] = connect.String("n"), connect.Int64(s.next)
		r.SourcePartition, r.SourceOffset = s.partition, connect.NewMap(slots).Value()
		b.AddBytes(records.BytesSize)
	}
	return nil
}

// Committed does nothing.
func (s *Source) Committed(context.Context, []connect.SourceOffset) error { return nil }

// Close does nothing.
func (s *Source) Close(context.Context) error { return nil }

// NullSink counts records and forgets them.
type NullSink struct{ put *atomic.Int64 }

// Open does nothing.
func (NullSink) Open(context.Context, *connect.SinkRuntime) error { return nil }

// Put counts.
func (s NullSink) Put(_ context.Context, b *connect.Batch) error {
	if s.put != nil {
		s.put.Add(int64(b.Len()))
	}
	return nil
}

// Flush says that all is safe.
func (NullSink) Flush(context.Context) (connect.Offsets, error) { return nil, nil }

// Close does nothing.
func (NullSink) Close(context.Context) error { return nil }
