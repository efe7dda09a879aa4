package lambda_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	lambdaapi "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/ferry-connect/ferry/localstack/lambda"
)

// A function that invokes itself is stopped, as on Lambda, though nothing of its payload says so: its client sends along the
// trace that the function was invoked with.
func TestAChainOfInvocationsIsStopped(t *testing.T) {
	for _, c := range []struct {
		name             string
		hops             int
		allow            bool
		invoked, dropped int
	}{
		{"sixteen invocations are no loop", 15, false, 16, 0},
		{"the next is stopped", 16, false, 16, 1},
		{"a function may be allowed to loop", 20, true, 21, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := start(t, nil)
			deploy(t, l, lambda.Function{
				Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute, RecursiveLoop: c.allow, Env: map[string]string{"AWS_ENDPOINT_URL_LAMBDA": l.URL()},
			})
			path, lines := records(t)
			payload, err := json.Marshal(map[string]any{"do": "chain", "text": path, "size": c.hops})
			if err != nil {
				t.Fatal(err)
			}
			send(t, l, "f", payload)
			settled(t, l)
			if got := len(lines()); got != c.invoked || l.RecursiveInvocationsDropped("f") != c.dropped {
				t.Errorf("it was invoked %d times, and %d were dropped", got, l.RecursiveInvocationsDropped("f"))
			}
		})
	}
}

func TestACallerThatWaitsHearsOfALoop(t *testing.T) {
	l := start(t, nil)
	deploy(t, l, lambda.Function{Name: "f", Bootstrap: build(t, bootstrap)})
	trace := func(lineage string) func(o *lambdaapi.Options) {
		return func(o *lambdaapi.Options) {
			o.HTTPClient = withHeader{"X-Amzn-Trace-Id", "Root=1-00000001-000000000000000000000001;Parent=0000000000000001;Sampled=0" + lineage}
		}
	}
	in := &lambdaapi.InvokeInput{FunctionName: aws.String("f"), Payload: event("echo", "x")}
	_, err := client(l).Invoke(t.Context(), in, trace(";Lineage=1:abcdef01:16"))
	if _, ok := errors.AsType[*types.RecursiveInvocationException](err); !ok || l.RecursiveInvocationsDropped("f") != 1 {
		t.Errorf("the caller got %v, and %d were dropped", err, l.RecursiveInvocationsDropped("f"))
	}
	for _, lineage := range []string{"", ";Lineage=1:abcdef01:15", ";Lineage=", ";Lineage=1:abcdef01:many"} {
		if out, err := client(l).Invoke(t.Context(), in, trace(lineage)); err != nil || out.FunctionError != nil {
			t.Errorf("with %q the caller got %v", lineage, err)
		}
	}
}

// withHeader is an HTTP client that adds a header.
type withHeader [2]string

func (h withHeader) Do(req *http.Request) (*http.Response, error) {
	req.Header.Set(h[0], h[1])
	return http.DefaultClient.Do(req)
}

func TestAFunctionThatIsBeingReplacedRefuses(t *testing.T) {
	l, path, lines := recorder(t)
	l.Inject(lambda.Fault{Refuse: lambda.Pending()})
	err := try(t, l, types.InvocationTypeRequestResponse, event("record", path))
	if _, ok := errors.AsType[*types.ResourceConflictException](err); !ok || len(lines()) != 0 {
		t.Errorf("the caller got %v", err)
	}
}
