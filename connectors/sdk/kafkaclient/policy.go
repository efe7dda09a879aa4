package kafkaclient

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Keys of the worker that say what connectors may override.
const (
	PolicyKey    = "connector.client.config.override.policy"
	AllowlistKey = "connector.client.config.override.allowlist"
)

// Policy says which settings of clients connectors may override.
type Policy struct {
	name    string
	all     bool
	allowed []string
}

// ParsePolicy reads the policy of a worker's properties, by the name or the class that Kafka Connect has for it. An unknown one is a
// KindConfig error: it must not become one that allows more.
func ParsePolicy(worker map[string]string) (Policy, error) {
	given := strings.TrimSpace(worker[PolicyKey])
	names := func(alias string) []string {
		class := alias + "ConnectorClientConfigOverridePolicy"
		return []string{alias, class, "org.apache.kafka.connect.connector.policy." + class}
	}
	switch {
	case given == "" || slices.Contains(names("All"), given):
		return Policy{name: "All", all: true}, nil
	case slices.Contains(names("None"), given):
		return Policy{name: "None"}, nil
	case slices.Contains(names("Principal"), given):
		return Policy{name: "Principal", allowed: []string{"sasl.jaas.config", "sasl.mechanism", "security.protocol"}}, nil
	case slices.Contains(names("Allowlist"), given):
		return Policy{name: "Allowlist", allowed: elements(worker[AllowlistKey])}, nil
	}
	return Policy{}, &connect.Error{
		Kind: connect.KindConfig, Class: connect.ConfigException,
		Message: fmt.Sprintf("Invalid value %s for configuration %s: Class %s could not be found.", given, PolicyKey, given), Hint: "use All, None, Principal or Allowlist",
	}
}

// elements splits a value of type LIST.
func elements(text string) []string {
	var l []string
	for e := range strings.SplitSeq(text, ",") {
		if e = strings.TrimSpace(e); e != "" {
			l = append(l, e)
		}
	}
	return l
}

// Refuses returns why a setting, without its prefix, may not be overridden, in Kafka Connect's words; empty if it may.
func (p Policy) Refuses(setting string) string {
	if p.all || slices.Contains(p.allowed, setting) {
		return ""
	}
	return fmt.Sprintf("The '%s' policy does not allow '%s' to be overridden in the connector configuration.", p.name, setting)
}

// Check returns a KindConfig error if a connector overrides what the policy does not allow. It is for the start of a task: the policy
// may be stricter than when the connector was created.
func (p Policy) Check(connector map[string]string) error {
	var refusals []string
	for _, key := range slices.Sorted(maps.Keys(connector)) {
		for _, kind := range Kinds() {
			setting, ok := strings.CutPrefix(key, kind.Prefix())
			if !ok || setting == "" {
				continue
			}
			if why := p.Refuses(setting); why != "" {
				refusals = append(refusals, key+": "+why)
			}
		}
	}
	if len(refusals) == 0 {
		return nil
	}
	return &connect.Error{Kind: connect.KindConfig, Class: connect.ConnectException,
		Message: "Client Config Overrides not allowed [" + strings.Join(refusals, ", ") + "]",
		Hint:    "remove them from the connector, or change " + PolicyKey + " of the worker"}
}

// Check returns what is wrong with one setting of a connector, for validation; nil if nothing can be seen to be. Settings of security are
// not looked into, but for whether the worker allows what they name: files and secrets are there for the task alone.
func Check(kind Kind, setting, value string, worker map[string]string, transactional bool) error {
	name := kind.Prefix() + setting
	s := Settings{kind: kind, values: map[string]string{setting: value}, names: map[string]string{setting: name}, servers: worker[bootstrapKey],
		refusal: unlisted(kind, worker, map[string]string{name: value})}
	if _, err := s.Connection(); err != nil || IsSecurity(setting) {
		return err
	}
	switch kind {
	case Producer:
		if _, err := s.Producing(transactional); err != nil {
			return err
		}
		_, err := s.Partitioner()
		return err
	case Consumer:
		_, err := s.Consuming(Bounds{FetchBytes: math32, PartitionBytes: math32, FetchWait: maxFetchWait, PutRecords: math32})
		return err
	}
	return nil
}

const math32 = 1<<31 - 1
