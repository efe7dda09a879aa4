package configdef

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads a configuration for running: every key of the definition gets the
// value given for it in props, or its default, and is checked by its validator. Keys in
// props that are not defined stay available as originals. It changes nothing in
// props and keeps no reference to it.
//
// The error is an [Errors] with everything that is wrong, in the order of the
// definition.
func (d *Def) Parse(props map[string]string) (Config, error) {
	return d.ParseNullable(nullable(props))
}

// ParseNullable is [Def.Parse] for a configuration in which values can be null
// (nil), as in a request to the REST API. A null is a value like any other: it
// replaces the default, and the validator decides.
func (d *Def) ParseNullable(props map[string]*string) (Config, error) {
	c := Config{def: d, values: make(map[string]any, len(d.keys)), originals: make(map[string]*string, len(props))}
	for name, value := range props {
		c.originals[name] = cloneText(value)
	}
	if undefined := d.undefinedDependents(); len(undefined) > 0 {
		return Config{}, Errors{Errorf("", "Some configurations in are referred in the dependents, but not defined: %s", strings.Join(undefined, ","))}
	}
	var errs Errors
	for _, k := range d.keys {
		given, isSet := props[k.Name]
		value, warning, err := d.parseValue(k, given, isSet)
		if err != nil {
			errs = append(errs, asError(k.Name, err))
			continue
		}
		if warning != "" {
			c.warnings = append(c.warnings, warning)
		}
		c.values[k.Name] = value
	}
	if len(errs) > 0 {
		return Config{}, errs
	}
	return c, nil
}

// parseValue reads one key. Repeated values of a list that must have none are
// dropped with a warning.
func (d *Def) parseValue(k ConfigKey, given *string, isSet bool) (value any, warning string, err error) {
	switch {
	case isSet:
		if value, err = ParseType(k.Name, anyText(given), k.Type, d.classes); err != nil {
			return nil, "", err
		}
	case k.Required:
		return nil, "", missing(k.Name)
	default:
		value = cloneValue(k.Default)
	}
	if list, ok := value.([]string); ok && dropsDuplicates(k.Validator) {
		if kept := distinct(list); len(kept) < len(list) {
			value = kept
			warning = fmt.Sprintf("Configuration key %q contains duplicate values. Duplicates will be removed. The original value is: %s, the updated value is: %s", k.Name, text(list), text(kept))
		}
	}
	if k.Validator != nil {
		if err := k.Validator.Validate(k.Name, value); err != nil {
			return nil, "", err
		}
	}
	return value, warning, nil
}

// dropsDuplicates reports whether a validator is a ListValidator, and not merely
// made of one: Kafka looks at the outermost validator only.
func dropsDuplicates(v Validator) bool {
	_, ok := v.(ListValidator)
	return ok
}

// undefinedDependents returns the names that keys call their dependents but that
// are not defined, sorted.
func (d *Def) undefinedDependents() []string {
	var undefined []string
	for _, k := range d.keys {
		for _, name := range k.Dependents {
			if _, ok := d.index[name]; !ok && !slices.Contains(undefined, name) {
				undefined = append(undefined, name)
			}
		}
	}
	slices.Sort(undefined)
	return undefined
}

// nullable returns the same configuration with values that could be null.
func nullable(props map[string]string) map[string]*string {
	copied := make(map[string]*string, len(props))
	for name, value := range props {
		copied[name] = &value
	}
	return copied
}

// cloneText returns a pointer that its owner alone can write through.
func cloneText(s *string) *string {
	if s == nil {
		return nil
	}
	copied := *s
	return &copied
}

// anyText returns a text, or nil for null.
func anyText(s *string) any {
	if s == nil {
		return nil
	}
	return *s
}
