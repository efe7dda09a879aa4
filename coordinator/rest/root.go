package rest

import (
	"context"
	"net/http"
)

type serverInfo struct {
	Version   string `json:"version"`
	Commit    string `json:"commit"`
	ClusterID string `json:"kafka_cluster_id"`
}

// root is GET /.
func (h *handler) root(context.Context, *request) (*response, error) {
	return ok(serverInfo{h.Version, h.Commit, h.ClusterID})
}

type workerStatus struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// health is GET /health: whether the internal topics can be read.
func (h *handler) health(ctx context.Context, _ *request) (*response, error) {
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	if err := h.Store.Configs().Sync(ctx); err != nil {
		h.Log.Error("not healthy", "error", err)
		return &response{status: http.StatusInternalServerError, body: workerStatus{
			"unhealthy", "Worker was unable to handle this request and may be unable to handle other requests. " + err.Error(),
		}}, nil
	}
	return ok(workerStatus{"healthy", "Worker has completed startup and is ready to handle requests."})
}
