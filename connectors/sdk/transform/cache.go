package transform

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// cacheSize is the number of schemas or topics that a transform remembers, as in Kafka Connect.
const cacheSize = 16

// plans remembers what to do for an input schema. The oldest plan makes room for a new one.
type plans[P any] struct {
	schemas [cacheSize]*connect.Schema
	plans   [cacheSize]P
	used    int // entries that are filled
	last    int // entry found last
	oldest  int // entry to be replaced next, once all are filled
}

// find returns the plan for s, and makes it by build when there is none. A schema that equals a known one but lies elsewhere
// takes over its plan, so that equal input always gives the same output schema. Errors are not remembered.
func (p *plans[P]) find(s *connect.Schema, build func(*connect.Schema) (P, error)) (*P, error) {
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

// topics remembers a result for a topic.
type topics[V any] struct {
	names  [cacheSize]string
	values [cacheSize]V
	used   int
	oldest int
}

func (t *topics[V]) find(topic string) (v V, ok bool) {
	for i := range t.used {
		if t.names[i] == topic {
			return t.values[i], true
		}
	}
	return v, false
}

func (t *topics[V]) put(topic string, v V) {
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
