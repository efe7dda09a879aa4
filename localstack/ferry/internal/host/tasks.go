package host

import (
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
	providers, err := h.Worker.Providers()
	if err != nil {
		return nil, connect.ConfigError(err.Error())
	}
	h.tasks, err = task.NewHandler(task.Options{
		Plugins: plugins, Worker: h.Worker, Leases: h.leases,
		Offsets: task.OffsetsOf(h.Store.Offsets()), KeepOffsets: h.KeepOffsets,
		Owner: h.Worker.WorkerID, Limits: limits(), Providers: providers,
		Drain: h.drain, Log: h.Log, Progress: h.progress,
	})
	if err != nil {
		return nil, fmt.Errorf("make the task function: %w", err)
	}
	handlers := make(map[string]invoke.Handler)
	for _, p := range connectors.All() {
		handlers[p.Name] = h.running.count(h.tasks)
	}
	return handlers, nil
}

func (h *Host) progress(req *invoke.Request, f engine.Facts) {
	h.tally.Committed(req.Connector, req.Task, f)
}

// ended hears of every invocation's end. What is left to do, and what has to be told in the status, is done at once; but
// an invocation that did not get to run is not tried again at once, since it might fail as fast again.
func (h *Host) ended(req invoke.Request, resp *invoke.Response) {
	var f engine.Facts
	ran := len(resp.Facts) > 0 && json.Unmarshal(resp.Facts, &f) == nil
	if ran {
		h.tally.Ended(req.Connector, req.Task, f)
	}
	if ran && (resp.Backlog || resp.Error != nil || f.End == engine.EndStopped) {
		h.loop.Trigger(req.Connector)
		return
	}
	h.loop.Ended(req.Connector)
}
