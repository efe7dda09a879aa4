package secrets

import (
	"context"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Resolved are configurations with their placeholders replaced, and what is to be hidden of them.
type Resolved struct {
	// Configs are in the order in which they were given.
	Configs []map[string]string
	// Values are what was put in the place of placeholders, by the text of these. One that nobody knew is its own value.
	Values map[string]string
	// TTL is how long the values are good for: the shortest that a provider told, 0 if none did.
	TTL time.Duration
}

// Resolve replaces the placeholders of several configurations together, so that they cannot disagree when secrets rotate, and each
// provider is asked once for each path. It fails if a provider does.
func Resolve(ctx context.Context, providers map[string]configdef.ConfigProvider, configs ...map[string]string) (Resolved, error) {
	const alone = "p" // where a placeholder by itself is resolved, before its text; configurations have the byte of their number
	all := make(map[string]string)
	for i, config := range configs {
		for key, value := range config {
			all[string(rune('0'+i))+key] = value
			for _, placeholder := range configdef.Placeholders(value) {
				all[alone+placeholder] = placeholder
			}
		}
	}
	result, err := configdef.NewConfigTransformer(providers).Transform(ctx, all)
	if err != nil {
		return Resolved{}, err
	}
	r := Resolved{Configs: make([]map[string]string, len(configs)), Values: make(map[string]string)}
	for i := range configs {
		r.Configs[i] = make(map[string]string, len(configs[i]))
	}
	for name, value := range result.Data {
		if name[:1] == alone {
			r.Values[name[1:]] = value
		} else {
			r.Configs[name[0]-'0'][name[1:]] = value
		}
	}
	for _, ttl := range result.TTLs {
		if r.TTL == 0 || ttl < r.TTL {
			r.TTL = ttl
		}
	}
	return r, nil
}
