package lambda

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// What an AWS account would say; nothing depends on it.
const (
	region  = "us-east-1"
	account = "000000000000"
)

// Function is a function as it is deployed. It is not changed after Deploy.
type Function struct {
	// Name is what callers invoke.
	Name string
	// Bootstrap is the path of the executable.
	Bootstrap string
	// Env is the function's environment, beside what Lambda sets. Nothing of this process's environment gets in.
	Env map[string]string
	// Timeout is how long an invocation may take before its sandbox is killed; 0 is 3 s.
	Timeout time.Duration
	// Memory is how much memory a sandbox has, in MB; 0 is 128. One that uses more is killed, where MemoryEnforced.
	Memory int
	// Concurrency is how many sandboxes are reserved: there are never more. 0 reserves none, and does not limit.
	Concurrency int
	// Retries is how often an asynchronous event is tried again when the function failed. On Lambda it is 2 unless it is set.
	Retries int
	// MaxAge is how old an asynchronous event may become; 0 is 6 hours.
	MaxAge time.Duration
	// RecursiveLoop allows chains of any length, of which the package comment tells. On Lambda it is the value Allow; the default is Terminate.
	RecursiveLoop bool
}

func (f Function) withDefaults() (Function, error) {
	if f.Name == "" {
		return f, errors.New("deploy a function: it has no name")
	}
	bootstrap, err := filepath.Abs(f.Bootstrap)
	if err != nil {
		return f, fmt.Errorf("deploy function %s: %w", f.Name, err)
	}
	f.Bootstrap = bootstrap
	if f.Timeout == 0 {
		f.Timeout = 3 * time.Second
	}
	if f.Memory == 0 {
		f.Memory = 128
	}
	if f.MaxAge == 0 {
		f.MaxAge = 6 * time.Hour
	}
	return f, nil
}

func (f *Function) arn() string {
	return "arn:aws:lambda:" + region + ":" + account + ":function:" + f.Name
}

// Options of a Lambda.
type Options struct {
	// Logs is the folder in which each sandbox has a file of what it wrote: <function>/<sandbox id>.log. It must exist.
	Logs string
	// RetryAfter says how long an asynchronous event waits before the n-th retry; nil is as on Lambda, n minutes.
	RetryAfter func(n int) time.Duration
	// InitTime is how long a process may take until it asks for its first event; 0 is 10 s, as on Lambda. There the process is
	// then started once more, with the function's timeout; here the invocation fails.
	InitTime time.Duration
	// FrozenClock says that the time limit of an invocation stands still while its sandbox is frozen, as when its whole machine
	// is suspended. Otherwise it runs on, as when the process alone does not get to run: see Freeze.
	FrozenClock bool
	// Zone is the id of the availability zone in which all sandboxes run, as their metadata tells it; empty is use1-az1.
	Zone string
}

// Lambda is a Lambda service of this process. Its methods may be called concurrently.
type Lambda struct {
	opts     Options
	listener net.Listener
	server   *http.Server
	cells    bool // sandboxes are limited in memory

	ctx    context.Context //nolint:containedctx // the life of invocations, which outlive the requests that start them
	cancel context.CancelFunc
	wg     sync.WaitGroup

	faults faults
	points points

	mu        sync.Mutex
	functions map[string]*function
	deployed  []*function   // also those that were replaced
	active    int           // events that are running or queued
	quiet     chan struct{} // closed when active falls to 0
	mappings  []*Mapping
	closed    bool
}

// function is a deployed function.
type function struct {
	Function
	lambda *Lambda
	pool   pool
	queue  queue

	dropped atomic.Int64 // invocations of chains that were too long
}

