package connectorconfig

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

// overrides checks the settings of the clients that the connector's tasks have.
func (r *run) overrides() ([]part, error) {
	source := r.entry.Type == connect.TypeSource
	deadLetters := !source && strings.TrimSpace(r.text(deadLetterTopicKey)) != ""
	ownOffsets := source && (r.workerIsExactlyOnce() || strings.TrimSpace(r.text(offsetsTopicKey)) != "")
	var parts []part
	for _, client := range []struct {
		kind kafkaclient.Kind
		used bool
	}{
		{kafkaclient.Producer, source || deadLetters},
		{kafkaclient.Consumer, !source || ownOffsets},
		{kafkaclient.Admin, deadLetters || ownOffsets || source && r.createsTopics()},
	} {
		if !client.used {
			continue
		}
		p, err := r.overridesOf(client.kind)
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

// overridesOf lists the settings of a client, in the order of a HashMap as in Kafka Connect. A value that is not of the
// setting's type is an error, and no message about the key, as there.
func (r *run) overridesOf(kind kafkaclient.Kind) (part, error) {
	var settings []string
	for _, p := range r.config {
		if rest, ok := strings.CutPrefix(p.Name, kind.Prefix()); ok && rest != "" {
			settings = append(settings, rest)
		}
	}
	var p part
	for _, i := range javatext.HashOrder(settings) {
		info, err := r.override(kind, settings[i])
		if err != nil {
			return part{}, err
		}
		if err := r.check(kind, settings[i]); err != nil {
			info.Value.Errors = append(info.Value.Errors, err.Error())
		}
		r.redact(kind.Prefix()+settings[i], info.Value)
		if why := r.policy.Refuses(settings[i]); why != "" {
			info.Value.Errors = append(info.Value.Errors, why)
		}
		if len(info.Value.Errors) > 0 {
			p.errors++
		}
		p.configs = append(p.configs, info)
	}
	return p, nil
}

// check returns what speaks against the value of a setting here.
func (r *run) check(kind kafkaclient.Kind, setting string) error {
	text := r.given[kind.Prefix()+setting]
	if text == nil {
		return nil
	}
	transactional := r.entry.Type == connect.TypeSource && r.worker.AtLeastOnce() == ""
	return kafkaclient.Check(kind, setting, *text, r.worker.Clients(), transactional)
}

func (r *run) override(kind kafkaclient.Kind, setting string) (ConfigInfo, error) {
	v := configdef.ConfigValue{Name: setting, Visible: true}
	prefix := kind.Prefix()
	text := r.given[prefix+setting]
	known, isKnown := r.clients[kind][setting]
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
	return info, nil
}
