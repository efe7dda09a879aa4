package secrets

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Secrets are values that config providers put in the place of placeholders. It is immutable and may be used concurrently; nil has none.
type Secrets struct {
	hidden, restored *matcher
}

// New takes values by placeholder, as ${provider:path:key}: those of one time, then those of others. A value that is empty, or its own
// placeholder, is none.
func New(values ...map[string]string) *Secrets {
	var all, plain []form
	for _, v := range sorted(values) {
		for _, text := range forms(v.text) {
			all = append(all, form{text, v.placeholder})
		}
		if restorable(v.text) {
			plain = append(plain, v)
		}
	}
	return &Secrets{hidden: newMatcher(all), restored: newMatcher(plain)}
}

// sorted returns the values, the longest first, so that a secret within another does not cut it up.
func sorted(values []map[string]string) []form {
	var all []form
	for _, some := range values {
		for placeholder, value := range some {
			if value != "" && value != placeholder { // or nobody knew it
				all = append(all, form{value, placeholder})
			}
		}
	}
	slices.SortFunc(all, func(a, b form) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), cmp.Compare(a.placeholder, b.placeholder))
	})
	return all
}

// restorable reports whether a value is looked for in configurations. Numbers of few digits and booleans are in nearly all of them,
// and are not secret where they are not in their own place.
func restorable(value string) bool {
	return len(value) >= 4 && !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false")
}

func (s *Secrets) none() bool { return s == nil || s.hidden.empty() }

// Hide puts placeholders in the place of values. It is to be called once for each text: a placeholder may contain a value.
func (s *Secrets) Hide(text string) string {
	if s.none() {
		return text
	}
	return s.hidden.replace(text)
}

// Restore puts placeholders back into a configuration, where somebody has made new values of the resolved ones: resolved again, they
// are the same. Values below four bytes and booleans are not looked for.
func (s *Secrets) Restore(config map[string]string) {
	for key, value := range config {
		if !configdef.HasVariable(value) {
			config[key] = s.restored.replace(value)
		}
	}
}