// Start starts a service on a free port of this machine. Close ends it.
func Start(o Options) (*Lambda, error) {
	if info, err := os.Stat(o.Logs); err != nil || !info.IsDir() {
		return nil, errors.Join(fmt.Errorf("start Lambda: the folder for logs, %q, is not there", o.Logs), err)
	}
	if o.RetryAfter == nil {
		o.RetryAfter = func(n int) time.Duration { return time.Duration(n) * time.Minute }
	}
	if o.InitTime == 0 {
		o.InitTime = 10 * time.Second
	}
	if o.Zone == "" {
		o.Zone = "use1-az1"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start Lambda: %w", err)
	}
	l := &Lambda{opts: o, listener: listener, functions: make(map[string]*function)}
	l.enforceMemory()
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.server = &http.Server{Handler: l.api(), ReadHeaderTimeout: 10 * time.Second}
	l.wg.Go(func() { _ = l.server.Serve(listener) }) // it only returns because of Close
	return l, nil
}

// URL is the service's endpoint, for AWS_ENDPOINT_URL_LAMBDA.
func (l *Lambda) URL() string { return "http://" + l.listener.Addr().String() }

// Deploy makes a function known, or replaces it; invocations of the replaced one are carried out to their end.
func (l *Lambda) Deploy(f Function) error {
	f, err := f.withDefaults()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(l.opts.Logs, f.Name), 0o700); err != nil {
		return fmt.Errorf("deploy function %s: %w", f.Name, err)
	}
	fn := &function{Function: f, lambda: l}
	fn.pool.function, fn.queue.function = fn, fn
	fn.pool.changed = make(chan struct{})
	l.mu.Lock()
	old := l.functions[f.Name]
	l.functions[f.Name] = fn
	l.deployed = append(l.deployed, fn)
	l.mu.Unlock()
	if old != nil {
		old.pool.retire()
	}
	return nil
}

// Wait returns when no invocation runs and none is queued. A zombie, whose caller has been answered, is not waited for.
func (l *Lambda) Wait(ctx context.Context) error {
	for {
		l.mu.Lock()
		active, quiet := l.active, l.quiet
		l.mu.Unlock()
		if active == 0 {
			return nil
		}
		select {
		case <-quiet:
		case <-ctx.Done():
			return fmt.Errorf("%d invocations are running or queued: %w", active, context.Cause(ctx))
		}
	}
}

// Close drops what is queued, shuts down sandboxes that are idle and kills those that are not, and returns when nothing of it
// runs any more. It may be called again.
func (l *Lambda) Close() error {
	l.mu.Lock()
	l.closed = true
	deployed, mappings := l.deployed, l.mappings
	l.mu.Unlock()
	l.cancel()
	for _, f := range deployed {
		f.pool.close()
	}
	err := l.server.Close()
	for _, m := range mappings {
		m.Close()
	}
	l.wg.Wait()
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close Lambda: %w", err)
	}
	return nil
}

// start runs an invocation in a goroutine of its own, which Close waits for. It is false when the service is closed.
func (l *Lambda) start(run func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	if l.active++; l.active == 1 {
		l.quiet = make(chan struct{})
	}
	l.wg.Go(func() {
		defer l.ended()
		run()
	})
	return true
}

func (l *Lambda) ended() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.active--; l.active == 0 {
		close(l.quiet)
	}
}

// passed waits for a gate to open, and reports whether it did before the context or the service ended. Nil is open.
func (l *Lambda) passed(ctx context.Context, gate <-chan struct{}) bool {
	if gate == nil {
		return true
	}
	select {
	case <-gate:
		return true
	case <-ctx.Done():
		return false
	case <-l.ctx.Done():
		return false
	}
}

func (l *Lambda) function(name string) (*function, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f, ok := l.functions[name]
	return f, ok
}

// Logs returns what all sandboxes that a function ever had wrote, and Lambda's own lines about its invocations.
func (l *Lambda) Logs(name string) (string, error) {
	files, err := filepath.Glob(filepath.Join(l.opts.Logs, name, "*.log"))
	if err != nil {
		return "", fmt.Errorf("read the logs of %s: %w", name, err)
	}
	slices.Sort(files)
	var all []byte
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the logs of %s: %w", name, err)
		}
		all = append(all, text...)
	}
	return string(all), nil
}
