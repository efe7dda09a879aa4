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

// A patch is made of what it read; another that comes between is not lost.
func TestPatchesOfSeveralProcessesAllCount(t *testing.T) {
	c := newCluster(t)
	others := []func(method, path, body string) int{c.second(), c.second()}
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config", sourceConfig)
	const patches = 8
	var wg sync.WaitGroup
	for p, ask := range others {
		wg.Go(func() {
			for i := range patches {
				code := http.StatusConflict
				for code == http.StatusConflict { // others were quicker again and again: clients try again
					code = ask("PATCH", "/connectors/a/config", fmt.Sprintf(`{"p%d.%d":"there"}`, p, i))
				}
				if code != http.StatusOK {
					t.Errorf("patch %d of process %d is answered with %d", i, p, code)
				}
			}
		})
	}
	wg.Wait()
	var config map[string]string
	if err := json.Unmarshal([]byte(c.expect(http.StatusOK, "GET", "/connectors/a/config", "")), &config); err != nil {
		t.Fatal(err)
	}
	for p := range others {
		for i := range patches {
			if config[fmt.Sprintf("p%d.%d", p, i)] != "there" {
				t.Errorf("patch %d of process %d is lost", i, p)
			}
		}
	}
}

// Many patches of one connector at once are all made, however far they get in each other's way.
func TestPatchesOfOneProcessAreNeverRefusedForEachOther(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config", sourceConfig)
	const patches = 32
	var wg sync.WaitGroup
	for i := range patches {
		wg.Go(func() {
			if resp, text := c.ask("PATCH", "/connectors/a/config", asJSON, fmt.Sprintf(`{"p%d":"there"}`, i)); resp.StatusCode != http.StatusOK {
				t.Errorf("patch %d is answered with %d %s", i, resp.StatusCode, text)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(c.expect(http.StatusOK, "GET", "/connectors/a/config", ""), "there"); got != patches {
		t.Errorf("%d of %d patches count", got, patches)
	}
}

func TestAConfigurationThatFitsIntoNoRecordIsRefusedAndHarmsNothing(t *testing.T) {
	c := newCluster(t)
	c.expect(http.StatusCreated, "PUT", "/connectors/a/config", sourceConfig)
	text := c.expect(http.StatusRequestEntityTooLarge, "PUT", "/connectors/a/config",
		fmt.Sprintf(`{"connector.class":"FileStreamSource","topic":"t","large":%q}`, strings.Repeat("x", 2<<20)))
	if !strings.Contains(text, "does not fit into topic connect-configs") {
		t.Errorf("the answer is %.300s", text)
	}
	c.expect(http.StatusOK, "PUT", "/connectors/a/config", fmt.Sprintf(`{"connector.class":"FileStreamSource","topic":"t","large":%q}`, strings.Repeat("x", 900<<10)))
	if got := c.expect(http.StatusOK, "GET", "/connectors/a/config", ""); len(got) < 900<<10 {
		t.Errorf("read %d bytes", len(got))
	}
}

func TestAChangeCanDependOnWhatWasRead(t *testing.T) {
	c := newCluster(t)
	const path, other = "/connectors/a/config", `{"connector.class":"FileStreamSource","file":"other.txt","topic":"t"}`
	tag := func() string {
		resp, _ := c.ask("GET", path, nil, "")
		return resp.Header.Get("ETag")
	}
	ask := func(want int, method, header, value, body string) {
		t.Helper()
		h := asJSON.Clone()
		h.Set(header, value)
		if resp, text := c.ask(method, path, h, body); resp.StatusCode != want || want >= 400 && !strings.Contains(text, fmt.Sprintf(`"error_code":%d`, want)) {
			t.Errorf("%s with %s: %s is answered with %d %s, want %d", method, header, value, resp.StatusCode, text, want)
		}
	}
	// Given no connector, only who wants to create one may
	ask(http.StatusPreconditionFailed, "PUT", "If-Match", "*", sourceConfig)
	ask(http.StatusCreated, "PUT", "If-None-Match", "*", sourceConfig)
	ask(http.StatusPreconditionFailed, "PUT", "If-None-Match", "*", other)
	// given one that two have read, only the first may replace it
	read := tag()
	ask(http.StatusOK, "PUT", "If-Match", `"another", `+read, other)
	ask(http.StatusPreconditionFailed, "PUT", "If-Match", read, sourceConfig)
	ask(http.StatusPreconditionFailed, "PATCH", "If-Match", read, `{"file":"third.txt"}`)
	ask(http.StatusPreconditionFailed, "PATCH", "If-Match", "W/"+tag(), `{"file":"third.txt"}`)
	ask(http.StatusOK, "PATCH", "If-Match", tag(), `{"file":"third.txt"}`)
	ask(http.StatusOK, "PATCH", "If-Match", "*", `{"file":"other.txt"}`)
	// the tag is that of the contents, and whoever sends none is asked nothing
	before := tag()
	c.expect(http.StatusOK, "PUT", path, other)
	if after := tag(); before == "" || before == read || after != before {
		t.Errorf("the tags are %s, %s, and %s after the same was written again", read, before, after)
	}
}
