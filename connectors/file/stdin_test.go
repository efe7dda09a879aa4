package file

import (
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestStreamReadsStandardInput(t *testing.T) {
	var pieces []string
	s := &stream{close: func() error { return nil }, read: func(p []byte) (int, error) {
		if len(pieces) == 0 {
			return 0, io.EOF
		}
		n := copy(p, pieces[0])
		if pieces[0] = pieces[0][n:]; pieces[0] == "" {
			pieces = pieces[1:]
		}
		return n, nil
	}}
	r := &reader{Source: class(t, "FileStreamSourceConnector").Source().(*Source), batch: connect.NewBatch(1000, 1<<20)}
	r.stdin = func() (input, error) { return s, nil }
	err := r.Open(t.Context(), &connect.SourceRuntime{Config: map[string]string{"topic": "t"}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	pieces = []string{"one\ntw"}
	equal(t, "first", r.drain(t), []string{"one"})
	pieces = []string{"o\n", strings.Repeat("long", 50_000), "\nend\n"}
	equal(t, "then", r.drain(t), []string{"two", strings.Repeat("long", 50_000), "end"})
	pieces = []string{"last\n"}
	if _, err := r.poll(t); err != nil {
		t.Fatal(err)
	}
	rec := r.batch.Records()[0]
	if got := rec.SourcePartition.Value().String() + rec.SourceOffset.String(); got != "{filename=null}{position=null}" {
		t.Fatalf("partition and offset are %s", got)
	}
}

// What was read of standard input cannot be read again, and an invocation ends whenever nothing has come for a while: often in the
// middle of a line that somebody types.
func TestWhatOneInvocationReadAndDidNotUseIsLeftToTheNext(t *testing.T) {
	text := ""
	in := &standardInput{open: func() (input, error) {
		return &stream{close: func() error { return nil }, read: func(p []byte) (int, error) {
			n := copy(p, text)
			if text = text[n:]; n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}}, nil
	}}
	var got []string
	for _, arrives := range []string{"one\ntw", "o\nthree\nfour\n", ""} {
		text += arrives
		r := &reader{Source: class(t, "FileStreamSourceConnector").Source().(*Source), batch: connect.NewBatch(2, 1<<20)}
		r.stdin = in.input
		err := r.Open(t.Context(), &connect.SourceRuntime{Config: map[string]string{"topic": "t"}, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := r.poll(t)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, lines...)
		if err := r.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "lines", got, []string{"one", "two", "three", "four"})
}
