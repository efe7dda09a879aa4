package task

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/awskeys"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/catalog"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/worker"
	"github.com/ferry-connect/ferry/functions/engine"
)

var _ invoke.Handler = (*Handler)(nil)

// Options is what a Handler needs. All fields but Kafka, KeepOffsets, Chain, Providers, Catalog, Drain, Loggers and Progress are required.
type Options struct {
	// Plugins are the classes this function links.
	Plugins *connect.Registry
	// Worker is the configuration of the Connect cluster that the function belongs to.
	Worker *worker.Config
	// Kafka are options of every client that tasks make, beside those of Worker: another way to dial, say.
	Kafka []kgo.Opt
	// Leases owns tasks.
	Leases *lease.Leases
	// Offsets opens a reader of committed source offsets for one connector.
	Offsets OffsetsFor
	// KeepOffsets keeps source offsets outside Kafka, as standalone mode does; nil keeps them in the worker's offsets topic.
	KeepOffsets func(ctx context.Context, connector string, offsets []connect.SourceOffset) error
	// Chain starts the next hop of an invocation that ends with backlog, by Function, this function's name; nil leaves the
	// backlog to the schedule.
	Chain    invoke.Starter
	Function string
	// Owner names this function instance in leases. Each invocation adds a name of its own to it.
	Owner string
	// Limits bounds one invocation.
	Limits Limits
	// Providers resolve placeholders such as ${file:path:key}, by name.
	Providers map[string]configdef.ConfigProvider
	// Catalog loads the catalog of the deployment, which validating a configuration with placeholders takes; nil is catalog.Load.
	Catalog func() (*catalog.Catalog, error)
	// Drain, when closed, makes running invocations commit what is done and end. Nil never does.
	Drain <-chan struct{}
	// Log is the function's logger.
	Log *slog.Logger
	// Loggers has the levels of Log, for requests that change them; nil when they cannot be changed.
	Loggers *loggers.Loggers
	// Progress is called after every commit of a run; nil for nobody.
	Progress func(req *invoke.Request, facts engine.Facts)
}

// OffsetsFor returns a reader of the committed offsets of a connector, whose configuration may name an offsets topic of its
// own. hint is what the last invocation stored with the lease, or nil.
type OffsetsFor func(connector string, config map[string]string, hint *engine.OffsetHint) connect.OffsetReader

// Limits bounds an invocation.
type Limits struct {
	// Time is how long an invocation may last when its context has no deadline; with one, the deadline counts.
	Time time.Duration
	// Reserve is kept back at the end for the last commit and the release.
	Reserve time.Duration
	// Idle is how long an invocation waits for more data before it ends.
	Idle time.Duration
	// Records and Bytes end an invocation that has moved so many; 0 is no bound.
	Records, Bytes int64
	// BatchRecords and BatchBytes bound one batch.
	BatchRecords, BatchBytes int
	// Memory is what the function has, in bytes.
	Memory int64
	// CheckEvery is how often a running task looks at its lease; 0 is 2 s. With a short Lease it is more often.
	CheckEvery time.Duration
	// Sessions is of how many tasks the connection to Kafka is kept between invocations; 0 keeps none.
	Sessions int
	// Lease is for how long an invocation takes the lease, and renews it if it lasts longer: how long a crash goes unnoticed,
	// at most, beside the grace. 0 is 2 minutes.
	Lease time.Duration
}

// Handler serves the requests of one function. It may be used concurrently; on Lambda it never is.
type Handler struct {
	Options
	kafka    []kgo.Opt
	security *kafkaclient.Security
	policy   kafkaclient.Policy
	sessions sessions
}

// NewHandler returns a Handler, or a KindConfig error when the worker's client settings cannot be used.
func NewHandler(o Options) (*Handler, error) {
	policy, err := o.Worker.Policy()
	if err != nil {
		return nil, err
	}
	o.Log = o.Log.With(loggers.Key, loggers.Worker)
	return &Handler{
		Options: o, kafka: append(o.Worker.Brokers(), o.Kafka...), security: &kafkaclient.Security{AWS: awskeys.New(os.Getenv)},
		policy: policy, sessions: sessions{limit: o.Limits.Sessions},
	}, nil
}

// Close ends what was kept between invocations. None must be running. It may be called again.
func (h *Handler) Close() { h.sessions.close() }

