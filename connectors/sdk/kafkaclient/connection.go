package kafkaclient

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Connection returns the options that clients of all kinds have, of the settings that are there, without those of security. It is
// where settings that are refused are found.
func (s Settings) Connection() ([]kgo.Opt, error) {
	if err := s.refusals(); err != nil {
		return nil, err
	}
	if err := s.sameServers(); err != nil {
		return nil, err
	}
	var opts []kgo.Opt
	if id := s.Get("client.id"); id != "" {
		opts = append(opts, kgo.ClientID(id))
	}
	for _, d := range []struct {
		key         string
		least, most time.Duration
		option      func(time.Duration) kgo.Opt
	}{
		{"connections.max.idle.ms", 100 * time.Millisecond, 15 * time.Minute, kgo.ConnIdleTimeout},
		{"metadata.max.age.ms", 5 * time.Second, time.Hour, kgo.MetadataMaxAge},
		{"request.timeout.ms", 100 * time.Millisecond, 15 * time.Minute, kgo.RequestTimeoutOverhead},
		{"socket.connection.setup.timeout.ms", 100 * time.Millisecond, 15 * time.Minute, kgo.DialTimeout},
		{"default.api.timeout.ms", time.Millisecond, time.Hour, kgo.RetryTimeout},
	} {
		if s.Get(d.key) == "" || d.key == "default.api.timeout.ms" && s.kind == Producer {
			continue
		}
		v, err := s.duration(d.key, 0, d.least, d.most)
		if err != nil {
			return nil, err
		}
		opts = append(opts, d.option(v))
	}
	if s.kind == Admin && s.Get("retries") != "" {
		n, err := s.Number("retries", 0, 0, math.MaxInt32)
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.RequestRetries(int(n)))
	}
	backoff, err := s.backoff()
	return append(opts, backoff...), err
}

// backoff is retry.backoff.*: twice as long each time, and up to a fifth more or less (kafka: ExponentialBackoff).
func (s Settings) backoff() ([]kgo.Opt, error) {
	const firstKey, mostKey = "retry.backoff.ms", "retry.backoff.max.ms"
	if s.Get(firstKey) == "" && s.Get(mostKey) == "" {
		return nil, nil
	}
	first, err := s.duration(firstKey, 100*time.Millisecond, time.Millisecond, time.Hour)
	if err != nil {
		return nil, err
	}
	most, err := s.duration(mostKey, time.Second, time.Millisecond, time.Hour)
	if err != nil {
		return nil, err
	}
	return []kgo.Opt{kgo.RetryBackoffFn(func(attempt int) time.Duration {
		d := min(float64(first)*math.Pow(2, float64(min(max(attempt-1, 0), 30))), float64(max(first, most)))
		return time.Duration(d * (0.8 + 0.4*rand.Float64()))
	})}, nil
}

// sameServers refuses another cluster than the worker's.
func (s Settings) sameServers() error {
	if !s.isOwn(bootstrapKey) || s.servers == "" && s.Get(bootstrapKey) == "" {
		return nil
	}
	sorted := func(text string) []string {
		l := elements(text)
		slices.Sort(l)
		return slices.Compact(l)
	}
	if slices.Equal(sorted(s.Get(bootstrapKey)), sorted(s.servers)) {
		return nil
	}
	return s.refused(bootstrapKey, "leases, fences and offsets of the connector are in the worker's cluster; run a second Ferry, with another group.id, for the other one")
}
