package connect_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestTheOutermostKindCounts(t *testing.T) {
	data := connect.DataError("bad field")
	for _, tc := range []struct {
		name string
		err  error
		want connect.ErrorKind
	}{
		{"none", nil, connect.KindFatal},
		{"foreign", io.ErrUnexpectedEOF, connect.KindFatal},
		{"cancelled", context.Canceled, connect.KindFatal},
		{"data", data, connect.KindData},
		{"wrapped", fmt.Errorf("put batch: %w", data), connect.KindData},
		{"retriable around data", connect.RetriableError("later", data), connect.KindRetriable},
		{"fatal around retriable", connect.FatalError("gave up", connect.RetriableError("later", nil)), connect.KindFatal},
		{"config", connect.ConfigError("no topic"), connect.KindConfig},
		{"batch", &connect.BatchError{Failed: []connect.RecordError{{Index: 3, Err: data}}}, connect.KindData},
	} {
		if got := connect.KindOf(tc.err); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, got, tc.want)
		}
	}
}

func TestTraceReadsAsJavaPrintsAThrowable(t *testing.T) {
	hinted := connect.ConfigError("no topic")
	hinted.Hint = "set topics"
	for _, tc := range []struct {
		name string
		err  error
		want string
	}{
		{"alone", connect.DataError("bad field"), "org.apache.kafka.connect.errors.DataException: bad field\n"},
		{"foreign", io.ErrUnexpectedEOF, "org.apache.kafka.connect.errors.ConnectException: unexpected EOF\n"},
		{"wrapped", fmt.Errorf("put batch: %w", connect.DataError("bad field")), "org.apache.kafka.connect.errors.DataException: put batch: bad field\n"},
		{"with hint", hinted, "org.apache.kafka.common.config.ConfigException: no topic (set topics)\n"},
		{"without message", &connect.Error{Class: connect.NullPointerException}, "java.lang.NullPointerException\n"},
		{
			"with causes", connect.FatalError("gave up", fmt.Errorf("dial: %w", connect.RetriableError("later", io.EOF))),
			"org.apache.kafka.connect.errors.ConnectException: gave up\n" +
				"Caused by: org.apache.kafka.connect.errors.RetriableException: dial: later\n" +
				"Caused by: org.apache.kafka.connect.errors.ConnectException: EOF\n",
		},
		{
			"of a batch", &connect.BatchError{Failed: []connect.RecordError{{Index: 2, Err: connect.DataError("bad field")}}},
			"org.apache.kafka.connect.errors.DataException: 1 records failed, first record 2: bad field\n",
		},
	} {
		if got := connect.Trace(tc.err); got != tc.want {
			t.Errorf("%s:\n%swant\n%s", tc.name, got, tc.want)
		}
	}
}

func TestErrorsShowMessageHintAndCause(t *testing.T) {
	e := connect.RetriableError("cannot reach the bucket", io.EOF)
	e.Hint = "check the region"
	if e.Error() != "cannot reach the bucket (check the region): EOF" || !errors.Is(e, io.EOF) || e.SimpleClass() != "RetriableException" {
		t.Errorf("got %q of class %s", e, e.SimpleClass())
	}
}

func TestABatchErrorLeadsToEachFailure(t *testing.T) {
	e := &connect.BatchError{Failed: []connect.RecordError{{Index: 0, Err: io.EOF}, {Index: 4, Err: io.ErrShortWrite}}}
	if !errors.Is(e, io.EOF) || !errors.Is(e, io.ErrShortWrite) || errors.Is(e, io.ErrNoProgress) {
		t.Errorf("the failures of %q are not found", e)
	}
}
