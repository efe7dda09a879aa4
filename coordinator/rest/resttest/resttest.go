// Package resttest compares answers of the REST API with those of Kafka Connect, recorded or asked for at the same time. It makes
// equal what cannot be the same on both sides, and nothing else; the list is that of Normalizer.
package resttest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Normalizer makes answers comparable. It replaces or leaves out:
//
//   - the words of documentation, stack traces, and the commit of the program
//   - the order of lists that have none: names of connectors, offsets, tasks in the plan of a restart, configurations in messages
//   - plugins and loggers that only one side has, in lists of what there is
//   - when the level of a logger was changed
//   - what Replace says: addresses and names that are part of answers
type Normalizer struct {
	// Path is that of the request, without its query.
	Path string
	// HasPlugin and HasLogger report whether both sides have one, by its full name.
	HasPlugin, HasLogger func(name string) bool
	// Replace puts placeholders into texts; nil for nothing.
	Replace *strings.Replacer
}

// Body normalizes a decoded JSON body.
func (n *Normalizer) Body(v any) any { return n.value("", v) }

func (n *Normalizer) value(key string, v any) any {
	switch v := v.(type) {
	case string:
		return n.text(key, v)
	case float64:
		if key == "last_modified" {
			return "${TIMESTAMP}"
		}
	case []any:
		return n.list(key, v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, value := range v {
			if n.Path == "/admin/loggers" && key == "" && !n.HasLogger(name) {
				continue
			}
			object[n.replace(name)] = n.value(name, value)
		}
		return object
	}
	return v
}

func (n *Normalizer) text(key, text string) string {
	switch key {
	case "documentation", "trace", "commit":
		return key
	case "message":
		text, _, _ = strings.Cut(text, "available connectors are:")
		text = withoutEntries(text)
	}
	return n.replace(text)
}

func (n *Normalizer) replace(text string) string {
	if n.Replace == nil {
		return text
	}
	return n.Replace.Replace(text)
}

func (n *Normalizer) list(key string, list []any) []any {
	kept := make([]any, 0, len(list))
	for _, v := range list {
		if n.isForeign(key, v) {
			continue
		}
		kept = append(kept, n.value("", v))
	}
	if key == "offsets" || key == "tasks" || key == "" && n.Path == "/connectors" {
		slices.SortFunc(kept, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return kept
}

// isForeign reports whether an element of a list is a plugin or a logger that only one side has.
func (n *Normalizer) isForeign(key string, v any) bool {
	switch value := v.(type) {
	case string:
		isLogger := key == "" && strings.HasPrefix(n.Path, "/admin/loggers/") && strings.HasPrefix(value, "org.")
		return key == "recommended_values" && isClass(value) && !n.HasPlugin(value) ||
			isLogger && !n.HasLogger(value)
	case map[string]any:
		class, isPlugin := value["class"].(string)
		return isPlugin && !n.HasPlugin(class)
	}
	return false
}

// withoutEntries leaves out a configuration that is quoted in a message: it is in the order of a HashMap.
func withoutEntries(text string) string {
	before, rest, quoted := strings.Cut(text, "Connector config {")
	_, after, ended := strings.Cut(rest, "} contains")
	if !quoted || !ended {
		return text
	}
	return before + "Connector config {} contains" + after
}

// isClass tells the full name of a class from versions and words.
func isClass(text string) bool {
	return strings.HasPrefix(text, "org.") || strings.HasPrefix(text, "io.") || strings.HasPrefix(text, "com.")
}

// IsInformative reports whether a body is an error whose text is made by the JVM, by Jackson or by Jetty: only the status counts.
func IsInformative(body any) bool {
	object, _ := body.(map[string]any)
	text, _ := object["message"].(string)
	for _, begin := range []string{"Cannot invoke", "Cannot deserialize", "Cannot construct", "Unexpected ", "Unrecognized ", "Illegal "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// CheckError wants the shape of an error of Kafka Connect, and a text.
func CheckError(status int, body any) error {
	object, _ := body.(map[string]any)
	if text, _ := object["message"].(string); text == "" || object["error_code"] != float64(status) || len(object) != 2 {
		return fmt.Errorf("body %v is no error of status %d", body, status)
	}
	return nil
}

// CompareAllow compares two Allow headers, whose order means nothing.
func CompareAllow(got, want http.Header) error {
	methods := func(h http.Header) []string {
		list := strings.Split(strings.ReplaceAll(h.Get("Allow"), " ", ""), ",")
		slices.Sort(list)
		return list
	}
	if !slices.Equal(methods(got), methods(want)) {
		return fmt.Errorf("header Allow is %s, want %s", got.Get("Allow"), want.Get("Allow"))
	}
	return nil
}

// Difference names the first place in which two bodies differ, nil when they do not.
func Difference(got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return fmt.Errorf("%s", difference("", got, want))
}

func difference(at string, got, want any) string {
	switch w := want.(type) {
	case map[string]any:
		g, isMap := got.(map[string]any)
		for name := range w {
			if isMap && !reflect.DeepEqual(g[name], w[name]) {
				return difference(at+"."+name, g[name], w[name])
			}
		}
	case []any:
		g, _ := got.([]any)
		for i := range min(len(g), len(w)) {
			if !reflect.DeepEqual(g[i], w[i]) {
				return difference(at+"."+strconv.Itoa(i), g[i], w[i])
			}
		}
	}
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	return fmt.Sprintf("at %q: %.600s, want %.600s", at, g, w)
}
