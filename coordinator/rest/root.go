package rest

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
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

// Starting answers in place of an API that cannot be made yet, because of cause: GET /health says that it is starting, everything else
// that it cannot be done.
func Starting(cause error, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		resp := errorf(http.StatusInternalServerError, "The API cannot start yet: %v", cause).response()
		if strings.Trim(r.URL.Path, "/") == "health" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			resp = &response{status: http.StatusServiceUnavailable, body: workerStatus{"starting", "Worker is still starting up. " + cause.Error()}}
		}
		if err := resp.write(w, r.Method == http.MethodHead); err != nil {
			log.Warn("could not send an answer", "method", r.Method, "path", r.URL.Path, "error", err)
		}
	})
}
