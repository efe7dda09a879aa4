package server

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/rest/extension"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// FrontOptions is what stands before the API.
type FrontOptions struct {
	// API is the handler of package rest.
	API http.Handler
	// Worker says how the API is served.
	Worker *worker.Config
	// Extensions are the classes that rest.extension.classes may name, Cluster what they can see.
	Extensions []extension.Class
	Cluster    *extension.Cluster
	// Log gets the access log, and what goes wrong.
	Log *slog.Logger
	// Now is the clock.
	Now func() time.Time
}

// Front is the way of requests to the API: see the package comment.
type Front struct {
	// Main serves the listeners, or the function. Admin serves the admin listeners, and is nil when there are none.
	Main, Admin http.Handler

	chain *extension.Chain
}

// NewFront makes the way to the API. It fails when an extension does, or a pattern for CORS is wrong; the error names the key.
func NewFront(o FrontOptions) (*Front, error) {
	r := o.Worker.REST
	o.Log = o.Log.With(loggers.Key, loggers.REST)
	origins, err := parseOrigins(r.AllowedOrigins)
	if err != nil {
		return nil, err
	}
	chain, err := extension.Load(r.Extensions, o.Extensions, o.Worker.Properties(), o.Cluster)
	if err != nil {
		return nil, err
	}
	f := &Front{chain: chain}
	limits := newLimiter(r.Rate, r.Burst, o.Now)
	outer := func(h http.Handler) http.Handler {
		return accessLog(o, forwarded(r.Proxies, h))
	}
	inner := func(h http.Handler) http.Handler { return limited(limits, bounded(r.RequestBytes, h)) }
	api := o.API
	switch r.Admin {
	case worker.AdminApart:
		f.Admin = outer(inner(only(true, api)))
		api = only(false, api)
	case worker.AdminNowhere:
		api = only(false, api)
	}
	f.Main = outer(withHeaders(r.Headers, o.Now, origins.allow(r.AllowedMethods, inner(chain.Wrap(api)))))
	return f, nil
}

// Close ends the extensions. No request may be on its way any more.
func (f *Front) Close() error { return f.chain.Close() }

// only lets requests pass that are for /admin, or those that are not; for the others there is nothing here.
func only(admin bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
		if name, err := url.PathUnescape(first); (err == nil && name == "admin") != admin {
			rest.WriteError(w, http.StatusNotFound, fmt.Sprintf("HTTP %d %s", http.StatusNotFound, http.StatusText(http.StatusNotFound)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// withHeaders sets the configured headers before anything else does, so that the API's own win, as in Kafka Connect.
func withHeaders(rules []worker.HeaderRule, now func() time.Time, next http.Handler) http.Handler {
	if len(rules) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := now()
		for _, rule := range rules {
			rule.Apply(w.Header(), at)
		}
		next.ServeHTTP(w, r)
	})
}

// bounded keeps a body from being read beyond a number of bytes.
func bounded(bytes int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength > bytes {
			tooLarge(w)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, bytes)
		next.ServeHTTP(w, r)
	})
}

// tooLarge answers without having read the body, and ends the connection, so that the client does not send it in vain.
func tooLarge(w http.ResponseWriter) {
	w.Header().Set("Connection", "close")
	rest.WriteError(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("HTTP %d %s", http.StatusRequestEntityTooLarge, http.StatusText(http.StatusRequestEntityTooLarge)))
}

// recovered, deferred, turns a mistake of an extension into an answer. The API does that itself.
func recovered(log *slog.Logger, w *recorder, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the very value, as net/http compares it
		panic(p)
	}
	log.Error("a mistake in a REST extension", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
	if w.status == 0 {
		rest.WriteError(w, http.StatusInternalServerError, "A mistake in a REST extension; the log has it")
	}
}

// begin makes room for who asks, and names the subject of a client's certificate that the listener has verified.
func begin(r *http.Request) *http.Request {
	known := principal.Of(r.Context())
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		known = principal.Principal{Name: r.TLS.PeerCertificates[0].Subject.String(), Source: principal.Certificate}
	}
	return r.WithContext(principal.Begin(r.Context(), known))
}
