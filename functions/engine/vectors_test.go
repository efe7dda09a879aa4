package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/transform"
)

func stockPlugins(t *testing.T) *connect.Registry {
	t.Helper()
	var p connect.Plugins
	for _, c := range transform.Classes() {
		p.Transforms = append(p.Transforms, &c)
	}
	for _, c := range transform.Predicates() {
		p.Predicates = append(p.Predicates, &c)
	}
	r, err := connect.NewRegistry(p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVectorTransformationStage(t *testing.T) {
	plugins := stockPlugins(t)
	cases := vectors.Where(vectors.Group(vectors.Read(t, "predicates.jsonl"), "TransformationStage"), func(c vectors.Case) bool {
		_, err := plugins.Transform(vectors.Decode[struct{ Transformation string }](t, c.Input).Transformation)
		return err == nil
	})
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		in := vectors.Decode[struct {
			Predicate            *string
			PredicateConfig      map[string]string
			Negate               bool
			Transformation       string
			TransformationConfig map[string]string
			Record               json.RawMessage
		}](t, c.Input)
		config := map[string]string{"transforms": "a", "transforms.a.type": in.Transformation}
		for k, v := range in.TransformationConfig {
			config["transforms.a."+k] = v
		}
		if in.Predicate != nil {
			config["predicates"], config["predicates.p.type"] = "p", *in.Predicate
			config["transforms.a.predicate"], config["transforms.a.negate"] = "p", fmt.Sprint(in.Negate)
			for k, v := range in.PredicateConfig {
				config["predicates.p."+k] = v
			}
		}
		chain, err := newChain(config, plugins)
		if err != nil {
			return err
		}
		r, err := vectors.Record(in.Record)
		if err != nil {
			return err
		}
		keep, _, err := chain.apply(r, new(connect.Arena), 0)
		if err != nil || c.Error != nil {
			e, _ := errors.AsType[*connect.Error](err)
			if e == nil {
				return fmt.Errorf("got error %w, want %s", err, c.Error.Text())
			}
			return c.Error.Agrees(e.SimpleClass(), e.Message)
		}
		want := vectors.Decode[struct {
			Record  json.RawMessage
			Dropped bool
		}](t, c.Output)
		if keep == want.Dropped {
			return fmt.Errorf("keep is %t", keep)
		}
		if want.Dropped {
			return nil
		}
		return vectors.EqualRecord(want.Record, r)
	})
}

// reported is the input of the vectors about reporters.
type reported struct {
	Connector      string
	Task           int
	Stage          Stage
	ExecutingClass string
	Exception      exception
	Original       json.RawMessage
}

type exception struct {
	Class     string
	JavaClass string
	Message   *string
	Cause     *exception
}

func (e *exception) err() error {
	err := &connect.Error{Kind: connect.KindData, Class: e.JavaClass}
	switch { // causes have only a simple name
	case e.JavaClass != "":
	case e.Class == "ConnectException":
		err.Class = connect.ConnectException
	default:
		err.Class = "java.lang." + e.Class
	}
	if e.Message != nil {
		err.Message = *e.Message
	}
	if e.Cause != nil {
		err.Cause = e.Cause.err()
	}
	return err
}

type rawRecord struct {
	Topic         string
	Partition     int32
	Offset        int64
	Timestamp     int64
	TimestampType string
	Key, Value    json.RawMessage
	Headers       []rawHeader
}

type rawHeader struct {
	Key           string
	Value         json.RawMessage
	FramesRemoved string
}

func rawBytes(t *testing.T, raw json.RawMessage) []byte {
	t.Helper()
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	b := vectors.Decode[struct {
		UTF8   *string
		Base64 []byte
	}](t, raw)
	if b.UTF8 != nil {
		return []byte(*b.UTF8)
	}
	return b.Base64
}

// consumed rebuilds a record as the Kafka client hands it out.
func consumed(t *testing.T, raw json.RawMessage) *kgo.Record {
	t.Helper()
	in := vectors.Decode[rawRecord](t, raw)
	r := &kgo.Record{Topic: in.Topic, Partition: in.Partition, Offset: in.Offset, Timestamp: time.UnixMilli(in.Timestamp), Key: rawBytes(t, in.Key), Value: rawBytes(t, in.Value)}
	if in.TimestampType == "LogAppendTime" { // only the client's parser can set attributes
		*(*uint8)(unsafe.Pointer(&r.Attrs)) = 0b1000
	}
	for _, h := range in.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: rawBytes(t, h.Value)})
	}
	return r
}

func TestVectorDeadLetterQueueReporter(t *testing.T) {
	cases := vectors.Group(vectors.Read(t, "errors.jsonl"), "DeadLetterQueueReporter")
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		in := vectors.Decode[reported](t, c.Input)
		config := make(map[string]string)
		for k, v := range c.Config {
			config[k] = *v
		}
		d, err := newDeadLetters(&Task{Connector: in.Connector, ID: in.Task, Config: config, Class: new(downstream).class(), Hide: strings.Clone})
		if err != nil {
			return err
		}
		raw := consumed(t, in.Original)
		letter := d.letter(&StageError{Stage: in.Stage, Class: in.ExecutingClass, Err: in.Exception.err()}, raw)
		want := vectors.Decode[struct {
			Topic      string
			Timestamp  *int64
			Key, Value json.RawMessage
			Headers    []rawHeader
		}](t, c.Output)
		if letter.Topic != want.Topic || letter.Partition != -1 || letter.Timestamp.IsZero() != (want.Timestamp == nil) || want.Timestamp != nil && letter.Timestamp.UnixMilli() != *want.Timestamp {
			return fmt.Errorf("letter %+v", letter)
		}
		if !same(letter.Key, rawBytes(t, want.Key)) || !same(letter.Value, rawBytes(t, want.Value)) || len(letter.Headers) != len(want.Headers) {
			return fmt.Errorf("key %q, value %q, headers %v", letter.Key, letter.Value, letter.Headers)
		}
		for i, h := range want.Headers {
			got := letter.Headers[i]
			if h.FramesRemoved != "" { // a stack trace without its frames
				got.Value = bytes.TrimRight(got.Value, "\n")
				h.Value, _ = json.Marshal(map[string]string{"utf8": strings.TrimRight(h.FramesRemoved, "\n")})
			}
			if got.Key != h.Key || !same(got.Value, rawBytes(t, h.Value)) {
				return fmt.Errorf("header %d is %s=%q, want %s=%s", i, got.Key, got.Value, h.Key, h.Value)
			}
		}
		return nil
	})
}

