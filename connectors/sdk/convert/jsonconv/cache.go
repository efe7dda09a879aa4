package jsonconv

// cacheBytes bounds the text of the schemas that are remembered, whatever their number.
const cacheBytes = 4 << 20

// cache remembers the most recently used plans, roughly: when the younger half is full it becomes the older one, and the
// older one is dropped. What is used again moves to the younger half.
type cache[K comparable] struct {
	younger, older map[K]*plan
	limit          int // entries in each half
	bytes          int // of the younger half
}

func newCache[K comparable](size int) cache[K] {
	return cache[K]{younger: make(map[K]*plan), limit: max(1, size)}
}

func (c *cache[K]) get(key K) *plan {
	if p := c.younger[key]; p != nil {
		return p
	}
	return c.older[key]
}

// put adds a plan that holds about size bytes.
func (c *cache[K]) put(key K, p *plan, size int) {
	if len(c.younger) >= c.limit || c.bytes+size > cacheBytes && len(c.younger) > 0 {
		c.older, c.younger, c.bytes = c.younger, make(map[K]*plan), 0
	}
	c.younger[key] = p
	c.bytes += size
}
