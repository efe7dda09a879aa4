package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func (c *cluster) compare(s step, status int, header http.Header, body any) error {
	if status != s.Response.Status {
		return fmt.Errorf("status %d, want %d; body %v", status, s.Response.Status, body)
	}
	if err := c.compareHeaders(s, header); err != nil {
		return err
	}
	if s.Response.Text != nil {
		if s.Response.Status == http.StatusOK && len(*s.Response.Text) != len(fmt.Sprint(body)) { // a list in no order
			return fmt.Errorf("text %v, want %s", body, *s.Response.Text)
		}
		return nil
	}
	if s.Response.Body == nil && status >= http.StatusBadRequest {
		return c.compareError(status, body) // the recorded worker refused the address before it came to a resource
	}
	want := c.normalize(s, "", s.Response.Body)
	if informative(want) {
		return c.compareError(status, body)
	}
	if got := c.normalize(s, "", body); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s", difference("", got, want))
	}
	return nil
}

func (c *cluster) compareHeaders(s step, got http.Header) error {
	for name, want := range s.Response.Headers {
		want = c.fill(want)
		value := got.Get(name)
		switch {
		case strings.HasPrefix(want, "text/html"):
		case name == "Allow":
			a, b := strings.Split(want, ","), strings.Split(value, ",")
			slices.Sort(a)
			slices.Sort(b)
			if !slices.Equal(a, b) {
				return fmt.Errorf("header Allow is %s, want %s", value, want)
			}
		case value != want:
			return fmt.Errorf("header %s is %q, want %q", name, value, want)
		}
	}
	return nil
}

// informative reports whether a body is an error whose text is made by the JVM or by Jackson.
func informative(body any) bool {
	object, _ := body.(map[string]any)
	text, _ := object["message"].(string)
	for _, begin := range []string{"Cannot invoke", "Cannot deserialize", "Cannot construct", "Unexpected character", "Unrecognized "} {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}

// compareError wants the shape of an error, and a text.
func (c *cluster) compareError(status int, body any) error {
	object, _ := body.(map[string]any)
	if text, _ := object["message"].(string); text == "" || object["error_code"] != float64(status) || len(object) != 2 {
		return fmt.Errorf("body %v is no error of status %d", body, status)
	}
	return nil
}

// normalize replaces what cannot be the same here, in both bodies: the documentation's words, the order of lists that have
// none, plugins that are not in the catalog, loggers that only one of the two has, the times of their changes, stack traces.
func (c *cluster) normalize(s step, key string, v any) any {
	switch v := v.(type) {
	case string:
		return c.normalizeText(key, v)
	case []any:
		return c.normalizeList(s, key, v)
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, value := range v {
			if _, isLogger := value.(map[string]any); isLogger && s.Path == "/admin/loggers" && !c.isShared(name, s) {
				continue
			}
			object[name] = c.normalize(s, name, value)
		}
		return object
	}
	if _, isNumber := v.(float64); isNumber && key == "last_modified" {
		return "${TIMESTAMP}"
	}
	return v
}

// isShared reports whether a logger is known to both.
func (c *cluster) isShared(name string, s step) bool {
	recorded, _ := s.Response.Body.(map[string]any)
	_, there := recorded[name]
	_, here := c.loggers.Level(name)
	return there && here
}

func (c *cluster) normalizeText(key, text string) string {
	switch key {
	case "documentation":
		return "documentation"
	case "trace":
		return "trace"
	case "message":
		text, _, _ = strings.Cut(text, "available connectors are:")
	}
	return c.fill(text)
}

func (c *cluster) normalizeList(s step, key string, list []any) []any {
	kept := make([]any, 0, len(list))
	for _, v := range list {
		switch value := v.(type) {
		case string:
			if _, known := c.catalog.Find(value); key == "recommended_values" && strings.HasPrefix(value, "org.apache.kafka.connect.") && !known {
				continue
			}
		case map[string]any:
			if class, isPlugin := value["class"].(string); isPlugin && !c.isRecorded(class) {
				continue
			}
		}
		kept = append(kept, c.normalize(s, "", v))
	}
	if key == "offsets" || key == "" && s.Path == "/connectors" {
		slices.SortFunc(kept, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return kept
}

// isRecorded reports whether a plugin is both in the catalog and in the recorded worker.
func (c *cluster) isRecorded(class string) bool {
	_, known := c.catalog.Find(class)
	return known && strings.HasPrefix(class, "org.apache.kafka.connect.")
}

// difference names the first place in which two values differ.
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
