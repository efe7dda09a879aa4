package preview

import (
	"bytes"
	"encoding/json"
)

// The outcomes of a record.
const (
	// Passed: the record comes out of the chain, and of the converters.
	Passed = "passed"
	// Dropped: a transform dropped it.
	Dropped = "dropped"
	// Failed: a transform or a converter failed with it.
	Failed = "failed"
	// Invalid: what was given is no record.
	Invalid = "invalid"
)

// The outcomes of a step, beside Dropped and Failed.
const (
	// Changed: the transform changed the record.
	Changed = "changed"
	// Unchanged: the transform was applied and left the record as it was.
	Unchanged = "unchanged"
	// Skipped: the predicate kept the transform from the record.
	Skipped = "skipped"
)

// Result is what became of one record.
type Result struct {
	// Line is the number of the record's line, or of the record in a request, from 1.
	Line int `json:"line"`
	// Outcome is Passed, Dropped, Failed or Invalid.
	Outcome string `json:"outcome"`
	// Before is the record at the beginning of the chain: after the converters of a sink.
	Before *Record `json:"before,omitempty"`
	// Steps are the transforms up to that which dropped the record or failed with it.
	Steps []Step `json:"steps,omitempty"`
	// After is the record at the end of the chain: what a sink gets.
	After *Record `json:"after,omitempty"`
	// Kafka is the record that is written to Kafka, of a source alone.
	Kafka *Record `json:"kafka,omitempty"`
	// Error is why the record failed, or is none.
	Error *Error `json:"error,omitempty"`
}

// Step is what one transform did.
type Step struct {
	Transform string     `json:"transform"`
	Class     string     `json:"class"`
	Predicate *Predicate `json:"predicate,omitempty"`
	// Outcome is Changed, Unchanged, Skipped, Dropped or Failed.
	Outcome string   `json:"outcome"`
	Changes []Change `json:"changes,omitempty"`
}

// Predicate is what guards a transform.
type Predicate struct {
	Name   string `json:"name"`
	Class  string `json:"class"`
	Negate bool   `json:"negate,omitempty"`
}

// Change is one difference between two records: see the package comment.
type Change struct {
	Path      string `json:"path"`
	Attribute string `json:"attribute,omitempty"`
	Before    *Typed `json:"before"`
	After     *Typed `json:"after"`
}

// Typed is a value with its type, which an attribute has not.
type Typed struct {
	Type  string          `json:"type,omitempty"`
	Value json.RawMessage `json:"value"`
}

// Record is a record in the form of the package comment.
type Record struct {
	Topic         string
	Partition     *int32
	Offset        *int64
	Timestamp     *int64
	TimestampType string
	Key, Value    Data
	Headers       []Header
}

// Header is one header of a Record.
type Header struct {
	Key   string
	Value Data
}

// Data is a key, a value or that of a header; exactly one of JSON, Text and Base64 is set.
type Data struct {
	JSON   json.RawMessage
	Text   *string
	Base64 []byte
}

// MarshalJSON writes the record as it is given: fields that it does not have are left out.
func (r *Record) MarshalJSON() ([]byte, error) {
	var o object
	o.add("topic", r.Topic)
	if r.Partition != nil {
		o.add("partition", *r.Partition)
	}
	if r.Offset != nil {
		o.add("offset", *r.Offset)
	}
	if r.Timestamp != nil {
		o.add("timestamp", *r.Timestamp)
	}
	if r.TimestampType != "" {
		o.add("timestampType", r.TimestampType)
	}
	o.addData("key", r.Key)
	o.addData("value", r.Value)
	if len(r.Headers) > 0 {
		o.add("headers", r.Headers)
	}
	return o.json(), nil
}

// MarshalJSON writes the header as it is given.
func (h Header) MarshalJSON() ([]byte, error) {
	var o object
	o.add("key", h.Key)
	o.addData("value", h.Value)
	return o.json(), nil
}

// object is a JSON object whose members keep their order.
type object struct{ text []byte }

func (o *object) add(name string, value any) {
	if o.text == nil {
		o.text = append(o.text, '{')
	} else {
		o.text = append(o.text, ',')
	}
	o.text = append(append(appendJSONText(o.text, name), ':'), marshal(value)...)
}

func (o *object) addData(base string, d Data) {
	switch {
	case d.Text != nil:
		o.add(base+"Text", *d.Text)
	case d.Base64 != nil:
		o.add(base+"Base64", d.Base64)
	default:
		o.add(base, d.JSON)
	}
}

func (o *object) json() []byte { return append(o.text, '}') }

// marshal writes JSON as it is read by people: < and > stay what they are.
func marshal(value any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return appendJSONText(nil, "cannot be shown: "+err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// JSON returns the result as one line, without the end of it.
func (r *Result) JSON() json.RawMessage { return marshal(r) }

// Error is why a record failed, as dead letters have it, and what becomes of the task; or why a record is none.
type Error struct {
	// Field is the path of the field that is wrong, for a record that is none; Message says what is wrong.
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	// Stage, Class, Exception and Message are what dead letters have as stage, class.name, exception.class.name and
	// exception.message; Cause follows in the stack trace.
	Stage     string `json:"stage,omitempty"`
	Class     string `json:"class,omitempty"`
	Transform string `json:"transform,omitempty"`
	Exception string `json:"exception,omitempty"`
	Cause     string `json:"cause,omitempty"`
	Hint      string `json:"hint,omitempty"`
	// Kind is retriable, data, config or fatal.
	Kind string `json:"kind,omitempty"`
	// Task is what the task does: TaskStops, TaskTriesAgain or TaskGoesOn.
	Task string `json:"task,omitempty"`
	// DeadLetters is the topic that the record is written to.
	DeadLetters string `json:"deadLetters,omitempty"`
}

// What a task does whose record failed.
const (
	TaskStops      = "stops"
	TaskTriesAgain = "tries again"
	TaskGoesOn     = "goes on without the record"
)
