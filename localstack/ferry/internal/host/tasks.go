package host

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

// limits bound an invocation. A process of one's own has no bill per second, so a task stays for a while when it has found
// nothing: it then answers new data within the engine's pause between polls. It still ends again and again, and starts
// from what is committed, as it does in the cloud.
func limits() task.Limits {
	return task.Limits{
		Time:       2 * time.Minute,
		Reserve:    10 * time.Second,
		Idle:       3 * time.Second,
		Memory:     256 << 20,
		CheckEvery: 250 * time.Millisecond,
		Sessions:   32,
	}
}

// handlers returns a handler for the function of every connector package.
func (h *Host) handlers(plugins *connect.Registry) (map[string]invoke.Handler, error) {
	handlers := make(map[string]invoke.Handler)
	for _, p := range connectors.All() {
		handler, err := task.NewHandler(task.Options{
			Plugins: plugins, Worker: h.Worker, Leases: h.leases,
			Offsets: task.OffsetsOf(h.Store.Offsets()), KeepOffsets: h.KeepOffsets,
			Chain: chain{h}, Function: p.Name,
			Owner: h.Worker.WorkerID, Limits: limits(), Providers: h.Worker.Providers(),
			Drain: h.drain, Log: h.Log, Loggers: h.Loggers, Progress: h.progress,
		})
		if err != nil {
			return nil, fmt.Errorf("make the task function %s: %w", p.Name, err)
		}
		h.tasks = append(h.tasks, handler)
		handlers[p.Name] = h.running.count(handler)
	}
	return handlers, nil
}

// chain starts next hops by the host's invoker, which is made of the handlers that start them.
type chain struct{ host *Host }

// Start implements invoke.Starter.
func (c chain) Start(ctx context.Context, function string, req *invoke.Request) error {
	return c.host.invoker.Start(ctx, function, req)
}

func (h *Host) progress(req *invoke.Request, f engine.Facts) {
	h.tally.Committed(req.Connector, req.Task, req.Hop, f)
}

// ended hears of every invocation's end. A chain goes on by itself; what it leaves behind at its last hop, and what has to be
// told in the status, is done at once; but an invocation that did not get to run is not tried again at once, since it might
// fail as fast again.
func (h *Host) ended(req invoke.Request, resp *invoke.Response) {
	var f engine.Facts
	ran := len(resp.Facts) > 0 && json.Unmarshal(resp.Facts, &f) == nil
	if ran {
		h.tally.Ended(req.Connector, req.Task, req.Hop, f)
	}
	switch {
	case resp.Chained:
	case ran && (resp.Backlog || resp.Error != nil || f.End == engine.EndStopped):
		h.loop.Trigger(req.Connector)
	default:
		h.loop.Ended(req.Connector)
	}
}
