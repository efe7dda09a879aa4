package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// Property is one key of a configuration. A nil Value is JSON's null.
type Property struct {
	Name  string
	Value *string
}

// Properties is a configuration in the order in which it was submitted, or, when it was read from a topic, in the order of a
// java.util.HashMap. Names are distinct.
type Properties []Property

// PropertiesOf returns m in the order in which Kafka Connect writes a copied map: that of a HashMap made for its size. Where
// Java would keep the order of insertion within one bucket, names are sorted.
func PropertiesOf(m map[string]string) Properties {
	p := make(Properties, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		value := m[name]
		p = append(p, Property{Name: name, Value: &value})
	}
	return p.hashed(capacityFor(len(p)))
}

// Get returns the value of a property; ok is false when it is absent or null.
func (p Properties) Get(name string) (value string, ok bool) {
	if i := p.index(name); i >= 0 && p[i].Value != nil {
		return *p[i].Value, true
	}
	return "", false
}

func (p Properties) index(name string) int {
	return slices.IndexFunc(p, func(q Property) bool { return q.Name == name })
}

// Map returns the properties that are not null.
func (p Properties) Map() map[string]string {
	m := make(map[string]string, len(p))
	for _, q := range p {
		if q.Value != nil {
			m[q.Name] = *q.Value
		}
	}
	return m
}

// With returns p with one property set: in its place if it is there, else at the end. p is not changed.
func (p Properties) With(name, value string) Properties {
	return slices.Clone(p).set(Property{Name: name, Value: &value})
}

func (p Properties) set(q Property) Properties {
	if i := p.index(q.Name); i >= 0 {
		p[i] = q
		return p
	}
	return append(p, q)
}

// Patch returns p changed as PATCH /connectors/{name}/config does: a null removes a property, anything else sets it. The
// order is that of the HashMap in which Kafka Connect does it (ConnectUtils.patchConfig). p is not changed.
func (p Properties) Patch(patch Properties) Properties {
	capacity := capacityFor(len(p))
	patched := p.hashed(capacity)
	for _, q := range patch {
		if q.Value == nil {
			patched = slices.DeleteFunc(patched, func(r Property) bool { return r.Name == q.Name })
			continue
		}
		patched = patched.set(q)
		for len(patched) > capacity/4*3 {
			capacity *= 2
		}
	}
	return patched.hashed(capacity)
}

// capacityFor is the capacity that new HashMap<>(map) has for n entries.
func capacityFor(n int) int {
	return 1 << bits.Len(uint(int(float32(n)/0.75+1)-1))
}

// hashed returns the properties in the order of a HashMap of a capacity, put in the order of p.
func (p Properties) hashed(capacity int) Properties {
	sorted := slices.Clone(p)
	bucket := func(q Property) int {
		h := uint32(javatext.HashString(q.Name))
		return int((h ^ h>>16) & uint32(capacity-1))
	}
	slices.SortStableFunc(sorted, func(a, b Property) int { return bucket(a) - bucket(b) })
	return sorted
}

// MarshalJSON writes an object with the properties in their order, escaped as in Connect's topics.
func (p Properties) MarshalJSON() ([]byte, error) { return p.appendJSON(nil), nil }

func (p Properties) appendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, q := range p {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(offsets.AppendString(dst, q.Name), ':')
		if q.Value == nil {
			dst = append(dst, "null"...)
		} else {
			dst = offsets.AppendString(dst, *q.Value)
		}
	}
	return append(dst, '}')
}

// UnmarshalJSON reads an object in its order. A value that is no text keeps the text it has in JSON, as Kafka Connect's REST API does
// with numbers and booleans; an object or array is an error. Of a repeated name the last value counts.
func (p *Properties) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("a configuration must be a JSON object of strings, not %.20s", data)
	}
	read, places := Properties{}, make(map[string]int)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Errorf("value of %q: %w", name, err)
		}
		value, err := propertyValue(raw)
		if err != nil {
			return fmt.Errorf("value of %q: %w", name, err)
		}
		if place, again := places[name]; again {
			read[place].Value = value
			continue
		}
		places[name] = len(read)
		read = append(read, Property{Name: name, Value: value})
	}
	*p = read
	return nil
}

func propertyValue(raw json.RawMessage) (*string, error) {
	text := string(raw)
	switch raw[0] {
	case 'n':
		return nil, nil
	case '{', '[':
		return nil, fmt.Errorf("it must be text, not %.20s", raw)
	case '"':
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
	}
	return &text, nil
}

// readOrder returns the properties as a reader of the topic gets them: in the order of a new HashMap.
func (p Properties) readOrder() Properties {
	names := make([]string, len(p))
	for i := range p {
		names[i] = p[i].Name
	}
	ordered := make(Properties, 0, len(p))
	for _, i := range javatext.HashOrder(names) {
		ordered = append(ordered, p[i])
	}
	return ordered
}
