package connectorconfig

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// sinkKeys are what SinkConnectorConfig adds.
func sinkKeys() []configdef.ConfigKey {
	return []configdef.ConfigKey{
		{
			Name: topicsKey, Type: configdef.TypeList, Default: []string{}, Validator: configdef.AnyNonDuplicateValues(true, false),
			Importance: configdef.ImportanceHigh, Group: groupCommon, OrderInGroup: 4, Width: configdef.WidthLong, DisplayName: "Topics",
			Documentation: "The topics to read.",
		},
		{
			Name: topicsRegexKey, Type: configdef.TypeString, Default: "", Validator: configdef.ValidRegex(compiles),
			Importance: configdef.ImportanceHigh, Group: groupCommon, OrderInGroup: 4, Width: configdef.WidthLong, DisplayName: "Topics regex",
			Documentation: "A Java regular expression; topics whose whole name matches are read. Either this or topics is set.",
		},
		{
			Name: deadLetterTopicKey, Type: configdef.TypeString, Default: "",
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 6, Width: configdef.WidthMedium, DisplayName: "Dead Letter Queue Topic Name",
			Documentation: "The topic for records that cannot be processed; empty for none.",
		},
		{
			Name: "errors.deadletterqueue.topic.replication.factor", Type: configdef.TypeShort, Default: 3,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 7, Width: configdef.WidthMedium, DisplayName: "Dead Letter Queue Topic Replication Factor",
			Documentation: "The replication factor of that topic if it has to be created.",
		},
		{
			Name: "errors.deadletterqueue.context.headers.enable", Type: configdef.TypeBoolean, Default: false,
			Importance: configdef.ImportanceMedium, Group: groupErrors, OrderInGroup: 8, Width: configdef.WidthMedium, DisplayName: "Enable Error Context Headers",
			Documentation: "Whether headers say why and where a record failed. Their names begin with __connect.errors.",
		},
	}
}

// maxPattern bounds topics.regex, since to compile and match it takes time in proportion to its length. Topics' names have at most 249
// characters.
const maxPattern = 1 << 16

func compiles(pattern string) error {
	if len(pattern) > maxPattern {
		return fmt.Errorf("it has %d characters, and may have %d", len(pattern), maxPattern)
	}
	_, err := javaregex.Compile(pattern)
	return err
}

// checkTopics adds the messages about keys that must fit together. A pattern that does not compile, together with a dead
// letter topic, is an error of its own, as in Kafka Connect.
func (r *run) checkTopics() error {
	list, pattern := r.text(topicsKey), r.text(topicsRegexKey)
	hasList, hasPattern := strings.TrimSpace(list) != "", strings.TrimSpace(pattern) != ""
	switch {
	case hasList && hasPattern:
		r.complain("topics and topics.regex are mutually exclusive options, but both are set.", topicsKey, topicsRegexKey)
	case !hasList && !hasPattern:
		r.complain("Must configure one of topics or topics.regex", topicsKey, topicsRegexKey)
	}
	deadLetters := strings.TrimSpace(r.text(deadLetterTopicKey))
	if deadLetters == "" {
		return nil
	}
	if topics := topicsOf(list); hasList && slices.Contains(topics, deadLetters) {
		r.complain(fmt.Sprintf("The DLQ topic '%s' may not be included in the list of topics ('topics=[%s]') consumed by the connector",
			deadLetters, strings.Join(topics, ", ")), topicsKey)
	}
	if !hasPattern || len(pattern) > maxPattern {
		return nil
	}
	re, err := javaregex.Compile(pattern)
	if err != nil {
		return &connect.Error{Kind: connect.KindConfig, Class: "java.util.regex.PatternSyntaxException", Message: err.Error()}
	}
	matches, err := re.Matches(deadLetters)
	if err != nil {
		return fmt.Errorf("match %s against %s: %w", deadLetterTopicKey, topicsRegexKey, err)
	}
	if matches {
		r.complain(fmt.Sprintf("The DLQ topic '%s' may not be matched by the regex for the topics ('topics.regex=%s') consumed by the connector",
			deadLetters, pattern), topicsRegexKey)
	}
	return nil
}

// topicsOf reads a list of topics as a running sink does: without empty and repeated ones.
func topicsOf(list string) []string {
	var topics []string
	for topic := range strings.SplitSeq(list, ",") {
		if topic = strings.TrimSpace(topic); topic != "" && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	return topics
}

// checkGroup refuses a consumer group that is the worker's own.
func (r *run) checkGroup() {
	overridden := kafkaclient.Consumer.Prefix() + "group.id"
	worker := r.worker.GroupID
	if worker == "" {
		return
	}
	if group, given := r.config.Get(overridden); given {
		if group == worker {
			r.complain(fmt.Sprintf("Consumer group %s conflicts with Connect worker group %s", group, worker), overridden)
		} else {
			r.mention(overridden)
		}
		return
	}
	if name := r.text(NameKey); offsets.GroupID(name) == worker {
		r.complain(fmt.Sprintf("Consumer group for sink connector named %s conflicts with Connect worker group %s", name, worker), NameKey)
	}
}
