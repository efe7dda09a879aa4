package engine

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// record is the way of one record: chain, then header, key and value converters, as Kafka Connect orders them. It decides
// about a record that fails.
func (l *sourceLoop) record(r *connect.Record) error {
	if l.done%scratchRecords == 0 {
		l.scratch.Reset()
	}
	keep, err := l.transform(r, &l.scratch, nil)
	if err != nil || !keep {
		return err
	}
	out := l.txn.next()
	serr := l.encode(r, out)
	for tries := (stageTries{}); serr != nil && l.tol.again(l.poll, &tries, serr); {
		serr = l.encode(r, out)
	}
	if serr != nil {
		l.txn.drop()
		return l.tol.failed(l.poll, serr, r, nil)
	}
	n := int64(len(out.Key) + len(out.Value))
	l.out++
	l.bytes += n
	l.run.bytes += n
	return nil
}

func (l *sourceLoop) encode(r *connect.Record, out *kgo.Record) *StageError {
	if r.Topic != l.topic {
		if err := l.forbidden(r.Topic); err != nil {
			return &StageError{Stage: StageKafkaProduce, Class: l.task.Class.Name, Record: place(r), Err: err}
		}
		l.topic = l.topics.intern(r.Topic)
	}
	*out = kgo.Record{Topic: l.topic, Partition: r.Partition, Headers: out.Headers[:0], Timestamp: l.facts.PolledAt}
	if r.Timestamp != connect.NoTimestamp {
		out.Timestamp = time.UnixMilli(r.Timestamp)
	}
	for i := range r.Headers {
		if serr := l.encodeHeader(r, &r.Headers[i], out); serr != nil {
			return serr
		}
	}
	var err error
	if out.Key, err = l.encodeData(l.conv.key, l.conv.keyIsBytes, r.KeySchema, r.Key); err != nil {
		return &StageError{Stage: StageKeyConverter, Class: l.conv.keyClass, Record: place(r), Err: err}
	}
	if out.Value, err = l.encodeData(l.conv.value, l.conv.valueIsBytes, r.ValueSchema, r.Value); err != nil {
		return &StageError{Stage: StageValueConverter, Class: l.conv.valueClass, Record: place(r), Err: err}
	}
	return nil
}

// forbidden returns why a source may not write to a topic. One that wrote to its own offsets topic could wait for ever: to read an
// offset waits for the open transactions of that topic, and with transaction.boundary its own may be open then.
func (l *sourceLoop) forbidden(topic string) error {
	switch topic {
	case "":
		return connect.FatalError("a record names no topic", nil)
	case l.task.OffsetsTopic:
		return &connect.Error{Kind: connect.KindFatal, Class: connect.ConnectException,
			Message: "Source tasks may not produce to their own offsets topics: a record is for topic " + topic,
			Hint:    "let the connector or a transform name another topic, or set offsets.storage.topic to a topic of its own"}
	}
	return nil
}

func (l *sourceLoop) encodeHeader(r *connect.Record, h *connect.Header, out *kgo.Record) *StageError {
	b := &l.txn.bytes
	value, err := l.conv.header.AppendHeader(b.tail(), l.topic, h.Key, h.Schema, h.Value)
	if err != nil {
		return &StageError{Stage: StageHeaderConverter, Class: l.conv.headerClass, Record: place(r), Err: err}
	}
	value = b.keep(value)
	out.Headers = append(out.Headers, kgo.RecordHeader{Key: b.copyString(h.Key), Value: value})
	return nil
}

// encodeData converts a key or value. Bytes under a bytes converter are copied without asking it.
func (l *sourceLoop) encodeData(c connect.Converter, isBytes bool, s *connect.Schema, v connect.Value) ([]byte, error) {
	b := &l.txn.bytes
	if isBytes && (s == nil || s.Type() == connect.TypeBytes) {
		switch v.Kind() {
		case connect.KindBytes:
			return b.copyBytes(v.Bytes()), nil
		case connect.KindNull:
			return nil, nil
		}
	}
	data, err := c.AppendData(b.tail(), l.topic, s, v)
	if err != nil {
		return nil, err
	}
	return b.keep(data), nil
}
