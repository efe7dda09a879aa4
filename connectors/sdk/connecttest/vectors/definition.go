package vectors

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// dumpedKey is one key of a definition as configdef.jsonl records it. Documentation
// is not recorded.
type dumpedKey struct {
	Name        string          `json:"name"`
	Type        string          `json:"type"`
	Required    bool            `json:"required"`
	Default     json.RawMessage `json:"default"`
	DefaultText *string         `json:"defaultText"`
	Importance  string          `json:"importance"`
	Group       *string         `json:"group"`
	Order       int             `json:"order"`
	Width       string          `json:"width"`
	DisplayName string          `json:"displayName"`
	Dependents  []string        `json:"dependents"`
	Validator   *string         `json:"validator"`
	Recommender bool            `json:"recommender"`
}

// CheckDefinition compares a plugin's whole definition with the one of the real
// class, recorded in configdef.jsonl under an id such as "dump.Cast$Value": the
// groups, and every key with all its attributes, in the same order.
//
// Keys that differ on purpose, or that one of the two lacks, are listed in
// differences by their names with the reason. As in [Run], a listed key that
// agrees fails the test.
func CheckDefinition(t *testing.T, id string, def *configdef.Def, differences Differences) {
	t.Helper()
	cases := Where(Read(t, "configdef.jsonl"), func(c Case) bool { return c.ID == id && c.Group == "dump" })
	if len(cases) != 1 {
		t.Fatalf("configdef.jsonl has no definition with the id %q", id)
	}
	recorded := Decode[struct {
		Groups []string    `json:"groups"`
		Keys   []dumpedKey `json:"keys"`
	}](t, cases[0].Output)
	r := compareDefinitions(recorded.Groups, recorded.Keys, def, differences)
	for _, failure := range r.failures {
		t.Errorf("%s: %s", id, failure)
	}
	t.Logf("configdef.jsonl %s: %s", id, r.summary(differences))
}

// compareDefinitions compares key by key, as far as differences do not say
// otherwise.
func compareDefinitions(groups []string, keys []dumpedKey, def *configdef.Def, differences Differences) result {
	r := result{total: len(keys)}
	var inBoth []string
	agrees := make(map[string]bool)
	for _, want := range keys {
		got, defined := def.Key(want.Name)
		err := fmt.Errorf("is not defined")
		if defined {
			inBoth = append(inBoth, want.Name)
			err = want.compare(got)
		}
		agrees[want.Name] = err == nil
		r.judgeKey(want.Name, err, differences)
	}
	var common []string
	for _, name := range def.Names() {
		if _, recorded := agrees[name]; recorded {
			common = append(common, name)
			continue
		}
		r.total++
		r.judgeKey(name, fmt.Errorf("is defined, but the real class has no such key"), differences)
	}
	if !slices.Equal(inBoth, common) {
		r.failures = append(r.failures, fmt.Sprintf("keys are defined in the order %v, the real class has %v", common, inBoth))
	}
	if len(differences) == 0 && !slices.Equal(def.Groups(), groups) {
		r.failures = append(r.failures, fmt.Sprintf("groups %q, the real class has %q", def.Groups(), groups))
	}
	for name, reason := range differences {
		_, recorded := agrees[name]
		if _, defined := def.Key(name); !recorded && !defined {
			r.failures = append(r.failures, fmt.Sprintf("difference %q (%s) names no key: remove it from the list", name, reason))
		}
	}
	return r
}

// judgeKey sorts one key's outcome.
func (r *result) judgeKey(name string, err error, differences Differences) {
	reason, listed := differences[name]
	switch {
	case err == nil && listed:
		r.failures = append(r.failures, fmt.Sprintf("key %s agrees, but is listed as a difference (%q): remove it from the list", name, reason))
	case err == nil:
		r.passed++
	case listed:
		r.differing = append(r.differing, name)
	default:
		r.failures = append(r.failures, fmt.Sprintf("key %s: %v", name, err))
	}
}

// compare reports the attributes in which a key differs from the recorded one.
func (want dumpedKey) compare(got configdef.ConfigKey) error {
	var diffs []string
	check := func(what string, got, want any) {
		if !reflect.DeepEqual(got, want) {
			diffs = append(diffs, fmt.Sprintf("%s %s, the real class has %s", what, show(got), show(want)))
		}
	}
	check("type", got.Type.String(), want.Type)
	check("required", got.Required, want.Required)
	check("importance", got.Importance.String(), want.Importance)
	check("group", orNull(got.Group), want.Group)
	check("order", got.OrderInGroup, want.Order)
	check("width", got.Width.String(), want.Width)
	check("display name", got.DisplayName, want.DisplayName)
	check("dependents", fmt.Sprint(got.Dependents), fmt.Sprint(want.Dependents))
	check("default text", got.DefaultText(), want.DefaultText)
	check("recommender", got.Recommender != nil, want.Recommender)
	if !want.Required {
		value, err := ConfigValue(want.Default)
		if err != nil {
			return err
		}
		check("default", got.Default, value)
	}
	// A validator without a text of its own prints its identity in Java.
	if want.Validator == nil || !strings.HasSuffix(*want.Validator, "@HASH") {
		check("validator", validatorText(got.Validator), want.Validator)
	} else if got.Validator == nil {
		diffs = append(diffs, "no validator, the real class has one")
	}
	if len(diffs) > 0 {
		return fmt.Errorf("%s", strings.Join(diffs, "; "))
	}
	return nil
}

func validatorText(v configdef.Validator) *string {
	if v == nil {
		return nil
	}
	s := v.String()
	return &s
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// show prints the text a pointer points to.
func show(v any) string {
	if s, ok := v.(*string); ok {
		if s == nil {
			return "null"
		}
		return fmt.Sprintf("%q", *s)
	}
	return fmt.Sprintf("%#v", v)
}
