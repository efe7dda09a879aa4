package preview

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/functions/engine"
)

// Options is what a Preview needs; all fields but Hide and Log are required.
type Options struct {
	// Connector is the connector's name, Class its class. Plugins finds converters, transforms and predicates.
	Connector string
	Class     *connect.Class
	Plugins   *connect.Registry
	// Config is the connector's configuration with its placeholders resolved, Worker the worker's, for its converters.
	Config, Worker map[string]string
	// OffsetsTopic is where a source's offsets go, to which no record may.
	OffsetsTopic string
	// Hide replaces the secrets in a text by their placeholders; nil for there are none.
	Hide func(text string) string
	// Log is where panics of plugins are told; nil discards.
	Log *slog.Logger
}

// Preview shows what a connector's converters and transforms do with one record after the other. It keeps nothing of a record but
// what transforms remember, and is used from one goroutine.
type Preview struct {
	Options
	walk   *engine.Walk
	steps  []engine.Step
	conv   engine.Converters
	reader *reader
}

// New makes the connector's converters and transforms. Errors are KindConfig and name the key.
func New(o Options) (*Preview, error) {
	p := &Preview{Options: o}
	var err error
	p.walk, err = engine.NewWalk(engine.Task{
		Connector: o.Connector, Class: o.Class, Plugins: o.Plugins, Config: o.Config, Worker: o.Worker, OffsetsTopic: o.OffsetsTopic, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	p.steps, p.conv = p.walk.Steps(), p.walk.Converters()
	if p.reader, err = newReader(); err != nil {
		return nil, fmt.Errorf("make a reader of JSON: %w", err)
	}
	return p, nil
}

// Record shows what becomes of a record in the form of the package comment, and is the line-th. What is wrong with it is in the
// result.
func (p *Preview) Record(line int, text []byte) *Result {
	res := &Result{Line: line}
	if err := p.record(res, text); err != nil {
		res.fail(p.walk, err)
	}
	p.hide(res)
	return res
}

// record fills in the result; an error is an *InputError or an *engine.StageError.
func (p *Preview) record(res *Result, text []byte) error {
	in, err := parse(text)
	if err != nil {
		return err
	}
	r, a := p.walk.Begin()
	if p.Class.Source != nil {
		err = p.fromSource(in, r, a)
	} else {
		err = p.fromKafka(in, r)
	}
	if err != nil {
		return err
	}
	res.Before = p.connectRecord(r)
	if done, err := p.transform(res, r, a); done || err != nil {
		return err
	}
	res.After = p.connectRecord(r)
	if p.Class.Source != nil {
		out, serr := p.walk.Encode(r)
		if serr != nil {
			return serr
		}
		res.Kafka = p.kafkaRecord(r, out)
	}
	res.Outcome = Passed
	return nil
}

// transform walks through the chain; done says that the record was dropped.
func (p *Preview) transform(res *Result, r *connect.Record, a *connect.Arena) (done bool, err error) {
	for i, s := range p.steps {
		before := snapshot(r)
		outcome, serr := p.walk.Apply(i, r, a)
		step := Step{Transform: s.Alias, Class: s.Class}
		if s.Predicate != "" {
			step.Predicate = &Predicate{s.Predicate, s.PredicateClass, s.Negate}
		}
		switch {
		case serr != nil:
			step.Outcome = Failed
		case outcome == engine.Dropped:
			step.Outcome = Dropped
		case outcome == engine.Skipped:
			step.Outcome = Skipped
		default:
			step.Changes = changesOf(before, r, p.Hide)
			step.Outcome = Changed
			if len(step.Changes) == 0 {
				step.Outcome = Unchanged
			}
		}
		res.Steps = append(res.Steps, step)
		if serr != nil {
			return true, serr
		}
		if outcome == engine.Dropped {
			res.Outcome = Dropped
			return true, nil
		}
	}
	return false, nil
}

// snapshot copies a record that is about to be changed in place.
func snapshot(r *connect.Record) *connect.Record {
	c := *r
	c.Topic = strings.Clone(r.Topic)
	c.Key, c.Value = r.Key.Clone(nil), r.Value.Clone(nil)
	c.Headers = slices.Clone(r.Headers)
	for i := range c.Headers {
		c.Headers[i].Key = strings.Clone(c.Headers[i].Key)
		c.Headers[i].Value = c.Headers[i].Value.Clone(nil)
	}
	return &c
}

// fromSource fills r in as the connector would.
func (p *Preview) fromSource(in *input, r *connect.Record, a *connect.Arena) (err error) {
	switch {
	case in.offset != connect.NoOffset:
		return wrong("offset", "a source's record has none")
	case in.timestampType != connect.NoTimestampType:
		return wrong("timestampType", "a source's record has none")
	}
	r.Topic, r.Partition, r.Timestamp = in.topic, in.partition, in.timestamp
	if r.KeySchema, r.Key, err = p.reader.read(a, in.key); err != nil {
		return err
	}
	if r.ValueSchema, r.Value, err = p.reader.read(a, in.value); err != nil {
		return err
	}
	for _, h := range in.headers {
		s, v, err := p.reader.read(a, h.value)
		if err != nil {
			return err
		}
		r.Headers = connect.AppendHeader(a, r.Headers, connect.Header{Key: h.key, Schema: s, Value: v})
	}
	return nil
}

// fromKafka sends a record of a topic through the converters.
func (p *Preview) fromKafka(in *input, r *connect.Record) error {
	raw := &kgo.Record{Topic: in.topic, Partition: max(in.partition, 0), Offset: max(in.offset, 0), Timestamp: time.UnixMilli(in.timestamp)}
	if in.timestampType == connect.LogAppendTime {
		raw.Attrs = kgo.NewRecordAttrs(kgo.RecordAttrsOpts{TimestampType: 1})
	}
	var err error
	if raw.Key, err = ofConverter(p.conv.KeyClass, p.conv.Key, in.topic).bytes(in.key); err != nil {
		return err
	}
	if raw.Value, err = ofConverter(p.conv.ValueClass, p.conv.Value, in.topic).bytes(in.value); err != nil {
		return err
	}
	for _, h := range in.headers {
		value, err := ofHeaderConverter(p.conv.HeaderClass, p.conv.Header, in.topic, h.key).bytes(h.value)
		if err != nil {
			return err
		}
		raw.Headers = append(raw.Headers, kgo.RecordHeader{Key: h.key, Value: value})
	}
	if serr := p.walk.Decode(raw, r); serr != nil {
		return serr
	}
	return nil
}

// connectRecord is r in the form of a source's record; where it lies in Kafka is of a sink's only.
func (p *Preview) connectRecord(r *connect.Record) *Record {
	rec := &Record{
		Topic: strings.Clone(r.Topic), Partition: known(r.Partition, connect.NoPartition), Offset: known(r.Offset, connect.NoOffset),
		Timestamp: known(r.Timestamp, connect.NoTimestamp),
		Key:       Data{JSON: appendData(nil, r.KeySchema, r.Key, p.Hide)}, Value: Data{JSON: appendData(nil, r.ValueSchema, r.Value, p.Hide)},
	}
	if r.TimestampType != connect.NoTimestampType {
		rec.TimestampType = r.TimestampType.String()
	}
	for _, h := range r.Headers {
		rec.Headers = append(rec.Headers, Header{strings.Clone(h.Key), Data{JSON: appendData(nil, h.Schema, h.Value, p.Hide)}})
	}
	return rec
}

// kafkaRecord is what is written of r in the form of a sink's record. Without a timestamp it is written with that of the moment.
func (p *Preview) kafkaRecord(r *connect.Record, out *kgo.Record) *Record {
	show := func(c *converted, data []byte) Data {
		shown := c.show(slices.Clone(data))
		if text := string(data); shown.Base64 != nil && p.Hide != nil && p.Hide(text) != text {
			text = strings.ToValidUTF8(text, "\uFFFD")
			return Data{Text: &text}
		}
		return shown
	}
	rec := &Record{
		Topic: strings.Clone(out.Topic), Partition: known(out.Partition, connect.NoPartition), Timestamp: known(r.Timestamp, connect.NoTimestamp),
		Key:   show(ofConverter(p.conv.KeyClass, p.conv.Key, out.Topic), out.Key),
		Value: show(ofConverter(p.conv.ValueClass, p.conv.Value, out.Topic), out.Value),
	}
	for _, h := range out.Headers {
		conv := ofHeaderConverter(p.conv.HeaderClass, p.conv.Header, out.Topic, h.Key)
		rec.Headers = append(rec.Headers, Header{strings.Clone(h.Key), show(conv, h.Value)})
	}
	return rec
}

func known[N int32 | int64](n, none N) *N {
	if n == none {
		return nil
	}
	return &n
}

// fail says how the record failed.
func (r *Result) fail(w *engine.Walk, err error) {
	serr, ok := errors.AsType[*engine.StageError](err)
	if !ok {
		r.Outcome, r.Error = Invalid, &Error{Message: err.Error()}
		if e, ok := errors.AsType[*InputError](err); ok {
			r.Error.Field, r.Error.Message = e.Field, e.Message
		}
		return
	}
	class, message := engine.Describe(serr.Err)
	e := &Error{Stage: string(serr.Stage), Class: serr.Class, Exception: class, Message: message, Kind: connect.KindOf(serr.Err).String(), Task: TaskStops}
	if n := len(r.Steps); n > 0 && r.Steps[n-1].Outcome == Failed {
		e.Transform = r.Steps[n-1].Transform
	}
	if ce, ok := errors.AsType[*connect.Error](serr.Err); ok {
		e.Hint = ce.Hint
		if ce.Cause != nil {
			e.Cause = ce.Cause.Error()
		}
	}
	tolerance := w.Tolerance(serr)
	switch {
	case tolerance.GoesOn:
		e.Task = TaskGoesOn
	case connect.KindOf(serr.Err) == connect.KindRetriable:
		e.Task = TaskTriesAgain
	}
	e.DeadLetters = tolerance.DeadLetters
	r.Outcome, r.Error = Failed, e
}
