package loggers

import (
	"context"
	"log/slog"
)

// Key is the attribute that names a logger. Its value is a string.
const Key = "logger"

// Handler returns a slog.Handler in front of next, which has to take every level. Loggers made of it with the attribute Key are of
// that name; its lines say so.
func (l *Loggers) Handler(next slog.Handler) slog.Handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &handler{loggers: l, next: next, logger: l.find(Root)}
}

// handler is immutable.
type handler struct {
	loggers *Loggers
	next    slog.Handler
	logger  *logger
	name    string // to be written, empty when it is the root logger or next has it
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return int64(level) >= h.logger.level.Load()
}

// Handle implements slog.Handler.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.name != "" {
		r = r.Clone()
		r.AddAttrs(slog.String(Key, h.name))
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler. A name replaces the one before, so that it stands in a line once.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	rest := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		if a.Key != Key || a.Value.Kind() != slog.KindString {
			rest = append(rest, a)
			continue
		}
		with.name = a.Value.String()
		h.loggers.mu.Lock()
		with.logger = h.loggers.find(with.name)
		h.loggers.mu.Unlock()
	}
	if len(rest) > 0 {
		with.next = h.next.WithAttrs(rest)
	}
	return &with
}

// WithGroup implements slog.Handler. The name stays outside of the group.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	with := *h
	if h.name != "" {
		with.next, with.name = h.next.WithAttrs([]slog.Attr{slog.String(Key, h.name)}), ""
	}
	with.next = with.next.WithGroup(name)
	return &with
}
