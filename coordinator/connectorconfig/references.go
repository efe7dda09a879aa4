package connectorconfig

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/invoke"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// refers reports whether a configuration has a placeholder of a config provider that the worker has. Any other is text.
func (v *Validator) refers(config store.Properties) bool {
	return slices.ContainsFunc(config, func(p store.Property) bool {
		return p.Value != nil && slices.ContainsFunc(configdef.Variables(*p.Value), func(variable configdef.ConfigVariable) bool {
			return slices.Contains(v.providers, variable.Provider)
		})
	})
}

// validateInFunction has the connector's function resolve a configuration and validate it. No secret is in what it answers.
func (v *Validator) validateInFunction(ctx context.Context, config store.Properties) (*ConfigInfos, error) {
	_, e, err := v.connectorOf(config)
	if err != nil {
		return nil, err
	}
	name, _ := config.Get(NameKey)
	req := &invoke.Request{Op: invoke.OpValidate, Connector: name, Config: config.Map()}
	for _, p := range config {
		if p.Value == nil {
			req.Nulls = append(req.Nulls, p.Name)
		}
	}
	response, err := v.ask(ctx, e.Function, req)
	if err != nil {
		return nil, err
	}
	infos := new(ConfigInfos)
	if err := json.Unmarshal(response.Infos, infos); err != nil {
		return nil, fmt.Errorf("decode the validation by function %s: %w", e.Function, err)
	}
	return infos, nil
}

// ask asks a connector's function, which has only so much time.
func (v *Validator) ask(ctx context.Context, function string, req *invoke.Request) (*invoke.Response, error) {
	limited, cancel := context.WithTimeout(ctx, v.checkTime)
	defer cancel()
	response, err := v.invoker.Invoke(limited, function, req)
	if err == nil {
		err = response.Error.Err()
	}
	switch {
	case err == nil:
		return response, nil
	case limited.Err() != nil && ctx.Err() == nil:
		late := connect.RetriableError(fmt.Sprintf("the connector's own code, function %s, did not say within %v whether the configuration is valid", function, v.checkTime), err)
		late.Hint = "try again; the function's log tells what it waited for"
		return nil, late
	default:
		return nil, fmt.Errorf("validate with the connector's own code, function %s: %w", function, err)
	}
}

// redact hides what is said of a key if its value was resolved.
func (r *run) redact(name string, info *ConfigValueInfo) {
	submitted, given := r.submitted[name], r.given[name]
	if submitted == nil || given == nil || *submitted == *given {
		return
	}
	info.Value, info.RecommendedValues = submitted, []string{}
	if len(info.Errors) > 0 {
		info.Errors = []string{fmt.Sprintf("Invalid value for configuration '%s': the value resolved from the config provider reference failed validation", name)}
	}
}
