package task

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/engine"
)

// reloadKey is Kafka Connect's: what happens to a connector when the time is over for which its secrets are good.
const reloadKey = "config.action.reload"

// leastReload is how long an invocation goes on at least, whatever ttl its secrets have: it has to get something done.
const leastReload = 10 * time.Second

// forgetter is a config provider that keeps values between invocations. Forget drops what was asked for before a time, and reports
// whether there was anything.
type forgetter interface {
	Forget(before time.Time) bool
}

// reload returns when the run has to end, at the latest at end. Where Kafka Connect restarts the connector when the ttl of its
// secrets is over, the invocation commits what is done and ends then; the next one resolves them anew.
func (w *work) reload(end time.Time) time.Time {
	if w.ttl == 0 || strings.EqualFold(strings.TrimSpace(w.config[reloadKey]), "none") {
		return end
	}
	if due := time.Now().Add(max(w.ttl, leastReload)); due.Before(end) {
		return due
	}
	return end
}

// renewed returns the work with new secrets, if the run may have failed because it had old ones: there were some that were asked for
// before it began, and they have changed. A login is refused in as many ways as there are systems, so every failure counts, at the
// price of one question to the provider.
func (h *Handler) renewed(ctx context.Context, w *work, began time.Time, failure error) *work {
	if !h.forget(began) || ctx.Err() != nil {
		return nil
	}
	again, err := h.resolve(ctx, w.Request, w.values)
	if err != nil || maps.Equal(again.config, w.config) && maps.Equal(again.taskConfig, w.taskConfig) {
		return nil
	}
	again.class = w.class
	again.log.Info("the task failed with secrets that have changed since they were read; it is run once more", "connector", w.Connector, "task", w.Task, "error", failure)
	return again
}

// forget drops what providers keep from before a time, and reports whether there was anything.
func (h *Handler) forget(before time.Time) bool {
	kept := false
	for _, p := range h.Providers {
		if f, ok := p.(forgetter); ok && f.Forget(before) {
			kept = true
		}
	}
	return kept
}

// fail leaves in the lease, and so in the status, why a run could not begin.
func (h *Handler) fail(ctx context.Context, w *work, err error) *invoke.Response {
	own, notOwned := h.own(ctx, w, h.deadline(ctx))
	if notOwned != nil {
		return notMine(w, notOwned)
	}
	return h.end(ctx, w, own, engine.Facts{End: engine.EndFailed}, false, err)
}
