package provider

import (
	"context"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// AllowlistPatternConfig is the param of EnvVar that limits which variables may be
// read: a Java regular expression that the whole name must match. Without it every
// variable may be read, with an empty one none.
const AllowlistPatternConfig = "allowlist.pattern"

// EnvVar is Kafka's EnvVarConfigProvider: the key is the name of an environment
// variable, and there is no path.
type EnvVar struct {
	lookup  func(name string) (string, bool)
	allowed *javaregex.Regexp
}

// NewEnvVar returns an EnvVar that reads variables with lookup, usually
// os.LookupEnv. [AllowlistPatternConfig] is the only param.
func NewEnvVar(params map[string]string, lookup func(name string) (string, bool)) (*EnvVar, error) {
	p := &EnvVar{lookup: lookup}
	pattern, limited := params[AllowlistPatternConfig]
	if !limited {
		return p, nil
	}
	allowed, err := javaregex.Compile(pattern)
	if err != nil {
		e := configdef.Invalid(AllowlistPatternConfig, pattern, "Invalid regex: "+err.Error())
		e.Cause = err
		return nil, e
	}
	p.allowed = allowed
	return p, nil
}

// Get returns the values of variables. It fails if there is a path, or if the
// pattern takes too long.
func (p *EnvVar) Get(_ context.Context, path string, keys []string) (configdef.ConfigData, error) {
	if path != "" {
		return configdef.ConfigData{}, configdef.Errorf("", "Path is not supported for EnvVarConfigProvider, invalid value '%s'", path)
	}
	found := make(map[string]string)
	for _, key := range keys {
		allowed := p.allowed == nil
		if !allowed {
			var err error
			if allowed, err = p.allowed.Matches(key); err != nil {
				return configdef.ConfigData{}, &configdef.Error{Key: AllowlistPatternConfig, Message: "Could not match the name " + key, Cause: err}
			}
		}
		if value, ok := p.lookup(key); ok && allowed {
			found[key] = value
		}
	}
	return configdef.ConfigData{Data: found}, nil
}
