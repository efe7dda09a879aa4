package host

import (
	"io"
	"net/http"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/rest/recorder"
)

// inProcess is an http.RoundTripper that calls a handler.
type inProcess struct{ handler http.Handler }

// RoundTrip implements http.RoundTripper.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.WithContext(principal.Begin(r.Context(), principal.Principal{Name: "ferry", Source: principal.Process}))
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	defer asked.Body.Close()
	w := recorder.New()
	t.handler.ServeHTTP(w, asked)
	return &http.Response{
		Status: http.StatusText(w.Status()), StatusCode: w.Status(), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.Header(), Body: io.NopCloser(&w.Body), ContentLength: int64(w.Body.Len()), Request: r,
	}, nil
}
