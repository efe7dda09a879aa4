package lambda_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

const bootstrap = "./testdata/bootstrap"

// event is one for the function in testdata.
func event(do, text string) []byte {
	b, _ := json.Marshal(map[string]string{"do": do, "text": text})
	return b
}

// request waits for the answer, with the log's tail.
func request(t *testing.T, l *lambda.Lambda, name string, payload []byte) *lambdaapi.InvokeOutput {
	t.Helper()
	out, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload, LogType: types.LogTypeTail})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// begin invokes without waiting; the function it returns waits for the answer.
func begin(t *testing.T, l *lambda.Lambda, name string, payload []byte) (wait func() *lambdaapi.InvokeOutput) {
	t.Helper()
	type reply struct {
		out *lambdaapi.InvokeOutput
		err error
	}
	replies := make(chan reply, 1)
	go func() {
		out, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload})
		replies <- reply{out, err}
	}()
	return func() *lambdaapi.InvokeOutput {
		t.Helper()
		r := <-replies
		if r.err != nil {
			t.Fatal(r.err)
		}
		return r.out
	}
}

// send queues an event.
func send(t *testing.T, l *lambda.Lambda, name string, payload []byte) {
	t.Helper()
	out, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: &name, Payload: payload, InvocationType: types.InvocationTypeEvent})
	if err != nil || out.StatusCode != http.StatusAccepted {
		t.Fatalf("%+v, %v", out, err)
	}
}

type description struct {
	PID       int               `json:"pid"`
	Served    int               `json:"served"`
	Deadline  int64             `json:"deadline"`
	RequestID string            `json:"requestId"`
	ARN       string            `json:"arn"`
	Env       map[string]string `json:"env"`
}

func describe(t *testing.T, l *lambda.Lambda, name string) description {
	t.Helper()
	var d description
	if err := json.Unmarshal(request(t, l, name, event("describe", "")).Payload, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// failure is what a function that failed says.
func failure(t *testing.T, out *lambdaapi.InvokeOutput) (kind, message string) {
	t.Helper()
	var e struct {
		ErrorType    string `json:"errorType"`
		ErrorMessage string `json:"errorMessage"`
	}
	if err := json.Unmarshal(out.Payload, &e); err != nil {
		t.Fatalf("%s: %v", out.Payload, err)
	}
	if out.StatusCode != http.StatusOK || aws.ToString(out.FunctionError) != "Unhandled" {
		t.Errorf("status %d, function error %q", out.StatusCode, aws.ToString(out.FunctionError))
	}
	return e.ErrorType, e.ErrorMessage
}

// pipe makes a named pipe: the function reads it, and the test holds the function by not writing. started waits until the
// function runs, and returns what lets it go on.
func pipe(t *testing.T) (path string, started func() (release func())) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, func() func() {
		w, err := os.OpenFile(path, os.O_WRONLY, 0) // returns when there is a reader
		if err != nil {
			t.Fatal(err)
		}
		return func() { _ = w.Close() }
	}
}

func TestAFunctionAnswersAndItsSandboxIsUsedAgain(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Memory: 256, Timeout: 20 * time.Second, Env: map[string]string{"COLOUR": "blue"}})

	out := request(t, l, "f", event("echo", "hello"))
	if string(out.Payload) != `{"text":"hello"}` || out.FunctionError != nil || aws.ToString(out.ExecutedVersion) != "$LATEST" {
		t.Errorf("it answered %s, %+v", out.Payload, out)
	}
	settled(t, l)
	before := time.Now()
	d := describe(t, l, "f")
	if d.Served != 2 || d.PID != l.Sandboxes("f")[0].PID || len(l.Sandboxes("f")) != 1 {
		t.Errorf("the second event was number %d of %d, sandboxes %+v", d.Served, d.PID, l.Sandboxes("f"))
	}
	if left := time.UnixMilli(d.Deadline).Sub(before); left < 19*time.Second || left > 25*time.Second {
		t.Errorf("the deadline is in %v", left)
	}
	if d.RequestID == "" || d.ARN != "arn:aws:lambda:us-east-1:000000000000:function:f" {
		t.Errorf("the context has %+v", d)
	}
	for name, want := range map[string]string{
		"COLOUR": "blue", "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256", "AWS_REGION": "us-east-1",
		"AWS_LAMBDA_LOG_STREAM_NAME": l.Sandboxes("f")[0].ID, "HOME": "",
	} {
		if got := d.Env[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestAFunctionIsFoundByNameAndByARN(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap)})
	for _, name := range []string{"f", "f:live", "arn:aws:lambda:us-east-1:000000000000:function:f", "000000000000:function:f:$LATEST"} {
		if out := request(t, l, name, event("echo", "x")); string(out.Payload) != `{"text":"x"}` {
			t.Errorf("%s answered %s", name, out.Payload)
		}
	}
	out, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: aws.String("f"), InvocationType: types.InvocationTypeDryRun})
	if err != nil || out.StatusCode != http.StatusNoContent {
		t.Errorf("a dry run answered %+v, %v", out, err)
	}
}

