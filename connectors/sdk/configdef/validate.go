package configdef

import "slices"

// ConfigValue is what validation found out about one key.
type ConfigValue struct {
	// Name is the key.
	Name string
	// Value is the parsed value; nil if it is null or could not be parsed.
	Value any
	// RecommendedValues is what its Recommender proposes; empty without one.
	RecommendedValues []any
	// ErrorMessages is everything that is wrong with it, in the order found.
	ErrorMessages []string
	// Visible says whether a user interface should show the key.
	Visible bool
}

// AddErrorMessage adds to what is wrong with the value.
func (v *ConfigValue) AddErrorMessage(message string) {
	v.ErrorMessages = append(v.ErrorMessages, message)
}

// Validate reads a configuration for showing what is wrong with it: one
// ConfigValue for each key of the definition, in its order. Names that are only
// called dependents come before them, sorted, each with a message that says so.
// Keys in props that are not defined are ignored.
func (d *Def) Validate(props map[string]string) []ConfigValue {
	return d.ValidateNullable(nullable(props))
}

// ValidateNullable is [Def.Validate] for a configuration in which values can be
// null (nil), as in a request to the REST API.
func (d *Def) ValidateNullable(props map[string]*string) []ConfigValue {
	undefined := d.undefinedDependents()
	v := validation{def: d, props: props, parsed: make(map[string]any, len(d.keys)), found: make(map[string]*ConfigValue, len(d.keys))}
	values := make([]ConfigValue, 0, len(undefined)+len(d.keys))
	for _, name := range undefined {
		values = append(values, ConfigValue{Name: name, ErrorMessages: []string{name + " is referred in the dependents, but not defined."}})
	}
	for _, k := range d.keys {
		values = append(values, ConfigValue{Name: k.Name, Visible: true})
		v.found[k.Name] = &values[len(values)-1]
	}
	roots := d.withoutParent()
	for _, name := range roots {
		v.parse(name, nil)
	}
	for _, name := range roots {
		v.recommend(name, nil)
	}
	return values
}

// withoutParent returns the keys that are no other key's dependents, in the order
// of the definition. Keys in a circle of dependents have no beginning, and are
// never reached; Kafka behaves the same.
func (d *Def) withoutParent() []string {
	var dependents []string
	for _, k := range d.keys {
		dependents = append(dependents, k.Dependents...)
	}
	var roots []string
	for _, k := range d.keys {
		if !slices.Contains(dependents, k.Name) {
			roots = append(roots, k.Name)
		}
	}
	return roots
}

// validation walks from the keys without a parent to their dependents, first to
// parse every value and then to ask the recommenders, who may look at all of them.
type validation struct {
	def    *Def
	props  map[string]*string
	parsed map[string]any
	found  map[string]*ConfigValue
}

// parse reads one key and its dependents. The path of parents ends circles, which
// would overflow the stack in Java.
func (v *validation) parse(name string, path []string) {
	k, ok := v.enter(name, path)
	if !ok {
		return
	}
	result := v.found[name]
	var value any
	given, isSet := v.props[name]
	switch {
	case isSet:
		parsed, err := ParseType(name, anyText(given), k.Type, v.def.classes)
		if err != nil {
			result.AddErrorMessage(err.Error())
		}
		value = parsed
	case k.Required:
		result.AddErrorMessage(missing(name).Message)
	default:
		value = cloneValue(k.Default)
	}
	if k.Validator != nil {
		if err := k.Validator.Validate(name, value); err != nil {
			result.AddErrorMessage(err.Error())
		}
	}
	result.Value = value
	v.parsed[name] = value
	for _, dependent := range k.Dependents {
		v.parse(dependent, append(path, name))
	}
}

// recommend asks the recommenders of one key and its dependents.
func (v *validation) recommend(name string, path []string) {
	k, ok := v.enter(name, path)
	if !ok {
		return
	}
	if k.Recommender != nil {
		if err := v.applyRecommender(k); err != nil {
			v.found[name].AddErrorMessage(err.Error())
		}
	}
	for _, dependent := range k.Dependents {
		v.recommend(dependent, append(path, name))
	}
}

// applyRecommender stores what the recommender says. For a key reached a second
// time only values proposed both times remain.
func (v *validation) applyRecommender(k ConfigKey) error {
	result := v.found[k.Name]
	values, err := k.Recommender.ValidValues(k.Name, v.parsed)
	if err != nil {
		return err
	}
	if before := result.RecommendedValues; len(before) > 0 {
		values = slices.DeleteFunc(values, func(value any) bool {
			return !slices.ContainsFunc(before, func(b any) bool { return text(b) == text(value) })
		})
	}
	result.RecommendedValues = values
	visible, err := k.Recommender.Visible(k.Name, v.parsed)
	if err != nil {
		return err
	}
	result.Visible = visible
	return nil
}

// enter returns the key unless it is not defined or is among its own parents.
func (v *validation) enter(name string, path []string) (ConfigKey, bool) {
	at, ok := v.def.index[name]
	if !ok || slices.Contains(path, name) {
		return ConfigKey{}, false
	}
	return v.def.keys[at], true
}
