// Package topiccreation reads what a source connector's keys topic.creation.* say about topics that it writes to and that do
// not exist yet (KIP-158, and Kafka Connect's TopicCreationConfig).
//
// There are groups of topics, each with a replication factor, a number of partitions and topic settings. A topic belongs to the
// first group in the order of topic.creation.groups that includes and does not exclude it, else to the group default, which
// always exists. Without any such key nothing is created.
package topiccreation

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

const (
	// Prefix is what all keys begin with.
	Prefix = "topic.creation."
	// GroupsKey is the key that lists the groups.
	GroupsKey = Prefix + "groups"
	// DefaultGroup is the group of topics that belong to no other.
	DefaultGroup = "default"
	// BrokerDefault as a replication factor or number of partitions leaves it to the brokers.
	BrokerDefault = -1
)

// Groups is what a connector's configuration says about new topics. It is immutable and may be used concurrently.
type Groups struct {
	listed []*Group // in the order in which they are asked
	rest   *Group
}

// Group is how topics of one group are created.
type Group struct {
	// Name is the group's, as in topic.creation.<name>.partitions.
	Name string
	// ReplicationFactor and Partitions are at least 1, or BrokerDefault.
	ReplicationFactor int16
	Partitions        int32
	// Settings are the topic's own, such as cleanup.policy. It must not be changed.
	Settings map[string]string

	include, exclude *javaregex.Regexp
}

// Key returns the full name of one of the group's keys.
func (g *Group) Key(name string) string { return Prefix + g.Name + "." + name }

// ReplicationFactorKey returns the full name of the key that sets the replication factor.
func (g *Group) ReplicationFactorKey() string { return g.Key(replicationFactorKey) }

// PartitionsKey returns the full name of the key that sets the number of partitions.
func (g *Group) PartitionsKey() string { return g.Key(partitionsKey) }

// IsUsed reports whether a connector's configuration asks for topics to be created: whether it has any topic.creation.* key.
func IsUsed(config map[string]string) bool {
	for key := range config {
		if strings.HasPrefix(key, Prefix) {
			return true
		}
	}
	return false
}

// Parse reads the groups of a configuration for which IsUsed holds. The error is a *connect.Error of KindConfig about the first
// mistake, in Kafka Connect's words; where those do not name the key in full, its hint does.
func Parse(config map[string]string) (*Groups, error) {
	names, err := listed(config)
	if err != nil {
		return nil, err
	}
	rest, err := parseGroup(DefaultGroup, DefaultDef(), config)
	if err != nil {
		return nil, err
	}
	g := &Groups{rest: rest}
	for _, name := range names {
		def := GroupDef("Topic Creation: "+name, rest.ReplicationFactor, int(rest.Partitions))
		group, err := parseGroup(name, def, config)
		if err != nil {
			return nil, err
		}
		g.listed = append(g.listed, group)
	}
	return g, nil
}

// listed returns the groups beside default, which need not be listed and comes last even if it is.
func listed(config map[string]string) ([]string, error) {
	parsed, err := configdef.ParseType(GroupsKey, config[GroupsKey], configdef.TypeList, nil)
	if err != nil {
		return nil, configError("", err)
	}
	names, _ := parsed.([]string)
	seen := make(map[string]bool)
	for _, name := range names {
		if seen[name] {
			return nil, configError("", configdef.Invalid(GroupsKey, names, "Duplicate alias provided."))
		}
		seen[name] = true
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == DefaultGroup }), nil
}

func parseGroup(name string, def *configdef.Def, config map[string]string) (*Group, error) {
	g := &Group{Name: name, Settings: make(map[string]string)}
	prefix := g.Key("")
	full, err := (&configdef.Def{}).Embed(prefix, name, 0, def)
	if err != nil {
		return nil, fmt.Errorf("define the topic creation group %s: %w", name, err)
	}
	given := make(map[string]string)
	for key, value := range config {
		setting, ok := strings.CutPrefix(key, prefix)
		_, defined := def.Key(setting)
		switch {
		case !ok || setting == "":
		case !defined:
			g.Settings[setting] = value
		case name == DefaultGroup && (setting == includeKey || setting == excludeKey): // ignored, whatever it says
		default:
			given[key] = value
		}
	}
	c, err := full.Parse(given)
	if err != nil {
		return nil, configError(prefix, err)
	}
	g.ReplicationFactor, g.Partitions = c.Short(prefix+replicationFactorKey), int32(c.Int(prefix+partitionsKey))
	if g.include, err = compile(prefix+includeKey, c); err != nil {
		return nil, err
	}
	g.exclude, err = compile(prefix+excludeKey, c)
	return g, err
}

// compile joins the patterns of a list to one, as Kafka Connect does: a flag such as (?i) holds for what follows it in the list,
// and an empty list matches no topic.
func compile(key string, c configdef.Config) (*javaregex.Regexp, error) {
	list := c.List(key)
	re, err := javaregex.Compile(strings.Join(list, "|"))
	if err != nil {
		return nil, configError("", configdef.Invalid(key, list, "Syntax error in regular expression: "+err.Error()))
	}
	return re, nil
}

// configError reports the first mistake. Messages of validators leave out prefix.
func configError(prefix string, err error) error {
	first, ok := errors.AsType[*configdef.Error](err)
	if !ok {
		return connect.ConfigError(err.Error())
	}
	e := connect.ConfigError(first.Message)
	if full := prefix + strings.TrimPrefix(first.Key, prefix); first.Key != "" && !strings.Contains(first.Message, full) {
		e.Hint = "the key is " + full
	}
	return e
}

// Of returns the group of a topic. It fails only when matching a pattern takes too long; the error is a *connect.Error of
// KindConfig that names topic and group.
func (g *Groups) Of(topic string) (*Group, error) {
	for _, group := range g.listed {
		excluded, err1 := group.exclude.Matches(topic)
		included, err2 := group.include.Matches(topic)
		if err := cmp.Or(err1, err2); err != nil {
			return nil, &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Cause: err,
				Message: "look whether topic " + topic + " belongs to the topic creation group " + group.Name, Hint: "simplify the pattern"}
		}
		if included && !excluded {
			return group, nil
		}
	}
	return g.rest, nil
}
