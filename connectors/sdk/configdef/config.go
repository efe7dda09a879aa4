package configdef

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Config is a parsed configuration: a value for every key of its definition, and
// the texts it was made of. It is immutable and may be used concurrently.
//
// The accessors panic if the definition has no such key of that type: that is a
// mistake in the program, never in the configuration. For a value that is null
// they return the zero value; [Config.IsNull] tells the difference.
type Config struct {
	def       *Def
	values    map[string]any
	originals map[string]*string
	warnings  []string
}

// Format prints the names of the keys and no values for every verb: a placeholder in
// a STRING may have been replaced by a secret.
func (c Config) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "configdef.Config%q", slices.Sorted(maps.Keys(c.values)))
}

// Bool returns the value of a BOOLEAN key.
func (c Config) Bool(key string) bool { return get[bool](c, key, TypeBoolean) }

// String returns the value of a STRING key.
func (c Config) String(key string) string { return get[string](c, key, TypeString) }

// Int returns the value of an INT key; it fits 32 bits.
func (c Config) Int(key string) int { return int(get[int32](c, key, TypeInt)) }

// Short returns the value of a SHORT key.
func (c Config) Short(key string) int16 { return get[int16](c, key, TypeShort) }

// Long returns the value of a LONG key.
func (c Config) Long(key string) int64 { return get[int64](c, key, TypeLong) }

// Double returns the value of a DOUBLE key.
func (c Config) Double(key string) float64 { return get[float64](c, key, TypeDouble) }

// List returns a copy of the value of a LIST key.
func (c Config) List(key string) []string { return slices.Clone(get[[]string](c, key, TypeList)) }

// Class returns the value of a CLASS key.
func (c Config) Class(key string) Class { return get[Class](c, key, TypeClass) }

// Password returns the value of a PASSWORD key.
func (c Config) Password(key string) Password { return get[Password](c, key, TypePassword) }

// IsNull reports whether the value of a key is null. It panics if there is no
// such key.
func (c Config) IsNull(key string) bool {
	value, ok := c.values[key]
	if !ok {
		panic(fmt.Sprintf("configdef: unknown configuration %q", key))
	}
	return value == nil
}

// IsSet reports whether the configuration gave a value for a key, rather than
// leaving it to its default. The key need not be defined.
func (c Config) IsSet(key string) bool {
	_, ok := c.originals[key]
	return ok
}

// Value returns the value of a key of any type, as one of the types the package
// documentation lists, and whether there is such a key.
func (c Config) Value(key string) (any, bool) {
	value, ok := c.values[key]
	return cloneValue(value), ok
}

// Values returns a copy of all values by key.
func (c Config) Values() map[string]any {
	values := make(map[string]any, len(c.values))
	for key, value := range c.values {
		values[key] = cloneValue(value)
	}
	return values
}

// Warnings returns what was tolerated but should be told to the user.
func (c Config) Warnings() []string { return slices.Clone(c.warnings) }

// Originals returns a copy of the configuration as it was given, including keys
// that are not defined. Keys that were null are left out.
func (c Config) Originals() map[string]string {
	return c.OriginalsWithPrefix("", false)
}

// OriginalsWithPrefix returns the entries of the configuration, as given, whose keys
// begin with prefix and go on after it; with strip, the prefix is removed from the
// keys. Keys that were null are left out.
func (c Config) OriginalsWithPrefix(prefix string, strip bool) map[string]string {
	found := make(map[string]string)
	for key, value := range c.originals {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok || rest == "" || value == nil {
			continue
		}
		if strip {
			key = rest
		}
		found[key] = *value
	}
	return found
}

// Unused returns the keys of the configuration that are not defined, sorted.
func (c Config) Unused() []string {
	var unused []string
	for _, key := range slices.Sorted(maps.Keys(c.originals)) {
		if _, ok := c.values[key]; !ok {
			unused = append(unused, key)
		}
	}
	return unused
}

// ValuesWithPrefixOverride returns all values, where an original whose key is
// prefix followed by a defined key replaces that key's value. If the rest after
// the prefix is not defined, but what follows its first dot is, the value is
// parsed as that key's and stored under the whole rest. It fails with an [Errors]
// if a replacement does not fit.
func (c Config) ValuesWithPrefixOverride(prefix string) (map[string]any, error) {
	values := c.Values()
	err := c.overlay(prefix, values, func(rest string) (ConfigKey, bool) {
		if k, ok := c.def.Key(rest); ok {
			return k, true
		}
		_, after, found := strings.Cut(rest, ".")
		if !found {
			return ConfigKey{}, false
		}
		return c.def.Key(after)
	})
	return values, err
}

// ValuesWithPrefixAllOrNothing returns all values if no original begins with
// prefix; else only the values of defined keys given with the prefix. It fails
// with an [Errors] if one of them does not fit.
func (c Config) ValuesWithPrefixAllOrNothing(prefix string) (map[string]any, error) {
	if len(c.originalKeys(prefix)) == 0 {
		return c.Values(), nil
	}
	values := make(map[string]any)
	return values, c.overlay(prefix, values, c.def.Key)
}

// overlay parses the originals under prefix as the keys that find says, and
// stores them in values under the rest of their names.
func (c Config) overlay(prefix string, values map[string]any, find func(rest string) (ConfigKey, bool)) error {
	var errs Errors
	for _, key := range c.originalKeys(prefix) {
		rest := key[len(prefix):]
		k, ok := find(rest)
		if !ok {
			continue
		}
		value, _, err := c.def.parseValue(k, c.originals[key], true)
		if err != nil {
			errs = append(errs, asError(k.Name, err))
			continue
		}
		values[rest] = value
	}
	if len(errs) > 0 {
		return errs
	}
	return nil
}

// originalKeys returns the keys that begin with prefix and go on after it, sorted.
func (c Config) originalKeys(prefix string) []string {
	var keys []string
	for key := range c.originals {
		if strings.HasPrefix(key, prefix) && len(key) > len(prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// get returns the value of a key that must have type t.
func get[T any](c Config, key string, t Type) T {
	k, ok := c.def.lookup(key)
	if !ok || k.Type != t {
		panic(fmt.Sprintf("configdef: the definition has no configuration %q of type %v", key, t))
	}
	value, _ := c.values[key].(T)
	return value
}

// lookup is Key without copying; d may be nil.
func (d *Def) lookup(name string) (ConfigKey, bool) {
	if d == nil {
		return ConfigKey{}, false
	}
	at, ok := d.index[name]
	if !ok {
		return ConfigKey{}, false
	}
	return d.keys[at], true
}
