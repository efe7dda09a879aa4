package lambda

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"
	"time"
)

// event is what a function is invoked with. All its deliveries have one id and one trace.
type event struct {
	id      string
	trace   string
	payload []byte
}

// invocation is one event on its way through a sandbox.
type invocation struct {
	event
	deadline time.Time

	done chan struct{} // closed when there is a result
	idle chan struct{} // closed when the sandbox asked for the next event

	mu     sync.Mutex
	result *result
}

// result is what the caller learns.
type result struct {
	payload []byte
	failed  bool   // payload is an error
	log     []byte // the last of what the sandbox wrote
}

func newInvocation(e event) *invocation {
	return &invocation{event: e, done: make(chan struct{}), idle: make(chan struct{})}
}

// finish sets the result, unless there is one already, and reports whether it did.
func (i *invocation) finish(r result) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.result != nil {
		return false
	}
	i.result = &r
	close(i.done)
	return true
}

// functionError is a failure as Lambda describes it to the caller.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html and the emulator's error types.
func (i *invocation) functionError(kind, format string, args ...any) result {
	payload, _ := json.Marshal(map[string]string{
		"errorType": kind, "errorMessage": "RequestId: " + i.id + " Error: " + fmt.Sprintf(format, args...),
	})
	return result{payload: payload, failed: true}
}

// newUUID returns a random UUID, the form of Lambda's request ids.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