func same(a, b []byte) bool { return bytes.Equal(a, b) && (a == nil) == (b == nil) }

func TestVectorLogReporter(t *testing.T) {
	cases := vectors.Group(vectors.Read(t, "errors.jsonl"), "LogReporter.Sink", "LogReporter.Source")
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		in := vectors.Decode[reported](t, c.Input)
		config := make(map[string]string)
		for k, v := range c.Config {
			config[k] = *v
		}
		tol, err := newTolerance(&Task{Connector: in.Connector, ID: in.Task, Config: config, Class: new(downstream).class()}, slog.New(slog.DiscardHandler), new(Facts))
		if err != nil {
			return err
		}
		e := &StageError{Stage: in.Stage, Class: in.ExecutingClass}
		var got string
		if c.Group == "LogReporter.Source" {
			r, err := vectors.Record(in.Original)
			if err != nil {
				return err
			}
			got = tol.message(e, r, nil)
		} else {
			raw := consumed(t, in.Original)
			got = tol.message(e, nil, raw)
		}
		if want := vectors.Decode[struct{ Message string }](t, c.Output).Message; got != want {
			return fmt.Errorf("got  %s\nwant %s", got, want)
		}
		return nil
	})
}

func TestVectorRetryWithToleranceOperator(t *testing.T) {
	cases := vectors.Group(vectors.Read(t, "errors.jsonl"), "RetryWithToleranceOperator")
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) (err error) {
		synctest.Test(t, func(t *testing.T) { err = retryCase(t, c) })
		return err
	})
}

// operated is one case of the retry operator.
type operated struct {
	Timeout   int64  `json:"errors.retry.timeout"`
	MaxDelay  int64  `json:"errors.retry.delay.max.ms"`
	Tolerance string `json:"errors.tolerance"`
	Stage     Stage
	Failures  int
	Exception string
}

func retryCase(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[operated](t, c.Input)
	want := vectors.Decode[struct {
		Calls      int
		DelaysMs   []int64
		Failed     bool
		Randomised bool
		Certain    []int64 `json:"certainDelaysMs"`
		Below      int64   `json:"thenRandomBelowMs"`
		Thrown     *vectors.Error
	}](t, c.Output)
	tol, err := newTolerance(&Task{Class: new(downstream).class(), Config: map[string]string{"errors.tolerance": strings.ToLower(in.Tolerance),
		"errors.retry.timeout": fmt.Sprint(in.Timeout), "errors.retry.delay.max.ms": fmt.Sprint(in.MaxDelay)}}, slog.New(slog.DiscardHandler), new(Facts))
	if err != nil {
		return err
	}
	exceptions := map[string]error{"data": connect.DataError("bad data"), "retriable": connect.RetriableError("later", nil), "error": connect.FatalError("oom", nil),
		"npe": &connect.Error{Kind: connect.KindData, Class: connect.NullPointerException, Message: "np"}}
	e := &StageError{Stage: in.Stage, Err: exceptions[in.Exception]}
	var tries stageTries
	var delays []int64
	calls, failed := 1, in.Failures != 0
	for ; failed; failed = in.Failures < 0 || calls <= in.Failures {
		before := time.Now()
		if !tol.again(t.Context(), &tries, e) {
			break
		}
		calls++
		delays = append(delays, time.Since(before).Milliseconds())
	}
	var thrown error
	if failed {
		thrown = tol.failed(t.Context(), e, nil, nil)
	}
	if want.Randomised {
		for i, d := range delays[len(want.Certain):] {
			if d >= want.Below {
				return fmt.Errorf("delay %d is %d, want below %d", i+len(want.Certain), d, want.Below)
			}
		}
		delays, want.DelaysMs, want.Calls, want.Failed = delays[:len(want.Certain)], want.Certain, calls, failed
	}
	if calls != want.Calls || !slices.Equal(delays, want.DelaysMs) || failed != want.Failed && in.Exception != "error" {
		return fmt.Errorf("%d calls after delays of %v, failed %t; want %d after %v, failed %t", calls, delays, failed, want.Calls, want.DelaysMs, want.Failed)
	}
	if want.Randomised && want.Thrown == nil {
		return nil // chance decides whether the time is over first
	}
	if (thrown == nil) != (want.Thrown == nil) {
		return fmt.Errorf("threw %w, want %s", thrown, want.Thrown.Text())
	}
	if outer, ok := thrown.(*connect.Error); ok && outer.Message != want.Thrown.Text() { //nolint:errorlint // the outermost
		return fmt.Errorf("threw %s, want %s", outer.Message, want.Thrown.Text())
	}
	return nil
}
