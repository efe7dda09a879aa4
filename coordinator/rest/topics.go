package rest

import (
	"context"
	"net/http"
	"strings"
)

type activeTopics struct {
	Topics []string `json:"topics"`
}

// topics is GET /connectors/{name}/topics: what the connector has used since it was created or the list was reset.
func (h *handler) topics(ctx context.Context, r *request) (*response, error) {
	if h.isOff("topic.tracking.enable") {
		return nil, errorf(http.StatusForbidden, "Topic tracking is disabled.")
	}
	if err := h.syncStatuses(ctx, r); err != nil {
		return nil, err
	}
	return ok(map[string]activeTopics{r.connector(): {append([]string{}, h.Store.Statuses().Topics(r.connector())...)}})
}

// resetTopics is PUT /connectors/{name}/topics/reset.
func (h *handler) resetTopics(ctx context.Context, r *request) (*response, error) {
	if h.isOff("topic.tracking.enable") {
		return nil, errorf(http.StatusForbidden, "Topic tracking is disabled.")
	}
	if h.isOff("topic.tracking.allow.reset") {
		return nil, errorf(http.StatusForbidden, "Topic tracking reset is disabled.")
	}
	if err := h.Store.Statuses().Sync(ctx); err != nil {
		return nil, err
	}
	if err := h.Store.Statuses().ResetTopics(ctx, r.connector()); err != nil {
		return nil, err
	}
	return empty(http.StatusAccepted)
}

// isOff reports whether a setting of the worker that is on by default is off.
func (h *handler) isOff(setting string) bool {
	value, _ := h.Worker.Property(setting)
	return strings.EqualFold(strings.TrimSpace(value), "false")
}
