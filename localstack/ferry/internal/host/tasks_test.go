package host

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/loop"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

// hops is a function whose every invocation moves ten records and starts the next hop, but for the last.
type hops struct{ host *Host }

func (h hops) Handle(ctx context.Context, req *invoke.Request) *invoke.Response {
	resp := &invoke.Response{Backlog: true, Facts: json.RawMessage(`{"recordsOut":10,"end":"deadline","backlog":true}`)}
	if req.Hop < 3 {
		next := *req
		next.Hop++
		resp.Chained = chain(h).Start(ctx, "f", &next) == nil
	}
	return resp
}

func TestAChainGoesOnByItselfIsTalliedAndLeavesTheRestToOnePass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var passes atomic.Int32
		h := &Host{tally: progress.New()}
		h.loop = loop.New(loop.Options{
			Pass:   func(context.Context, string) (time.Time, error) { passes.Add(1); return time.Time{}, nil },
			Exists: func(string) bool { return true }, Log: slog.New(slog.DiscardHandler),
		})
		h.invoker = invoke.NewInProcess(map[string]invoke.Handler{"f": hops{h}}, h.ended)
		ctx, cancel := context.WithCancel(t.Context())
		var ran sync.WaitGroup
		ran.Go(func() { h.loop.Run(ctx) })

		if err := h.invoker.Start(t.Context(), "f", &invoke.Request{Op: invoke.OpRun, Connector: "c"}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := passes.Load(); n != 1 {
			t.Errorf("a chain of four hops led to %d passes, want one at its end", n)
		}
		if got := h.tally.Look(time.Now())["c"].Records; got != 40 {
			t.Errorf("%d records were tallied, want 40", got)
		}
		cancel()
		ran.Wait()
		h.invoker.Close()
	})
}
