package main

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// repeatTime is how long a warning is not said again. Tasks come and go every few seconds here, and each finds anew what
// the one before has warned of.
const repeatTime = time.Minute

// withoutRepeats is a slog.Handler that passes on each warning, by its text and attributes, once in repeatTime, and
// everything else as it is.
type withoutRepeats struct {
	slog.Handler
	said  *said
	attrs string // of WithAttrs and WithGroup
}

// said is when warnings were said last; shared by all handlers made from one.
type said struct {
	mu sync.Mutex
	at map[string]time.Time
}

func newWithoutRepeats(h slog.Handler) slog.Handler {
	return withoutRepeats{Handler: h, said: &said{at: make(map[string]time.Time)}}
}

// Handle implements slog.Handler.
func (h withoutRepeats) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelWarn && h.said.lately(h.key(&r), r.Time) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h withoutRepeats) key(r *slog.Record) string {
	var b strings.Builder
	b.WriteString(h.attrs + r.Message)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(" " + a.String())
		return true
	})
	return b.String()
}

// lately reports whether something was said within repeatTime, and notes it if it was not.
func (s *said) lately(text string, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at, ok := s.at[text]; ok && now.Sub(at) < repeatTime {
		return true
	}
	for old, at := range s.at { // warnings are few; what is forgotten here was not repeated
		if now.Sub(at) >= repeatTime {
			delete(s.at, old)
		}
	}
	s.at[text] = now
	return false
}

// WithAttrs implements slog.Handler.
func (h withoutRepeats) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	for _, a := range attrs {
		h.attrs += a.String() + " "
	}
	return h
}

// WithGroup implements slog.Handler.
func (h withoutRepeats) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	h.attrs += name + "."
	return h
}
