package configdef_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func topicsDef(v configdef.Validator) *configdef.Def {
	return configdef.MustNew(configdef.ConfigKey{
		Name: "topics", Type: configdef.TypeList, Default: "none", Validator: v, Importance: configdef.ImportanceHigh,
	})
}

func TestRunningDropsRepeatedListValuesThatValidationReports(t *testing.T) {
	def := topicsDef(configdef.AnyNonDuplicateValues(true, true))
	props := map[string]string{"topics": "b, a, b, a, c"}

	config, err := def.Parse(props)
	if err != nil {
		t.Fatal(err)
	}
	if got := config.List("topics"); !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("running with %q", got)
	}
	want := `Configuration key "topics" contains duplicate values. Duplicates will be removed. The original value is: [b, a, b, a, c], the updated value is: [b, a, c]`
	if got := config.Warnings(); !slices.Equal(got, []string{want}) {
		t.Errorf("warnings %q", got)
	}
	v := def.Validate(props)[0]
	if want := []string{"Configuration 'topics' values must not be duplicated."}; !slices.Equal(v.ErrorMessages, want) {
		t.Errorf("messages %q, want %q", v.ErrorMessages, want)
	}
}

func TestOnlyAListValidatorItselfDropsRepeatedValues(t *testing.T) {
	for name, v := range map[string]configdef.Validator{
		"no validator": nil,
		"another one":  configdef.NonEmptyList(),
	} {
		config, err := topicsDef(v).Parse(map[string]string{"topics": "a,a"})
		if err != nil || len(config.List("topics")) != 2 || len(config.Warnings()) != 0 {
			t.Errorf("%s: got %v, %v", name, config.Values(), err)
		}
	}
	inside := configdef.Composite(configdef.NonNull(), configdef.AnyNonDuplicateValues(true, true))
	if _, err := topicsDef(inside).Parse(map[string]string{"topics": "a,a"}); err == nil {
		t.Error("one within another must refuse them, as Kafka does")
	}
}

func TestADependentOfTwoKeysIsCheckedForEach(t *testing.T) {
	key := func(name string, dependents ...string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeInt, Default: 1, Importance: configdef.ImportanceLow, Dependents: dependents}
	}
	shared := key("shared")
	shared.Recommender = &narrowing{}
	values := configdef.MustNew(key("a", "shared"), key("b", "shared"), shared).Validate(map[string]string{"shared": "x"})
	message := "Invalid value x for configuration shared: Not a number of type INT"
	if got := values[2].ErrorMessages; !slices.Equal(got, []string{message, message}) {
		t.Errorf("messages %q", got)
	}
	if got := values[2].RecommendedValues; !reflect.DeepEqual(got, []any{int32(2)}) {
		t.Errorf("only what is proposed both times stays, got %v", got)
	}
}

// narrowing proposes 1 and 2, then 2 and 3.
type narrowing struct{ asked int }

func (r *narrowing) ValidValues(string, map[string]any) ([]any, error) {
	r.asked++
	if r.asked == 1 {
		return []any{int32(1), int32(2)}, nil
	}
	return []any{int32(2), int32(3)}, nil
}

func (r *narrowing) Visible(string, map[string]any) (bool, error) { return true, nil }

func TestACircleOfDependentsEnds(t *testing.T) {
	key := func(name string, dependents ...string) configdef.ConfigKey {
		return configdef.ConfigKey{Name: name, Type: configdef.TypeInt, Default: 1, Importance: configdef.ImportanceLow, Dependents: dependents}
	}
	values := configdef.MustNew(key("start", "a"), key("a", "b"), key("b", "a")).Validate(map[string]string{"b": "x"})
	if len(values) != 3 || len(values[2].ErrorMessages) != 1 {
		t.Errorf("got %+v", values)
	}
}

type failingRecommender struct{}

func (failingRecommender) ValidValues(string, map[string]any) ([]any, error) {
	return nil, configdef.Errorf("a", "cannot list tables")
}

func (failingRecommender) Visible(string, map[string]any) (bool, error) { return false, nil }

func TestARecommendersErrorIsAMessageAndTheKeyStaysVisible(t *testing.T) {
	k := stringKey("a")
	k.Recommender = failingRecommender{}
	v := configdef.MustNew(k).Validate(nil)[0]
	if !slices.Equal(v.ErrorMessages, []string{"cannot list tables"}) || !v.Visible {
		t.Errorf("got %+v", v)
	}
}

func TestValidationAnswersInTheOrderOfTheDefinition(t *testing.T) {
	a := stringKey("a")
	a.Dependents = []string{"z.ghost", "b.ghost"}
	var names []string
	for _, v := range configdef.MustNew(stringKey("z"), a, stringKey("m")).Validate(nil) {
		names = append(names, v.Name)
	}
	if want := []string{"b.ghost", "z.ghost", "z", "a", "m"}; !slices.Equal(names, want) {
		t.Errorf("got %q, want %q", names, want)
	}
}

