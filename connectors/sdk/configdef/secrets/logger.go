package secrets

import (
	"context"
	"fmt"
	"log/slog"
)

// Logger returns a logger that hides values before anything is written.
func (s *Secrets) Logger(log *slog.Logger) *slog.Logger {
	if s.none() {
		return log
	}
	return slog.New(hidingHandler{next: log.Handler(), secrets: s})
}

// hidingHandler is a slog.Handler in front of another.
type hidingHandler struct {
	next    slog.Handler
	secrets *Secrets
}

func (h hidingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h hidingHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, h.secrets.Hide(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(h.secrets.attr(a))
		return true
	})
	return h.next.Handle(ctx, clean)
}

func (h hidingHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return hidingHandler{next: h.next.WithAttrs(h.secrets.attrs(attrs)), secrets: h.secrets}
}

func (h hidingHandler) WithGroup(name string) slog.Handler {
	return hidingHandler{next: h.next.WithGroup(name), secrets: h.secrets}
}

func (s *Secrets) attrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = s.attr(a)
	}
	return clean
}

// attr hides values in one attribute. A value that is no text is written as text only if that contains one. A number, the text of
// which could be a short value, is left alone.
func (s *Secrets) attr(a slog.Attr) slog.Attr {
	a.Key = s.Hide(a.Key)
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(s.attrs(v.Group())...)}
	case slog.KindString, slog.KindAny:
		text := v.String()
		if v.Kind() == slog.KindAny {
			text = fmt.Sprintf("%+v", v.Any())
		}
		if clean := s.Hide(text); clean != text {
			return slog.String(a.Key, clean)
		}
	}
	return a
}
