package kafkaclient

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

//go:embed keys.json
var keysFile []byte

// Kind is one of the clients that a task has.
type Kind string

// The three kinds, by the names that begin their keys.
const (
	Producer Kind = "producer"
	Consumer Kind = "consumer"
	Admin    Kind = "admin"
)

// Kinds returns all of them.
func Kinds() []Kind { return []Kind{Producer, Consumer, Admin} }

// Prefix begins the keys by which a connector overrides the settings of a client.
func (k Kind) Prefix() string { return string(k) + ".override." }

// Use is what becomes of a setting.
type Use string

// A setting is one of these.
const (
	Honoured    Use = "honoured"
	Meaningless Use = "meaningless" // accepted, without effect
	Refused     Use = "refused"     // unless it has a value of Accepts, or none
)

// Key is a setting of Kafka's clients.
type Key struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Use  Use    `json:"use"`
	// Text is the option that a setting became, or why it became none.
	Text    string   `json:"text"`
	Accepts []string `json:"accepts"`
	// Clients are those that have the setting.
	Clients map[Kind]Definition `json:"clients"`
}

// Definition is what a client says of its setting.
type Definition struct {
	Importance string  `json:"importance"`
	Default    *string `json:"default"`
	Required   bool    `json:"required"`
}

// Keys returns all settings, by name. A name that does not mean the same for all clients is there more than once, for different
// ones.
func Keys() ([]Key, error) {
	var keys []Key
	if err := json.Unmarshal(keysFile, &keys); err != nil {
		return nil, fmt.Errorf("read the settings of Kafka's clients: %w", err)
	}
	return keys, nil
}

// refusals returns an error for the first setting that is refused, or nil. A task asks at its start, so it looks for the settings that
// are there, and leaves the other lines of the list alone.
func (s Settings) refusals() error {
	if s.refusal != nil {
		return s.refusal
	}
	for _, name := range slices.Sorted(maps.Keys(s.names)) {
		v := s.Get(name)
		if v == "" || name == bootstrapKey {
			continue
		}
		k, err := keyOf(s.kind, name)
		if err != nil {
			return err
		}
		if k.Use == Refused && !slices.Contains(k.Accepts, v) {
			return s.refused(name, k.Text)
		}
	}
	return nil
}

// keyOf finds a setting in the list, in which each is a line of its own. One that is not there is the zero Key.
func keyOf(kind Kind, name string) (Key, error) {
	begin := fmt.Appendf(nil, "{\"name\": %q,", name)
	for rest := keysFile; ; {
		_, line, ok := bytes.Cut(rest, begin)
		if !ok {
			return Key{}, nil
		}
		line, rest, _ = bytes.Cut(line, []byte("\n"))
		var k Key
		if err := json.Unmarshal(append([]byte("{"), bytes.TrimSuffix(line, []byte(","))...), &k); err != nil {
			return Key{}, fmt.Errorf("read the setting %s of Kafka's clients: %w", name, err)
		}
		if _, has := k.Clients[kind]; has {
			return k, nil
		}
	}
}

func (s Settings) refused(key, why string) error {
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException,
		Message: fmt.Sprintf("Invalid value %s for configuration %s: it cannot be set here", s.Get(key), s.Name(key)), Hint: why}
}
