package invoke

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func errorAs(err error) (*connect.Error, bool) { return errors.AsType[*connect.Error](err) }

// ErrClosed is returned by an InProcess that has been closed.
var ErrClosed = errors.New("invoke: closed")

// InProcess runs functions as goroutines of this process: the Invoker of the local command. The zero value is not usable;
// see NewInProcess. It may be used concurrently.
type InProcess struct {
	handlers map[string]Handler
	done     func(Request, *Response)

	ctx    context.Context //nolint:containedctx // the life of the started invocations, which outlive the calls that start them
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	closed bool
}

// NewInProcess returns an Invoker over handlers, by function name. done, which may be nil, is called with each started
// request and its response when the invocation has ended, from the invocation's goroutine.
func NewInProcess(handlers map[string]Handler, done func(Request, *Response)) *InProcess {
	ctx, cancel := context.WithCancel(context.Background())
	return &InProcess{handlers: handlers, done: done, ctx: ctx, cancel: cancel}
}

// Invoke runs the function and waits, until ctx ends: a connector that does not heed that is left to itself, as a function would be, and
// not waited for by Close either.
func (p *InProcess) Invoke(ctx context.Context, function string, req *Request) (*Response, error) {
	h, ok := p.handlers[function]
	if !ok {
		return nil, fmt.Errorf("invoke %s: no such function in this process", function)
	}
	answer := make(chan *Response, 1)
	go func() { answer <- h.Handle(ctx, req) }()
	select {
	case resp := <-answer:
		return resp, nil
	case <-ctx.Done():
	}
	select {
	case resp := <-answer: // it came at the same time
		return resp, nil
	default:
		return nil, fmt.Errorf("invoke %s: %w", function, ctx.Err())
	}
}

// Start runs the function in a goroutine of its own, which Close waits for.
func (p *InProcess) Start(_ context.Context, function string, req *Request) error {
	h, ok := p.handlers[function]
	if !ok {
		return fmt.Errorf("start %s: no such function in this process", function)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrClosed
	}
	p.wg.Go(func() {
		resp := h.Handle(p.ctx, req)
		if p.done != nil {
			p.done(*req, resp)
		}
	})
	return nil
}

// Wait returns when no invocation runs. More may be started meanwhile; those are not waited for.
func (p *InProcess) Wait() { p.wg.Wait() }

// Close refuses further starts, asks running invocations to end, and returns when all have ended.
func (p *InProcess) Close() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.Drain(ctx)
}

// Drain refuses further starts and waits for running invocations, which it asks to end only when ctx is done. It returns
// when all have ended.
func (p *InProcess) Drain(ctx context.Context) {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	stop := context.AfterFunc(ctx, p.cancel)
	defer stop()
	p.wg.Wait()
	p.cancel()
}
