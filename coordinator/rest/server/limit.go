package server

import (
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/coordinator/rest"
	"github.com/ferry-connect/ferry/coordinator/rest/principal"
)

// maxClients bounds how many clients are remembered. A client that has not asked for long enough to have its whole burst again is
// forgotten first; if there are more at once, all are, which lets some ask a little more and cannot be used up.
const maxClients = 10000

// limiter gives each client so many requests a second, and a burst at once: a bucket of tokens that fills up. It may be used
// concurrently.
type limiter struct {
	rate, burst float64
	now         func() time.Time

	mu      sync.Mutex
	buckets map[string]bucket
}

// bucket is what a client has left, at a time.
type bucket struct {
	tokens float64
	at     time.Time
}

func newLimiter(rate, burst int, now func() time.Time) *limiter {
	return &limiter{rate: float64(rate), burst: float64(burst), now: now, buckets: map[string]bucket{}}
}

// take takes one token of a client. If there is none, wait says when there will be.
func (l *limiter) take(client string) (wait time.Duration, ok bool) {
	if l.rate == 0 {
		return 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, known := l.buckets[client]
	if now.Before(b.at) {
		now = b.at // the clock was set back
	}
	if !known {
		l.makeRoom(now)
		b = bucket{l.burst, now}
	}
	b = bucket{l.filled(b, now), now}
	if ok = b.tokens >= 1; ok {
		b.tokens--
	}
	l.buckets[client] = b
	return time.Duration((1 - b.tokens) / l.rate * float64(time.Second)), ok
}

// filled returns how many tokens a bucket has at a time.
func (l *limiter) filled(b bucket, now time.Time) float64 {
	return min(l.burst, b.tokens+now.Sub(b.at).Seconds()*l.rate)
}

func (l *limiter) makeRoom(now time.Time) {
	if len(l.buckets) < maxClients {
		return
	}
	for client, b := range l.buckets {
		if l.filled(b, now) == l.burst {
			delete(l.buckets, client)
		}
	}
	if len(l.buckets) >= maxClients {
		clear(l.buckets)
	}
}

// limited answers 429 to a client that asks too often. A client is who the listener or AWS says it is, else an address. Passwords are not
// looked at before, so guessing them is bounded too.
func limited(l *limiter, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client := clientOf(r)
		wait, ok := l.take(client)
		if !ok {
			w.Header().Set("Retry-After", strconv.Itoa(max(1, int(math.Ceil(wait.Seconds())))))
			rest.WriteError(w, http.StatusTooManyRequests, fmt.Sprintf("Too many requests from %s; try again later", client))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func clientOf(r *http.Request) string {
	if p := principal.Of(r.Context()); p.Name != "" {
		return p.Name
	}
	address := addressOf(r)
	// Who has one IPv6 address has all of its /64.
	if a, err := netip.ParseAddr(address); err == nil && a.Is6() && !a.Is4In6() {
		if network, err := a.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return address
}
