// Package host runs the whole product in one process: the coordinator's passes, the tasks and the REST API. It is what the
// functions are in the cloud, with the same code below it; the leases are in memory, since nobody else could hold one.
//
// # The end of a host
//
// Close goes against the direction in which work arrives, so that nothing new begins behind what has ended:
//
//	1 the API takes no more requests, and finishes those it has
//	2 no more passes; those that run end
//	3 tasks are asked to end: they commit what is done and release their leases; after Grace they are cut off, which loses
//	  no record, only the progress since the last commit
//	4 the store and the clients are closed
package host

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/server"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/task"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/loop"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

const (
	// settleTime is how long an API call that changes a connector waits for the pass it caused, so that its effect can be
	// seen by the next call. The change itself is durable before.
	settleTime = 5 * time.Second
	// answerTime is how long requests that are being answered may take at the end.
	answerTime = 3 * time.Second
)

// Options is what a Host needs; all fields but KeepOffsets and Remember are required.
type Options struct {
	// Worker is the worker configuration.
	Worker *worker.Config
	// Store has the worker's configurations, statuses and offsets. The host closes it.
	Store *store.Store
	// Server is the listeners of the REST API. The host closes it.
	Server *server.Server
	// Extensions are the classes that rest.extension.classes may name.
	Extensions []extension.Class
	// Connect is the version of Kafka Connect that the API reports, Commit that of this program.
	Connect, Commit string
	// KeepOffsets keeps source offsets outside Kafka, as standalone mode does.
	KeepOffsets func(ctx context.Context, connector string, offsets []connect.SourceOffset) error
	// Remember names connectors whose positions are looked up before anything moves: see Resumed.
	Remember []string
	// Log is everybody's logger, Loggers has the levels of its parts.
	Log     *slog.Logger
	Loggers *loggers.Loggers
}

// Host is a running product.
type Host struct {
	Options
	coordinator *coordinator.Coordinator
	leases      *lease.Leases
	tasks       []*task.Handler
	invoker     *invoke.InProcess
	loop        *loop.Loop
	tally       *progress.Tally
	running     *running
	kafka       *kgo.Client
	handler     http.Handler // the API itself
	front       *server.Front

	resumed  map[string]string
	drain    chan struct{} // closed to make tasks end
	stopLoop context.CancelFunc
	wg       sync.WaitGroup // the loop
}

// Start starts a host over the connectors that its store has, and returns when the API answers. When it fails, the store and
// the listener are closed.
func Start(ctx context.Context, o Options) (*Host, error) {
	h := &Host{
		Options: o, tally: progress.New(), leases: lease.New(lease.NewMemory(), lease.Options{}),
		running: newRunning(), drain: make(chan struct{}),
	}
	if err := h.assemble(ctx); err != nil {
		if h.kafka != nil {
			h.kafka.Close()
		}
		o.Store.Close()
		return nil, errors.Join(err, o.Server.Close())
	}
	h.run()
	return h, nil
}

// assemble puts the parts together; nothing runs yet.
func (h *Host) assemble(ctx context.Context) error {
	opts, err := h.Worker.Kafka()
	if err != nil {
		return connect.ConfigError(err.Error())
	}
	if h.kafka, err = kgo.NewClient(opts...); err != nil {
		return fmt.Errorf("make a Kafka client: %w", err)
	}
	plugins, err := connect.NewRegistry(connectors.Plugins())
	if err != nil {
		return fmt.Errorf("index the plugins: %w", err)
	}
	known, err := catalog.Load()
	if err != nil {
		return fmt.Errorf("load the catalog: %w", err)
	}
	handlers, err := h.handlers(plugins)
	if err != nil {
		return err
	}
	h.invoker = invoke.NewInProcess(handlers, h.ended)
	h.coordinator = coordinator.New(coordinator.Options{
		Store: h.Store, Leases: h.leases, Invoker: h.invoker, Catalog: known, TrackTopics: h.Worker.TrackTopics,
		TransactionalID: h.Worker.TransactionalID, AtLeastOnce: h.Worker.AtLeastOnce() != "", Kafka: h.kafka,
		WorkerID: h.Worker.WorkerID, Owner: "coordinator-" + rand.Text(),
		Now: time.Now, Log: h.Log, Loggers: h.Loggers,
	})
	h.loop = loop.New(loop.Options{Pass: h.pass, Exists: h.exists, Log: h.Log})
	if err := h.api(ctx, known); err != nil {
		return err
	}
	if err := h.resume(ctx); err != nil {
		return err
	}
	h.resumed, err = h.positions(ctx, h.Remember...)
	return err
}

// resume asks for a pass over every connector there is.
func (h *Host) resume(ctx context.Context) error {
	names, err := h.coordinator.Names(ctx)
	if err != nil {
		return fmt.Errorf("look up the connectors: %w", err)
	}
	for _, name := range names {
		h.loop.Trigger(name)
	}
	return nil
}

func (h *Host) run() {
	ctx, cancel := context.WithCancel(context.Background())
	h.stopLoop = cancel
	h.wg.Go(func() { h.loop.Run(ctx) })
	h.Server.Serve(h.front, h.Log)
}

// URL is where the REST API is.
func (h *Host) URL() string { return h.Server.URL() }

// Client returns a client that calls the API within this process. It needs no password and no certificate, whatever others need.
func (h *Host) Client() *http.Client { return &http.Client{Transport: inProcess{h.handler}} }

// Failed receives an error if the API ends by itself.
func (h *Host) Failed() <-chan error { return h.Server.Failed() }

// Close ends everything in order, see the package comment, and returns when nothing runs any more. It is called once.
func (h *Host) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	err := errors.Join(h.Server.Shutdown(ctx), h.front.Close())
	h.stopLoop()
	h.wg.Wait()
	close(h.drain)
	drained, cancelDrain := context.WithTimeout(context.Background(), h.Worker.ShutdownTimeout)
	defer cancelDrain()
	h.invoker.Drain(drained)
	for _, t := range h.tasks {
		t.Close()
	}
	h.kafka.Close()
	h.Store.Close()
	return err
}

// pass makes one pass and tells the loop when to come again.
func (h *Host) pass(ctx context.Context, name string) (time.Time, error) {
	result, err := h.coordinator.Pass(ctx, name)
	if err == nil && !h.exists(name) {
		h.tally.Forget(name)
	}
	return result.Next, err
}

func (h *Host) exists(name string) bool {
	_, ok := h.Store.Configs().Snapshot().Connectors[name]
	return ok
}

// trigger lets a connector have a pass, and waits for it within bounds. A user who created a connector and asks for its
// status should find one.
func (h *Host) trigger(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), settleTime)
	defer cancel()
	if err := h.loop.Await(ctx, name); err != nil {
		h.Log.Debug("the pass after a change goes on", "connector", name, "reason", err)
	}
}
