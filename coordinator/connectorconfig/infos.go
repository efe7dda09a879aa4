package connectorconfig

import "github.com/ferry-connect/ferry/connectors/sdk/configdef"

// ConfigInfos is the answer to PUT /connector-plugins/{p}/config/validate.
type ConfigInfos struct {
	Name       string       `json:"name"`
	ErrorCount int          `json:"error_count"`
	Groups     []string     `json:"groups"`
	Configs    []ConfigInfo `json:"configs"`
}

// ConfigInfo is one key with what was found about its value. Either may be nil: a value without a definition, or a key that
// was not looked at.
type ConfigInfo struct {
	Definition *ConfigKeyInfo   `json:"definition"`
	Value      *ConfigValueInfo `json:"value"`
}

// ConfigKeyInfo describes a key.
type ConfigKeyInfo struct {
	Name          string   `json:"name"`
	Type          string   `json:"type"`
	Required      bool     `json:"required"`
	DefaultValue  *string  `json:"default_value"`
	Importance    string   `json:"importance"`
	Documentation string   `json:"documentation"`
	Group         *string  `json:"group"`
	OrderInGroup  int      `json:"order_in_group"`
	Width         string   `json:"width"`
	DisplayName   string   `json:"display_name"`
	Dependents    []string `json:"dependents"`
}

// ConfigValueInfo describes a value. Lists are never null.
type ConfigValueInfo struct {
	Name              string   `json:"name"`
	Value             *string  `json:"value"`
	RecommendedValues []string `json:"recommended_values"`
	Errors            []string `json:"errors"`
	Visible           bool     `json:"visible"`
}

// keyInfo describes a key, whose name and dependents get a prefix.
func keyInfo(k configdef.ConfigKey, prefix string) *ConfigKeyInfo {
	info := &ConfigKeyInfo{
		Name: prefix + k.Name, Type: k.Type.String(), Required: k.Required, DefaultValue: k.DefaultText(), Importance: k.Importance.String(),
		Documentation: k.Documentation, OrderInGroup: k.OrderInGroup, Width: k.Width.String(), DisplayName: k.DisplayName,
		Dependents: make([]string, len(k.Dependents)),
	}
	if k.Group != "" {
		info.Group = &k.Group
	}
	for i, dependent := range k.Dependents {
		info.Dependents[i] = prefix + dependent
	}
	return info
}

// valueInfo describes a value of a key of type t; t is 0 for a key that is not defined.
func valueInfo(v *configdef.ConfigValue, t configdef.Type, prefix string) *ConfigValueInfo {
	info := &ConfigValueInfo{
		Name: prefix + v.Name, RecommendedValues: make([]string, 0, len(v.RecommendedValues)),
		Errors: append([]string{}, v.ErrorMessages...), Visible: v.Visible,
	}
	info.Value, _ = configdef.ConvertToString(v.Value, t) // values are of their keys' types
	for _, r := range v.RecommendedValues {
		if text, _ := configdef.ConvertToString(r, t); text != nil {
			info.RecommendedValues = append(info.RecommendedValues, *text)
		}
	}
	return info
}

// Messages returns all error messages in the order of the keys.
func (c *ConfigInfos) Messages() []string {
	var messages []string
	for _, info := range c.Configs {
		if info.Value != nil {
			messages = append(messages, info.Value.Errors...)
		}
	}
	return messages
}
