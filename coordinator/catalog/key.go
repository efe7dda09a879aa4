package catalog

import (
	"fmt"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Key is the definition of one configuration key, with the names that Kafka Connect's REST API uses (ConfigKeyInfo), and what
// it takes to check a value.
type Key struct {
	Name          string   `json:"name"`
	Type          string   `json:"type"`
	Required      bool     `json:"required"`
	DefaultValue  *string  `json:"default_value"`
	Importance    string   `json:"importance"`
	Documentation string   `json:"documentation"`
	Group         *string  `json:"group"`
	Width         string   `json:"width"`
	DisplayName   string   `json:"display_name"`
	Dependents    []string `json:"dependents"`
	Order         int      `json:"order_in_group"`
	// Validator describes the validator as its String method does; empty for none.
	Validator string `json:"validator,omitempty"`
	// Recommended are the values that a recommender proposes whatever the other keys are.
	Recommended []string `json:"recommended,omitempty"`
}

// DescribeKey returns the definition as data. The default of a password becomes [hidden], as it is shown everywhere. It fails
// when the recommender cannot do without other keys.
func DescribeKey(k configdef.ConfigKey) (Key, error) {
	d := Key{
		Name: k.Name, Type: k.Type.String(), Required: k.Required, DefaultValue: k.DefaultText(), Importance: k.Importance.String(),
		Documentation: k.Documentation, Width: k.Width.String(), DisplayName: k.DisplayName, Order: k.OrderInGroup,
		Dependents: append([]string{}, k.Dependents...),
	}
	if k.Group != "" {
		d.Group = &k.Group
	}
	if k.Validator != nil {
		d.Validator = k.Validator.String()
	}
	if k.Recommender == nil {
		return d, nil
	}
	values, err := k.Recommender.ValidValues(k.Name, nil)
	if err != nil {
		return d, fmt.Errorf("%s: its recommender needs other keys: %w", k.Name, err)
	}
	for _, v := range values {
		text, err := configdef.ConvertToString(v, k.Type)
		if err != nil || text == nil {
			return d, fmt.Errorf("%s: recommended value %v cannot be written as text: %w", k.Name, v, err)
		}
		d.Recommended = append(d.Recommended, *text)
	}
	return d, nil
}

// configKey is the reverse of DescribeKey. A validator that is no data is left out.
func (k Key) configKey() (configdef.ConfigKey, error) {
	typ, err := configdef.ParseTypeName(k.Type)
	if err != nil {
		return configdef.ConfigKey{}, err
	}
	c := configdef.ConfigKey{
		Name: k.Name, Type: typ, Required: k.Required, Documentation: k.Documentation, DisplayName: k.DisplayName,
		Dependents: k.Dependents, OrderInGroup: k.Order,
	}
	if k.DefaultValue != nil {
		c.Default = *k.DefaultValue
	}
	if k.Group != nil {
		c.Group = *k.Group
	}
	if c.Importance, err = named(k.Importance, configdef.ImportanceHigh, configdef.ImportanceMedium, configdef.ImportanceLow); err != nil {
		return c, err
	}
	if c.Width, err = named(k.Width, configdef.WidthNone, configdef.WidthShort, configdef.WidthMedium, configdef.WidthLong); err != nil {
		return c, err
	}
	c.Validator, _ = ParseValidator(k.Validator)
	if len(k.Recommended) > 0 {
		values := make([]any, len(k.Recommended))
		for i, text := range k.Recommended {
			if values[i], err = configdef.ParseType(k.Name, text, typ, nil); err != nil {
				return c, err
			}
		}
		c.Recommender = configdef.Recommend(values...)
	}
	return c, nil
}

// named finds the value with the given name.
func named[T fmt.Stringer](name string, values ...T) (T, error) {
	i := slices.IndexFunc(values, func(v T) bool { return v.String() == name })
	if i < 0 {
		var none T
		return none, fmt.Errorf("%q is none of %v", name, values)
	}
	return values[i], nil
}
