package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/coordinator/rest"
)

const (
	burstClients  = 64
	burstRequests = 10_000
	burstShared   = 8 // connectors that all clients patch
)

// burst sends ten thousand requests of 64 clients to a server: each changes a connector of its own, and patches connectors that others patch
// too. No answer may be an error of the server, nothing that was answered with success may be missing in the end, and what was read after a
// change must be the change. The value is how many of all this went wrong.
func (p *plane) burst(ctx context.Context) (row, error) {
	r := row{Metric: "errors and lost writes in a burst", Gate: 0, Goal: 0}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	server := rest.NewServer(p.handler, "")
	go server.Serve(listener) //nolint:errcheck // it ends with Close
	defer server.Close()
	c := &clients{url: "http://" + listener.Addr().String(), http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: burstClients}}}
	defer c.http.CloseIdleConnections()
	began := time.Now()
	var done sync.WaitGroup
	for i := range burstClients {
		done.Go(func() { c.run(ctx, i, burstRequests/burstClients) })
	}
	done.Wait()
	took := time.Since(began)
	c.verify(ctx)
	slices.Sort(c.times)
	r.Value = float64(len(c.wrong))
	r.Detail = fmt.Sprintf("%d requests of %d clients, %d of them changes, in %.1f s; 99th percentile %.0f ms, longest %.0f ms",
		len(c.times), burstClients, c.changes, took.Seconds(), milliseconds(c.times[len(c.times)*99/100]), milliseconds(c.times[len(c.times)-1]))
	if len(c.wrong) > 0 {
		r.Detail += "; " + c.wrong[0]
	}
	return r, nil
}

// clients are those of the burst, and what they noticed.
type clients struct {
	url  string
	http *http.Client

	mu      sync.Mutex
	times   []time.Duration
	wrong   []string
	changes int
	patches []string             // keys that were patched, in connectorName(i % burstShared)
	own     [burstClients]string // the last value of each client's own connector
}

func (c *clients) complain(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, fmt.Sprintf(format, args...))
}

// run is one client: of five requests two are changes.
func (c *clients) run(ctx context.Context, client, requests int) {
	own := connectorName(burstShared + client)
	for i := range requests {
		switch i % 5 {
		case 0:
			value := fmt.Sprintf("burst-%d-%d", client, i)
			if c.change(ctx, "PUT", own, configOf(own, value)) {
				c.own[client] = value
			}
		case 1:
			if body := c.ask(ctx, "GET", "/connectors/"+own+"/config", ""); !strings.Contains(body, c.own[client]) {
				c.complain("client %d reads %.100s after it put %s", client, body, c.own[client])
			}
		case 2:
			key := fmt.Sprintf("burst.%d.%d", client, i)
			if c.change(ctx, "PATCH", connectorName(shared(i)), fmt.Sprintf(`{%q:"there"}`, key)) {
				c.mu.Lock()
				c.patches = append(c.patches, key)
				c.mu.Unlock()
			}
		case 3:
			c.ask(ctx, "GET", "/connectors", "")
		case 4:
			c.ask(ctx, "GET", "/connectors/"+own+"/status", "")
		}
	}
}

func shared(i int) int { return i / 5 % burstShared }

// change reports whether a change was answered with success.
func (c *clients) change(ctx context.Context, method, connector, body string) bool {
	c.mu.Lock()
	c.changes++
	c.mu.Unlock()
	return c.ask(ctx, method, "/connectors/"+connector+"/config", body) != ""
}

// ask returns the body of an answer, empty for one that is no success.
func (c *clients) ask(ctx context.Context, method, path, body string) string {
	began := time.Now()
	text, err := c.send(ctx, method, path, body)
	c.mu.Lock()
	c.times = append(c.times, time.Since(began))
	c.mu.Unlock()
	if err != nil {
		c.complain("%s %s: %v", method, path, err)
		return ""
	}
	return text
}

func (c *clients) send(ctx context.Context, method, path, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = errors.New(resp.Status + " " + string(text))
	}
	return string(text), err
}

// verify looks for every change that was answered with success.
func (c *clients) verify(ctx context.Context) {
	all := make(map[string]string)
	for i := range burstShared {
		text, err := c.send(ctx, "GET", "/connectors/"+connectorName(i)+"/config", "")
		if err == nil {
			err = json.Unmarshal([]byte(text), &all)
		}
		if err != nil {
			c.complain("read %s at the end: %v", connectorName(i), err)
		}
	}
	for _, key := range c.patches {
		if all[key] != "there" {
			c.complain("patch %s is lost", key)
		}
	}
	for client, value := range c.own {
		text, err := c.send(ctx, "GET", "/connectors/"+connectorName(burstShared+client)+"/config", "")
		if err != nil || !strings.Contains(text, value) {
			c.complain("the last change of client %d is lost: %v", client, err)
		}
	}
}