func TestConcurrentInvocationsHaveSandboxesOfTheirOwn(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	release := started()
	first := l.Sandboxes("f")
	if d := describe(t, l, "f"); len(first) != 1 || !first[0].Busy || d.PID == first[0].PID || d.Served != 1 {
		t.Errorf("beside %+v the second ran in %+v", first, d)
	}
	release()
	wait()
	settled(t, l)
	if n := len(l.Sandboxes("f")); n != 2 {
		t.Errorf("%d sandboxes are warm", n)
	}
}

func TestAReservedConcurrencyThrottles(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute, Concurrency: 1})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	release := started()
	_, err := client(l).Invoke(t.Context(), &lambdaapi.InvokeInput{FunctionName: aws.String("f"), Payload: event("echo", "")})
	throttled, ok := errors.AsType[*types.TooManyRequestsException](err)
	if !ok || throttled.Reason != types.ThrottleReasonReservedFunctionConcurrentInvocationLimitExceeded {
		t.Errorf("a second invocation got %v", err)
	}
	// An asynchronous event waits instead.
	line := filepath.Join(t.TempDir(), "lines")
	send(t, l, "f", event("append", line))
	release()
	wait()
	settled(t, l)
	if text, err := os.ReadFile(line); err != nil || strings.Count(string(text), "\n") != 1 {
		t.Errorf("the event that waited left %q, %v", text, err)
	}
}

func TestWhatAFunctionDoesWrongReachesItsCaller(t *testing.T) {
	l := start(t, nil)
	boot := build(t, bootstrap)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: boot, Timeout: 20 * time.Second})
	deploy(t, l, lambda.Function{Name: "exits", Bootstrap: boot, Env: map[string]string{"INIT": "exit"}})
	deploy(t, l, lambda.Function{Name: "reports", Bootstrap: boot, Env: map[string]string{"INIT": "report"}})
	deploy(t, l, lambda.Function{Name: "absent", Bootstrap: filepath.Join(t.TempDir(), "bootstrap")})
	large, _ := json.Marshal(map[string]any{"do": "large", "size": 7 << 20})
	for _, c := range []struct {
		name, function string
		payload        []byte
		kind, message  string
		survives       bool
	}{
		{"an error", "f", event("fail", "no luck"), "errorString", "no luck", true},
		{"an event of a wrong type", "f", []byte(`[]`), "UnmarshalTypeError", "cannot unmarshal", true},
		{"a panic", "f", event("panic", "lost"), "string", "lost", false},
		{"the end of the process", "f", event("exit", ""), "Runtime.ExitError", "exit status 3", false},
		{"an answer that is too large", "f", large, "Function.ResponseSizeTooLarge", "6291556", false},
		{"the end of the process before it began", "exits", event("echo", ""), "Runtime.ExitError", "exit status 4", false},
		{"a failure to start that it reports itself", "reports", event("echo", ""), "Function.NoModel", "the model is missing", false},
		{"a request for another event before the answer", "f", event("greedy", ""), "Runtime.ExitError", "signal: killed", false},
		{"no executable", "absent", event("echo", ""), "Runtime.InvalidEntrypoint", "no such file", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, message := failure(t, request(t, l, c.function, c.payload))
			if kind != c.kind || !strings.Contains(message, c.message) {
				t.Errorf("it failed with %s: %s", kind, message)
			}
			settled(t, l)
			if survived := len(l.Sandboxes(c.function)) == 1; survived != c.survives {
				t.Errorf("sandboxes: %+v", l.Sandboxes(c.function))
			}
		})
	}
	if out := request(t, l, "f", event("echo", "after all")); string(out.Payload) != `{"text":"after all"}` {
		t.Errorf("afterwards it answers %s", out.Payload)
	}
}

