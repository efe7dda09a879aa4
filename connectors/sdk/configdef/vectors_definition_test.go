package configdef_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

// keySpec is a key of a definition as the vectors describe it.
type keySpec struct {
	Name, Type, Importance, Group, Width, DisplayName string
	Default                                           json.RawMessage
	Order                                             int
	Dependents                                        []string
	Validator                                         *validatorSpec
	Recommender                                       *recommenderSpec
}

type validatorSpec struct {
	Kind string
	Args []json.RawMessage
	Text string
}

// recommenderSpec proposes fixed values and shows its key if another one has a
// certain value.
type recommenderSpec struct {
	ValidValues     []json.RawMessage
	VisibleIfKey    *string
	VisibleIfEquals json.RawMessage
}

// definitionInput builds the definition and the configuration of a case.
func definitionInput(t *testing.T, c vectors.Case) (*configdef.Def, map[string]*string, error) {
	in := vectors.Decode[struct {
		Definition []keySpec
		Props      map[string]*string
	}](t, c.Input)
	var keys []configdef.ConfigKey
	for _, spec := range in.Definition {
		key, err := spec.build()
		if err != nil {
			return nil, nil, err
		}
		keys = append(keys, key)
	}
	def, err := configdef.New(keys...)
	if err != nil {
		return nil, nil, err
	}
	return def.WithClasses(javaClasses), in.Props, nil
}

func (s keySpec) build() (configdef.ConfigKey, error) {
	key := configdef.ConfigKey{
		Name: s.Name, Group: s.Group, OrderInGroup: s.Order, DisplayName: s.DisplayName,
		Dependents: s.Dependents, Required: s.Default == nil,
		Importance: map[string]configdef.Importance{
			"HIGH": configdef.ImportanceHigh, "MEDIUM": configdef.ImportanceMedium, "LOW": configdef.ImportanceLow,
		}[s.Importance],
	}
	var err error
	if key.Type, err = configdef.ParseTypeName(s.Type); err != nil {
		return key, err
	}
	if s.Default != nil {
		if key.Default, err = vectors.ConfigValue(s.Default); err != nil {
			return key, err
		}
	}
	if s.Validator != nil {
		if key.Validator, err = s.Validator.build(); err != nil {
			return key, err
		}
	}
	if s.Recommender != nil {
		key.Recommender, err = s.Recommender.build()
	}
	return key, err
}

func compileRegex(pattern string) error {
	_, err := regexp.Compile(pattern)
	return err
}

// build makes the validator, and sees that it describes itself as the real one.
func (s validatorSpec) build() (configdef.Validator, error) {
	args, err := vectors.ConfigValues(s.Args)
	if err != nil {
		return nil, err
	}
	v, err := s.make(args)
	if err != nil {
		return nil, err
	}
	if v.String() != s.Text {
		return nil, fmt.Errorf("%s describes itself as %q, the real one as %q", s.Kind, v, s.Text)
	}
	return v, nil
}

func (s validatorSpec) make(args []any) (configdef.Validator, error) {
	switch s.Kind {
	case "Range.atLeast", "Range.between":
		return makeRange(args)
	case "ValidString.in":
		return configdef.ValidString(texts(args)...), nil
	case "CaseInsensitiveValidString.in":
		return configdef.CaseInsensitiveValidString(texts(args)...), nil
	case "ValidList.in":
		return configdef.ValidList(texts(args)...), nil
	case "ValidList.in(emptyAllowed=false)":
		return configdef.NonEmptyValidList(texts(args)...), nil
	case "ListSize.atMostOfSize":
		return configdef.AtMostOfSize(int(args[0].(int32))), nil
	}
	v, ok := map[string]configdef.Validator{
		"ValidList.anyNonDuplicateValues(true,true)":        configdef.AnyNonDuplicateValues(true, true),
		"ValidList.anyNonDuplicateValues(true,false)":       configdef.AnyNonDuplicateValues(true, false),
		"ValidList.anyNonDuplicateValues(false,true)":       configdef.AnyNonDuplicateValues(false, true),
		"ValidList.anyNonDuplicateValues(false,false)":      configdef.AnyNonDuplicateValues(false, false),
		"NonNullValidator":                                  configdef.NonNull(),
		"NonEmptyString":                                    configdef.NonEmptyString(),
		"NonEmptyStringWithoutControlChars":                 configdef.NonEmptyStringWithoutControlChars(),
		"NonEmptyList":                                      configdef.NonEmptyList(),
		"transforms.NonEmptyListValidator":                  configdef.NonEmptyList(),
		"transforms.RegexValidator":                         configdef.ValidRegex(compileRegex),
		"CompositeValidator(NonNull,Range[0,5])":            configdef.Composite(configdef.NonNull(), configdef.Between(0, 5)),
		"CompositeValidator(NonEmptyString,ValidString[a])": configdef.Composite(configdef.NonEmptyString(), configdef.ValidString("a")),
	}[s.Kind]
	if !ok {
		return nil, fmt.Errorf("unknown validator %q", s.Kind)
	}
	return v, nil
}

func makeRange(args []any) (configdef.Validator, error) {
	switch min := args[0].(type) {
	case int32:
		if len(args) == 1 {
			return configdef.AtLeast(min), nil
		}
		return configdef.Between(min, args[1].(int32)), nil
	case int64:
		return configdef.Between(min, args[1].(int64)), nil
	case float64:
		return configdef.AtLeast(min), nil
	}
	return nil, fmt.Errorf("unknown bound %v", args[0])
}

func texts(args []any) []string {
	s := make([]string, len(args))
	for i, a := range args {
		s[i] = a.(string)
	}
	return s
}

func (s recommenderSpec) build() (configdef.Recommender, error) {
	values, err := vectors.ConfigValues(s.ValidValues)
	if err != nil || s.VisibleIfKey == nil {
		return configdef.Recommend(values...), err
	}
	equals, err := vectors.ConfigValue(s.VisibleIfEquals)
	return visibleIf{configdef.Recommend(values...), *s.VisibleIfKey, equals}, err
}

type visibleIf struct {
	configdef.Recommender
	key    string
	equals any
}

func (r visibleIf) Visible(_ string, parsed map[string]any) (bool, error) {
	return reflect.DeepEqual(parsed[r.key], r.equals), nil
}

// taggedMap decodes an object of tagged data; nil stays nil.
func taggedMap(t *testing.T, raw json.RawMessage) (map[string]any, error) {
	if raw == nil {
		return nil, nil
	}
	values := make(map[string]any)
	for name, tagged := range vectors.Decode[map[string]json.RawMessage](t, raw) {
		value, err := vectors.ConfigValue(tagged)
		if err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}
