package awsprovider

import (
	"sync"
	"time"
)

// maxKept bounds how many values are kept. Of at most 64 KiB each, as secrets are, they take 4 MiB.
const maxKept = 64

// cache keeps values between invocations of a warm process. It may be used concurrently; the zero value is not ready.
type cache[V any] struct {
	mu   sync.Mutex
	kept map[string]kept[V]
}

type kept[V any] struct {
	value V
	since time.Time
}

func newCache[V any]() *cache[V] { return &cache[V]{kept: make(map[string]kept[V])} }

// get returns a value that is not older than lifetime.
func (c *cache[V]) get(id string, lifetime time.Duration) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[id]
	if !ok || time.Since(k.since) >= lifetime {
		return value, false
	}
	return k.value, true
}

// put keeps a value that was asked for at a time, and drops the oldest of too many.
func (c *cache[V]) put(id string, value V, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept[id] = kept[V]{value, since}
	for len(c.kept) > maxKept {
		oldest := id
		for other, k := range c.kept {
			if k.since.Before(c.kept[oldest].since) {
				oldest = other
			}
		}
		delete(c.kept, oldest)
	}
}

// forget drops what was asked for before a time, and reports whether there was anything.
func (c *cache[V]) forget(before time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	dropped := false
	for id, k := range c.kept {
		if k.since.Before(before) {
			delete(c.kept, id)
			dropped = true
		}
	}
	return dropped
}