func TestAProcessThatDoesNotBeginInTimeIsKilled(t *testing.T) {
	l := startWith(t, lambda.Options{InitTime: 200 * time.Millisecond})
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Env: map[string]string{"INIT": "hang"}})
	if kind, message := failure(t, request(t, l, "f", event("echo", ""))); kind != "Sandbox.Timedout" || !strings.Contains(message, "Init phase") {
		t.Errorf("it failed with %s: %s", kind, message)
	}
	settled(t, l)
	if left := l.Sandboxes("f"); len(left) > 0 {
		t.Errorf("it left %+v", left)
	}
}

func TestAnInvocationIsAnsweredOnceAndByItsOwnSandbox(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 20 * time.Second})
	if out := request(t, l, "f", event("stray", "")); string(out.Payload) != `"first"` || out.FunctionError != nil {
		t.Errorf("it answered %s", out.Payload)
	}
	settled(t, l)
	if log, err := l.Logs("f"); err != nil || !strings.Contains(log, "statuses 400 202 400") {
		t.Errorf("the log is %s, %v", log, err)
	}
}

func TestTheDeadlineKills(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 300 * time.Millisecond})
	path, _ := pipe(t) // nobody writes
	out := request(t, l, "f", event("wait", path))
	kind, message := failure(t, out)
	if kind != "Sandbox.Timedout" || !strings.HasSuffix(message, "Task timed out after 0.30 seconds") {
		t.Errorf("it failed with %s: %s", kind, message)
	}
	settled(t, l)
	if left := l.Sandboxes("f"); len(left) > 0 {
		t.Errorf("it left %+v", left)
	}
	if d := describe(t, l, "f"); d.Served != 1 {
		t.Errorf("the next event was number %d", d.Served)
	}
}

func TestAKilledSandboxFailsItsInvocationAndIsReplaced(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	defer started()()
	if !l.Kill("f", l.Sandboxes("f")[0].ID) || l.Kill("f", "no such sandbox") {
		t.Error("the wrong sandbox was killed")
	}
	if kind, message := failure(t, wait()); kind != "Runtime.ExitError" || !strings.Contains(message, "signal: killed") {
		t.Errorf("it failed with %s: %s", kind, message)
	}
	// Also one that is idle.
	first := describe(t, l, "f")
	settled(t, l)
	l.Kill("f", l.Sandboxes("f")[0].ID)
	if second := describe(t, l, "f"); second.PID == first.PID || second.Served != 1 {
		t.Errorf("%+v served after %+v", second, first)
	}
}

func TestAnEventIsTriedAgainWhenItFails(t *testing.T) {
	var after []int
	l := start(t, func(n int) time.Duration { after = append(after, n); return time.Millisecond })
	deploy(t, l, lambda.Function{Name: "twice", Bootstrap: build(t, bootstrap), Retries: 2, Timeout: 20 * time.Second})
	deploy(t, l, lambda.Function{Name: "once", Bootstrap: build(t, bootstrap), Timeout: 20 * time.Second})
	folder := t.TempDir()
	for name, attempts := range map[string]int{"twice": 3, "once": 1} {
		send(t, l, name, event("append", filepath.Join(folder, name)))
		settled(t, l)
		if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || strings.Count(string(text), "\n") != attempts {
			t.Errorf("%s: the function saw %q, %v; want %d attempts", name, text, err, attempts)
		}
	}
	if len(after) != 2 || after[0] != 1 || after[1] != 2 {
		t.Errorf("it waited before the retries %v", after)
	}
}

func TestAnEventThatBecomesTooOldIsDropped(t *testing.T) {
	l := start(t, nil) // retries come after a minute
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Retries: 2, MaxAge: 2 * time.Second, Timeout: 20 * time.Second})
	lines := filepath.Join(t.TempDir(), "lines")
	send(t, l, "f", event("append", lines))
	settled(t, l)
	if text, err := os.ReadFile(lines); err != nil || strings.Count(string(text), "\n") != 1 {
		t.Errorf("the function saw %q, %v", text, err)
	}
}