// Handle carries out one request. It never panics on a bad one; what went wrong is in the response.
func (h *Handler) Handle(ctx context.Context, req *invoke.Request) *invoke.Response {
	h.Loggers.Apply(req.Loggers)
	if err := req.Check(); err != nil {
		refusal := invoke.FailureOf(err) // which nobody reads of an asynchronous run
		h.Log.Error("the request is refused", "connector", req.Connector, "op", string(req.Op), "error", refusal.Message, "hint", refusal.Hint)
		return &invoke.Response{Error: refusal}
	}
	class, err := h.Plugins.Connector(req.Config["connector.class"])
	if err != nil {
		return &invoke.Response{Error: invoke.FailureOf(err)}
	}
	if req.Op != invoke.OpRun { // somebody may have corrected a secret just now, and waits for the answer
		h.forget(time.Now())
	}
	lookUp := func() (*work, error) { return h.resolve(ctx, req) }
	if req.Op == invoke.OpPreview {
		lookUp = func() (*work, error) { return h.resolveForPreview(ctx, req) }
	}
	w, err := lookUp()
	w.class = class
	switch {
	case err != nil && req.Op == invoke.OpRun:
		return h.fail(ctx, w, err)
	case err != nil:
		return w.failed(err)
	}
	return h.guarded(ctx, w)
}

// work is one request with its placeholders resolved.
type work struct {
	*invoke.Request
	class *connect.Class
	// config and taskConfig may hold secrets; Request has them as the user wrote them.
	config, taskConfig map[string]string
	// ttl is how long the secrets in them are good for, 0 if nobody said.
	ttl     time.Duration
	values  map[string]string // by placeholder
	secrets *secrets.Secrets
	log     *slog.Logger
}

func (w *work) failed(err error) *invoke.Response {
	return &invoke.Response{Error: w.failure(err)}
}

// failure describes err without secrets.
func (w *work) failure(err error) *invoke.Failure {
	f := invoke.FailureOf(err)
	f.Message, f.Hint, f.Trace = w.secrets.Hide(f.Message), w.secrets.Hide(f.Hint), w.secrets.Hide(f.Trace)
	return f
}

// guarded turns a panic of a connector into a failure: other tasks may live in the same process.
func (h *Handler) guarded(ctx context.Context, w *work) (resp *invoke.Response) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("a connector panicked", "connector", w.Connector, "op", string(w.Op), "panic", p, "stack", string(debug.Stack()))
			resp = w.failed(connect.FatalError(fmt.Sprintf("the connector panicked: %v", p), nil))
		}
	}()
	switch w.Op {
	case invoke.OpRun:
		return h.run(ctx, w)
	case invoke.OpPlan:
		return plan(ctx, w)
	case invoke.OpCheck:
		return h.check(ctx, w)
	case invoke.OpValidate:
		return h.validate(ctx, w)
	case invoke.OpAlter:
		return alter(ctx, w)
	case invoke.OpPreview:
		return h.preview(ctx, w)
	default:
		return w.failed(fmt.Errorf("unknown operation %q: the coordinator is newer than this function, deploy the connector again", w.Op))
	}
}

// resolve replaces placeholders. It happens here and nowhere else: a secret never leaves the task. With an error the work is as it
// was requested. It is KindRetriable where a provider says that its failure may pass.
//
// What is hidden are the secrets of the request, those of the worker, and those in hidden.
func (h *Handler) resolve(ctx context.Context, req *invoke.Request, hidden ...map[string]string) (*work, error) {
	w := &work{Request: req, config: req.Config, taskConfig: req.TaskConfig}
	r, err := secrets.Resolve(ctx, h.Providers, req.Config, req.TaskConfig)
	if err == nil {
		w.config, w.taskConfig, w.ttl, w.values = r.Configs[0], r.Configs[1], r.TTL, r.Values
	}
	w.secrets = secrets.New(append(hidden, w.values, h.Worker.Secrets())...)
	w.log = w.secrets.Logger(h.Log)
	if err == nil {
		return w, nil
	}
	return w, unresolved(err)
}

// unresolved says why placeholders could not be resolved, in the words of the provider, which are Kafka's for Kafka's. The message has
// all that counts: whoever validates sees no more than that.
func unresolved(err error) *connect.Error {
	e := &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Message: err.Error()}
	if kafkas, ok := errors.AsType[*configdef.Error](err); ok {
		e.Message = kafkas.Message
		if kafkas.Cause != nil { // which its text leaves out
			e.Hint = kafkas.Cause.Error()
		}
		return e
	}
	if own, ok := errors.AsType[*connect.Error](err); ok {
		e.Message, e.Hint = own.Message, own.Hint
		if own.Cause != nil {
			e.Message += ": " + own.Cause.Error()
		}
		if own.Kind == connect.KindRetriable {
			e.Kind = connect.KindRetriable
		}
	}
	return e
}
