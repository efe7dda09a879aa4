package lambda_test

import (
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// records is a file in which the function leaves a line for each time it was handed an event.
func records(t *testing.T) (path string, lines func() []string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "records")
	return path, func() []string {
		text, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return strings.Fields(string(text))
	}
}

// recorder starts a Lambda with a function f that records.
func recorder(t *testing.T) (l *lambda.Lambda, path string, lines func() []string) {
	t.Helper()
	l = start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	path, lines = records(t)
	return l, path, lines
}

func try(t *testing.T, l *lambda.Lambda, kind types.InvocationType, payload []byte) error {
	t.Helper()
	_, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: aws.String("f"), Payload: payload, InvocationType: kind})
	return err
}

func TestInvocationsCanBeRefused(t *testing.T) {
	l, path, lines := recorder(t)
	for _, kind := range []types.InvocationType{types.InvocationTypeRequestResponse, types.InvocationTypeEvent} {
		injected := l.Inject(lambda.Fault{Function: "f", Times: 2, Refuse: lambda.Throttled()})
		for range 2 {
			err := try(t, l, kind, event("record", path))
			throttled, ok := errors.AsType[*types.TooManyRequestsException](err)
			if !ok || throttled.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded {
				t.Errorf("%s: a throttled caller got %v", kind, err)
			}
		}
		l.Inject(lambda.Fault{Refuse: lambda.Unavailable()})
		err := try(t, l, kind, event("record", path))
		if failed, ok := errors.AsType[*types.ServiceException](err); !ok || failed.ErrorFault() != smithy.FaultServer || aws.ToString(failed.Type) != "Service" {
			t.Errorf("%s: a caller of a Lambda that fails got %v", kind, err)
		}
		if injected.Hits() != 2 {
			t.Errorf("%s: it happened %d times", kind, injected.Hits())
		}
	}
	settled(t, l)
	if got := lines(); len(got) != 0 {
		t.Errorf("the function ran %d times", len(got))
	}
	if err := try(t, l, types.InvocationTypeRequestResponse, event("record", path)); err != nil || len(lines()) != 1 {
		t.Errorf("afterwards: %v, %d lines", err, len(lines()))
	}
}

func TestAFunctionIsThrottledUntilTheFaultIsRemoved(t *testing.T) {
	l, path, lines := recorder(t)
	injected := l.Inject(lambda.Fault{Times: -1, Refuse: lambda.Throttled()})
	for range 5 {
		if err := try(t, l, types.InvocationTypeRequestResponse, event("record", path)); err == nil {
			t.Fatal("it was not throttled")
		}
	}
	injected.Remove()
	injected.Remove()
	if err := try(t, l, types.InvocationTypeRequestResponse, event("record", path)); err != nil || len(lines()) != 1 || injected.Hits() != 5 {
		t.Errorf("afterwards: %v, %d lines, %d hits", err, len(lines()), injected.Hits())
	}
}

func TestAFaultHappensToTheInvocationsThatItIsMeantFor(t *testing.T) {
	l, path, lines := recorder(t)
	injected := l.Inject(lambda.Fault{
		Function: "f", Type: "Event", Drop: true,
		Match: func(payload []byte) bool { return strings.Contains(string(payload), "record") },
	})
	if out := request(t, l, "f", event("record", path)); out.FunctionError != nil {
		t.Errorf("another type of invocation got %s", out.Payload)
	}
	send(t, l, "f", event("echo", "another payload"))
	settled(t, l)
	if injected.Hits() != 0 || len(lines()) != 1 {
		t.Errorf("it happened %d times, and there are %d lines", injected.Hits(), len(lines()))
	}
	send(t, l, "f", event("record", path))
	settled(t, l)
	if injected.Hits() != 1 || len(lines()) != 1 {
		t.Errorf("it happened %d times, and there are %d lines", injected.Hits(), len(lines()))
	}
	<-injected.Hit()
}

func TestAnEventIsDeliveredMoreThanOnce(t *testing.T) {
	l, path, lines := recorder(t)
	later := make(chan struct{})
	l.Inject(lambda.Fault{Copies: 1, HoldCopies: later})
	l.Inject(lambda.Fault{Copies: 2})

	send(t, l, "f", event("record", path))
	eventually(t, time.Minute, "the first delivery did not come", func() bool { return len(lines()) == 1 })
	close(later)
	settled(t, l)
	if got := lines(); len(got) != 2 || got[0] != got[1] {
		t.Errorf("the function saw %v", got)
	}

	if err := try(t, l, types.InvocationTypeRequestResponse, event("record", path)); err != nil {
		t.Error(err)
	}
	settled(t, l)
	if got := lines(); len(got) != 5 || got[2] != got[3] || got[3] != got[4] || got[4] == got[0] {
		t.Errorf("the function saw %v", got)
	}
}

