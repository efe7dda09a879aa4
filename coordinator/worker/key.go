package worker

import (
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// Key is a key of the worker's configuration: what Kafka Connect says of it, and what becomes of it here.
type Key struct {
	// Name is the key as users write it. One that ends in <…> stands for all keys that begin with what is before.
	Name string
	// Type, Required, Default and Validator are those of Kafka Connect's definition, but where Note says otherwise.
	Type      configdef.Type
	Required  bool
	Default   any
	Validator configdef.Validator
	// Mode says in which mode the key exists. In the other it is ignored. Keys of Kafka's clients exist in both: in standalone mode
	// of Kafka Connect they reach the clients without being defined.
	Mode Mode
	// State says whether the key has an effect.
	State State
	// Note says what the effect is, or why there is none.
	Note string
}

// Mode is where a key exists.
type Mode string

// The modes.
const (
	Both            Mode = ""
	DistributedOnly Mode = "distributed"
	StandaloneOnly  Mode = "standalone"
)

// State is what becomes of a key.
type State string

// The states of keys. A key without meaning is read and checked as in Kafka Connect, so that a file with a mistake is refused
// here and there alike, and has no effect. One that is refused must not be set where it would count.
const (
	Honoured    State = "honoured"
	Meaningless State = "no meaning"
	Refused     State = "refused"
	// OfClients is a key of Kafka's clients; kafkaclient.Keys says what becomes of it.
	OfClients State = "of clients"
)

// Keys returns every key that is known, each theme after the other. Keys with a prefix are in Prefixes.
func Keys() []Key {
	return slices.Concat(workerKeys(), topicKeys(), restKeys(), groupKeys(), clientKeys(), sslKeys(), saslKeys(), metricKeys(), ferryKeys())
}

func (k Key) definition() configdef.ConfigKey {
	return configdef.ConfigKey{
		Name: k.Name, Type: k.Type, Required: k.Required, Default: k.Default, Validator: k.Validator,
		Importance: configdef.ImportanceLow, Documentation: k.Note,
	}
}

// definition returns the keys of one mode as Kafka's ConfigDef.
func definition(distributed bool) (*configdef.Def, error) {
	var keys []configdef.ConfigKey
	for _, k := range Keys() {
		if k.Mode == StandaloneOnly && distributed || k.Mode == DistributedOnly && !distributed {
			continue
		}
		keys = append(keys, k.definition())
	}
	def, err := configdef.New(keys...)
	if err != nil {
		return nil, err
	}
	return def.WithClasses(anyClass), nil
}

// anyClass accepts every name. Which classes there are, the catalog knows, and only who needs a class asks it.
func anyClass(name string) (configdef.Class, bool) { return configdef.Class(name), name != "" }

// isPrefixed reports whether a key is one of those that Prefixes stand for.
func isPrefixed(name string) bool {
	return slices.ContainsFunc(Prefixes(), func(k Key) bool {
		prefix, _, open := strings.Cut(k.Name, "<")
		return name == k.Name || open && strings.HasPrefix(name, prefix)
	})
}

// isKey reports whether a key is one of Keys, whatever the mode.
func isKey(name string) bool {
	return slices.ContainsFunc(Keys(), func(k Key) bool { return k.Name == name })
}
