package connectorconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// stage is one of the two lists of aliases, each of which stands for a plugin with keys of its own.
type stage struct {
	key   string // transforms or predicates
	group string
	kind  connect.PluginType
	noun  string // for labels: Transformation type for a
}

func stages() []stage {
	return []stage{
		{transformsKey, groupTransforms, connect.TypeTransformation, "Transformation"},
		{predicatesKey, groupPredicates, connect.TypePredicate, "Predicate"},
	}
}

// enrich returns def with the keys of every alias that the configuration names. A list that cannot be read adds none; that
// is reported with the list itself.
func (p *plugins) enrich(def *configdef.Def, config map[string]*string) (*configdef.Def, error) {
	var keys []configdef.ConfigKey // of all of them: a definition that grew alias by alias would be copied for each
	for _, s := range stages() {
		for _, alias := range aliasesIn(config[s.key]) {
			own, err := p.keysOf(s, alias, config)
			if err != nil {
				return nil, fmt.Errorf("define the keys of %s.%s: %w", s.key, alias, err)
			}
			keys = append(keys, own...)
		}
	}
	return def.With(keys...)
}

// aliasesIn returns the distinct aliases of a list.
func aliasesIn(list *string) []string {
	if list == nil {
		return nil
	}
	parsed, err := configdef.ParseType("", *list, configdef.TypeList, nil)
	if err != nil {
		return nil
	}
	seen := make(map[string]bool)
	return slices.DeleteFunc(parsed.([]string), func(alias string) bool {
		again := seen[alias]
		seen[alias] = true
		return again
	})
}

// keysOf returns the keys of one alias: which class it stands for, and the keys of that.
func (p *plugins) keysOf(s stage, alias string, config map[string]*string) ([]configdef.ConfigKey, error) {
	prefix := s.key + "." + alias + "."
	group := s.group + ": " + alias
	typeKey := prefix + "type"
	var class string
	if given := config[typeKey]; given != nil {
		class = strings.TrimSpace(*given)
	}
	entry, found := p.find(s.kind, class)
	keys := []configdef.ConfigKey{
		{
			Name: typeKey, Type: configdef.TypeClass, Required: true, Validator: p.aliasType(s, alias, config), Recommender: classesOf{p, s.kind},
			Importance: configdef.ImportanceHigh, Group: group, Width: configdef.WidthLong, DisplayName: s.noun + " type for " + alias,
			Documentation: "The class of the " + strings.ToLower(s.noun) + " " + alias + ".",
		},
		{
			Name: prefix + versionSuffix[1:], Type: configdef.TypeString, Default: orNull(entry.Version), Validator: p.aliasVersion(entry.Class, found),
			Recommender: versionsOf{p, typeKey, s.kind, false},
			Importance:  configdef.ImportanceHigh, Group: group, OrderInGroup: 1, Width: configdef.WidthLong, DisplayName: s.noun + " version for " + alias,
			Documentation: "The version of that class.",
		},
	}
	if !found || !p.hasVersion(entry.Class, config[prefix+versionSuffix[1:]]) {
		return keys, nil
	}
	own, err := p.definition(entry)
	if err != nil {
		return nil, err
	}
	if s.kind == connect.TypeTransformation {
		if own, err = withPredicate(own); err != nil {
			return nil, err
		}
	}
	none, err := configdef.New()
	if err != nil {
		return nil, err
	}
	embedded, err := none.Embed(prefix, group, 2, own)
	if err != nil {
		return nil, err
	}
	return append(keys, embedded.Keys()...), nil
}

// hasVersion reports whether a class is there in the version asked for, if one is. Without it its keys are not known.
func (p *plugins) hasVersion(class string, spec *string) bool {
	if spec == nil {
		return true
	}
	message, err := p.matchVersion(class, *spec)
	return err == nil && message == ""
}

// withPredicate adds the two keys that every transformation has; own keys of these names are hidden by them.
func withPredicate(own *configdef.Def) (*configdef.Def, error) {
	keys := []configdef.ConfigKey{
		{
			Name: "predicate", Type: configdef.TypeString, Importance: configdef.ImportanceMedium,
			Documentation: "The alias of the predicate that decides which records are transformed.",
		},
		{
			Name: "negate", Type: configdef.TypeBoolean, Default: false, Importance: configdef.ImportanceMedium,
			Documentation: "Whether the records that the predicate does not fit are transformed instead.",
		},
	}
	for _, k := range own.Keys() {
		if k.Name != "predicate" && k.Name != "negate" {
			keys = append(keys, k)
		}
	}
	return configdef.New(keys...)
}

// aliasType checks the class of an alias, and that a negation has something to negate.
func (p *plugins) aliasType(s stage, alias string, config map[string]*string) configdef.Validator {
	return configdef.Lambda("valid configs for "+alias+" "+strings.ToLower(s.noun), func(_ string, value any) error {
		negate, predicate := s.key+"."+alias+".negate", s.key+"."+alias+".predicate"
		_, negated := config[negate]
		if _, hasPredicate := config[predicate]; s.kind == connect.TypeTransformation && negated && !hasPredicate {
			return configdef.Errorf(negate, "Config '%s' was provided but there is no config '%s' defining a predicate to be negated.", negate, predicate)
		}
		if err := p.checkKind(s.kind, value); err != nil {
			return err
		}
		class, found := value.(configdef.Class)
		if spec := config[s.key+"."+alias+versionSuffix]; spec != nil {
			return p.aliasVersion(string(class), found).Validate(s.key+"."+alias+".type", *spec)
		}
		return nil
	})
}

// aliasVersion checks that a class is there in the version that is asked for.
func (p *plugins) aliasVersion(class string, found bool) configdef.Validator {
	return configdef.Lambda("a version of the class", func(name string, value any) error {
		spec, given := value.(string)
		if !given || !found {
			return nil
		}
		message, err := p.matchVersion(class, spec)
		if err != nil {
			return configdef.Errorf(name, "%s", err.Error())
		}
		if message != "" {
			return configdef.Errorf(name, "%s", message)
		}
		return nil
	})
}
