// Package recorder collects an HTTP response in memory, for callers of the API that are not on a line: a Lambda event, a call within
// the process.
package recorder

import (
	"bytes"
	"net/http"
)

// Response is an http.ResponseWriter that keeps what is written. It is used for one request, by one goroutine; make it with New.
type Response struct {
	// Body is what was written.
	Body bytes.Buffer

	header http.Header
	status int
}

// New returns an empty response.
func New() *Response { return &Response{header: http.Header{}} }

// Header implements http.ResponseWriter.
func (r *Response) Header() http.Header { return r.header }

// WriteHeader implements http.ResponseWriter; the first call counts.
func (r *Response) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// Write implements http.ResponseWriter.
func (r *Response) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.Body.Write(p)
}

// Status returns the status code: 200 if the handler set none.
func (r *Response) Status() int {
	r.WriteHeader(http.StatusOK)
	return r.status
}
