package datagen

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// The fields of a source offset; the first two, and taskIDKey, are also the names of a record's headers.
const (
	generationField = "task.generation"
	iterationField  = "current.iteration"
	seedField       = "random.seed"
)

// Source makes records up.
type Source struct {
	def      *configdef.Def
	now      func() time.Time
	drawSeed func() int64

	log         *slog.Logger
	topic       string
	records     *recordGenerator
	keyField    int
	maxInterval int64 // milliseconds
	iterations  int64
	partition   *connect.SourcePartition
	task        int64

	seed       int64
	generation int64 // how often this task was started before
	next       int64 // the number of the next record
	due        time.Time
	pace       random
	draft      draft
	headers    []connect.Header // those of all records of a poll
	ended      bool
}

// Open looks up which record is next, and prepares the generator.
func (s *Source) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	c, err := parse(s.def, rt.Config)
	if err != nil {
		return err
	}
	var key string
	if s.records, s.keyField, key, err = schemaOf(c); err != nil {
		return connect.ConfigError(configdef.Invalid(key, rt.Config[key], err.Error()).Message)
	}
	s.log, s.topic = rt.Log, c.String(topicKey)
	s.maxInterval, s.iterations = c.Long(maxIntervalKey), int64(c.Int(iterationsKey))
	if text := rt.Config[taskIDKey]; text != "" {
		if s.task, err = strconv.ParseInt(text, 10, 32); err != nil {
			return connect.ConfigError(configdef.Invalid(taskIDKey, text, "it must be the number of the task").Message)
		}
	}
	s.partition = connect.NewSourcePartition(taskIDKey, connect.Int32(int32(s.task)))
	if s.seed = s.drawSeed(); !c.IsNull(randomSeedKey) {
		s.seed = c.Long(randomSeedKey)
	}
	if err := s.resume(ctx, rt.Offsets); err != nil {
		return err
	}
	s.due, s.pace = s.now(), newRandom(s.seed, -1-s.task, s.next)
	return nil
}

// resume takes over the state that an earlier start of the task, or a Java worker's, committed. A committed seed is preferred
// to the configured one: it is the one that made the records so far.
func (s *Source) resume(ctx context.Context, offsets connect.OffsetReader) error {
	offset, err := offsets.Offset(ctx, s.partition)
	if err != nil {
		return fmt.Errorf("read the committed offset: %w", err)
	}
	if offset.Kind() != connect.KindMap {
		return nil
	}
	for _, field := range []struct {
		name string
		into *int64
	}{{generationField, &s.generation}, {iterationField, &s.next}, {seedField, &s.seed}} {
		v, ok := offset.Map().Get(field.name)
		if !ok || !v.IsInteger() {
			return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException,
				Message: "The committed offset " + offset.String() + " has no integer " + field.name, Hint: "reset or alter the connector's offsets"}
		}
		*field.into = v.Int()
	}
	return nil
}

// Poll appends the records that are due by now. Without an interval that is as many as fit.
func (s *Source) Poll(ctx context.Context, b *connect.Batch) error {
	s.headers = s.headers[:0]
	for now := s.now(); !b.Full() && ctx.Err() == nil && !s.done() && s.isDue(now); {
		s.append(b)
	}
	return nil
}

// done reports whether all iterations are made. The task then stays, with nothing to do, until it is stopped.
func (s *Source) done() bool {
	done := s.iterations > 0 && s.next >= s.iterations
	if done && !s.ended {
		s.ended = true
		s.log.Debug("all records are made", "iterations", s.iterations)
	}
	return done
}

// isDue says whether the next record's time has come, and if so plans the one after it. Records whose time passed between two
// polls come all at once, so that the rate does not depend on how often Poll is called.
func (s *Source) isDue(now time.Time) bool {
	if s.maxInterval <= 0 {
		return true
	}
	if s.due.After(now) {
		return false
	}
	s.due = s.due.Add(time.Duration(s.pace.between(0, s.maxInterval*int64(time.Millisecond))))
	return true
}

func (s *Source) append(b *connect.Batch) {
	s.draft.begin(&b.Arena, newRandom(s.seed, s.task, s.next), s.next)
	value := s.records.generate(&s.draft)
	r := b.Append()
	r.Topic, r.ValueSchema, r.Value = s.topic, s.records.schema, value
	r.KeySchema = connect.OptionalStringSchema
	if s.keyField >= 0 {
		// A transform may change key and value in place, so they must not share anything.
		r.KeySchema, r.Key = s.records.schema.Fields()[s.keyField].Schema, value.Struct().Field(s.keyField).Clone(&b.Arena)
	}
	at := len(s.headers)
	s.headers = append(s.headers,
		connect.Header{Key: generationField, Schema: connect.Int64Schema, Value: connect.Int64(s.generation)},
		connect.Header{Key: taskIDKey, Schema: connect.Int64Schema, Value: connect.Int64(s.task)},
		connect.Header{Key: iterationField, Schema: connect.Int64Schema, Value: connect.Int64(s.next)})
	r.Headers = s.headers[at:len(s.headers):len(s.headers)]
	s.next++
	r.SourcePartition, r.SourceOffset = s.partition, s.offset(b)
	b.AddBytes(s.draft.size)
}

// offset is the state after the record that was just made.
func (s *Source) offset(b *connect.Batch) connect.Value {
	slots := b.Arena.Values(6)
	slots[0], slots[1] = connect.String(generationField), connect.Int64(s.generation+1)
	slots[2], slots[3] = connect.String(iterationField), connect.Int64(s.next)
	slots[4], slots[5] = connect.String(seedField), connect.Int64(s.seed)
	return connect.NewMap(slots).Value()
}

// Committed does nothing: made-up records need no acknowledgement.
func (s *Source) Committed(context.Context, []connect.SourceOffset) error { return nil }

// Close has nothing to release.
func (s *Source) Close(context.Context) error { return nil }
