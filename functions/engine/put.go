package engine

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// record decodes one consumed record into the batch and sends it through the chain. It decides about a record that fails.
func (l *sinkLoop) record(raw *kgo.Record, part *partitionState) error {
	r := l.batch.Append()
	l.batch.AddBytes(len(raw.Key) + len(raw.Value))
	l.run.bytes += int64(len(raw.Key) + len(raw.Value))
	l.facts.BytesIn += int64(len(raw.Key) + len(raw.Value))
	serr := l.decode(raw, r)
	if serr != nil {
		for tries := (stageTries{}); serr != nil && l.tol.again(l.poll, &tries, serr); {
			serr = l.decode(raw, r)
		}
	}
	keep, err := true, error(nil)
	switch {
	case serr != nil:
		keep, err = false, l.tol.failed(l.poll, serr, r, raw)
	case len(l.chain.steps) > 0:
		keep, err = l.transform(r, &l.batch.Arena, raw)
	}
	if err != nil || !keep {
		l.batch.Truncate(l.batch.Len() - 1)
		return err
	}
	l.raws = append(l.raws, raw)
	part.put = raw.Offset + 1
	return nil
}

// decode is the way of one record: key, value and header converters, as Kafka Connect orders them.
func (l *sinkLoop) decode(raw *kgo.Record, r *connect.Record) *StageError {
	r.Topic, r.Partition, r.Offset = raw.Topic, raw.Partition, raw.Offset
	r.OriginalTopic, r.OriginalPartition, r.OriginalOffset = raw.Topic, raw.Partition, raw.Offset
	r.TimestampType, r.Timestamp = timestampOf(raw)
	var err error
	if r.KeySchema, r.Key, err = l.decodeData(l.conv.key, l.conv.keyIsBytes, raw.Topic, raw.Key); err != nil {
		return &StageError{Stage: StageKeyConverter, Class: l.conv.keyClass, Record: place(r), Err: err}
	}
	if r.ValueSchema, r.Value, err = l.decodeData(l.conv.value, l.conv.valueIsBytes, raw.Topic, raw.Value); err != nil {
		return &StageError{Stage: StageValueConverter, Class: l.conv.valueClass, Record: place(r), Err: err}
	}
	if len(raw.Headers) == 0 {
		return nil
	}
	first := len(l.headers)
	for i := range raw.Headers {
		h := connect.Header{Key: raw.Headers[i].Key}
		if h.Schema, h.Value, err = l.conv.header.ReadHeader(&l.batch.Arena, raw.Topic, h.Key, raw.Headers[i].Value); err != nil {
			return &StageError{Stage: StageHeaderConverter, Class: l.conv.headerClass, Record: place(r), Err: err}
		}
		l.headers = append(l.headers, h)
	}
	r.Headers = l.headers[first:len(l.headers):len(l.headers)]
	return nil
}

// decodeData converts a key or value. Under a bytes converter the value is the consumed bytes themselves.
func (l *sinkLoop) decodeData(c connect.Converter, isBytes bool, topic string, data []byte) (*connect.Schema, connect.Value, error) {
	if isBytes && data != nil {
		return connect.OptionalBytesSchema, connect.Bytes(data), nil
	}
	return c.ReadData(&l.batch.Arena, topic, data)
}

// put hands the batch to the sink until each of its records is taken or decided about. After a retriable error the
// same batch is put again; after a *connect.BatchError only the records in it are.
func (l *sinkLoop) put() error {
	var tries attempts
	batch, raws := l.batch, l.raws[l.first:]
	for {
		err := l.sink.Put(l.work, batch)
		if err == nil {
			l.facts.RecordsOut += int64(batch.Len())
			return nil
		}
		if partial, ok := errors.AsType[*connect.BatchError](err); ok {
			if batch, raws, err = l.divide(batch, raws, partial); err == nil {
				return nil
			}
		}
		if !l.again(l.poll, &tries, "Put", err) {
			return l.cutShort(fmt.Sprintf("put %s", span(raws)), err)
		}
	}
}

