package host

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
)

// api makes the REST API over the host's parts, and what stands before it.
func (h *Host) api(ctx context.Context, known *catalog.Catalog) error {
	cluster, err := kadm.NewClient(h.kafka).BrokerMetadata(ctx)
	if err != nil {
		return fmt.Errorf("look up the id of the Kafka cluster: %w", err)
	}
	h.handler, err = rest.New(rest.Options{
		Store: h.Store, Catalog: known, Invoker: h.invoker,
		Trigger: h.trigger, Restart: h.coordinator.Restart, Hold: h.coordinator.Hold, Fence: h.fence,
		WorkerID: h.Worker.WorkerID, Version: h.Connect, Commit: h.Commit, ClusterID: cluster.Cluster,
		Kafka: h.kafka, Worker: h.Worker, Log: h.Log, Loggers: h.Loggers, Now: time.Now,
	})
	if err != nil {
		return fmt.Errorf("make the REST API: %w", err)
	}
	h.front, err = server.NewFront(server.FrontOptions{
		API: h.handler, Worker: h.Worker, Extensions: h.Extensions, Log: h.Log, Now: time.Now,
		Cluster: extension.NewCluster(h.Store, known, cluster.Cluster),
	})
	return err
}