func TestAnEventArrivesLate(t *testing.T) {
	l, path, lines := recorder(t)
	for _, kind := range []types.InvocationType{types.InvocationTypeEvent, types.InvocationTypeRequestResponse} {
		hold := make(chan struct{})
		injected := l.Inject(lambda.Fault{Hold: hold})
		before := len(lines())
		replies := make(chan error, 1)
		go func() { replies <- try(t, l, kind, event("record", path)) }()
		<-injected.Hit()
		if kind == types.InvocationTypeEvent {
			if err := <-replies; err != nil {
				t.Error(err)
			}
			replies <- nil
		}
		// Nothing else was sent: what runs has come too early.
		if got := lines(); len(got) != before {
			t.Errorf("%s: the function saw %v", kind, got)
		}
		close(hold)
		if err := <-replies; err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		settled(t, l)
		if got := lines(); len(got) != before+1 {
			t.Errorf("%s: the function saw %v", kind, got)
		}
	}
}

// What a client has sent is on its way, whatever the client does next.
func TestARequestArrivesLateThoughItsCallerIsGone(t *testing.T) {
	l, path, lines := recorder(t)
	hold := make(chan struct{})
	injected := l.Inject(lambda.Fault{Hold: hold})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.URL()+"/2015-03-31/functions/f/invocations", strings.NewReader(string(event("record", path))))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", req.URL.Host)
	if err != nil {
		t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	<-injected.Hit()
	_ = conn.Close()
	close(hold)
	eventually(t, time.Minute, "it did not arrive", func() bool { return len(lines()) == 1 })
}

func TestAReplyIsLost(t *testing.T) {
	l, path, lines := recorder(t)
	for n, kind := range []types.InvocationType{types.InvocationTypeRequestResponse, types.InvocationTypeEvent} {
		l.Inject(lambda.Fault{LoseReply: true})
		err := try(t, l, kind, event("record", path))
		if _, answered := errors.AsType[smithy.APIError](err); err == nil || answered {
			t.Errorf("%s: the caller got %v", kind, err)
		}
		settled(t, l)
		if got := lines(); len(got) != n+1 {
			t.Errorf("%s: the function saw %v", kind, got)
		}
	}
}

func TestARequestIsLost(t *testing.T) {
	l, path, lines := recorder(t)
	l.Inject(lambda.Fault{Drop: true})
	err := try(t, l, types.InvocationTypeRequestResponse, event("record", path))
	if _, answered := errors.AsType[smithy.APIError](err); err == nil || answered {
		t.Errorf("the caller got %v", err)
	}
	settled(t, l)
	if got := lines(); len(got) != 0 {
		t.Errorf("the function saw %v", got)
	}
}

// A proxy sees a connection, and what comes over it; the instrument knows whose it is.
func TestAnObserverOfAConnectionKillsAtANamedPoint(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled := func() net.Conn {
		conn, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	l.At("connected", "another function", func(string, lambda.Sandbox) { t.Error("the wrong action was taken") })
	l.At("connected", "f", func(string, lambda.Sandbox) { t.Error("an action was taken that was disarmed") })()
	l.At("connected", "f", func(function string, s lambda.Sandbox) {
		if !l.Kill(function, s.ID) {
			t.Errorf("there is no sandbox %s of %s", s.ID, function)
		}
	})

	// given
	wait := begin(t, l, "f", event("dial", listener.Addr().String()))
	conn := dialled()
	defer conn.Close()
	// when
	if taken, err := l.Reached("elsewhere", conn.RemoteAddr()); taken || err != nil {
		t.Errorf("another point: %v, %v", taken, err)
	}
	function, s, err := l.SandboxOf(conn.RemoteAddr())
	if err != nil || function != "f" || s.PID != l.Sandboxes("f")[0].PID {
		t.Errorf("the connection is of %s, %+v, %v", function, s, err)
	}
	if function, same, err := l.SandboxOfPID(s.PID); err != nil || function != "f" || same.ID != s.ID {
		t.Errorf("the process is of %s, %+v, %v", function, same, err)
	}
	if taken, err := l.Reached("connected", conn.RemoteAddr()); !taken || err != nil {
		t.Errorf("the point: %v, %v", taken, err)
	}
	// then
	if kind, message := failure(t, wait()); kind != "Runtime.ExitError" || !strings.Contains(message, "signal: killed") {
		t.Errorf("it failed with %s: %s", kind, message)
	}
	if _, _, err := l.SandboxOf(conn.RemoteAddr()); !errors.Is(err, lambda.ErrNoSandbox) {
		t.Errorf("afterwards the connection is of %v", err)
	}

	// An action is taken once.
	wait = begin(t, l, "f", event("dial", listener.Addr().String()))
	conn = dialled()
	if taken, err := l.Reached("connected", conn.RemoteAddr()); taken || err != nil {
		t.Errorf("once more: %v, %v", taken, err)
	}
	_ = conn.Close()
	if out := wait(); string(out.Payload) != `""` {
		t.Errorf("it answered %s", out.Payload)
	}
}
