package connecttest

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// TransformCase is how the suite uses one class of a list. Configurations are keys and values in turns.
type TransformCase struct {
	Config     []string
	Schemaless [][]string // see TransformHarness
	// Records are the records for this class, nil for those of the list.
	Records func(a *connect.Arena) []connect.Record
	// Refused says that the class exists only to tell users that it cannot be used: it takes no configuration.
	Refused bool
}

// TransformClasses runs the conformance suite for every class of a list. cases has one for each, under the class's name or the end of
// it behind a dot; a class without a case is a failure, as is a case without a class.
func TransformClasses(t *testing.T, classes []connect.TransformClass, records func(a *connect.Arena) []connect.Record, cases map[string]TransformCase) {
	t.Helper()
	used := make(map[string]bool)
	for _, class := range classes {
		name := caseOf(class.Name, cases)
		if name == "" {
			t.Errorf("%s is not tested", class.Name)
			continue
		}
		used[name] = true
		t.Run(name, func(t *testing.T) {
			c := cases[name]
			if c.Refused {
				if _, err := class.New(Config(c.Config...)); connect.KindOf(err) != connect.KindConfig {
					t.Errorf("%s is not refused: %v", class.Name, err)
				}
				return
			}
			h := TransformHarness{Class: class, Config: Config(c.Config...), Records: records}
			if c.Records != nil {
				h.Records = c.Records
			}
			for _, config := range c.Schemaless {
				h.Schemaless = append(h.Schemaless, Config(config...))
			}
			Transform(t, h)
		})
	}
	for name := range cases {
		if !used[name] {
			t.Errorf("there is no class %s", name)
		}
	}
}

// caseOf returns the name under which cases has one for a class, empty if there is none.
func caseOf[C any](class string, cases map[string]C) string {
	for name := range cases {
		if isNamed(class, name) {
			return name
		}
	}
	return ""
}

func isNamed(class, name string) bool { return class == name || strings.HasSuffix(class, "."+name) }

// TransformClass returns the class of a list with the given name, or with one that ends in it behind a dot.
func TransformClass(t testing.TB, classes []connect.TransformClass, name string) connect.TransformClass {
	t.Helper()
	for _, c := range classes {
		if isNamed(c.Name, name) {
			return c
		}
	}
	t.Fatalf("no class %s", name)
	return connect.TransformClass{}
}

// Config returns a configuration of keys and values in turns.
func Config(pairs ...string) map[string]string {
	m := make(map[string]string)
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}
