package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"time"
)

// HTTP is a proxy in front of an HTTP server.
type HTTP struct {
	listener net.Listener
	server   *http.Server
	client   *http.Client
	target   string
	tap      Tap
	ctx      context.Context //nolint:containedctx // the life of the proxy, which requests whose client is gone still have
	cancel   context.CancelFunc
	done     chan struct{}
}

type connKey struct{}

// NewHTTP starts a proxy on a free port of this machine, in front of the server at target, a URL without a path.
func NewHTTP(target string, tap Tap) (*HTTP, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for HTTP clients: %w", err)
	}
	h := &HTTP{listener: listener, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}, target: target, tap: tap, done: make(chan struct{})}
	h.ctx, h.cancel = context.WithCancel(context.Background())
	h.server = &http.Server{
		Handler: http.HandlerFunc(h.serve), ReadHeaderTimeout: 10 * time.Second,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	go func() {
		defer close(h.done)
		_ = h.server.Serve(listener) // it only returns because of Close
	}()
	return h, nil
}

// URL is where clients connect.
func (h *HTTP) URL() string { return "http://" + h.listener.Addr().String() }

// Close ends the proxy. It does not wait for requests that a tap holds, but their contexts end.
func (h *HTTP) Close() error {
	h.cancel()
	err := h.server.Close()
	<-h.done
	h.client.CloseIdleConnections()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (h *HTTP) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client is gone, and what it meant to say nobody knows
	}
	m := Message{Call: callOf(r), Body: body}
	if c, ok := r.Context().Value(connKey{}).(net.Conn); ok {
		m.Conn, m.Peer, m.Local = c, c.RemoteAddr(), c.LocalAddr()
	}
	v := h.tap(h.ctx, m)
	switch {
	case v.Cut:
		panic(http.ErrAbortHandler)
	case v.Answer != nil:
		for name, value := range v.Answer.Header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(v.Answer.Status)
		_, _ = io.WriteString(w, v.Answer.Body) // a client that is gone does not need it
		return
	}
	resp, answer, err := h.forward(r, body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client sees what the proxy saw: a broken connection
	}
	m.Reply, m.Status = true, resp.StatusCode
	if h.tap(h.ctx, m).Cut {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	_, _ = w.Write(answer) // as above
}

// forward sends the request and reads all of the response. The client's going away does not end it.
func (h *HTTP) forward(r *http.Request, body []byte) (*http.Response, []byte, error) {
	out, err := http.NewRequestWithContext(h.ctx, r.Method, h.target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	out.Header, out.Host = r.Header.Clone(), r.Host // the host is signed
	resp, err := h.client.Do(out)
	if err != nil {
		return nil, nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	return resp, answer, errors.Join(err, resp.Body.Close())
}

// callOf names a request.
func callOf(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	return r.URL.Path
}
