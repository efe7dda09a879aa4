package smt

import (
	"bytes"
	"strings"
)

const (
	// maxTopics bounds the topics that a transform remembers, maxName the length of their names: Kafka has no longer ones. So it
	// comes to 4 MiB at most.
	maxTopics = 8192
	maxName   = 249
)

// Topics remembers a result for a topic, within bounds: see maxTopics. The zero Topics is ready for use.
type Topics[V any] struct {
	last   topic[V] // found or put last
	known  map[string]topic[V]
	queue  []string // what is known, the oldest first
	passed int      // topics that found no room
}

type topic[V any] struct {
	name  string
	value V
	set   bool
}

// Find returns what is remembered for a topic.
func (t *Topics[V]) Find(name string) (v V, ok bool) {
	if t.last.set && t.last.name == name {
		return t.last.value, true
	}
	found, ok := t.known[name]
	if ok {
		t.last = found
	}
	return found.value, ok
}

// Put remembers v for a topic, which Find did not find. Once there are too many it is often only until the next, see patience.
func (t *Topics[V]) Put(name string, v V) {
	t.last = topic[V]{name: strings.Clone(name), value: v, set: true} // it may lie in the memory of its batch
	if len(name) > maxName {
		return
	}
	if len(t.queue) == maxTopics {
		if t.passed++; t.passed%patience != 0 {
			return
		}
		delete(t.known, t.queue[0])
		t.queue[0] = ""
		t.queue = t.queue[1:]
	}
	if t.known == nil {
		t.known = make(map[string]topic[V])
	}
	t.known[t.last.name] = t.last
	t.queue = append(t.queue, t.last.name)
}

// Names remembers topics, so that the same text is made only once. The zero Names is ready for use.
type Names struct{ topics Topics[struct{}] }

// Intern returns name as text, which allocates for a name that it does not remember.
func (n *Names) Intern(name []byte) string {
	t := &n.topics
	if t.last.set && t.last.name == string(name) {
		return t.last.name
	}
	if found, ok := t.known[string(name)]; ok {
		t.last = found
		return found.name
	}
	t.Put(string(name), struct{}{})
	return t.last.name
}

// AppendReplaced appends template with every placeholder replaced.
func AppendReplaced[T string | []byte](dst, template []byte, placeholder string, by T) []byte {
	for {
		i := bytes.Index(template, []byte(placeholder))
		if i < 0 {
			return append(dst, template...)
		}
		dst = append(append(dst, template[:i]...), by...)
		template = template[i+len(placeholder):]
	}
}
