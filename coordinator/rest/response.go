package rest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
)

// response is what a handler answers with.
type response struct {
	status   int
	body     any    // nil for none
	text     string // in place of a body in JSON
	location string
	etag     string
}

func ok(body any) (*response, error) { return &response{status: http.StatusOK, body: body}, nil }

func empty(status int) (*response, error) { return &response{status: status}, nil }

// errorBody is the body of every answer that is no success.
type errorBody struct {
	ErrorCode int    `json:"error_code"`
	Message   string `json:"message"`
}

func (e *Error) response() *response {
	return &response{status: e.Status, body: errorBody{e.Status, e.Message}}
}

// write sends the response; head leaves the body out.
func (resp *response) write(w http.ResponseWriter, head bool) error {
	if resp.location != "" {
		w.Header().Set("Location", resp.location)
	}
	if resp.etag != "" {
		w.Header().Set("ETag", resp.etag)
	}
	if resp.text != "" {
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(resp.status)
		_, err := io.WriteString(w, resp.text)
		return err
	}
	if resp.body == nil {
		if resp.status != http.StatusNoContent {
			w.Header().Set("Content-Length", "0")
		}
		w.WriteHeader(resp.status)
		return nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(resp.body); err != nil {
		return err
	}
	body := bytes.TrimSuffix(text.Bytes(), []byte("\n"))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(resp.status)
	if head {
		return nil
	}
	_, err := w.Write(body)
	return err
}
