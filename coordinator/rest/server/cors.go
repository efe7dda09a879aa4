package server

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// origins say from which pages browsers may use the API (CORS), as Jetty's CrossOriginHandler takes access.control.allow.origin.
type origins struct {
	any      bool
	patterns []*regexp.Regexp
}

// wildcard tells patterns such as https://*.example.com from regular expressions: a star that repeats nothing sensible. They are what
// users wrote for Kafka Connect before 4.0, and as expressions they would allow other origins, and not those that are meant.
var wildcard = regexp.MustCompile(`(^|[/:])\*`)

// parseOrigins reads the patterns. A dot and a star together are a regular expression's, since no host begins with a dot.
func parseOrigins(patterns []string) (*origins, error) {
	o := &origins{any: slices.Contains(patterns, "*")}
	for _, p := range patterns {
		if p == "*" {
			continue
		}
		expression := p
		if wildcard.MatchString(strings.ReplaceAll(p, ".*", "")) {
			expression = strings.ReplaceAll(regexp.QuoteMeta(p), `\*`, `[^/]*`)
		}
		compiled, err := regexp.Compile(`(?i)^(?:` + expression + `)$`)
		if err != nil {
			return nil, &connect.Error{
				Kind: connect.KindConfig, Class: connect.ConfigException,
				Message: fmt.Sprintf("Invalid value %s for configuration %s: %v", p, worker.AllowOriginKey, err),
			}
		}
		o.patterns = append(o.patterns, compiled)
	}
	return o, nil
}

// allowed reports whether one of the origins of a header is allowed.
func (o *origins) allowed(header string) bool {
	if o.any {
		return true
	}
	return slices.ContainsFunc(strings.Fields(header), func(origin string) bool {
		return slices.ContainsFunc(o.patterns, func(p *regexp.Regexp) bool { return p.MatchString(origin) })
	})
}

// allow adds the headers by which a browser knows that the page may see the answer. Whether or not it may, the request goes on.
func (o *origins) allow(methods []string, next http.Handler) http.Handler {
	if !o.any && len(o.patterns) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); origin != "" && o.allowed(origin) {
			h.Set("Access-Control-Allow-Origin", origin)
			if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
				h.Set("Access-Control-Allow-Methods", strings.Join(methods, ","))
				h.Set("Access-Control-Allow-Headers", "Content-Type")
				h.Set("Access-Control-Max-Age", "60")
			}
		}
		next.ServeHTTP(w, r)
	})
}
