package main

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func invoke(t *testing.T, h http.Handler, event string) events.LambdaFunctionURLResponse {
	t.Helper()
	payload, err := handler{http: h}.Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	var resp events.LambdaFunctionURLResponse
	if err := json.Unmarshal(payload, &resp); err != nil {
		t.Fatal(err)
	}
	return resp
}

func TestAnEventBecomesTheRequestItWas(t *testing.T) {
	resp := invoke(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPut || r.URL.EscapedPath() != "/connectors/a%2Fb/config" || r.URL.RawQuery != "forward=true" {
			t.Errorf("request is %s %s?%s", r.Method, r.URL.EscapedPath(), r.URL.RawQuery)
		}
		if string(body) != `{"a":"b"}` || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("body %q of type %q", body, r.Header.Get("Content-Type"))
		}
		w.Header().Set("Location", "/x")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, "made")
	}), `{"version":"2.0","rawPath":"/connectors/a%2Fb/config","rawQueryString":"forward=true",
		"headers":{"content-type":"application/json"},"requestContext":{"http":{"method":"PUT"}},
		"body":"eyJhIjoiYiJ9","isBase64Encoded":true}`)
	if resp.StatusCode != http.StatusCreated || resp.Body != "made" || resp.Headers["Location"] != "/x" {
		t.Errorf("response is %+v", resp)
	}
}

func TestAHandlerThatWritesNothingAnswers200(t *testing.T) {
	resp := invoke(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), `{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}`)
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status is %d", resp.StatusCode)
	}
}

func TestAnEventOfAnotherKindIsAnError(t *testing.T) {
	for _, event := range []string{`[]`, `{"body":"%","isBase64Encoded":true}`} {
		if _, err := (handler{}).Invoke(t.Context(), []byte(event)); err == nil {
			t.Errorf("%s was accepted", event)
		}
	}
}
