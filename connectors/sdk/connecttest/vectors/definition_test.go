package vectors

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func TestAPredicateDefinitionAgreesWithTheRecordedOne(t *testing.T) {
	CheckDefinition(t, "dump.predicate.HasHeaderKey", hasHeaderKey(t), nil)
}

func hasHeaderKey(t *testing.T, more ...configdef.ConfigKey) *configdef.Def {
	t.Helper()
	def, err := configdef.New(append([]configdef.ConfigKey{{
		Name: "name", Type: configdef.TypeString, Required: true,
		Validator: configdef.NonEmptyString(), Importance: configdef.ImportanceMedium,
	}}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return def
}

func TestComparingDefinitionsFindsWhatDiffers(t *testing.T) {
	ptr := func(s string) *string { return &s }
	key := dumpedKey{
		Name: "name", Type: "STRING", Required: true, Importance: "MEDIUM", Order: -1,
		Width: "NONE", DisplayName: "name", Validator: ptr("non-empty string"),
	}
	extra := configdef.ConfigKey{Name: "more", Type: configdef.TypeInt, Importance: configdef.ImportanceLow}
	for _, tc := range []struct {
		name        string
		change      func(*dumpedKey)
		more        []configdef.ConfigKey
		differences Differences
		want        string
	}{
		{"nothing differs", func(*dumpedKey) {}, nil, nil, ""},
		{"the type", func(k *dumpedKey) { k.Type = "INT" }, nil, nil, "type"},
		{"the default", func(k *dumpedKey) { k.Required, k.Default = false, json.RawMessage(`{"string":"x"}`) }, nil, nil, "default"},
		{"the importance", func(k *dumpedKey) { k.Importance = "LOW" }, nil, nil, "importance"},
		{"the group", func(k *dumpedKey) { k.Group = ptr("g") }, nil, nil, "group"},
		{"the order", func(k *dumpedKey) { k.Order = 1 }, nil, nil, "order"},
		{"the width", func(k *dumpedKey) { k.Width = "LONG" }, nil, nil, "width"},
		{"the display name", func(k *dumpedKey) { k.DisplayName = "Name" }, nil, nil, "display name"},
		{"the dependents", func(k *dumpedKey) { k.Dependents = []string{"x"} }, nil, nil, "dependents"},
		{"the validator", func(k *dumpedKey) { k.Validator = nil }, nil, nil, "validator"},
		{"the recommender", func(k *dumpedKey) { k.Recommender = true }, nil, nil, "recommender"},
		{"a key of ours only", func(*dumpedKey) {}, []configdef.ConfigKey{extra}, nil, "key more: is defined"},
		{"a key of ours only, listed", func(*dumpedKey) {}, []configdef.ConfigKey{extra}, Differences{"more": "ours"}, ""},
		{"a listed key that agrees", func(*dumpedKey) {}, nil, Differences{"name": "why"}, "key name agrees"},
		{"a listed key that does not exist", func(*dumpedKey) {}, nil, Differences{"ghost": "why"}, `"ghost" (why) names no key`},
		{"a key of theirs only", func(k *dumpedKey) { k.Name = "other" }, nil, Differences{"name": "ours"}, "key other: is not defined"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			recorded := key
			tc.change(&recorded)
			r := compareDefinitions(nil, []dumpedKey{recorded}, hasHeaderKey(t, tc.more...), tc.differences)
			all := strings.Join(r.failures, "\n")
			if (tc.want == "") != (all == "") || !strings.Contains(all, tc.want) {
				t.Errorf("failures %q, want %q", all, tc.want)
			}
		})
	}
}

func TestConfigValuesAreDecoded(t *testing.T) {
	for raw, want := range map[string]any{
		`{"null":true}`:                   nil,
		`{"bool":true}`:                   true,
		`{"int16":-3}`:                    int16(-3),
		`{"int32":5}`:                     int32(5),
		`{"int64":"9223372036854775807"}`: int64(9223372036854775807),
		`{"float32":"1.5"}`:               float32(1.5),
		`{"float64":"3.0E9"}`:             3e9,
		`{"string":"x"}`:                  "x",
		`{"class":"a.B"}`:                 configdef.Class("a.B"),
		`{"password":"p"}`:                configdef.NewPassword("p"),
		`{"array":[{"string":"a"}]}`:      []string{"a"},
		`{"array":[]}`:                    []string{},
	} {
		got, err := ConfigValue(json.RawMessage(raw))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %#v, %v", raw, got, err)
		}
	}
	for _, raw := range []string{`{"map":[]}`, `{"array":[{"null":true}]}`, `{"javaObject":"x"}`} {
		if _, err := ConfigValue(json.RawMessage(raw)); !errors.Is(err, ErrNoCounterpart) {
			t.Errorf("%s: got %v", raw, err)
		}
	}
}
