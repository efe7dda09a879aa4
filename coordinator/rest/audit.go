package rest

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/ferry-connect/ferry/coordinator/rest/principal"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// change is what a request changed, for the audit log.
type change struct {
	before, after *store.Snapshot // of the config topic; nil when the request does not change it
	offsets       int             // partitions whose offsets were altered
	logger        string          // whose level was set
	from, to      string          // its levels
}

func (c *change) of(before, after *store.Snapshot) { c.before, c.after = before, after }

type changeKey struct{}

// withChange returns a context in which a request's change is noted.
func withChange(ctx context.Context) (context.Context, *change) {
	c := &change{}
	return context.WithValue(ctx, changeKey{}, c), c
}

// changeOf returns where the change is noted; never nil.
func changeOf(ctx context.Context) *change {
	if c, ok := ctx.Value(changeKey{}).(*change); ok {
		return c
	}
	return &change{}
}

// audit logs a change or its refusal: who, from where, what, and the connector's versions before and after, which are offsets of the config
// topic plus one. Of configurations it has the names of keys and no values: these may be secrets.
func (h *handler) audit(ctx context.Context, req *request, made *change, resp *response, err error, took time.Duration) {
	who := principal.Of(ctx)
	attrs := []slog.Attr{
		slog.String("who", who.Name), slog.String("known_by", who.Source), slog.String("remote", req.RemoteAddr),
		slog.String("method", req.Method), slog.String("path", short(req.URL.Path)),
		slog.Duration("took", took),
	}
	if req.subject != "" {
		attrs = append(attrs, slog.String("connector", short(req.subject)))
	}
	if err != nil {
		h.Log.LogAttrs(ctx, slog.LevelInfo, "audit: refused", append(attrs, slog.Int("status", answerFor(err).Status))...)
		return
	}
	attrs = append(attrs, slog.Int("status", resp.status))
	h.Log.LogAttrs(ctx, slog.LevelInfo, "audit: changed", append(attrs, made.attrs(req.subject)...)...)
}

// attrs tells what became of a connector.
func (c *change) attrs(connector string) (attrs []slog.Attr) {
	if c.offsets > 0 {
		attrs = append(attrs, slog.Int("offsets", c.offsets))
	}
	if c.to != "" {
		attrs = append(attrs, slog.String("target", short(c.logger)), slog.String("old_level", c.from), slog.String("new_level", c.to))
	}
	if c.before == nil {
		return attrs
	}
	var was, is store.Connector
	if found, ok := c.before.Connectors[connector]; ok {
		was = *found
		attrs = append(attrs, slog.Int64("old_version", was.Generation), slog.String("old_state", string(was.Target)))
	}
	if found, ok := c.after.Connectors[connector]; ok {
		is = *found
		attrs = append(attrs, slog.Int64("new_version", is.Generation), slog.String("new_state", string(is.Target)))
	}
	return append(attrs, keys(was.Config.Map(), is.Config.Map())...)
}

// maxKeys and maxName bound a line of the audit log.
const maxKeys, maxName = 50, 200

// keys returns the names of the keys that were added, removed and changed.
func keys(was, is map[string]string) (attrs []slog.Attr) {
	names := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		before, had := was[key]
		switch {
		case !had:
			names["added"] = append(names["added"], short(key))
		case before != is[key]:
			names["changed"] = append(names["changed"], short(key))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(was)) {
		if _, has := is[key]; !has {
			names["removed"] = append(names["removed"], short(key))
		}
	}
	for _, what := range []string{"added", "changed", "removed"} {
		list := names[what]
		if len(list) == 0 {
			continue
		}
		if more := len(list) - maxKeys; more > 0 {
			list = list[:maxKeys]
			attrs = append(attrs, slog.Int("more_"+what, more))
		}
		attrs = append(attrs, slog.Any(what, list))
	}
	return attrs
}

// short cuts what a client may have made long.
func short(s string) string {
	if len(s) <= maxName {
		return s
	}
	return s[:maxName] + "…"
}
