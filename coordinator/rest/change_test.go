package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ferry-connect/ferry/coordinator/rest"
)

// Two processes serve the same cluster: each has the config topic claimed at some time.
func TestTwoProcessesNeverCreateTheSameConnectorTwice(t *testing.T) {
	c := newCluster(t)
	other := c.second()
	// Given that both have written before, and that the second has the claim,
	c.expect(http.StatusCreated, "PUT", "/connectors/mine/config", sourceConfig)
	if code := other("PUT", "/connectors/yours/config", sourceConfig); code != http.StatusCreated {
		t.Fatalf("the second process answers %d", code)
	}
	// when both create the same connectors at once,
	const rounds = 10
	for i := range rounds {
		body := create(fmt.Sprintf("c%d", i), sourceConfig, "STOPPED")
		var codes [2]int
		var wg sync.WaitGroup
		wg.Go(func() {
			resp, _ := c.ask("POST", "/connectors", asJSON, body)
			codes[0] = resp.StatusCode
		})
		wg.Go(func() { codes[1] = other("POST", "/connectors", body) })
		wg.Wait()
		// then one of them does, and the other is told so.
		slices.Sort(codes[:])
		if codes != [2]int{http.StatusCreated, http.StatusConflict} {
			t.Errorf("round %d: the answers are %v", i, codes)
		}
	}
	var names []string
	if err := json.Unmarshal([]byte(c.expect(http.StatusOK, "GET", "/connectors", "")), &names); err != nil || len(names) != rounds+2 {
		t.Errorf("connectors are %q, %v", names, err)
	}
}

// second makes another API over the same topics, as in another process, and returns a way to ask it.
func (c *cluster) second(options ...option) func(method, path, body string) int {
	c.t.Helper()
	o := c.options()
	o.Store = c.openStore()
	for _, apply := range options {
		apply(&o)
	}
	handler, err := rest.New(o)
	if err != nil {
		c.t.Fatal(err)
	}
	return func(method, path, body string) int {
		r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
		r.Header = asJSON.Clone()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
}

func TestAChangeIsSeenByEveryProcessAtOnce(t *testing.T) {
	c := newCluster(t)
	other := c.second()
	c.expect(http.StatusCreated, "POST", "/connectors", create("a", sourceConfig, "STOPPED"))
	if code := other("GET", "/connectors/a", ""); code != http.StatusOK {
		t.Errorf("the second process answers %d", code)
	}
	if code := other("DELETE", "/connectors/a", ""); code != http.StatusNoContent {
		t.Errorf("the second process answers %d", code)
	}
	c.expect(http.StatusNotFound, "GET", "/connectors/a/config", "")
	c.expect(http.StatusNotFound, "PUT", "/connectors/a/pause", "")
}
