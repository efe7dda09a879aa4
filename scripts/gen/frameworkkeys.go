package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/connectorconfig"
)

// keyState says what Ferry makes of a key.
type keyState struct{ key, state string }

const (
	honoured   = "honoured"
	oneVersion = "validated: a function links one version of a class, and another is refused"
)

// frameworkStates has every key of Kafka Connect's own that a connector may have; those that no definition has, since they contain a name
// that is freely chosen, at the end.
func frameworkStates() []keyState {
	return []keyState{
		{"name", honoured}, {"connector.class", honoured + ", also by alias"}, {"connector.plugin.version", oneVersion},
		{"tasks.max", honoured}, {"tasks.max.enforce", honoured},
		{"key.converter", honoured}, {"key.converter.plugin.version", oneVersion},
		{"value.converter", honoured}, {"value.converter.plugin.version", oneVersion},
		{"header.converter", honoured}, {"header.converter.plugin.version", oneVersion},
		{"transforms", honoured}, {"predicates", honoured},
		{"config.action.reload", "honoured: with `restart` an invocation ends when a value's `ttl` is over; see \"Config providers\""},
		{"errors.retry.timeout", honoured + ", and see \"Delivery\" for retriable errors without it"}, {"errors.retry.delay.max.ms", honoured},
		{"errors.tolerance", honoured}, {"errors.log.enable", honoured}, {"errors.log.include.messages", honoured},
		{"topics", honoured}, {"topics.regex", honoured + ", up to 65536 characters"},
		{"errors.deadletterqueue.topic.name", honoured}, {"errors.deadletterqueue.topic.replication.factor", honoured},
		{"errors.deadletterqueue.context.headers.enable", honoured},
		{"topic.creation.groups", honoured}, {"exactly.once.support", honoured + ", when a task starts too"},
		{"transaction.boundary", honoured + "; see \"Delivery\""}, {"transaction.boundary.interval.ms", honoured}, {"offsets.storage.topic", honoured},
		{"transforms.<a>.type, .predicate, .negate", honoured}, {"transforms.<a>.plugin.version", oneVersion},
		{"predicates.<p>.type", honoured}, {"predicates.<p>.plugin.version", oneVersion},
		{"key.converter.*, value.converter.*, header.converter.*", honoured + " where the connector names the converter, as in Kafka Connect"},
		{"topic.creation.<group>.*", honoured + ", checked when a task starts"},
		{"producer.override.*, consumer.override.*, admin.override.*", "honoured, as the worker's policy allows; see \"Kafka clients\""},
	}
}

// frameworkTable is the table of Kafka Connect's own keys. It fails when a key has no state, or a state no key.
func frameworkTable() (string, error) {
	states := frameworkStates()
	var b strings.Builder
	b.WriteString("| key | of | type | default | in Ferry |\n|---|---|---|---|---|\n")
	for _, of := range []struct {
		name string
		kind connect.PluginType
	}{{"all", ""}, {"sinks", connect.TypeSink}, {"sources", connect.TypeSource}} {
		for _, k := range connectorconfig.FrameworkKeys(of.kind) {
			at := slices.IndexFunc(states, func(s keyState) bool { return s.key == k.Name })
			if at < 0 {
				return "", fmt.Errorf("key %s has no state: add it to frameworkStates", k.Name)
			}
			frameworkRow(&b, states[at], of.name, strings.ToLower(k.Type.String()), defaultText(k))
			states = slices.Delete(states, at, at+1)
		}
	}
	for _, s := range states {
		if !strings.ContainsAny(s.key, "<*") {
			return "", fmt.Errorf("frameworkStates has %s, which is no key", s.key)
		}
		frameworkRow(&b, s, "", "", "")
	}
	return b.String(), nil
}

// defaultText is the default in the table; converters have the worker's.
func defaultText(k configdef.ConfigKey) string {
	if k.Type == configdef.TypeClass {
		return "the worker's"
	}
	return defaultCell(k)
}

func frameworkRow(b *strings.Builder, s keyState, of, kind, def string) {
	names := strings.Split(s.key, ", ")
	fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", strings.Join(names, "`, `"), of, kind, def, s.state)
}
