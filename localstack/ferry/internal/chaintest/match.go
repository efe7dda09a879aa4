package chaintest

import (
	"bytes"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// matcher compares one record with what is expected of it.
type matcher struct {
	exact    bool
	hide     func(string) string // nil for nothing
	record   int
	problems []Problem
}

// member is one member of an object, in its order.
type member struct {
	name  string
	value json.RawMessage
}

// members reads an object; ok is false if the text is none. It was parsed before.
func members(text json.RawMessage) (all []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, false
		}
		name, _ := t.(string)
		m := member{name: name}
		if d.Decode(&m.value) != nil {
			return nil, false
		}
		all = append(all, m)
	}
	return all, true
}

func find(all []member, name string) json.RawMessage {
	if i := slices.IndexFunc(all, func(m member) bool { return m.name == name }); i >= 0 {
		return all[i].value
	}
	return nil
}

// compareRecord compares the fields of records. Those that hold data are compared without a schema, where none is expected.
func (m *matcher) compareRecord(expected, actual json.RawMessage) {
	want, _ := members(expected)
	have, _ := members(actual)
	for _, f := range want {
		at := find(have, f.name)
		switch f.name {
		case "key", "value":
			m.data(f.name, f.value, at)
		case "headers":
			m.headers(f.value, at)
		default:
			m.compare(f.name, f.value, orNull(at))
		}
	}
	if !m.exact {
		return
	}
	for _, f := range have {
		base := strings.TrimSuffix(strings.TrimSuffix(f.name, "Text"), "Base64")
		if base == "partition" || base == "offset" || base == "timestampType" || find(want, f.name) != nil || payloadOf(f.value) == "null" {
			continue
		}
		m.differ(f.name, nil, f.value)
	}
}

// payloadOf is data without its schema.
func payloadOf(data json.RawMessage) string {
	if payload, is := unwrap(data); is {
		data = payload
	}
	return string(data)
}

// unwrap returns the payload of {"schema": …, "payload": …}.
func unwrap(data json.RawMessage) (json.RawMessage, bool) {
	all, ok := members(data)
	payload := find(all, "payload")
	if !ok || len(all) > 2 || payload == nil || len(all) == 2 && find(all, "schema") == nil {
		return nil, false
	}
	return payload, true
}

// data compares a key, a value or that of a header. An expected payload alone, without a schema, is one too.
func (m *matcher) data(path string, expected, actual json.RawMessage) {
	actual = orNull(actual)
	if _, written := unwrap(expected); !written {
		if all, ok := members(actual); ok && len(all) == 2 && find(all, "schema") != nil {
			if payload, is := unwrap(actual); is {
				actual = payload
			}
		}
	}
	m.compare(path, expected, actual)
}

func (m *matcher) headers(expected, actual json.RawMessage) {
	var want, have []json.RawMessage
	if json.Unmarshal(expected, &want) != nil || json.Unmarshal(orNull(actual), &have) != nil || len(want) != len(have) {
		m.differ("headers", expected, actual)
		return
	}
	for i := range want {
		at := "headers[" + strconv.Itoa(i) + "]"
		fields, _ := members(want[i])
		others, _ := members(have[i])
		for _, f := range fields {
			if f.name == "value" {
				m.data(at+".value", f.value, find(others, "value"))
			} else {
				m.compare(at+"."+f.name, f.value, orNull(find(others, f.name)))
			}
		}
	}
}

func orNull(text json.RawMessage) json.RawMessage {
	if text == nil {
		return json.RawMessage("null")
	}
	return text
}

// compare compares any two values.
func (m *matcher) compare(path string, expected, actual json.RawMessage) {
	want, isObject := members(expected)
	have, bothObjects := members(actual)
	if isObject && bothObjects {
		m.objects(path, want, have)
		return
	}
	var wants, haves []json.RawMessage
	if expected[0] == '[' && actual[0] == '[' && json.Unmarshal(expected, &wants) == nil && json.Unmarshal(actual, &haves) == nil {
		m.arrays(path, wants, haves)
		return
	}
	if isObject || bothObjects || !m.equal(expected, actual) {
		m.differ(path, expected, actual)
	}
}

func (m *matcher) objects(path string, want, have []member) {
	for _, f := range want {
		if at := find(have, f.name); at != nil {
			m.compare(join(path, f.name), f.value, at)
		} else {
			m.differ(join(path, f.name), f.value, nil)
		}
	}
	if !m.exact {
		return
	}
	for _, f := range have {
		if find(want, f.name) == nil {
			m.differ(join(path, f.name), nil, f.value)
		}
	}
}

func (m *matcher) arrays(path string, want, have []json.RawMessage) {
	for i := range max(len(want), len(have)) {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(have):
			m.differ(at, want[i], nil)
		case i >= len(want):
			m.differ(at, nil, have[i])
		default:
			m.compare(at, want[i], have[i])
		}
	}
}

// join appends a name to a path, in quotes if it could be taken for more.
func join(path, name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\" ") {
		return path + "[" + string(quote(name)) + "]"
	}
	return path + "." + name
}

// equal compares scalars: numbers by value, text also as it is hidden.
func (m *matcher) equal(expected, actual json.RawMessage) bool {
	if string(expected) == string(actual) {
		return true
	}
	if a, ok := rational(expected); ok {
		b, both := rational(actual)
		return both && a.Cmp(b) == 0 || m.hide != nil && sameText(quote(m.hide(string(expected))), actual)
	}
	if sameText(expected, actual) {
		return true
	}
	var s string
	return m.hide != nil && json.Unmarshal(expected, &s) == nil && sameText(quote(m.hide(s)), actual)
}

// rational reads a number exactly, unless its exponent is out of all reason.
func rational(text json.RawMessage) (*big.Rat, bool) {
	if text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return nil, false
	}
	if _, exponent, found := strings.Cut(strings.ToLower(string(text)), "e"); found {
		if n, err := strconv.Atoi(exponent); err != nil || n > 400 || n < -400 {
			return nil, false
		}
	}
	return new(big.Rat).SetString(string(text))
}

func sameText(a, b json.RawMessage) bool {
	var s, t string
	return a[0] == '"' && b[0] == '"' && json.Unmarshal(a, &s) == nil && json.Unmarshal(b, &t) == nil && s == t
}

func (m *matcher) differ(path string, expected, actual json.RawMessage) {
	m.problems = append(m.problems, Problem{Record: m.record, Path: path, Expected: expected, Actual: actual})
}
