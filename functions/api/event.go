package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// handler serves the events of a function URL or an HTTP API, which have the same form, with an http.Handler.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload format version 2.0)
type handler struct{ http http.Handler }

// Invoke implements lambda.Handler on the raw event.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event events.LambdaFunctionURLRequest
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("decode the event: %w", err)
	}
	req, err := request(ctx, &event)
	if err != nil {
		return nil, err
	}
	w := &recorder{header: http.Header{}}
	h.http.ServeHTTP(w, req)
	return json.Marshal(w.response())
}

func request(ctx context.Context, event *events.LambdaFunctionURLRequest) (*http.Request, error) {
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(event.Body)
		if err != nil {
			return nil, fmt.Errorf("decode the event's body: %w", err)
		}
		body = decoded
	}
	// rawPath is still escaped, so that a name with a slash in it stays one segment.
	u := url.URL{RawQuery: event.RawQueryString}
	path, err := url.PathUnescape(event.RawPath)
	if err != nil {
		path = event.RawPath
	}
	u.Path, u.RawPath = path, event.RawPath
	req, err := http.NewRequestWithContext(ctx, event.RequestContext.HTTP.Method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("make a request of the event: %w", err)
	}
	for name, value := range event.Headers {
		req.Header.Set(name, value)
	}
	for _, cookie := range event.Cookies {
		req.Header.Add("Cookie", cookie)
	}
	req.Host = event.RequestContext.DomainName
	req.RemoteAddr = event.RequestContext.HTTP.SourceIP
	return req, nil
}

// recorder collects a response in memory; Lambda bounds it at 6 MB.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter; the first call counts.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

func (r *recorder) response() events.LambdaFunctionURLResponse {
	r.WriteHeader(http.StatusOK)
	headers := make(map[string]string, len(r.header))
	for name, values := range r.header {
		headers[name] = strings.Join(values, ",")
	}
	return events.LambdaFunctionURLResponse{StatusCode: r.status, Headers: headers, Body: r.body.String()}
}
