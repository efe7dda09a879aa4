package provider

import (
	"context"
	"regexp"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// AllowlistPatternConfig is the param of EnvVar that limits which variables may be
// read: a regular expression that the whole name must match, in Go's syntax
// (RE2), which shares all but look-around, back-references and possessive
// quantifiers with Java's. Without it every variable may be read.
const AllowlistPatternConfig = "allowlist.pattern"

// EnvVar is Kafka's EnvVarConfigProvider: the key is the name of an environment
// variable, and there is no path.
type EnvVar struct {
	lookup  func(name string) (string, bool)
	allowed *regexp.Regexp
}

// NewEnvVar returns an EnvVar that reads variables with lookup, usually
// os.LookupEnv. [AllowlistPatternConfig] is the only param.
func NewEnvVar(params map[string]string, lookup func(name string) (string, bool)) (*EnvVar, error) {
	p := &EnvVar{lookup: lookup}
	pattern, limited := params[AllowlistPatternConfig]
	if !limited {
		return p, nil
	}
	allowed, err := regexp.Compile(`^(?:` + pattern + `)$`)
	if err != nil {
		e := configdef.Invalid(AllowlistPatternConfig, pattern, "Invalid regex: "+err.Error())
		e.Cause = err
		return nil, e
	}
	p.allowed = allowed
	return p, nil
}

// Get returns the values of variables. It fails if there is a path.
func (p *EnvVar) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	if path != "" {
		return configdef.ConfigData{}, configdef.Errorf("", "Path is not supported for EnvVarConfigProvider, invalid value '%s'", path)
	}
	found := make(map[string]string)
	for _, key := range keys {
		if p.allowed != nil && !p.allowed.MatchString(key) {
			continue
		}
		if value, ok := p.lookup(key); ok {
			found[key] = value
		}
	}
	return configdef.ConfigData{Data: found}, nil
}
