package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
)

// accessLog logs what Kafka Connect's access log has (NCSA's extended format and milliseconds), as attributes: who, when, what, the
// status, bytes, referer, agent, and how long it took. Without ferry.rest.access.log the lines are of level DEBUG, but
// for requests that were refused for want of credentials.
func accessLog(o FrontOptions, next http.Handler) http.Handler {
	level := slog.LevelDebug
	if o.Worker.REST.AccessLog {
		level = slog.LevelInfo
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := o.Now()
		r = begin(r)
		rec := &recorder{ResponseWriter: w}
		defer func() {
			at := level
			if rec.status == http.StatusUnauthorized || rec.status == http.StatusForbidden {
				at = slog.LevelInfo // the audit log does not have it: the request did not come so far
			}
			if !o.Log.Enabled(r.Context(), at) {
				return
			}
			who := principal.Of(r.Context())
			o.Log.LogAttrs(r.Context(), at, "request",
				slog.String("remote", addressOf(r)), slog.String("user", who.Name),
				slog.String("method", r.Method), slog.String("uri", r.RequestURI), slog.String("protocol", r.Proto),
				slog.Int("status", rec.answered()), slog.Int64("bytes", rec.bytes),
				slog.String("referer", r.Referer()), slog.String("agent", r.UserAgent()),
				slog.Int64("ms", o.Now().Sub(began).Round(time.Millisecond).Milliseconds()))
		}()
		defer recovered(o.Log, rec, r)
		next.ServeHTTP(rec, r)
	})
}

// recorder remembers what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(p []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(p)
	r.bytes += int64(n)
	return n, err
}

func (r *recorder) answered() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}
