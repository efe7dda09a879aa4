package aiven

// ExtractTopicFromSchemaName makes the name of the value's schema the topic of a record.
//
// Supported: ExtractTopicFromSchemaName$Value with all keys: schema.name.topic-map and schema.name.regex, of which one at most is
// given. A name that the map lacks, or in which the expression is not found, or an expression without exactly one group, give the
// whole name. See package javaregex for the few constructs that are not supported.
//
// ExtractTopicFromValueSchema$Name, its forerunner, is supported too. It has no keys, and a record whose schema has no name keeps its
// topic.

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/transform/internal/smt"
)

const (
	topicMapKey  = "schema.name.topic-map"
	nameRegexKey = "schema.name.regex"
)

func extractTopicFromSchemaName() []connect.TransformClass {
	topicMap := text(topicMapKey, "Topics by names of schemas, as in SchemaValue1:NewValue1,SchemaValue2:NewValue2.")
	regex := text(nameRegexKey, "A regular expression whose group is found in the schema's name and becomes the topic.")
	topicMap.Importance, regex.Importance = configdef.ImportanceLow, configdef.ImportanceLow
	def := configdef.MustNew(topicMap, regex)
	return []connect.TransformClass{
		smt.Class(packageName+"ExtractTopicFromSchemaName$Value", def, newSchemaNameTopic),
		smt.Class(packageName+"ExtractTopicFromValueSchema$Name", configdef.MustNew(), func(configdef.Config) (connect.Transform, error) { return valueSchemaTopic{}, nil }),
	}
}

type schemaNameTopic struct {
	topics map[string]string
	regex  *javaregex.Regexp // nil when there is none
	plans  smt.Plans[string]
}

func newSchemaNameTopic(c configdef.Config) (connect.Transform, error) {
	t := new(schemaNameTopic)
	if !c.IsNull(topicMapKey) && !c.IsNull(nameRegexKey) {
		return nil, connect.ConfigError(topicMapKey + " and " + nameRegexKey + " should not be defined together.")
	}
	if pattern := c.String(nameRegexKey); pattern != "" {
		regex, err := javaregex.Compile(pattern)
		if err != nil {
			e := connect.ConfigError(pattern + " set as " + nameRegexKey + " is not valid regex.")
			e.Cause = err
			return nil, e
		}
		if regex.Groups() == 1 {
			t.regex = regex
		}
	}
	if !c.IsNull(topicMapKey) {
		topics, ok := parseTopicMap(c.String(topicMapKey))
		if !ok {
			return nil, connect.ConfigError(topicMapKey + ` is not valid. Format should be: "SchemaValue1:NewValue1,SchemaValue2:NewValue2"`)
		}
		t.topics = topics
	}
	return t, nil
}

// parseTopicMap reads name:topic pairs. A name may stand there once.
func parseTopicMap(s string) (topics map[string]string, ok bool) {
	topics = make(map[string]string)
	for pair := range strings.SplitSeq(s, ",") {
		parts := strings.Split(pair, ":")
		if len(parts) < 2 || parts[1] == "" {
			return nil, false
		}
		if _, twice := topics[parts[0]]; twice {
			return nil, false
		}
		topics[parts[0]] = parts[1]
	}
	return topics, true
}

// Apply implements connect.Transform.
func (t *schemaNameTopic) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	if r.ValueSchema == nil {
		return false, recordError(r, " value schema name can't be null")
	}
	if _, named := r.ValueSchema.Name(); !named {
		return false, recordError(r, " value schema name can't be null")
	}
	topic, err := t.plans.Find(r.ValueSchema, t.topic)
	if err != nil {
		return false, err
	}
	r.Topic = *topic
	return true, nil
}

func (t *schemaNameTopic) topic(s *connect.Schema) (string, error) {
	name, _ := s.Name()
	if topic, ok := t.topics[name]; ok {
		return topic, nil
	}
	if t.regex == nil {
		return name, nil
	}
	group, found, err := t.regex.FindGroup(name, 1)
	if err != nil {
		return "", smt.RegexError(err)
	}
	if !found {
		return name, nil
	}
	return group, nil
}

// valueSchemaTopic is the forerunner.
type valueSchemaTopic struct{}

// Apply implements connect.Transform.
func (valueSchemaTopic) Apply(r *connect.Record, _ *connect.Arena) (keep bool, err error) {
	if r.ValueSchema == nil {
		return false, recordError(r, " value schema can't be null")
	}
	if name, named := r.ValueSchema.Name(); named {
		r.Topic = name
	}
	return true, nil
}