func everyType(t *testing.T, props map[string]*string) configdef.Config {
	t.Helper()
	var keys []configdef.ConfigKey
	for name, typ := range map[string]configdef.Type{
		"b": configdef.TypeBoolean, "s": configdef.TypeString, "i": configdef.TypeInt, "sh": configdef.TypeShort, "l": configdef.TypeLong,
		"d": configdef.TypeDouble, "li": configdef.TypeList, "c": configdef.TypeClass, "p": configdef.TypePassword,
	} {
		keys = append(keys, configdef.ConfigKey{Name: name, Type: typ, Required: true, Importance: configdef.ImportanceLow})
	}
	config, err := configdef.MustNew(keys...).WithClasses(configdef.Classes("a.B")).ParseNullable(props)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

func texted(props map[string]string) map[string]*string {
	m := make(map[string]*string)
	for k, v := range props {
		m[k] = &v
	}
	return m
}

func TestEveryTypeHasItsAccessor(t *testing.T) {
	props := texted(map[string]string{"b": "true", "s": "x", "i": "1", "sh": "2", "l": "3", "d": "4.5", "li": "a,b", "c": "a.B", "p": "pw", "more": "m"})
	c := everyType(t, props)
	if !c.Bool("b") || c.String("s") != "x" || c.Int("i") != 1 || c.Short("sh") != 2 || c.Long("l") != 3 || c.Double("d") != 4.5 ||
		!slices.Equal(c.List("li"), []string{"a", "b"}) || c.Class("c") != "a.B" || c.Password("p").Value() != "pw" {
		t.Errorf("got %v", c.Values())
	}
	if v, ok := c.Value("i"); !ok || v != int32(1) {
		t.Errorf("Value of i: %v, %v", v, ok)
	}
	if _, ok := c.Value("more"); ok || !c.IsSet("more") || !slices.Equal(c.Unused(), []string{"more"}) {
		t.Errorf("a key that is not defined must be unused, got %q", c.Unused())
	}
	*props["s"] = "changed"
	if c.Originals()["s"] != "x" || len(c.Originals()) != 10 {
		t.Errorf("originals %v", c.Originals())
	}
}

func TestNullHasTheZeroValueOfItsType(t *testing.T) {
	props := map[string]*string{"b": nil, "s": nil, "i": nil, "sh": nil, "l": nil, "d": nil, "li": nil, "c": nil, "p": nil}
	c := everyType(t, props)
	if c.Bool("b") || c.String("s") != "" || c.Int("i") != 0 || c.Short("sh") != 0 || c.Long("l") != 0 || c.Double("d") != 0 ||
		c.List("li") != nil || c.Class("c") != "" || c.Password("p").Value() != "" || !c.IsNull("s") || !c.IsSet("s") {
		t.Errorf("got %v", c.Values())
	}
	if len(c.Originals()) != 0 {
		t.Errorf("nulls must not be among the originals: %v", c.Originals())
	}
}

func TestAskingForAKeyThatIsNotDefinedPanics(t *testing.T) {
	c, err := configdef.MustNew(stringKey("s")).Parse(nil)
	if err != nil {
		t.Fatal(err)
	}
	for want, ask := range map[string]func(){
		`no configuration "ghost" of type STRING`: func() { c.String("ghost") },
		`no configuration "s" of type INT`:        func() { c.Int("s") },
		`unknown configuration "ghost"`:           func() { c.IsNull("ghost") },
		`no configuration "s" of type LONG`:       func() { (configdef.Config{}).Long("s") },
	} {
		func() {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.Contains(p, want) {
					t.Errorf("panic %q, want %q", p, want)
				}
			}()
			ask()
		}()
	}
}

func TestPrefixedValuesReplaceOthersAlsoBehindASecondPrefix(t *testing.T) {
	def := configdef.MustNew(
		configdef.ConfigKey{Name: "a", Type: configdef.TypeInt, Default: 1, Importance: configdef.ImportanceLow},
		configdef.ConfigKey{Name: "b", Type: configdef.TypeInt, Default: 2, Importance: configdef.ImportanceLow},
	)
	c, err := def.Parse(map[string]string{"p.a": "10", "p.tls.b": "20", "p.ghost": "x"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.ValuesWithPrefixOverride("p.")
	if want := map[string]any{"a": int32(10), "b": int32(2), "tls.b": int32(20)}; err != nil || !maps.Equal(got, want) {
		t.Errorf("override: got %v, %v", got, err)
	}
	got, err = c.ValuesWithPrefixAllOrNothing("p.")
	if want := map[string]any{"a": int32(10)}; err != nil || !maps.Equal(got, want) {
		t.Errorf("all or nothing: got %v, %v", got, err)
	}
	if got := c.OriginalsWithPrefix("p.", true); !maps.Equal(got, map[string]string{"a": "10", "tls.b": "20", "ghost": "x"}) {
		t.Errorf("originals %v", got)
	}
}

func TestAConfigPrintsItsKeysButNoValues(t *testing.T) {
	c, err := configdef.MustNew(stringKey("url"), stringKey("name")).Parse(map[string]string{"url": "s3cr3t", "name": "s3cr3t"})
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ Config configdef.Config }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{c, &c, holder{c}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "s3cr3t") || !strings.Contains(got, `["name" "url"]`) {
				t.Errorf("%s prints %s", verb, got)
			}
		}
	}
}
