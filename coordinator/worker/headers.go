package worker

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// HeaderRule is one rule of response.http.headers.config: a header of every answer.
type HeaderRule struct {
	// Name and Value are the header; in a date rule Value is not used.
	Name, Value string
	// Add keeps headers of the same name, which are replaced otherwise.
	Add bool
	// Date says that the value is the time of the answer and After.
	Date  bool
	After time.Duration
}

// Apply sets the header, at a time.
func (r HeaderRule) Apply(h http.Header, now time.Time) {
	value := r.Value
	if r.Date {
		value = now.Add(r.After).UTC().Format(http.TimeFormat)
	}
	if r.Add {
		h.Add(r.Name, value)
		return
	}
	h.Set(r.Name, value)
}

// headerRules is Kafka Connect's check of the rules, and one more: what is set must be a header and a date a number.
func headerRules() configdef.Validator {
	const description = "Comma-separated header rules, where each header rule is of the form '[action] [header name]:[header value]' and optionally " +
		"surrounded by double quotes if any part of a header rule contains a comma"
	return configdef.Lambda(description, func(name string, value any) error {
		text, _ := value.(string)
		_, err := parseHeaderRules(name, text)
		return err
	})
}

// parseHeaderRules reads the rules; the errors are in Kafka Connect's words.
func parseHeaderRules(key, text string) ([]HeaderRule, error) {
	var rules []HeaderRule
	for _, entry := range splitQuoted(text) {
		r, err := parseHeaderRule(key, entry)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseHeaderRule(key, entry string) (r HeaderRule, err error) {
	action, header, ok := strings.Cut(strings.TrimSpace(entry), " ")
	if header = strings.TrimSpace(header); !ok || header == "" {
		return r, configdef.Errorf(key, "Invalid format of header config '%s'. Expected: '[action] [header name]:[header value]'", entry)
	}
	actions := []string{"set", "add", "setDate", "addDate"}
	i := slices.IndexFunc(actions, func(a string) bool { return strings.EqualFold(a, action) })
	if i < 0 {
		return r, configdef.Errorf(key, "Invalid header config action: '%s'. Expected one of [%s]", action, strings.Join(actions, ", "))
	}
	r.Add, r.Date = i%2 == 1, i > 1
	parts := strings.Split(header, ":")
	if len(parts) != 2 {
		return r, configdef.Errorf(key, "Invalid format of header name and header value pair '%s'. Expected: '[header name]:[header value]'", header)
	}
	r.Name, r.Value = strings.TrimSpace(parts[0]), strings.TrimSpace(parts[1])
	if r.Name == "" || strings.ContainsAny(r.Name, " \t") {
		return r, configdef.Errorf(key, "Invalid header name '%s'. The '[header name]' cannot contain whitespace", r.Name)
	}
	if !isToken(r.Name) || strings.ContainsFunc(r.Value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
		return r, configdef.Errorf(key, "Invalid header '%s': it cannot be sent", r.Name)
	}
	if r.Date {
		millis, err := strconv.ParseInt(r.Value, 10, 64)
		if err != nil {
			return r, configdef.Errorf(key, "Invalid value '%s' of header %s: a date is a number of milliseconds from now", r.Value, r.Name)
		}
		r.After = time.Duration(millis) * time.Millisecond
	}
	return r, nil
}

// splitQuoted splits at commas. An entry that begins with a double quote goes on to the next one, commas included, and loses both.
// Empty entries are left out.
func splitQuoted(text string) []string {
	var entries []string
	for text != "" {
		var entry string
		text = strings.TrimSpace(text)
		if rest, quoted := strings.CutPrefix(text, `"`); quoted {
			entry, rest, _ = strings.Cut(rest, `"`)
			_, text, _ = strings.Cut(rest, ",")
		} else {
			entry, text, _ = strings.Cut(text, ",")
		}
		if entry = strings.TrimSpace(entry); entry != "" {
			entries = append(entries, entry)
		}
	}
	return entries
}

// isToken reports whether a text can be the name of a header (RFC 9110, token).
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", c))
	})
}
