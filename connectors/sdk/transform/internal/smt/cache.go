package smt

import (
	"bytes"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// cacheSize is the number of schemas or topics that a transform remembers, as in Kafka Connect.
const cacheSize = 16

// Plans remembers what to do for an input schema. The oldest plan makes room for a new one.
type Plans[P any] struct {
	schemas [cacheSize]*connect.Schema
	plans   [cacheSize]P
	used    int // entries that are filled
	last    int // entry found last
	oldest  int // entry to be replaced next, once all are filled
}

// Find returns the plan for s, and makes it by build when there is none. A schema that equals a known one but lies elsewhere
// takes over its plan, so that equal input always gives the same output schema. Errors are not remembered.
func (p *Plans[P]) Find(s *connect.Schema, build func(*connect.Schema) (P, error)) (*P, error) {
	if p.schemas[p.last] == s {
		return &p.plans[p.last], nil
	}
	for i := range p.used {
		if p.schemas[i] == s {
			p.last = i
			return &p.plans[i], nil
		}
	}
	for i := range p.used {
		if p.schemas[i].Equal(s) {
			p.schemas[i], p.last = s, i
			return &p.plans[i], nil
		}
	}
	plan, err := build(s)
	if err != nil {
		return nil, err
	}
	p.last = next(&p.used, &p.oldest)
	p.schemas[p.last], p.plans[p.last] = s, plan
	return &p.plans[p.last], nil
}

// Topics remembers a result for a topic.
type Topics[V any] struct {
	names  [cacheSize]string
	values [cacheSize]V
	used   int
	oldest int
}

// Find returns what is remembered for topic.
func (t *Topics[V]) Find(topic string) (v V, ok bool) {
	for i := range t.used {
		if t.names[i] == topic {
			return t.values[i], true
		}
	}
	return v, false
}

// Put remembers v for topic, which Find did not find. The oldest topic makes room for it.
func (t *Topics[V]) Put(topic string, v V) {
	i := next(&t.used, &t.oldest)
	t.names[i], t.values[i] = strings.Clone(topic), v // the topic may lie in the memory of its batch
}

// next returns the entry to fill: an unused one, or the oldest.
func next(used, oldest *int) int {
	if *used < cacheSize {
		*used++
		return *used - 1
	}
	i := *oldest
	*oldest = (i + 1) % cacheSize
	return i
}

// Names remembers topics, so that the same text is made only once.
type Names struct {
	names  [cacheSize]string
	used   int
	oldest int
	last   int
}

// Intern returns name as text, which allocates for a name that it does not remember.
func (t *Names) Intern(name []byte) string {
	if t.names[t.last] == string(name) {
		return t.names[t.last]
	}
	for i := range t.used {
		if t.names[i] == string(name) {
			t.last = i
			return t.names[i]
		}
	}
	t.last = next(&t.used, &t.oldest)
	t.names[t.last] = string(name)
	return t.names[t.last]
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
