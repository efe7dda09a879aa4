package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// Options is what the handler needs. All fields are required but where it says otherwise.
type Options struct {
	// Store is the internal topics.
	Store *store.Store
	// Catalog knows the plugins.
	Catalog *catalog.Catalog
	// Invoker reaches connectors, for validation and for offsets.
	Invoker invoke.Invoker
	// Trigger says that a connector has changed and a pass over it is wanted. It is called before the answer is sent, so it may
	// wait a little for the pass; no lock is held.
	Trigger func(connector string)
	// Restart makes tasks run anew, with failures forgotten: nil is all tasks. connectorToo has the connector split into tasks
	// anew first.
	Restart func(ctx context.Context, connector string, tasks []int, connectorToo bool) error
	// Hold calls do while no task of a connector that do finds stopped can be started, in whatever process. The error is
	// *lease.HeldError if do was not called, since another holds the connector. Nil calls do; that is right only where no passes are made.
	Hold func(ctx context.Context, connector string, do func(context.Context) error) error
	// Fence returns when no task of a stopped connector can commit any more; it is called by what Hold calls. Offsets are altered
	// only after it. Nil does nothing; that is right only where tasks cannot outlive a stop.
	Fence func(ctx context.Context, connector string) error
	// Kafka is a plain client, for the consumer groups of sinks. Without it their offsets are not available.
	Kafka *kgo.Client
	// WorkerID is the host:port that status records name.
	WorkerID string
	// Version is the Kafka Connect version whose API this is, major.minor.patch: clients decide by it what they may call.
	// Commit is of this program, ClusterID that of the Kafka cluster.
	Version, Commit, ClusterID string
	// Worker has the defaults of converters, the policy of client overrides and the settings of topic tracking.
	Worker *worker.Config
	// Log is where failures and changes are logged.
	Log *slog.Logger
	// Loggers has the levels of Log and of everything in this process; nil leaves /admin/loggers out.
	Loggers *loggers.Loggers
	// Now is the clock, for the log.
	Now func() time.Time
}

// handler serves the API.
type handler struct {
	Options
	validator *connectorconfig.Validator
	table     []route
	// configs and statuses are how this handler sees the two topics.
	configs, statuses *view
	patches           turns
}

// New returns the API as a handler, which may be used concurrently. It fails when the worker's converters or its policy are
// not known.
func New(o Options) (http.Handler, error) {
	v, err := connectorconfig.New(connectorconfig.Options{Catalog: o.Catalog, Worker: o.Worker, Invoker: o.Invoker})
	if err != nil {
		return nil, err
	}
	o.Log = o.Log.With(loggers.Key, loggers.REST)
	h := &handler{Options: o, validator: v}
	h.configs = newView(o.Worker.ConfigTopic, o.Now, o.Store.Configs().Sync)
	h.statuses = newView(o.Worker.StatusTopic, o.Now, o.Store.Statuses().Sync)
	h.table = h.routes()
	if h.servesLoggers() {
		h.table = append(h.table, h.loggerRoutes()...)
		h.knowConnectors()
	}
	return h, nil
}

// NewServer returns a server for the handler at an address, with time limits that a slow or silent client cannot stretch. It
// does not listen yet.
func NewServer(api http.Handler, addr string) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           api,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       requestTime,
		WriteTimeout:      2 * requestTime, // reading the request counts too
		IdleTimeout:       requestTime,
		MaxHeaderBytes:    64 << 10,
	}
}
