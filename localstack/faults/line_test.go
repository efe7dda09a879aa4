package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// Faults of the line between the task and the broker, which Toxiproxy makes. They come with the request that is held.
const (
	cut      fault = "cut"       // all connections are closed, and refused for a second
	slow     fault = "slow"      // every answer takes two seconds, for a while
	halfOpen fault = "half-open" // nothing comes back, and no connection breaks, until the lease has run out
)

func lineFaults() []fault { return []fault{cut, slow, halfOpen} }

// lineCells are each fault of the line, in the middle of each kind's commit.
func lineCells() []cell {
	var all []cell
	for _, k := range kinds() {
		for _, f := range lineFaults() {
			all = append(all, cell{k, f, commit, false, true})
		}
	}
	return all
}

// line is a proxy of Toxiproxy's in front of a broker.
type line struct {
	api   string
	other string // the proxy's name, which is the cell's connector's
}

// newLine gives a cell a line of its own to the shared real broker: the task's requests come through the tap, then through
// Toxiproxy. The coordinator and the API have a line that is always good.
func newLine(t testing.TB, name string, tap wire.Tap, toxiproxy *servers.Server) *broker {
	t.Helper()
	shared := suite.kafka.Broker(t)
	s := <-suite.slots
	upstream := s.proxy.Upstream()
	l := &line{api: toxiproxy.URL() + "/proxies", other: name}
	listen := servers.FreeAddr(t)
	if err := l.post(t.Context(), "", map[string]any{"name": name, "listen": listen, "upstream": upstream, "enabled": true}); err != nil {
		t.Fatal(err)
	}
	s.proxy.Forward(listen)
	s.tap.Store(&tap)
	t.Cleanup(func() {
		s.tap.Store(nil)
		s.proxy.Forward(upstream)
		suite.slots <- s
	})
	return &broker{seeds: s.proxy.Addr(), control: shared.Addr, opts: direct(shared), real: true, dump: describe(shared), line: l}
}

// post asks Toxiproxy for something. Source: https://github.com/Shopify/toxiproxy#http-api
func (l *line) post(ctx context.Context, path string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return l.do(ctx, http.MethodPost, path, text)
}

func (l *line) do(ctx context.Context, method, path string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, method, l.api+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("ask Toxiproxy: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("ask Toxiproxy: %s %s was answered with %s", method, path, resp.Status)
	}
	return nil
}

// spoil makes the line bad now, and good again after a while.
func (l *line) spoil(ctx context.Context, f fault, d time.Duration) error {
	proxy, toxic := "/"+l.other, map[string]any{"name": "bad", "stream": "downstream", "toxicity": 1}
	switch f {
	case cut:
		if err := l.post(ctx, proxy, map[string]any{"enabled": false}); err != nil {
			return err
		}
		wait(ctx, d)
		return l.post(ctx, proxy, map[string]any{"enabled": true})
	case slow:
		toxic["type"], toxic["attributes"] = "latency", map[string]any{"latency": 2000}
	case halfOpen:
		toxic["type"], toxic["attributes"] = "timeout", map[string]any{"timeout": 0}
	}
	if err := l.post(ctx, proxy+"/toxics", toxic); err != nil {
		return err
	}
	wait(ctx, d)
	return l.do(ctx, http.MethodDelete, proxy+"/toxics/bad", nil)
}

// A line that breaks, crawls or goes silent in the middle of a commit costs time, and no record.
func TestABadLineToTheBrokerLosesNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("starts servers and builds functions")
	}
	t.Parallel()
	seed := seed(t)
	var list []cell
	for i, c := range lineCells() {
		if *allCells || i%4 == 0 || *oneCell == c.String() { // each kind and each fault once
			list = append(list, c)
		}
	}
	if list = chosen(list); len(list) == 0 {
		t.Skip("another cell was asked for")
	}
	db, toxiproxy := newDatabase(t), servers.Toxiproxy(t)
	results := newTable(seed, lineFaults(), []step{commit})
	t.Cleanup(func() { results.print(t) })
	for _, c := range list {
		t.Run(c.String(), func(t *testing.T) {
			t.Parallel()
			results.add(c, try(t, c, surroundings{db, toxiproxy, seed}))
		})
	}
}
