package configdef_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

// differences lists what the real ConfigDef does and this package does not.
var differences = vectors.Differences{
	"parsetypeobj.STRING.13":   noMap,
	"parsetypeobj.INT.13":      noMap,
	"parsetypeobj.SHORT.13":    noMap,
	"parsetypeobj.DOUBLE.13":   noMap,
	"parsetypeobj.LIST.13":     noMap,
	"parsetypeobj.CLASS.13":    noMap,
	"parsetypeobj.PASSWORD.13": noMap,
	"tostring.BOOLEAN.13":      noMap,
	"tostring.INT.13":          noMap,
	"tostring.LONG.13":         noMap,
	"tostring.CLASS.13":        noMap,
	"tostring.x.0":             noNullInList,
	"validator.9.12":           noNullInList,
	"validator.12.12":          noNullInList,
	"validator.14.39":          noNullInList,
	"validator.17.12":          noNullInList,
	"validator.21.10":          "the text after \"Invalid regex:\" is that of the JVM's NullPointerException",
}

const (
	noMap        = "a map is no value of a configuration in Go"
	noNullInList = "a list of a configuration in Go cannot hold null"
)

// pending says which cases are proven elsewhere, and why.
var pending = map[string]string{
	"dump":                    "whole definitions are compared where they are made, with vectors.CheckDefinition",
	"validateConnectorConfig": "validating a connector is the work of the REST API",
}

func TestVectorConfigDef(t *testing.T) {
	checks := map[string]vectors.Check{
		"parseType":                    checkParseType,
		"convertToString":              checkConvertToString,
		"validator":                    checkValidator,
		"parse":                        checkParse,
		"validate":                     checkValidate,
		"define":                       checkDefine,
		"originalsWithPrefix":          checkOriginalsWithPrefix,
		"valuesWithPrefixAllOrNothing": checkValuesWithPrefix,
		"valuesWithPrefixOverride":     checkValuesWithPrefix,
		"ConfigTransformer":            checkTransformer,
	}
	all := vectors.Read(t, "configdef.jsonl")
	cases := vectors.Where(all, func(c vectors.Case) bool { return pending[c.Group] == "" })
	for group, reason := range pending {
		t.Logf("not here: %d cases of %s: %s", len(vectors.Group(all, group)), group, reason)
	}
	vectors.Run(t, cases, differences, func(t *testing.T, c vectors.Case) error {
		check, ok := checks[c.Group]
		if !ok {
			return fmt.Errorf("no check for group %q", c.Group)
		}
		return check(t, c)
	})
}

// javaClasses are the classes that the vectors use and the JVM had.
var javaClasses = configdef.Classes("java.lang.String", "java.lang.Integer", "java.util.Map$Entry")

// failure compares an error with the recorded one.
func failure(c vectors.Case, err error) error {
	text := err.Error()
	var all configdef.Errors
	var one *configdef.Error
	switch {
	case errors.As(err, &all): // Java stops at the first
		text = all[0].Message
	case errors.As(err, &one):
		text = one.Message
	case errors.Is(err, vectors.ErrNoCounterpart):
		return err
	}
	return c.Error.Agrees("", text)
}

// outcome compares a value, or an error, with what is recorded.
func outcome(c vectors.Case, got any, err error, want any) error {
	if err != nil {
		return failure(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("answered %#v, but the real class threw %s: %s", got, c.Error.Class, c.Error.Text())
	}
	if !same(got, want) {
		return fmt.Errorf("answered %#v, but the real class %#v", got, want)
	}
	return nil
}

// same is DeepEqual with NaN equal to itself.
func same(a, b any) bool {
	if x, ok := a.(float64); ok && x != x {
		y, ok := b.(float64)
		return ok && y != y
	}
	return reflect.DeepEqual(a, b)
}

type typedInput struct {
	Type  string          `json:"type"`
	Value json.RawMessage `json:"value"`
}

func checkParseType(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[typedInput](t, c.Input)
	value, err := vectors.ConfigValue(in.Value)
	if err != nil {
		return err
	}
	typ, err := configdef.ParseTypeName(in.Type)
	if err != nil {
		return err
	}
	var want any
	if c.Output != nil {
		if want, err = vectors.ConfigValue(c.Output); err != nil {
			return err
		}
	}
	got, err := configdef.ParseType("some.key", value, typ, javaClasses)
	return outcome(c, got, err, want)
}

func checkConvertToString(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[typedInput](t, c.Input)
	value, err := vectors.ConfigValue(in.Value)
	if err != nil {
		return err
	}
	typ, err := configdef.ParseTypeName(in.Type)
	if err != nil {
		return err
	}
	var want *string
	if c.Output != nil {
		want = vectors.Decode[struct{ Text *string }](t, c.Output).Text
	}
	got, err := configdef.ConvertToString(value, typ)
	return outcome(c, got, err, want)
}

func checkValidator(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Validator validatorSpec
		Value     json.RawMessage
	}](t, c.Input)
	v, err := in.Validator.build()
	if err != nil {
		return err
	}
	value, err := vectors.ConfigValue(in.Value)
	if err != nil {
		return err
	}
	err = v.Validate("some.key", value)
	return outcome(c, true, err, true)
}

