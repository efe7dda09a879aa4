package task_test

import (
	"context"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/builtin"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/functions/task"
)

// hung is a sink whose other system has stopped answering.
type hung struct{}

func (hung) Open(context.Context, *connect.SinkRuntime) error { return nil }
func (hung) Flush(context.Context) (connect.Offsets, error)   { return nil, nil }
func (hung) Close(context.Context) error                      { return nil }
func (hung) Put(ctx context.Context, _ *connect.Batch) error  { <-ctx.Done(); return context.Cause(ctx) }

func hungClass(o *task.Options) {
	class := &connect.Class{Name: "test.HungSink", TaskClass: "test.HungTask", Config: configdef.MustNew(), Sink: func() connect.Sink { return hung{} }}
	o.Plugins, _ = connect.NewRegistry(builtin.With(class))
}

// At its deadline Lambda ends a function between two instructions. A sink that hangs until then would never release, and never be
// known to have failed: the task would be RUNNING for ever and move nothing.
func TestASinkThatHangsIsCutOffInTimeToReportIt(t *testing.T) {
	inBubble(t, hungClass, func(t *testing.T, f *function) {
		f.raise("s", 1, generation)
		f.produce("in", "one")
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		resp := f.Handle(ctx, request("s", map[string]string{"connector.class": "test.HungSink", "topics": "in"}))
		if ctx.Err() != nil {
			t.Errorf("it took %v, beyond the end of the function", time.Since(began))
		}
		report, _ := f.report("s")
		if got := f.item("s"); got.Attempts != 1 || got.LastError == "" || got.Released != got.Epoch || resp.Error == nil || report.Failure == nil {
			t.Errorf("the lease is %+v, the answer %+v", got, resp)
		}
	})
}
