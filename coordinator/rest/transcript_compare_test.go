package rest_test

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/ferry-connect/ferry/coordinator/rest/resttest"
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
		return resttest.CheckError(status, body) // the recorded worker refused the address before it came to a resource
	}
	n := c.normalizer(s)
	want := n.Body(s.Response.Body)
	if resttest.IsInformative(want) {
		return resttest.CheckError(status, body)
	}
	return resttest.Difference(n.Body(body), want)
}

func (c *cluster) compareHeaders(s step, got http.Header) error {
	for name, want := range s.Response.Headers {
		want = c.fill(want)
		value := got.Get(name)
		switch {
		case strings.HasPrefix(want, "text/html"):
		case name == "Allow":
			if err := resttest.CompareAllow(got, http.Header{name: {want}}); err != nil {
				return err
			}
		case value != want:
			return fmt.Errorf("header %s is %q, want %q", name, value, want)
		}
	}
	return nil
}

// normalizer is for both sides of a step: the recorded one has placeholders, which are filled in.
func (c *cluster) normalizer(s step) *resttest.Normalizer {
	path, _, _ := strings.Cut(s.Path, "?")
	recorded, _ := s.Response.Body.(map[string]any)
	return &resttest.Normalizer{
		Path: path, Replace: c.placeholders(),
		HasPlugin: func(class string) bool {
			_, known := c.catalog.Find(class)
			return known && strings.HasPrefix(class, "org.apache.kafka.connect.")
		},
		HasLogger: func(name string) bool {
			_, there := recorded[name]
			_, here := c.loggers.Level(name)
			return there && here
		},
	}
}