func checkParse(t *testing.T, c vectors.Case) error {
	def, props, err := definitionInput(t, c)
	if err != nil {
		return err
	}
	want, err := taggedMap(t, c.Output)
	if err != nil {
		return err
	}
	config, err := def.ParseNullable(props)
	return outcome(c, config.Values(), err, want)
}

func checkValidate(t *testing.T, c vectors.Case) error {
	def, props, err := definitionInput(t, c)
	if err != nil {
		return err
	}
	type recorded struct {
		Name              string
		Value             json.RawMessage
		RecommendedValues []json.RawMessage
		Errors            []string
		Visible           bool
	}
	want := vectors.Decode[[]recorded](t, c.Output)
	got := make(map[string]configdef.ConfigValue)
	for _, v := range def.ValidateNullable(props) {
		got[v.Name] = v
	}
	if len(got) != len(want) {
		return fmt.Errorf("answered %d values, but the real class %d", len(got), len(want))
	}
	for _, w := range want {
		value, err := vectors.ConfigValue(w.Value)
		if err != nil {
			return err
		}
		recommended, err := vectors.ConfigValues(w.RecommendedValues)
		if err != nil {
			return err
		}
		g := got[w.Name]
		if !same(g.Value, value) || fmt.Sprint(g.RecommendedValues) != fmt.Sprint(recommended) ||
			fmt.Sprintf("%q", g.ErrorMessages) != fmt.Sprintf("%q", w.Errors) || g.Visible != w.Visible {
			return fmt.Errorf("answered %+v, but the real class %+v", g, w)
		}
	}
	return nil
}

func checkDefine(t *testing.T, c vectors.Case) error {
	key := func(typ configdef.Type, def any, v configdef.Validator) configdef.ConfigKey {
		return configdef.ConfigKey{Name: "a", Type: typ, Default: def, Validator: v, Importance: configdef.ImportanceHigh}
	}
	keys := map[string][]configdef.ConfigKey{
		"dup":            {key(configdef.TypeInt, 1, nil), key(configdef.TypeInt, 1, nil)},
		"baddefault":     {key(configdef.TypeInt, "hello", nil)},
		"defaultinvalid": {key(configdef.TypeInt, -1, configdef.AtLeast(0))},
		"nulldefault":    {key(configdef.TypeInt, nil, configdef.AtLeast(0))},
		"typemismatch":   {key(configdef.TypeString, 5, nil)},
	}[vectors.Decode[struct{ Case string }](t, c.Input).Case]
	if keys == nil {
		return errors.New("unknown case")
	}
	def, err := configdef.New(keys...)
	return outcome(c, def, err, nil)
}

func checkOriginalsWithPrefix(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Props  map[string]string
		Prefix string
		Strip  bool
	}](t, c.Input)
	config, err := configdef.MustNew().Parse(in.Props)
	if err != nil {
		return err
	}
	want := vectors.Decode[map[string]string](t, c.Output)
	return outcome(c, config.OriginalsWithPrefix(in.Prefix, in.Strip), nil, want)
}

func checkValuesWithPrefix(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Props              map[string]string
		Prefix, Definition string
	}](t, c.Input)
	if in.Definition != "a:INT default 5; b:STRING default q; c:INT default 0" {
		return fmt.Errorf("unknown definition %q", in.Definition)
	}
	config, err := configdef.MustNew(
		configdef.ConfigKey{Name: "a", Type: configdef.TypeInt, Default: 5, Importance: configdef.ImportanceHigh},
		configdef.ConfigKey{Name: "b", Type: configdef.TypeString, Default: "q", Importance: configdef.ImportanceHigh},
		configdef.ConfigKey{Name: "c", Type: configdef.TypeInt, Default: 0, Importance: configdef.ImportanceHigh},
	).Parse(in.Props)
	if err != nil {
		return err
	}
	want, err := taggedMap(t, c.Output)
	if err != nil {
		return err
	}
	values := config.ValuesWithPrefixOverride
	if c.Group == "valuesWithPrefixAllOrNothing" {
		values = config.ValuesWithPrefixAllOrNothing
	}
	got, err := values(in.Prefix)
	return outcome(c, got, err, want)
}
