package recorder_test

import (
	"net/http"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/rest/recorder"
)

func TestTheFirstStatusCountsAndOneThatIsNotSetIs200(t *testing.T) {
	for _, c := range []struct {
		name   string
		handle func(http.ResponseWriter)
		want   int
	}{
		{"nothing is done", func(http.ResponseWriter) {}, http.StatusOK},
		{"a body alone", func(w http.ResponseWriter) { w.Write([]byte("x")) }, http.StatusOK}, //nolint:errcheck // it never fails
		{"a status", func(w http.ResponseWriter) { w.WriteHeader(http.StatusTeapot) }, http.StatusTeapot},
		{"a status after the body", func(w http.ResponseWriter) {
			w.Write([]byte("x")) //nolint:errcheck // it never fails
			w.WriteHeader(http.StatusTeapot)
		}, http.StatusOK},
	} {
		r := recorder.New()
		c.handle(r)
		if got := r.Status(); got != c.want {
			t.Errorf("%s: the status is %d, want %d", c.name, got, c.want)
		}
	}
}
