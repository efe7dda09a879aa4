package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/rest/recorder"
)

// handler serves the events of a function URL or an HTTP API, which have the same form, with an http.Handler.
//
// Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html (payload format version 2.0)
type handler struct{ http http.Handler }

// Invoke implements lambda.Handler on the raw event.
func (h handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("decode the event: %w", err)
	}
	req, err := request(ctx, &event)
	if err != nil {
		return nil, err
	}
	w := recorder.New()
	h.http.ServeHTTP(w, req)
	return json.Marshal(response(w))
}

func request(ctx context.Context, event *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
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
	raw := withoutStage(event)
	path, err := url.PathUnescape(raw)
	if err != nil {
		path = raw
	}
	u.Path, u.RawPath = path, raw
	ctx = principal.Begin(ctx, identity(event))
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
	req.RequestURI = u.RequestURI()
	req.Proto = event.RequestContext.HTTP.Protocol
	req.TLS = &tls.ConnectionState{} // AWS speaks https alone
	return req, nil
}

// withoutStage returns the path as it would be at the root: an HTTP API puts the name of a stage before it.
func withoutStage(event *events.APIGatewayV2HTTPRequest) string {
	stage := event.RequestContext.Stage
	if stage == "" || stage == "$default" {
		return event.RawPath
	}
	if rest, ok := strings.CutPrefix(event.RawPath, "/"+stage); ok && (rest == "" || rest[0] == '/') {
		return "/" + strings.TrimPrefix(rest, "/")
	}
	return event.RawPath
}

// response is what AWS takes for a response; Lambda bounds it at 6 MB.
func response(r *recorder.Response) events.LambdaFunctionURLResponse {
	headers := make(map[string]string, len(r.Header()))
	for name, values := range r.Header() {
		headers[name] = strings.Join(values, ",")
	}
	return events.LambdaFunctionURLResponse{StatusCode: r.Status(), Headers: headers, Body: r.Body.String()}
}
