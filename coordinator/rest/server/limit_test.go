package server

import (
	"net/http"
	"strconv"
	"testing"
	"time"
)

func TestABucketFillsUpToItsBurst(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(2, 4, func() time.Time { return now })
	taken := func() (n int) {
		for {
			if _, ok := l.take("a"); !ok {
				return n
			}
			n++
		}
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 4}, {0, 0}, {500 * time.Millisecond, 1}, {time.Second, 2}, {time.Hour, 4}, {-time.Hour, 0}, {time.Hour, 0}, {time.Second, 2}} {
		now = now.Add(step.after)
		if got := taken(); got != step.want {
			t.Errorf("after %v: %d requests, want %d", step.after, got, step.want)
		}
	}
	if wait, ok := l.take("a"); ok || wait != 500*time.Millisecond {
		t.Errorf("the next one is in %v, want half a second", wait)
	}
}

func TestClientsWithoutNumberDoNotFillTheMemory(t *testing.T) {
	now := time.Unix(0, 0)
	l := newLimiter(1, 10, func() time.Time { return now })
	for i := range 3 * maxClients {
		now = now.Add(time.Millisecond)
		if _, ok := l.take(strconv.Itoa(i)); !ok {
			t.Fatal("a new client was refused")
		}
	}
	if len(l.buckets) > maxClients {
		t.Errorf("%d clients are remembered", len(l.buckets))
	}
	off := newLimiter(0, 1, func() time.Time { return now })
	for range 100 {
		if _, ok := off.take("a"); !ok {
			t.Fatal("a limit of 0 limits")
		}
	}
}

func TestOneIPv6NetworkIsOneClient(t *testing.T) {
	for address, want := range map[string]string{
		"[2001:db8:1:2:3::4]:5": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64", "10.0.0.1:7": "10.0.0.1", "[::ffff:10.0.0.1]:7": "::ffff:10.0.0.1", "@": "@",
	} {
		if got := clientOf(&http.Request{RemoteAddr: address}); got != want {
			t.Errorf("%s is client %s, want %s", address, got, want)
		}
	}
}