// divide decides about the records that failed. It returns those to be put again, with the retriable error of one of them;
// no error when none is left.
func (l *sinkLoop) divide(batch *connect.Batch, raws []*kgo.Record, partial *connect.BatchError) (*connect.Batch, []*kgo.Record, error) {
	rest := connect.NewBatch(len(partial.Failed), math.MaxInt)
	var restRaws []*kgo.Record
	var again error
	for _, f := range partial.Failed {
		if f.Index < 0 || f.Index >= batch.Len() {
			return batch, raws, connect.FatalError(fmt.Sprintf("the sink says that record %d of %d failed", f.Index, batch.Len()), f.Err)
		}
		r, raw := &batch.Records()[f.Index], raws[f.Index]
		if connect.KindOf(f.Err) == connect.KindRetriable {
			*rest.Append() = *r
			restRaws = append(restRaws, raw)
			again = f.Err
			continue
		}
		e := &StageError{Stage: StageTaskPut, Class: sinkTask, Record: place(r), Err: f.Err}
		if connect.KindOf(f.Err) != connect.KindData {
			return batch, raws, e
		}
		if err := l.tol.rejected(e, r, raw); err != nil {
			return batch, raws, err
		}
	}
	l.facts.RecordsOut += int64(batch.Len() - len(partial.Failed))
	return rest, restRaws, again
}

// span names the records of a batch for an error.
func span(raws []*kgo.Record) string {
	if len(raws) == 0 {
		return "an empty batch"
	}
	first, last := raws[0], raws[len(raws)-1]
	return fmt.Sprintf("%d records, from %s-%d at offset %d to %s-%d at offset %d",
		len(raws), first.Topic, first.Partition, first.Offset, last.Topic, last.Partition, last.Offset)
}

// report is SinkRuntime.Report: the sink itself declares one record bad, now or long after Put.
func (l *sinkLoop) report(_ context.Context, r *connect.Record, cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	raw := l.rawOf(r)
	if raw == nil {
		var err error
		if raw, err = l.encodeAgain(r); err != nil {
			return err
		}
	}
	return l.tol.rejected(&StageError{Stage: StageTaskPut, Class: sinkTask, Record: place(r), Err: asData(cause)}, r, raw)
}

// asData gives an error the kind of a bad record, since the sink says that this is what it is.
func asData(err error) error {
	if e, ok := errors.AsType[*connect.Error](err); ok {
		data := *e
		data.Kind = connect.KindData
		return &data
	}
	return &connect.Error{Kind: connect.KindData, Class: connect.ConnectException, Message: err.Error(), Cause: err}
}

// rawOf finds the consumed record behind a record of the batch, nil when it is of an earlier one.
func (l *sinkLoop) rawOf(r *connect.Record) *kgo.Record {
	for _, raw := range l.raws {
		if raw.Offset == r.OriginalOffset && raw.Partition == r.OriginalPartition && raw.Topic == r.OriginalTopic {
			return raw
		}
	}
	return nil
}

// encodeAgain serialises a record whose consumed bytes are gone (kafka-connect: WorkerErrantRecordReporter).
func (l *sinkLoop) encodeAgain(r *connect.Record) (*kgo.Record, error) {
	raw := &kgo.Record{Topic: r.OriginalTopic, Partition: r.OriginalPartition, Offset: r.OriginalOffset}
	var err error
	if raw.Key, err = l.conv.key.AppendData([]byte{}, r.Topic, r.KeySchema, r.Key); err != nil {
		return nil, fmt.Errorf("serialise the key of a bad record: %w", err)
	}
	if raw.Value, err = l.conv.value.AppendData([]byte{}, r.Topic, r.ValueSchema, r.Value); err != nil {
		return nil, fmt.Errorf("serialise the value of a bad record: %w", err)
	}
	for _, h := range r.Headers {
		value, err := l.conv.header.AppendHeader([]byte{}, r.Topic, h.Key, h.Schema, h.Value)
		if err != nil {
			return nil, fmt.Errorf("serialise the header %s of a bad record: %w", h.Key, err)
		}
		raw.Headers = append(raw.Headers, kgo.RecordHeader{Key: h.Key, Value: value})
	}
	return raw, nil
}
