package configdef

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ConfigProvider looks up values by path and key, in a place such as a file or a
// secret store. It must be safe for concurrent use. Its errors must not
// contain the values it found.
type ConfigProvider interface {
	// Get returns the values of the given keys under path, which is empty for a
	// placeholder without a path. A key it does not know is left out.
	Get(ctx context.Context, path string, keys []string) (ConfigData, error)
}

// ConfigData is what a ConfigProvider found.
type ConfigData struct {
	// Data holds the values by key.
	Data map[string]string
	// TTL is how long the values are good for; zero if they do not expire.
	TTL time.Duration
}

// ConfigVariable is a placeholder in a configuration's value:
// ${provider:path:key}, or ${provider:key} with an empty path.
type ConfigVariable struct {
	Provider, Path, Key string
}

// placeholder matches as Kafka's pattern does: the provider ends at the first
// colon, the path at the second, the key at the first closing brace. Go's
// leftmost-first matching makes the same choices as Java's backtracking.
var placeholder = regexp.MustCompile(`\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}`)

// Variables returns the placeholders in a value, in their order. Nothing escapes a
// placeholder, and none is nested in another.
func Variables(value string) []ConfigVariable {
	var found []ConfigVariable
	for _, m := range placeholder.FindAllStringSubmatch(value, -1) {
		found = append(found, ConfigVariable{Provider: m[1], Path: m[3], Key: m[4]})
	}
	return found
}

// Placeholders returns the texts of the placeholders in a value, in their order.
func Placeholders(value string) []string { return placeholder.FindAllString(value, -1) }

// HasVariable reports whether a value contains a placeholder.
func HasVariable(value string) bool { return placeholder.MatchString(value) }

// ConfigTransformer replaces placeholders in configurations by what config
// providers say. It is immutable and may be used concurrently.
//
// A placeholder stays as it is when its provider is unknown or does not know its
// key. What is put in place of a placeholder is not looked at again.
type ConfigTransformer struct {
	providers map[string]ConfigProvider
}

// NewConfigTransformer returns a transformer with providers by the names used in
// placeholders.
func NewConfigTransformer(providers map[string]ConfigProvider) *ConfigTransformer {
	return &ConfigTransformer{providers: maps.Clone(providers)}
}

// ConfigTransformerResult is a configuration with its placeholders replaced.
type ConfigTransformerResult struct {
	// Data is the configuration.
	Data map[string]string
	// TTLs says for each path how long its values are good for; paths whose values
	// do not expire are left out. The shortest one counts.
	TTLs map[string]time.Duration
}

// source is where a provider is asked.
type source struct{ provider, path string }

// Transform returns a copy of props with its placeholders replaced. Each provider
// is asked once for each path, in the order of their names. It fails if a provider does.
func (t *ConfigTransformer) Transform(ctx context.Context, props map[string]string) (ConfigTransformerResult, error) {
	found, ttls, err := t.lookUp(ctx, t.wanted(props))
	if err != nil {
		return ConfigTransformerResult{}, err
	}
	result := ConfigTransformerResult{Data: make(map[string]string, len(props)), TTLs: ttls}
	for name, value := range props {
		result.Data[name] = replace(value, found)
	}
	return result, nil
}

// wanted returns the keys to ask each known provider for.
func (t *ConfigTransformer) wanted(props map[string]string) map[source][]string {
	wanted := make(map[source][]string)
	for _, value := range props {
		for _, v := range Variables(value) {
			if _, known := t.providers[v.Provider]; !known {
				continue
			}
			at := source{v.Provider, v.Path}
			if !slices.Contains(wanted[at], v.Key) {
				wanted[at] = append(wanted[at], v.Key)
			}
		}
	}
	return wanted
}

// lookUp asks the providers.
func (t *ConfigTransformer) lookUp(ctx context.Context, wanted map[source][]string) (map[ConfigVariable]string, map[string]time.Duration, error) {
	found := make(map[ConfigVariable]string)
	ttls := make(map[string]time.Duration)
	sources := slices.SortedFunc(maps.Keys(wanted), func(a, b source) int {
		if c := strings.Compare(a.provider, b.provider); c != 0 {
			return c
		}
		return strings.Compare(a.path, b.path)
	})
	for _, at := range sources {
		keys := wanted[at]
		slices.Sort(keys)
		data, err := t.providers[at.provider].Get(ctx, at.path, keys)
		if err != nil {
			return nil, nil, fmt.Errorf("resolve placeholders of config provider %q: %w", at.provider, err)
		}
		for _, key := range keys {
			if value, ok := data.Data[key]; ok {
				found[ConfigVariable{at.provider, at.path, key}] = value
			}
		}
		if before, ok := ttls[at.path]; data.TTL > 0 && (!ok || data.TTL < before) {
			ttls[at.path] = data.TTL
		}
	}
	return found, ttls, nil
}

// replace returns value with every placeholder replaced that was found.
func replace(value string, found map[ConfigVariable]string) string {
	return placeholder.ReplaceAllStringFunc(value, func(match string) string {
		m := placeholder.FindStringSubmatch(match)
		if replacement, ok := found[ConfigVariable{m[1], m[3], m[4]}]; ok {
			return replacement
		}
		return match
	})
}
