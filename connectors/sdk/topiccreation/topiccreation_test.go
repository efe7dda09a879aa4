package topiccreation_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/topiccreation"
)

func TestTheDefinitionOfTheDefaultGroupIsKafkaConnects(t *testing.T) {
	vectors.CheckDefinition(t, "dump.TopicCreation.default", topiccreation.DefaultDef(), nil)
}

func TestAnyKeyAsksForTopics(t *testing.T) {
	for key, want := range map[string]bool{"topic.creation.groups": true, "topic.creation.default.partitions": true, "topic.creation": false, "topics": false} {
		if got := topiccreation.IsUsed(map[string]string{"name": "c", key: ""}); got != want {
			t.Errorf("with %s: %v", key, got)
		}
	}
}

// with returns a configuration with a complete group default and more keys.
func with(pairs ...string) map[string]string {
	config := map[string]string{"name": "c", "topic.creation.default.replication.factor": "3", "topic.creation.default.partitions": "-1"}
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

func TestATopicBelongsToTheFirstGroupThatMatches(t *testing.T) {
	groups := with(
		"topic.creation.groups", "compacted, orders, never, default",
		"topic.creation.compacted.include", "state\\..*, (?i)latest", "topic.creation.compacted.exclude", "state\\.log",
		"topic.creation.orders.include", "(?!state)[a-z.]+\\p{Digit}*+",
		"topic.creation.default.include", "nothing", "topic.creation.default.exclude", "*[",
	)
	g, err := topiccreation.Parse(groups)
	if err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]string{
		"state.users": "compacted", "LATEST": "compacted", "state.log": "default", "latest": "compacted",
		"orders42": "orders", "orders-42": "default", "my.state": "orders", "never": "orders", "": "default",
	} {
		if got, err := g.Of(topic); err != nil || got.Name != want {
			t.Errorf("topic %q belongs to %v, %v, want %s", topic, got, err, want)
		}
	}
}

func TestAGroupTakesNumbersButNoSettingsFromTheDefault(t *testing.T) {
	g, err := topiccreation.Parse(with(
		"topic.creation.default.cleanup.policy", "compact",
		"topic.creation.groups", "a,b", "topic.creation.a.include", "a.*", "topic.creation.b.include", "b.*",
		"topic.creation.a.partitions", " 7 ", "topic.creation.a.retention.ms", "1000", "topic.creation.a.min.insync.replicas", "2",
		"topic.creation.b.replication.factor", "-1", "topic.creation.unlisted.partitions", "none",
	))
	if err != nil {
		t.Fatal(err)
	}
	for topic, want := range map[string]topiccreation.Group{
		"a1": {Name: "a", ReplicationFactor: 3, Partitions: 7, Settings: map[string]string{"retention.ms": "1000", "min.insync.replicas": "2"}},
		"b1": {Name: "b", ReplicationFactor: -1, Partitions: -1},
		"c1": {Name: "default", ReplicationFactor: 3, Partitions: -1, Settings: map[string]string{"cleanup.policy": "compact"}},
	} {
		got, err := g.Of(topic)
		if err != nil || got.Name != want.Name || got.ReplicationFactor != want.ReplicationFactor || got.Partitions != want.Partitions || !maps.Equal(got.Settings, want.Settings) {
			t.Errorf("topic %s: %+v, %v, want %+v", topic, got, err, want)
		}
	}
}

func TestMistakesAreToldInKafkaConnectsWordsWithTheFullKey(t *testing.T) {
	for name, c := range map[string]struct {
		config        map[string]string
		message, hint string
	}{
		"no replication factor": {map[string]string{"topic.creation.default.partitions": "1"},
			`Missing required configuration "topic.creation.default.replication.factor" which has no default value.`, ""},
		"no partitions": {map[string]string{"topic.creation.default.replication.factor": "1"},
			`Missing required configuration "topic.creation.default.partitions" which has no default value.`, ""},
		"groups alone": {map[string]string{"topic.creation.groups": "a"},
			`Missing required configuration "topic.creation.default.replication.factor" which has no default value.`, ""},
		"no number": {with("topic.creation.default.partitions", "many"),
			"Invalid value many for configuration topic.creation.default.partitions: Not a number of type INT", ""},
		"zero partitions": {with("topic.creation.default.partitions", "0"),
			"Invalid value 0 for configuration partitions: Number of partitions must be positive, or -1 to use the broker's default",
			"the key is topic.creation.default.partitions"},
		"a negative replication factor": {with("topic.creation.groups", "a", "topic.creation.a.replication.factor", "-2"),
			"Invalid value -2 for configuration replication.factor: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
			"the key is topic.creation.a.replication.factor"},
		"a pattern that is none": {with("topic.creation.groups", "a", "topic.creation.a.include", "a, *"),
			"Invalid value [a, *] for configuration include: Syntax error in regular expression: Dangling meta character '*' near index 0\n*\n^",
			"the key is topic.creation.a.include"},
		"patterns that are none together": {with("topic.creation.groups", "a", "topic.creation.a.exclude", "(?<n>a),(?<n>b)"),
			"Invalid value [(?<n>a), (?<n>b)] for configuration topic.creation.a.exclude: Syntax error in regular expression: Named capturing group <n> is already defined near index 12\n(?<n>a)|(?<n>b)\n            ^", ""},
		"a group listed twice": {with("topic.creation.groups", "a,b,a"),
			"Invalid value [a, b, a] for configuration topic.creation.groups: Duplicate alias provided.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := topiccreation.Parse(c.config)
			e, ok := errors.AsType[*connect.Error](err)
			if !ok || e.Kind != connect.KindConfig || e.Class != connect.ConfigException {
				t.Fatalf("got %#v", err)
			}
			if e.Message != c.message || e.Hint != c.hint {
				t.Errorf("got  %q, hint %q\nwant %q, hint %q", e.Message, e.Hint, c.message, c.hint)
			}
		})
	}
}

func TestAPatternThatBacktracksWithoutEndIsAnError(t *testing.T) {
	g, err := topiccreation.Parse(with("topic.creation.groups", "a", "topic.creation.a.include", "(?=x)(x+x+)+y"))
	if err != nil {
		t.Fatal(err)
	}
	topic := "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	if _, err := g.Of(topic); connect.KindOf(err) != connect.KindConfig {
		t.Errorf("got %v", err)
	}
}
