package connectorconfig

import (
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// clientSetting is a setting of a Java client (4.3), which users may override for a connector. A test compares their list with the
// settings of the real clients.
type clientSetting struct {
	kafkaclient.Definition
	name   string
	parsed configdef.Type
}

// clients are the settings by kind of client and name.
type clients map[kafkaclient.Kind]map[string]clientSetting

func parseClients() (clients, error) {
	keys, err := kafkaclient.Keys()
	if err != nil {
		return nil, err
	}
	all := make(clients)
	for _, kind := range kafkaclient.Kinds() {
		all[kind] = make(map[string]clientSetting)
	}
	for _, k := range keys {
		parsed, err := configdef.ParseTypeName(k.Type)
		if err != nil {
			return nil, fmt.Errorf("read setting %s of Kafka's clients: %w", k.Name, err)
		}
		for kind, definition := range k.Clients {
			all[kind][k.Name] = clientSetting{definition, k.Name, parsed}
		}
	}
	return all, nil
}

// parse reads a value. Classes are any name: those of a JVM are not here.
func (s clientSetting) parse(text string) (any, error) {
	return configdef.ParseType(s.name, text, s.parsed, func(name string) (configdef.Class, bool) { return configdef.Class(name), true })
}

func (s clientSetting) info(prefix string) *ConfigKeyInfo {
	return &ConfigKeyInfo{
		Name: prefix + s.name, Type: s.parsed.String(), Required: s.Required, DefaultValue: s.Default, Importance: s.Importance,
		Documentation: "A setting of the connector's Kafka client; its meaning is in Kafka's documentation.",
		OrderInGroup:  -1, Width: configdef.WidthNone.String(), DisplayName: s.name, Dependents: []string{},
	}
}
