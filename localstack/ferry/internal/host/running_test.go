package host

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/ferry-connect/ferry/coordinator/invoke"
)

// until is a function that runs tasks until it is released, and answers everything else at once.
type until struct{ released chan struct{} }

func (u until) Handle(_ context.Context, req *invoke.Request) *invoke.Response {
	if req.Op == invoke.OpRun {
		<-u.released
	}
	return &invoke.Response{}
}

func TestNoneWaitsForAllTasksOfAConnectorAndForNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunning()
		ours, others := until{make(chan struct{})}, until{make(chan struct{})}
		for range 2 {
			go r.count(ours).Handle(t.Context(), &invoke.Request{Op: invoke.OpRun, Connector: "ours"})
		}
		go r.count(others).Handle(t.Context(), &invoke.Request{Op: invoke.OpRun, Connector: "other"})
		r.count(ours).Handle(t.Context(), &invoke.Request{Op: invoke.OpPlan, Connector: "ours"})
		synctest.Wait()

		done := make(chan error, 1)
		go func() { done <- r.none(t.Context(), "ours") }()
		ours.released <- struct{}{}
		synctest.Wait()
		if len(done) > 0 {
			t.Fatal("returned while a task runs")
		}
		close(ours.released)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := r.none(t.Context(), "never heard of"); err != nil {
			t.Error(err)
		}

		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.none(ctx, "other"); !errors.Is(err, context.Canceled) {
			t.Errorf("error is %v, want the context's", err)
		}
		close(others.released)
	})
}

func TestATraceIsSummarizedInOneLine(t *testing.T) {
	for trace, want := range map[string]string{
		"org.apache.kafka.connect.errors.ConnectException: connector a, b, task 0: no such file: x\n\tat a.B.c(B.java)\n": "no such file: x",
		"just text":         "just text",
		"two words: a text": "two words: a text",
		"":                  "",
	} {
		if got := summary(trace); got != want {
			t.Errorf("%q is summarized as %q, want %q", trace, got, want)
		}
	}
}
