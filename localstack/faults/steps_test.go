package faults_test

import (
	"testing"

	"github.com/ferry-connect/ferry/localstack/faults/wire"
)

func TestStepsAreReadOffTheWire(t *testing.T) {
	for _, c := range []struct {
		call, body string
		kind       kind
		phase      step
		want       step
	}{
		{"UpdateItem", `{"ExpressionAttributeValues":{":owner":{"S":"a/b"},":epoch":{"N":"1"}}}`, sink, "", acquire},
		{"UpdateItem", `{"ExpressionAttributeValues":{":epoch":{"N":"1"}}}`, sink, work, release},
		{"UpdateItem", `{"ExpressionAttributeValues":{":next":{"S":"t"},":epoch":{"N":"1"}}}`, sink, work, release}, // handed over
		{"GetItem", "", sink, "", ""},
		{"GetItem", "", sink, acquire, check},
		{"GetItem", "", sink, work, ""},
		{"InitProducerID", "", source, acquire, fence},
		{"Fetch", "", source, check, position},
		{"Fetch", "", sink, check, ""},
		{"OffsetFetch", "", sink, check, position},
		{"Produce", "", source, check, work},
		{"EndTxn", "", source, work, commit},
		{"/flush", "", sink, work, acknowledge},
		{"Metadata", "", sink, work, ""},
	} {
		if got := stepOf(wire.Message{Call: c.call, Body: []byte(c.body)}, c.kind, c.phase); got != c.want {
			t.Errorf("%s of a %s after %q is %q, want %q", c.call, c.kind, c.phase, got, c.want)
		}
	}
}

func TestTheBoundedPartHasEachStepEachFaultAndEachKind(t *testing.T) {
	for seed := range uint64(50) {
		seen := map[any]bool{}
		for _, c := range some(seed) {
			seen[c.step], seen[c.fault], seen[c.kind] = true, true, true
			if c.real {
				seen["real "+string(c.step)] = true
			}
		}
		for _, s := range steps() {
			if !seen[s] || s.transactional() && !seen["real "+string(s)] {
				t.Errorf("seed %d leaves out step %s", seed, s)
			}
		}
		for _, f := range faults() {
			if !seen[f] {
				t.Errorf("seed %d leaves out fault %s", seed, f)
			}
		}
		for _, k := range kinds() {
			if !seen[k] {
				t.Errorf("seed %d leaves out kind %s", seed, k)
			}
		}
	}
}
