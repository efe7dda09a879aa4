package connectorconfig

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// clientSettings are the settings of Kafka's Java clients (4.3): their names, types and defaults, which users may override for a
// connector. A test compares them with those of the real clients.
//
//go:embed clients.json
var clientSettings []byte

// clientSetting is one of them.
type clientSetting struct {
	Name       string  `json:"name"`
	Type       string  `json:"type"`
	Importance string  `json:"importance"`
	Default    *string `json:"default"`
	Required   bool    `json:"required"`

	parsed configdef.Type
}

// clients are the settings by prefix and name.
type clients map[string]map[string]clientSetting

func parseClients() (clients, error) {
	var byClient map[string][]clientSetting
	if err := json.Unmarshal(clientSettings, &byClient); err != nil {
		return nil, fmt.Errorf("read the settings of Kafka's clients: %w", err)
	}
	all := make(clients)
	for client, settings := range byClient {
		prefix := client + ".override."
		all[prefix] = make(map[string]clientSetting, len(settings))
		for _, s := range settings {
			var err error
			if s.parsed, err = configdef.ParseTypeName(s.Type); err != nil {
				return nil, fmt.Errorf("read setting %s of Kafka's %s: %w", s.Name, client, err)
			}
			all[prefix][s.Name] = s
		}
	}
	return all, nil
}

// parse reads a value. Classes are any name: those of a JVM are not here.
func (s clientSetting) parse(text string) (any, error) {
	return configdef.ParseType(s.Name, text, s.parsed, func(name string) (configdef.Class, bool) { return configdef.Class(name), true })
}

func (s clientSetting) info(prefix string) *ConfigKeyInfo {
	return &ConfigKeyInfo{
		Name: prefix + s.Name, Type: s.Type, Required: s.Required, DefaultValue: s.Default, Importance: s.Importance,
		Documentation: "A setting of the connector's Kafka client; its meaning is in Kafka's documentation.",
		OrderInGroup:  -1, Width: configdef.WidthNone.String(), DisplayName: s.Name, Dependents: []string{},
	}
}
