package e2e_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// What the API answered with success is there after the process was killed; what it did not answer is there or not, and nothing in between.
func TestWhatTheAPIAnsweredIsThereAfterAKill(t *testing.T) {
	const clients, kills = 4, 4
	c := newCluster(kafka.Broker(t).Addr, "configkill")
	var asked, answered [clients]int
	for kill := range kills {
		f := c.start(t)
		rest := api{f.rest}
		for i := range clients {
			now := rest.version(t, i)
			if now < answered[i] || now > asked[i] {
				t.Errorf("after kill %d connector %d is of version %d: %d was answered, and %d asked for", kill, i, now, answered[i], asked[i])
			}
			asked[i], answered[i] = now, now
		}
		after := int64(rand.N(60))
		var answers atomic.Int64
		var done sync.WaitGroup
		for i := range clients {
			done.Go(func() {
				for {
					asked[i]++
					if !rest.putVersion(t, i, asked[i]) {
						return // it was killed
					}
					answered[i] = asked[i]
					if answers.Add(1) == after {
						go f.kill()
					}
				}
			})
		}
		if after == 0 {
			f.kill()
		}
		done.Wait()
		f.kill()
		t.Logf("killed after %d answers: asked for %v, answered %v", after, asked, answered)
	}
	rest := api{c.start(t).rest}
	for i := range clients {
		if now := rest.version(t, i); now < answered[i] || now > asked[i] {
			t.Errorf("in the end connector %d is of version %d: %d was answered, and %d asked for", i, now, answered[i], asked[i])
		}
	}
}

// version is that of a connector's configuration, 0 where there is none.
func (a api) version(t *testing.T, i int) int {
	t.Helper()
	got := a.call(t, http.MethodGet, fmt.Sprintf("/connectors/c%d/config", i), nil)
	if got.status == http.StatusNotFound {
		return 0
	}
	_, text, _ := strings.Cut(string(got.body), `"version":"`)
	digits, _, _ := strings.Cut(text, `"`)
	n, err := strconv.Atoi(digits)
	if got.status != http.StatusOK || err != nil {
		t.Fatalf("the configuration of c%d: %d %s", i, got.status, got.body)
	}
	return n
}

// putVersion reports whether it was answered with success. No other answer is expected of a process that lives.
func (a api) putVersion(t *testing.T, i, version int) bool {
	body := fmt.Sprintf(`{"connector.class":"FileStreamSource","file":"/nowhere","topic":"t","version":"%d"}`, version)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, fmt.Sprintf("%s/connectors/c%d/config", a.url, i), strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		t.Errorf("version %d of c%d is answered with %s", version, i, response.Status)
	}
	return response.StatusCode < 300
}
