package host

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/rest"
)

// api returns the REST API over the host's parts.
func (h *Host) api(ctx context.Context, known *catalog.Catalog) (http.Handler, error) {
	cluster, err := kadm.NewClient(h.kafka).BrokerMetadata(ctx)
	if err != nil {
		return nil, fmt.Errorf("look up the id of the Kafka cluster: %w", err)
	}
	handler, err := rest.New(rest.Options{
		Store: h.Store, Catalog: known, Invoker: h.invoker,
		Trigger: h.trigger, Restart: h.coordinator.Restart, Fence: h.fence,
		WorkerID: h.Worker.WorkerID, Version: h.Connect, Commit: h.Commit, ClusterID: cluster.Cluster,
		Kafka: h.kafka, Worker: h.Worker, Log: h.Log, Loggers: h.Loggers, Now: time.Now,
	})
	if err != nil {
		return nil, fmt.Errorf("make the REST API: %w", err)
	}
	return handler, nil
}
