package task

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/coordinator/invoke"
)

// shortSecret is the length below which a value is only hidden where it stands as a word of its own: the text "1" or
// "true" is part of too much else.
const shortSecret = 8

// secrets are the values that config providers put in the place of placeholders, for one request. Errors of connectors
// and of their libraries quote configurations; whatever leaves the function as text goes through hide first.
//
// Facts do not: they name topics and source offsets, which are in Kafka in the clear wherever they came from, and which
// the coordinator has to recognise.
type secrets struct {
	placeholders map[string]string // by value, and by the value as it is written in JSON, in Go and in URLs
	pattern      *regexp.Regexp    // finds them; nil when there are none
	restorer     *strings.Replacer // puts placeholders back, for values that are long enough to be no coincidence
}

// newSecrets takes values by placeholder, as ${provider:path:key}.
func newSecrets(values map[string]string) *secrets {
	s := &secrets{placeholders: make(map[string]string)}
	var pairs []string
	for _, placeholder := range sortedByValue(values) {
		value := values[placeholder]
		if value == "" || value == placeholder { // nobody knew it
			continue
		}
		for _, form := range spellings(value) {
			if _, taken := s.placeholders[form]; !taken {
				s.placeholders[form] = placeholder
			}
		}
		if len(value) >= shortSecret {
			pairs = append(pairs, value, placeholder)
		}
	}
	s.restorer = strings.NewReplacer(pairs...)
	if len(s.placeholders) > 0 {
		s.pattern = pattern(s.placeholders)
	}
	return s
}

// sortedByValue returns the placeholders, that of the longest value first, so that a secret within another does not cut it up.
func sortedByValue(values map[string]string) []string {
	placeholders := make([]string, 0, len(values))
	for p := range values {
		placeholders = append(placeholders, p)
	}
	slices.SortFunc(placeholders, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(values[b]), len(values[a])), cmp.Compare(a, b))
	})
	return placeholders
}

// spellings are the ways in which errors write a value.
func spellings(value string) []string {
	quoted := strconv.Quote(value)
	inJSON, _ := json.Marshal(value) // a string always can be
	return []string{value, quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(value), url.PathEscape(value)}
}

func pattern(forms map[string]string) *regexp.Regexp {
	var alternatives []string
	for form := range forms {
		alternatives = append(alternatives, form)
	}
	slices.SortFunc(alternatives, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for i, form := range alternatives {
		p := regexp.QuoteMeta(form)
		if len(form) < shortSecret {
			p = boundary(form[0]) + p + boundary(form[len(form)-1])
		}
		alternatives[i] = p
	}
	return regexp.MustCompile(strings.Join(alternatives, "|"))
}

// boundary is what keeps a short value from being found within a word.
func boundary(c byte) string {
	if c == '_' || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' {
		return `\b`
	}
	return ""
}

// hide puts placeholders in the place of values. It is called once for each text: a placeholder may contain a value.
func (s *secrets) hide(text string) string {
	if s.pattern == nil {
		return text
	}
	return s.pattern.ReplaceAllStringFunc(text, func(form string) string { return s.placeholders[form] })
}

// failure describes err without secrets.
func (s *secrets) failure(err error) *invoke.Failure {
	f := invoke.FailureOf(err)
	f.Message, f.Hint, f.Trace = s.hide(f.Message), s.hide(f.Hint), s.hide(f.Trace)
	return f
}

// restore puts placeholders back into a task configuration, where a connector has made new values of the resolved ones.
// The task resolves them again.
func (s *secrets) restore(config map[string]string) {
	for key, value := range config {
		if !configdef.HasVariable(value) {
			config[key] = s.restorer.Replace(value)
		}
	}
}

// logger returns a logger that hides secrets before anything is written.
func (s *secrets) logger(log *slog.Logger) *slog.Logger {
	if s.pattern == nil {
		return log
	}
	return slog.New(hidingHandler{next: log.Handler(), secrets: s})
}

// hidingHandler is a slog.Handler in front of another.
type hidingHandler struct {
	next    slog.Handler
	secrets *secrets
}

func (h hidingHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

func (h hidingHandler) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, h.secrets.hide(r.Message), r.PC)
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

func (s *secrets) attrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = s.attr(a)
	}
	return clean
}

// attr hides secrets in one attribute. A value that is no text is written as text only if that contains one.
func (s *secrets) attr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(s.attrs(v.Group())...)}
	case slog.KindString, slog.KindAny:
		text := v.String()
		if v.Kind() == slog.KindAny {
			text = fmt.Sprintf("%+v", v.Any())
		}
		if clean := s.hide(text); clean != text {
			return slog.String(a.Key, clean)
		}
	}
	return a
}
