package configdef_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func stringKey(name string) configdef.ConfigKey {
	return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Default: "", Importance: configdef.ImportanceMedium}
}

func TestIncompleteKeysAreRefused(t *testing.T) {
	for want, change := range map[string]func(*configdef.ConfigKey){
		"has no name":              func(k *configdef.ConfigKey) { k.Name = "" },
		"no type of a value":       func(k *configdef.ConfigKey) { k.Type = 0 },
		"set its Importance":       func(k *configdef.ConfigKey) { k.Importance = 0 },
		"cannot have a default":    func(k *configdef.ConfigKey) { k.Required = true },
		"it was a java.lang.Short": func(k *configdef.ConfigKey) { k.Default = int16(5) },
	} {
		k := stringKey("a")
		change(&k)
		if _, err := configdef.New(k); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestKeysGetTheDefaultsOfTheirAttributes(t *testing.T) {
	k, ok := configdef.MustNew(stringKey("a.b")).Key("a.b")
	if !ok || k.DisplayName != "a.b" || k.OrderInGroup != -1 || k.Width != configdef.WidthNone || !k.HasDefault() {
		t.Errorf("got %+v", k)
	}
}

func TestPlainIntsAreDefaultsOfEveryNumberType(t *testing.T) {
	for typ, want := range map[configdef.Type]any{
		configdef.TypeInt: int32(3), configdef.TypeShort: int16(3), configdef.TypeLong: int64(3), configdef.TypeDouble: float64(3),
	} {
		def, err := configdef.New(configdef.ConfigKey{Name: "n", Type: typ, Default: 3, Importance: configdef.ImportanceLow})
		if err != nil {
			t.Errorf("%v: %v", typ, err)
			continue
		}
		if k, _ := def.Key("n"); k.Default != want {
			t.Errorf("%v: default %#v", typ, k.Default)
		}
	}
	for typ, n := range map[configdef.Type]int{configdef.TypeInt: 1 << 40, configdef.TypeShort: 1 << 20} {
		if _, err := configdef.New(configdef.ConfigKey{Name: "n", Type: typ, Default: n, Importance: configdef.ImportanceLow}); err == nil {
			t.Errorf("%v: %d is too large and must be refused", typ, n)
		}
	}
}

func TestADefinitionCannotBeChangedFromOutside(t *testing.T) {
	list := configdef.ConfigKey{Name: "l", Type: configdef.TypeList, Default: []string{"x"}, Importance: configdef.ImportanceLow, Dependents: []string{"m"}}
	def := configdef.MustNew(list, stringKey("m"))
	list.Dependents[0] = "changed"
	keys := def.Keys()
	keys[0].Dependents[0] = "changed"
	keys[0].Default.([]string)[0] = "changed"
	config, err := def.Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	config.List("l")[0] = "changed"
	config.Values()["l"].([]string)[0] = "changed"
	if again, err := def.Parse(nil); err != nil || again.List("l")[0] != "x" || config.List("l")[0] != "x" {
		t.Errorf("the default became %v (%v)", again.List("l"), err)
	}
	if more, err := def.With(stringKey("z")); err != nil || len(def.Keys()) != 2 || len(more.Keys()) != 3 {
		t.Errorf("With must leave the definition as it was: %v, %v", def, err)
	}
}

func TestDefaultTextsHidePasswordsAndKeepNull(t *testing.T) {
	def := configdef.MustNew(
		configdef.ConfigKey{Name: "p", Type: configdef.TypePassword, Default: "secret", Importance: configdef.ImportanceLow},
		configdef.ConfigKey{Name: "n", Type: configdef.TypeString, Importance: configdef.ImportanceLow},
		configdef.ConfigKey{Name: "r", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceLow},
		configdef.ConfigKey{Name: "l", Type: configdef.TypeList, Default: "a, b", Importance: configdef.ImportanceLow},
		configdef.ConfigKey{Name: "c", Type: configdef.TypeClass, Default: "a.B", Importance: configdef.ImportanceLow},
	)
	var got []string
	for _, k := range def.Keys() {
		text := "null"
		if s := k.DefaultText(); s != nil {
			text = *s
		}
		got = append(got, text)
	}
	if want := []string{"[hidden]", "null", "null", "a,b", "a.B"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKeysAreSortedByGroupOrderNeedImportanceAndName(t *testing.T) {
	key := func(name, group string, order int, required bool, i configdef.Importance) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeString, Group: group, OrderInGroup: order, Required: required, Importance: i}
	}
	def := configdef.MustNew(
		key("g2", "Second", 1, false, configdef.ImportanceHigh),
		key("g1b", "First", 2, false, configdef.ImportanceHigh),
		key("g1a", "First", 1, false, configdef.ImportanceHigh),
		key("plain.low", "", 0, false, configdef.ImportanceLow),
		key("plain.b", "", 0, false, configdef.ImportanceHigh),
		key("plain.a", "", 0, false, configdef.ImportanceHigh),
		key("plain.required", "", 0, true, configdef.ImportanceLow),
	)
	var got []string
	for _, k := range def.Sorted() {
		got = append(got, k.Name)
	}
	if want := []string{"plain.required", "plain.a", "plain.b", "plain.low", "g2", "g1a", "g1b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if want := []string{"Second", "First"}; !slices.Equal(def.Groups(), want) {
		t.Errorf("groups %q, want %q", def.Groups(), want)
	}
}

// seesKeys recommends the names of the keys it is shown.
type seesKeys struct{}

func (seesKeys) ValidValues(name string, parsed map[string]any) ([]any, error) {
	var names []any
	for n := range parsed {
		names = append(names, name+" sees "+n)
	}
	slices.SortFunc(names, func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
	return names, nil
}

func (seesKeys) Visible(string, map[string]any) (bool, error) { return true, nil }

func TestEmbeddedKeysAreRenamedButTheirChecksAreNot(t *testing.T) {
	child := configdef.MustNew(
		configdef.ConfigKey{Name: "n", Type: configdef.TypeInt, Default: 1, Validator: configdef.AtLeast(1), Importance: configdef.ImportanceHigh, Dependents: []string{"s"}},
		configdef.ConfigKey{Name: "s", Type: configdef.TypeString, Default: "", Importance: configdef.ImportanceHigh, Group: "More", OrderInGroup: 7, Recommender: seesKeys{}},
	)
	parent, err := configdef.MustNew(stringKey("a")).Embed("pre.", "Sub", 10, child)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := parent.Key("pre.n")
	s, _ := parent.Key("pre.s")
	if n.Group != "Sub" || n.OrderInGroup != 10 || s.Group != "Sub: More" || s.OrderInGroup != 11 || !slices.Equal(n.Dependents, []string{"pre.s"}) {
		t.Errorf("got %+v and %+v", n, s)
	}
	if n.Validator.String() != "[1,...]" {
		t.Errorf("the validator describes itself as %q", n.Validator)
	}
	values := parent.Validate(map[string]string{"pre.n": "0"})
	if got, want := values[1].ErrorMessages, []string{"Invalid value 0 for configuration n: Value must be at least 1"}; !slices.Equal(got, want) {
		t.Errorf("messages %q, want %q", got, want)
	}
	if got, want := values[2].RecommendedValues, []any{"s sees n", "s sees s"}; !reflect.DeepEqual(got, want) {
		t.Errorf("recommended %v, want %v", got, want)
	}
	if _, err := parent.Embed("pre.", "Sub", 0, child); err == nil || err.Error() != "Configuration pre.n is defined twice." {
		t.Errorf("embedding twice: got %v", err)
	}
}

func TestMustNewPanicsWithWhatIsWrong(t *testing.T) {
	defer func() {
		if p := recover(); p != "configdef: Configuration a is defined twice." {
			t.Errorf("panic %v", p)
		}
	}()
	configdef.MustNew(stringKey("a"), stringKey("a"))
}

func TestCaseInsensitiveTextsAreListedInTheOrderOfAHashSet(t *testing.T) {
	for want, given := range map[string][]string{
		"(case insensitive) [INTERVAL, POLL, CONNECTOR]":                         {"poll", "interval", "connector"},
		"(case insensitive) [REQUIRED, REQUESTED]":                               {"requested", "required"},
		"(case insensitive) [SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT]":          {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"},
		"(case insensitive) [ONLY_SCAN, SERVICE_LOAD, HYBRID_WARN, HYBRID_FAIL]": {"ONLY_SCAN", "HYBRID_WARN", "HYBRID_FAIL", "SERVICE_LOAD"},
	} {
		if got := configdef.CaseInsensitiveValidString(given...).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	def := configdef.MustNew(
		configdef.ConfigKey{Name: "r", Type: configdef.TypeString, Required: true, Importance: configdef.ImportanceHigh},
		configdef.ConfigKey{Name: "n", Type: configdef.TypeInt, Default: 1, Importance: configdef.ImportanceHigh},
	)
	_, err := def.Parse(map[string]string{"n": "x"})
	var all configdef.Errors
	if !errors.As(err, &all) || len(all) != 2 || all[0].Key != "r" || all[1].Key != "n" {
		t.Fatalf("got %#v", err)
	}
	want := "Missing required configuration \"r\" which has no default value.\nInvalid value x for configuration n: Not a number of type INT"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	var one *configdef.Error
	if !errors.As(err, &one) || one.Key != "r" {
		t.Errorf("errors.As finds %v", one)
	}
}
