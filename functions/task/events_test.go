package task_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
)

const (
	perHop    = 100 // records that an invocation of a chained function moves
	offerTime = 5 * time.Second
)

// events is the queue of asynchronous invocations, as the test lets it work.
type events struct {
	mu      sync.Mutex
	queued  []*invoke.Request
	failure error // of starts; the event may be queued all the same
	drop    bool
}

// Start implements invoke.Starter.
func (e *events) Start(_ context.Context, function string, req *invoke.Request) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if function != "own-name" {
		return fmt.Errorf("no such function: %s", function)
	}
	if !e.drop {
		e.queued = append(e.queued, req)
	}
	return e.failure
}

// next takes the event that was queued first, nil for none.
func (e *events) next() *invoke.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.queued) == 0 {
		return nil
	}
	req := e.queued[0]
	e.queued = e.queued[1:]
	return req
}

// chained runs a test with a function that chains, and moves perHop records an invocation.
func chained(t *testing.T, test func(t *testing.T, f *function, e *events), more ...func(*task.Options)) {
	t.Helper()
	e := &events{}
	inBubble(t, func(o *task.Options) {
		o.Chain, o.Function = e, "own-name"
		o.Limits.Records, o.Limits.BatchRecords = perHop, perHop/2
		for _, change := range more {
			change(o)
		}
	}, func(t *testing.T, f *function) {
		f.raise("c", 1, generation)
		f.table.take()
		test(t, f, e)
	})
}

// backlog is a request to a source with so many lines to read.
func (f *function) backlog(lines int) (req *invoke.Request, want []string) {
	f.t.Helper()
	for i := range lines {
		want = append(want, fmt.Sprintf("line %d", i))
	}
	path := f.write("in.txt", strings.Join(want, "\n")+"\n")
	return request("c", map[string]string{"connector.class": fileSource, "topic": "out", "file": path}), want
}

// follow serves events until there are none, and returns the responses.
func (f *function) follow(e *events) (responses []*invoke.Response) {
	f.t.Helper()
	for req := e.next(); req != nil; req = e.next() {
		responses = append(responses, f.Handle(f.t.Context(), req))
	}
	return responses
}

// free checks that nobody holds the lease or has it on offer.
func (f *function) free() {
	f.t.Helper()
	if item := f.item("c"); item.Owner != "" || item.Next != "" || item.Released != item.Epoch {
		f.t.Errorf("the lease is not free: %+v", item)
	}
}

func (f *function) has(want []string) {
	f.t.Helper()
	if got := f.values("out"); !slices.Equal(got, want) {
		f.t.Errorf("readers see %d records, want %d, each once", len(got), len(want))
	}
}

func facts(t *testing.T, resp *invoke.Response) (facts engine.Facts) {
	t.Helper()
	decode(t, resp.Facts, &facts)
	return facts
}
