package connectorconfig

import (
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// converterUse is one of the three places for a converter, with what Kafka Connect tells it as converter.type.
type converterUse struct {
	key  string
	kind connect.PluginType
	use  string
}

// converterUses are in the order of the answer.
func converterUses() []converterUse {
	return []converterUse{
		{HeaderConverterKey, connect.TypeHeaderConverter, "header"},
		{KeyConverterKey, connect.TypeConverter, "key"},
		{ValueConverterKey, connect.TypeConverter, "value"},
	}
}

// checkConverterVersions adds a message to a converter that the configuration names, and to its version, when the class is not there in
// that version.
func (r *run) checkConverterVersions() {
	for _, u := range converterUses() {
		spec, given := r.config.Get(u.key + versionSuffix)
		_, named := r.config.Get(u.key)
		class, isClass := r.values[u.key].Value.(configdef.Class)
		if !given || !named || !isClass || len(r.values[u.key].ErrorMessages) > 0 {
			continue
		}
		// A specification that cannot be read is reported by the key's own validator.
		if message, err := r.plugins.matchVersion(string(class), spec); err == nil && message != "" {
			r.complain(message, u.key, u.key+versionSuffix)
		}
	}
}

// converters validates the settings of the converters that the configuration itself names, as far as these are without
// errors. The worker's converters come with the worker's settings, which were checked when the worker started.
func (r *run) converters() ([]part, error) {
	var parts []part
	for _, u := range converterUses() {
		if _, named := r.config.Get(u.key); !named || len(r.values[u.key].ErrorMessages) > 0 || len(r.values[u.key+versionSuffix].ErrorMessages) > 0 {
			continue
		}
		class, _ := r.values[u.key].Value.(configdef.Class)
		e, ok := r.plugins.find(u.kind, string(class))
		if !ok {
			continue // it is null
		}
		def, err := r.plugins.definition(e)
		if err != nil {
			return nil, err
		}
		parts = append(parts, r.prefixed(def, u))
	}
	return parts, nil
}

// prefixed validates the keys under a converter's prefix. The answer is in the order of a HashMap, as in Kafka Connect, and
// counts keys with errors, not errors.
func (r *run) prefixed(def *configdef.Def, u converterUse) part {
	prefix := u.key + "."
	settings := map[string]*string{"converter.type": &u.use}
	for name, value := range r.given {
		if rest, ok := strings.CutPrefix(name, prefix); ok && rest != "" && (value != nil || rest != "converter.type") {
			settings[rest] = value
		}
	}
	values := def.WithClasses(r.plugins.resolve).ValidateNullable(settings)
	names := make([]string, len(values))
	for i := range values {
		names[i] = values[i].Name
	}
	var p part
	for _, i := range javatext.HashOrder(names) {
		v := &values[i]
		// In Kafka Connect such a value is shown whatever its recommender says.
		v.Visible = true
		k, defined := def.Key(v.Name)
		info := ConfigInfo{Value: valueInfo(v, k.Type, prefix)}
		if defined {
			info.Definition = keyInfo(k, prefix)
			if k.Group != "" && !slices.Contains(p.groups, k.Group) {
				p.groups = append(p.groups, k.Group)
			}
		}
		r.redact(prefix+v.Name, info.Value)
		if len(v.ErrorMessages) > 0 {
			p.errors++
		}
		p.configs = append(p.configs, info)
	}
	return p
}
