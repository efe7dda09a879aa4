package rest

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// loggerLevel is the level of a logger. LastModified is in milliseconds, null unless the level was changed at run time.
type loggerLevel struct {
	Level        string `json:"level"`
	LastModified *int64 `json:"last_modified"`
}

func describeLogger(l loggers.Level) loggerLevel {
	d := loggerLevel{Level: loggers.FormatLevel(l.Level)}
	if !l.Modified.IsZero() {
		ms := l.Modified.UnixMilli()
		d.LastModified = &ms
	}
	return d
}

// servesLoggers reports whether loggers are among the resources: with admin.listeners they are somewhere else, or nowhere.
func (h *handler) servesLoggers() bool {
	_, elsewhere := h.Worker.Property("admin.listeners")
	return h.Loggers != nil && !elsewhere
}

func (h *handler) loggerRoutes() []route {
	return []route{
		{path: "admin/loggers", methods: map[string]handle{"GET": h.listLoggers}, differs: "Ferry's loggers"},
		{path: "admin/loggers/*", methods: map[string]handle{"GET": h.getLogger, "PUT": h.setLogger}, anytime: true, differs: "what the scope means, see below"},
	}
}

// knowConnectors lists the connectors among the loggers: theirs are in other processes.
func (h *handler) knowConnectors() {
	for _, e := range h.Catalog.Entries() {
		if e.Function != "" {
			h.Loggers.Know(e.Class)
		}
	}
}

// heed applies what was set for the whole cluster, as far as the config topic was read.
func (h *handler) heed() { h.Loggers.Apply(h.Store.Configs().Snapshot().Loggers) }

// heedAll is heed with the config topic read to its end.
func (h *handler) heedAll(ctx context.Context, r *request) error {
	err := h.syncConfigs(ctx, r)
	h.heed()
	return err
}

// listLoggers is GET /admin/loggers: those that are not off.
func (h *handler) listLoggers(ctx context.Context, r *request) (*response, error) {
	if err := h.heedAll(ctx, r); err != nil {
		return nil, err
	}
	all := make(map[string]loggerLevel)
	for _, l := range h.Loggers.Levels() {
		if l.Level != loggers.LevelOff {
			all[l.Name] = describeLogger(l)
		}
	}
	return ok(all)
}

// getLogger is GET /admin/loggers/{logger}.
func (h *handler) getLogger(ctx context.Context, r *request) (*response, error) {
	if err := h.heedAll(ctx, r); err != nil {
		return nil, err
	}
	found, known := h.Loggers.Level(r.params[0])
	if !known {
		return nil, notFound("Logger %s not found.", r.params[0])
	}
	return ok(describeLogger(found))
}

// setLogger is PUT /admin/loggers/{logger}, for this process, or with scope=cluster for every process of the cluster. Of those, this
// one heeds it at once, others at their next event.
func (h *handler) setLogger(ctx context.Context, r *request) (*response, error) {
	text, level, err := readLevel(r)
	if err != nil {
		return nil, err
	}
	namespace := r.params[0]
	made := changeOf(ctx)
	made.logger, made.to = namespace, loggers.FormatLevel(level)
	if before, known := h.Loggers.Level(namespace); known {
		made.from = loggers.FormatLevel(before.Level)
	}
	if strings.EqualFold(r.URL.Query().Get("scope"), "cluster") {
		if err := h.ready(ctx); err != nil {
			return nil, err
		}
		if err := h.Store.Configs().PutLoggerLevel(ctx, namespace, text); err != nil {
			return nil, err
		}
		h.heed()
		return empty(http.StatusNoContent)
	}
	if err := h.heedAll(ctx, r); err != nil { // what was set before for all must not come after this
		return nil, err
	}
	return ok(append([]string{}, h.Loggers.Set(namespace, level)...))
}

// readLevel reads the body of PUT: an object of strings, of which all but level are ignored.
func readLevel(r *request) (text string, level slog.Level, err error) {
	if r.isNull() {
		return "", 0, errorf(http.StatusInternalServerError, "The request has no level: its body must be {\"level\":\"…\"}")
	}
	var fields map[string]json.RawMessage
	if err := decode(r.body, &fields); err != nil {
		return "", 0, err
	}
	given := false
	for name, raw := range fields {
		value, notNull, err := textOf(raw)
		if err != nil {
			return "", 0, err
		}
		if name == "level" {
			text, given = value, notNull
		}
	}
	if !given {
		return "", 0, errorf(http.StatusBadRequest, "Desired 'level' parameter was not specified in request.")
	}
	level, known := loggers.ParseLevel(text)
	if !known {
		return "", 0, notFound("invalid log level '%s'.", text)
	}
	return text, level, nil
}
