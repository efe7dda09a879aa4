package lambda

import (
	"net/http"
	"slices"
	"sync"
)

// Fault is what goes wrong with an invocation. The fields before Refuse say with which; those from Refuse on say what, and
// several of them may be set. A Fault that sets none of the latter changes nothing: it counts.
type Fault struct {
	// Function is the name of the function; empty means any.
	Function string
	// Type is RequestResponse or Event; empty means both.
	Type string
	// Match chooses by the payload; nil means any. It must not keep the payload.
	Match func(payload []byte) bool
	// Times is to how many invocations it happens; 0 is one, and a negative number is all until Remove.
	Times int

	// Refuse is the error that the caller gets; nothing runs. Throttled, Unavailable and Pending are some.
	Refuse *Refusal
	// Drop loses the event. The caller of an Event still gets 202; that of a RequestResponse has its connection closed.
	Drop bool
	// Hold keeps the event back until the channel is closed; nil does not. The Done of a context with a timeout is a delay. An
	// Event's 202 does not wait, and its age counts from the end of Hold.
	Hold <-chan struct{}
	// Copies is how many times more the event is delivered, with the same request id. A RequestResponse answers with its
	// first delivery; nobody hears of what the copies answer.
	Copies int
	// HoldCopies keeps the copies back until it is closed; nil does not: they are delivered beside the first, at once.
	HoldCopies <-chan struct{}
	// LoseReply closes the caller's connection instead of answering. By then the function has given its answer, or the event
	// is in the queue.
	LoseReply bool
}

// Refusal is an error that Lambda gives instead of running a function.
type Refusal struct {
	// Status is the HTTP status, Type the name of the exception.
	Status int
	Type   string
	// Reason is the Reason of a TooManyRequestsException.
	Reason  string
	Message string
}

// Throttled is the refusal of an invocation for which there is no concurrency left.
func Throttled() *Refusal {
	return &Refusal{
		Status: http.StatusTooManyRequests, Type: "TooManyRequestsException", Message: "Rate Exceeded.",
		Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
	}
}

// Unavailable is the refusal of a Lambda that has a failure of its own.
func Unavailable() *Refusal {
	return &Refusal{Status: http.StatusInternalServerError, Type: "ServiceException", Message: "Service encountered an internal error."}
}

// Pending is the refusal of a function that is being replaced.
func Pending() *Refusal {
	return &Refusal{
		Status: http.StatusConflict, Type: "ResourceConflictException",
		Message: "The operation cannot be performed at this time. The function is currently in the following state: Pending",
	}
}

func recursion() *Refusal {
	return &Refusal{
		Status: http.StatusBadRequest, Type: "RecursiveInvocationException",
		Message: "Lambda has detected that the function is invoked in a recursive loop, and has stopped the invocation.",
	}
}

// Injection is a fault that waits for its invocations. Its methods may be called concurrently.
type Injection struct {
	fault  Fault
	faults *faults
	left   int           // invocations it may still happen to; negative is no end
	hits   int           // invocations it happened to
	first  chan struct{} // closed with the first
}

// Inject makes a fault happen to the invocations that match it. When several faults match one invocation, it is the one that
// was injected first.
func (l *Lambda) Inject(f Fault) *Injection {
	if f.Times == 0 {
		f.Times = 1
	}
	i := &Injection{fault: f, faults: &l.faults, left: f.Times, first: make(chan struct{})}
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	l.faults.all = append(l.faults.all, i)
	return i
}

// Remove ends it for invocations to come. It may be called again.
func (i *Injection) Remove() {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	i.faults.remove(i)
}

// Hits is to how many invocations it happened.
func (i *Injection) Hits() int {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	return i.hits
}

// Hit is closed when it happens for the first time, before anything runs or is refused.
func (i *Injection) Hit() <-chan struct{} { return i.first }

// faults are the injected ones, in the order in which they came.
type faults struct {
	mu  sync.Mutex
	all []*Injection
}

// take returns what goes wrong with an invocation, and counts it. The zero Fault is nothing.
func (f *faults) take(function, kind string, payload []byte) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := slices.IndexFunc(f.all, func(i *Injection) bool { return i.fault.matches(function, kind, payload) })
	if n < 0 {
		return Fault{}
	}
	i := f.all[n]
	if i.hits++; i.hits == 1 {
		close(i.first)
	}
	if i.left--; i.left == 0 {
		f.remove(i)
	}
	return i.fault
}

func (f *faults) remove(i *Injection) {
	f.all = slices.DeleteFunc(f.all, func(other *Injection) bool { return other == i })
}

func (f *Fault) matches(function, kind string, payload []byte) bool {
	return (f.Function == "" || f.Function == function) && (f.Type == "" || f.Type == kind) && (f.Match == nil || f.Match(payload))
}
