package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// urlKey is where the Ledger is.
const urlKey = "ledger.url"

// request is what connectors send to the Ledger.
type request struct {
	// Session names one Open of a sink.
	Session string `json:"session,omitempty"`
	// From is the first number, or the offset that a flush goes on from; To is one beyond the last.
	From int64 `json:"from,omitempty"`
	To   int64 `json:"to,omitempty"`
	// IDs are the numbers that are put, at the offsets from From on.
	IDs []int64 `json:"ids,omitempty"`
	// Conditional makes a flush depend on From.
	Conditional bool `json:"conditional,omitempty"`
}

type response struct {
	// To is one beyond the last number that a source may emit.
	To int64 `json:"to,omitempty"`
	// Stored is the offset that is stored with the data.
	Stored int64 `json:"stored,omitempty"`
	// Refused says that the stored offset is not the one that the flush went on from; nothing was done.
	Refused bool `json:"refused,omitempty"`
}

// client talks to the Ledger. It never repeats a request: that is for the engine to do.
type client struct {
	url  string
	http http.Client
}

func newClient(config map[string]string) *client {
	return &client{url: config[urlKey], http: http.Client{Transport: new(http.Transport)}}
}

func (c *client) close() { c.http.CloseIdleConnections() }

// call makes a request. No answer, and one that says so, are retriable.
func (c *client) call(ctx context.Context, path string, q request) (p response, err error) {
	body, err := json.Marshal(q)
	if err != nil {
		return p, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return p, connect.ConfigError(urlKey + ": " + err.Error())
	}
	r.GetBody = nil // the transport would repeat it
	resp, err := c.http.Do(r)
	if err != nil {
		return p, connect.RetriableError("ask the ledger "+path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, connect.RetriableError(fmt.Sprintf("the ledger answered %s with %s", path, resp.Status), nil)
	}
	if err := json.NewDecoder(resp.Body).Decode(&p); err != nil {
		return p, connect.RetriableError("read the ledger's answer to "+path, err)
	}
	return p, nil
}
