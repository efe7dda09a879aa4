package connectorconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// Prefixes of settings for the Kafka clients of one connector.
const (
	producerOverrides = "producer.override."
	consumerOverrides = "consumer.override."
	adminOverrides    = "admin.override."
)

// policy says which settings of clients connectors may override (connector.client.config.override.policy).
type policy struct {
	name    string
	all     bool
	allowed []string
}

// parsePolicy reads the worker's policy. An unknown one is an error: it must not become one that allows more.
func parsePolicy(w *worker.Config) (policy, error) {
	const key = "connector.client.config.override.policy"
	name, _ := w.Property(key)
	name = strings.TrimSuffix(simpleName(strings.TrimSpace(name)), "ConnectorClientConfigOverridePolicy")
	switch name {
	case "", "All":
		return policy{name: "All", all: true}, nil
	case "None":
		return policy{name: name}, nil
	case "Principal":
		return policy{name: name, allowed: []string{"sasl.jaas.config", "sasl.mechanism", "security.protocol"}}, nil
	case "Allowlist":
		list, _ := w.Property("connector.client.config.override.allowlist")
		return policy{name: name, allowed: topicsOf(list)}, nil
	}
	return policy{}, &connect.Error{
		Kind: connect.KindConfig, Class: connect.ConfigException,
		Message: fmt.Sprintf("Invalid value %s for configuration %s", name, key), Hint: "use All, None, Principal or Allowlist",
	}
}

func (p policy) allows(setting string) bool { return p.all || slices.Contains(p.allowed, setting) }

// overrides checks the settings of the clients that the connector's tasks have.
func (r *run) overrides() ([]part, error) {
	source := r.entry.Type == connect.TypeSource
	deadLetters := !source && strings.TrimSpace(r.text(deadLetterTopicKey)) != ""
	ownOffsets := source && (r.workerIsExactlyOnce() || strings.TrimSpace(r.text(offsetsTopicKey)) != "")
	var parts []part
	for _, client := range []struct {
		prefix string
		used   bool
	}{
		{producerOverrides, source || deadLetters},
		{consumerOverrides, !source || ownOffsets},
		{adminOverrides, deadLetters || ownOffsets || source && r.createsTopics()},
	} {
		if !client.used {
			continue
		}
		p, err := r.overridesOf(client.prefix)
		if err != nil {
			return nil, err
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// workerIsExactlyOnce only decides what is listed. A worker that does not name the key has Kafka Connect's default here: listed is what
// users of a Connect worker with the same file would see.
func (r *run) workerIsExactlyOnce() bool {
	support, _ := r.worker.Property(worker.ExactlyOnceSupportKey)
	return strings.EqualFold(strings.TrimSpace(support), worker.ExactlyOnceEnabled)
}

func (r *run) createsTopics() bool {
	for name := range r.given {
		if strings.HasPrefix(name, topicCreationPrefix) {
			return true
		}
	}
	return false
}

// overridesOf lists the settings with a prefix, in the order of a HashMap as in Kafka Connect. A value that is not of the
// setting's type is an error, and no message about the key, as there.
func (r *run) overridesOf(prefix string) (part, error) {
	var settings []string
	for _, p := range r.config {
		if rest, ok := strings.CutPrefix(p.Name, prefix); ok && rest != "" {
			settings = append(settings, rest)
		}
	}
	var p part
	for _, i := range javatext.HashOrder(settings) {
		info, err := r.override(prefix, settings[i])
		if err != nil {
			return part{}, err
		}
		if !r.policy.allows(settings[i]) {
			info.Value.Errors = append(info.Value.Errors, fmt.Sprintf("The '%s' policy does not allow '%s' to be overridden in the connector configuration.", r.policy.name, settings[i]))
			p.errors++
		}
		p.configs = append(p.configs, info)
	}
	return p, nil
}

func (r *run) override(prefix, setting string) (ConfigInfo, error) {
	v := configdef.ConfigValue{Name: setting, Visible: true}
	text := r.given[prefix+setting]
	known, isKnown := r.clients[prefix][setting]
	switch {
	case text == nil:
	case isKnown:
		var err error
		if v.Value, err = known.parse(*text); err != nil {
			return ConfigInfo{}, connect.ConfigError(err.Error())
		}
	default:
		v.Value = *text
	}
	info := ConfigInfo{Value: valueInfo(&v, 0, prefix)}
	if isKnown {
		info.Definition = known.info(prefix)
		info.Value = valueInfo(&v, known.parsed, prefix)
	}
	r.redact(prefix+setting, info.Value)
	return info, nil
}