func TestRequestsThatLambdaRefuses(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap)})
	padded := func(size int) []byte { return []byte(`{"do":"echo","text":"` + strings.Repeat("x", size) + `"}`) }
	for _, c := range []struct {
		name    string
		in      lambdaapi.InvokeInput
		code    string
		message string
	}{
		{"an unknown function", lambdaapi.InvokeInput{FunctionName: aws.String("g")}, "ResourceNotFoundException", "function:g"},
		{"no JSON", lambdaapi.InvokeInput{FunctionName: aws.String("f"), Payload: []byte("{")}, "InvalidRequestContentException", "parse"},
		{"6 MB", lambdaapi.InvokeInput{FunctionName: aws.String("f"), Payload: padded(6 << 20)}, "RequestTooLargeException", "6291456"},
		{"1 MB for an event", lambdaapi.InvokeInput{FunctionName: aws.String("f"), InvocationType: types.InvocationTypeEvent, Payload: padded(1 << 20)}, "RequestTooLargeException", "1048576"},
		{"an unknown type", lambdaapi.InvokeInput{FunctionName: aws.String("f"), InvocationType: "Dance"}, "InvalidParameterValueException", "Dance"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := client(l).Invoke(t.Context(), &c.in)
			refused, ok := errors.AsType[smithy.APIError](err)
			if !ok || refused.ErrorCode() != c.code || !strings.Contains(refused.ErrorMessage(), c.message) {
				t.Errorf("it got %v", err)
			}
		})
	}
	if out := request(t, l, "f", padded(5<<20)); out.FunctionError != nil || len(out.Payload) < 5<<20 {
		t.Errorf("5 MB got %d bytes, %s", len(out.Payload), aws.ToString(out.FunctionError))
	}
}

func TestTheTailOfTheLogComesWithTheAnswer(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: 20 * time.Second})
	request(t, l, "f", event("log", "earlier"))
	settled(t, l)
	out := request(t, l, "f", event("log", "now"))
	text, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err != nil || !strings.HasPrefix(string(text), "START RequestId: ") || !strings.Contains(string(text), "\nnow\nto standard output\n") || strings.Contains(string(text), "earlier") {
		t.Errorf("the tail is %q, %v", text, err)
	}
	settled(t, l)
	if all, err := l.Logs("f"); err != nil || !strings.Contains(all, "earlier") || strings.Count(all, "REPORT RequestId: ") != 2 {
		t.Errorf("the log is %s, %v", all, err)
	}
	out = request(t, l, "f", event("log", strings.Repeat("x", 10_000)))
	if text, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult)); err != nil || len(text) != 4<<10 {
		t.Errorf("a long log has a tail of %d bytes, %v", len(text), err)
	}
}

func TestAFunctionThatIsDeployedAgainRunsItsNewVersion(t *testing.T) {
	l := start(t, nil)
	f := lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute, Env: map[string]string{"V": "1"}}
	deploy(t, l, f)
	if v := describe(t, l, "f").Env["V"]; v != "1" {
		t.Errorf("version %s ran", v)
	}
	path, started := pipe(t)
	wait := begin(t, l, "f", event("wait", path))
	release := started()
	f.Env = map[string]string{"V": "2"}
	deploy(t, l, f)
	if v := describe(t, l, "f").Env["V"]; v != "2" {
		t.Errorf("version %s ran", v)
	}
	release()
	if out := wait(); out.FunctionError != nil {
		t.Errorf("the invocation of the old version ended with %s", out.Payload)
	}
}

func TestCloseEndsWhatRunsAndWhatIsQueued(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Hour, Concurrency: 1})
	path, started := pipe(t)
	send(t, l, "f", event("wait", path))
	defer started()()
	send(t, l, "f", event("echo", "never"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left := l.Sandboxes("f"); len(left) > 0 {
		t.Errorf("it left %+v", left)
	}
	settled(t, l)
}

// A runtime that asks for an event while it has not answered the last one is broken; handing it another would lose one.
func TestAnEventIsHandedOutOnce(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute})
	d := describe(t, l, "f")
	settled(t, l)
	// The sandbox waits for an event; somebody else asks for one too.
	resp, err := http.Get("http://" + d.Env["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/next")
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.Header.Get("Lambda-Runtime-Aws-Request-Id") != "" {
			t.Error("somebody else got an event")
		}
	}
	eventually(t, 10*time.Second, "the broken sandbox is still there", func() bool { return len(l.Sandboxes("f")) == 0 })
	if out := request(t, l, "f", event("echo", "x")); string(out.Payload) != `{"text":"x"}` {
		t.Errorf("the next answer is %s", out.Payload)
	}
}
