package engine

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Walk is what Run does with each record, step by step and without Kafka: the same converters, chain and tolerance, with nobody
// who writes. Nothing is tried again. It is for one record after the other, from one goroutine:
//
//	a sink's    Begin, Decode, Apply for each step
//	a source's  Begin, fill in the record, Apply for each step, Encode
//
// After an error or a drop a record has come to its end.
type Walk struct {
	run    *run
	source *sourceLoop
	sink   *sinkLoop
}

// Step is one transform of a chain as the configuration has it.
type Step struct {
	// Alias and Class are the transform's; Class is its full name.
	Alias, Class string
	// Predicate and PredicateClass name the predicate that guards it; both are empty where none does.
	Predicate, PredicateClass string
	// Negate says that the transform is for records that the predicate does not match.
	Negate bool
}

// Tolerance is what becomes of a task whose record failed.
type Tolerance struct {
	// GoesOn says that the task goes on without the record, as errors.tolerance asks.
	GoesOn bool
	// DeadLetters is the topic that the record is written to; empty for none.
	DeadLetters string
}

// NewWalk returns a Walk of a task that is given by Connector, Class, Plugins, Config and Worker; nothing else of it is looked at
// but OffsetsTopic, which a source may not write to, and Log. Errors are KindConfig and name the key.
func NewWalk(t Task) (*Walk, error) {
	if t.Class == nil || (t.Class.Source == nil) == (t.Class.Sink == nil) || t.Plugins == nil {
		return nil, connect.FatalError("walk through a task: its class must be either a source or a sink, and plugins are required", nil)
	}
	t.setDefaults()
	r := &run{task: &t, session: new(Session), log: t.Log, topics: make(topicNames)}
	if err := r.configure(); err != nil {
		return nil, err
	}
	w := &Walk{run: r}
	batch := connect.NewBatch(1, math.MaxInt)
	if t.Class.Source != nil {
		w.source = &sourceLoop{run: r, batch: batch}
	} else {
		w.sink = &sinkLoop{run: r, batch: batch}
	}
	return w, nil
}

// Steps returns the chain in its order.
func (w *Walk) Steps() []Step {
	steps := make([]Step, len(w.run.chain.steps))
	for i, s := range w.run.chain.steps {
		steps[i] = Step{Alias: s.alias, Class: s.class, Predicate: s.guard.alias, PredicateClass: s.guard.class, Negate: s.negate}
	}
	return steps
}

// Converters are those of a task, with their full class names. To ask them for more than Decode and Encode do changes nothing but
// their caches.
type Converters struct {
	Key, Value                        connect.Converter
	Header                            connect.HeaderConverter
	KeyClass, ValueClass, HeaderClass string
}

// Converters returns the converters.
func (w *Walk) Converters() Converters {
	c := w.run.conv
	return Converters{c.key, c.value, c.header, c.keyClass, c.valueClass, c.headerClass}
}

// Begin returns an empty record, and the memory for what it points to. What the last one pointed to is invalid.
func (w *Walk) Begin() (*connect.Record, *connect.Arena) {
	if w.source != nil {
		w.source.reset()
		return w.source.batch.Append(), &w.source.batch.Arena
	}
	w.sink.batch.Reset()
	w.sink.headers = w.sink.headers[:0]
	return w.sink.batch.Append(), &w.sink.batch.Arena
}

// Decode makes r of a sink's record in Kafka; it may point into raw.
func (w *Walk) Decode(raw *kgo.Record, r *connect.Record) (serr *StageError) {
	defer w.recovered(r, StageKafkaConsume, w.run.task.Class.Name, &serr)
	return w.sink.decode(raw, r)
}

// Apply sends r through the i-th step alone.
func (w *Walk) Apply(i int, r *connect.Record, a *connect.Arena) (outcome Outcome, serr *StageError) {
	s := &w.run.chain.steps[i]
	defer w.recovered(r, StageTransformation, s.class, &serr)
	outcome, err := s.apply(r, a)
	if err != nil {
		return outcome, s.failed(r, err)
	}
	return outcome, nil
}

// Encode returns the record for Kafka that becomes of a source's record. It is valid until Begin.
func (w *Walk) Encode(r *connect.Record) (out *kgo.Record, serr *StageError) {
	defer w.recovered(r, StageKafkaProduce, w.run.task.Class.Name, &serr)
	out = w.source.txn.next()
	return out, w.source.encode(r, out)
}

// recovered turns a panic of a plugin into the failure of the record, as the task would fail with it.
func (w *Walk) recovered(r *connect.Record, stage Stage, class string, serr **StageError) {
	if p := recover(); p != nil {
		w.run.log.Error("a plugin panicked", "panic", p, "stack", string(debug.Stack()))
		*serr = &StageError{Stage: stage, Class: class, Record: place(r), Err: connect.FatalError(fmt.Sprintf("a plugin of the task panicked: %v", p), nil)}
	}
}

// Tolerance says what becomes of the task whose record failed so, once it is not worth trying again.
func (w *Walk) Tolerance(e *StageError) Tolerance {
	tol := w.run.tol
	if !tol.tolerable(e) {
		return Tolerance{}
	}
	t := Tolerance{GoesOn: tol.all}
	if tol.dead != nil {
		t.DeadLetters = tol.dead.topic
	}
	return t
}

// Describe returns the Java exception's class and message, as dead letters have them; the message is empty where Java has none.
func Describe(err error) (class, message string) {
	class, text := describe(err)
	return class, string(text)
}
