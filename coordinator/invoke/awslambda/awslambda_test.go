package awslambda_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/invoke/awslambda"
)

// lambdaAPI answers the Invoke URL as AWS does and records what it was asked.
type lambdaAPI struct {
	path, kind string
	request    invoke.Request

	status        int
	functionError string
	payload       string
}

func (l *lambdaAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.path, l.kind = r.URL.Path, r.Header.Get("X-Amz-Invocation-Type")
	body, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(body, &l.request)
	if l.functionError != "" {
		w.Header().Set("X-Amz-Function-Error", l.functionError)
	}
	w.WriteHeader(l.status)
	_, _ = io.WriteString(w, l.payload)
}

func client(t *testing.T, api *lambdaAPI) *awslambda.Invoker {
	t.Helper()
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	return awslambda.New(lambda.New(lambda.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}), "ferry-")
}

func TestInvokeWaitsForTheAnswerOfTheNamedFunction(t *testing.T) {
	api := &lambdaAPI{status: http.StatusOK, payload: `{"taskConfigs":[{"a":"b"}]}`}
	resp, err := client(t, api).Invoke(t.Context(), "file", &invoke.Request{Op: invoke.OpPlan, Connector: "c", MaxTasks: 3})
	if err != nil {
		t.Fatal(err)
	}
	if api.path != "/2015-03-31/functions/ferry-file/invocations" || api.kind != "RequestResponse" {
		t.Errorf("called %s as %s", api.path, api.kind)
	}
	if api.request.Format != invoke.Format || api.request.Op != invoke.OpPlan || api.request.MaxTasks != 3 {
		t.Errorf("the function was asked %+v", api.request)
	}
	if len(resp.TaskConfigs) != 1 || resp.TaskConfigs[0]["a"] != "b" {
		t.Errorf("answer is %+v", resp)
	}
}

func TestStartDoesNotWait(t *testing.T) {
	api := &lambdaAPI{status: http.StatusAccepted}
	if err := client(t, api).Start(t.Context(), "file", &invoke.Request{Op: invoke.OpRun}); err != nil {
		t.Fatal(err)
	}
	if api.kind != "Event" {
		t.Errorf("called as %s, want Event", api.kind)
	}
}

func TestAFunctionThatBreaksIsAnErrorWithItsOwnWords(t *testing.T) {
	api := &lambdaAPI{status: http.StatusOK, functionError: "Unhandled", payload: `{"errorMessage":"out of memory"}`}
	_, err := client(t, api).Invoke(t.Context(), "file", &invoke.Request{})
	if err == nil || !strings.Contains(err.Error(), "Unhandled") || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("error is %v", err)
	}
}
