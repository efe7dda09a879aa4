package rest

import (
	"context"

	"github.com/ferry-connect/ferry/coordinator/store"
)

// taskInfo is a task as GET /connectors/{name}/tasks shows it.
type taskInfo struct {
	ID     taskID           `json:"id"`
	Config store.Properties `json:"config"`
}

// tasks is GET /connectors/{name}/tasks: the published task configurations, placeholders unresolved.
func (h *handler) tasks(ctx context.Context, r *request) (*response, error) {
	c, err := h.find(ctx, r, connectorNotFound)
	if err != nil {
		return nil, err
	}
	infos := make([]taskInfo, len(c.Tasks))
	for i, config := range c.Tasks {
		infos[i] = taskInfo{taskID{c.Name, i}, store.PropertiesOf(config)}
	}
	return ok(infos)
}
