package worker

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/provider/awsprovider"
	"github.com/ferry-connect/ferry/connectors/sdk/configdef/secrets"
)

const (
	providersKey = "config.providers"
	// resolveTime bounds how long the worker's own placeholders may take: once in the life of a process, before there is
	// anything that could be cancelled.
	resolveTime = 15 * time.Second
)

// Providers returns the config providers that the worker declares: config.providers and config.providers.<name>.*. They
// resolve the placeholders of connector configurations. All who ask get the same ones, and share what these keep.
func (c *Config) Providers() map[string]configdef.ConfigProvider { return c.providers }

// Secrets returns the values that were put in the place of the worker's own placeholders, by the text of these. They are what must
// be hidden.
func (c *Config) Secrets() map[string]string { return c.secrets }

// resolve makes the providers that properties declare, and replaces the placeholders in the other properties with them, as Kafka
// Connect does. What declares the providers is taken as it is, and so is plugin.path. With an error the properties are as they were.
func resolve(props map[string]string) (resolved map[string]string, providers map[string]configdef.ConfigProvider, values map[string]string, err error) {
	providers, err = newProviders(props)
	if err != nil {
		return props, nil, nil, err
	}
	own := make(map[string]string, len(props))
	for key, value := range props {
		if !isLiteral(key) {
			own[key] = value
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTime)
	defer cancel()
	r, err := secrets.Resolve(ctx, providers, own)
	if err != nil {
		return props, providers, nil, fmt.Errorf("could not resolve the worker's placeholders: %w", err)
	}
	for key, value := range props {
		if isLiteral(key) {
			r.Configs[0][key] = value
		}
	}
	return r.Configs[0], providers, r.Values, nil
}

func isLiteral(key string) bool {
	return key == "plugin.path" || key == providersKey || strings.HasPrefix(key, providersKey+".")
}

func newProviders(props map[string]string) (map[string]configdef.ConfigProvider, error) {
	providers := map[string]configdef.ConfigProvider{}
	for name := range strings.SplitSeq(props[providersKey], ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		prefix := providersKey + "." + name + "."
		params := map[string]string{}
		for k, v := range props {
			if param, ok := strings.CutPrefix(k, prefix+"param."); ok {
				params[param] = v
			}
		}
		p, err := newProvider(strings.TrimSpace(props[prefix+"class"]), params)
		if err != nil {
			return nil, fmt.Errorf("config provider %s: %w", name, err)
		}
		providers[name] = p
	}
	return providers, nil
}

func newProvider(class string, params map[string]string) (configdef.ConfigProvider, error) {
	if awsprovider.Knows(class) {
		return awsprovider.New(class, params, awsprovider.Options{})
	}
	return provider.New(class, params)
}
