package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/topiccreation"
)

// creating returns a configuration that asks for topics with one partition and replica, and more keys.
func creating(pairs ...string) map[string]string {
	config := map[string]string{"topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1"}
	for i := 0; i < len(pairs); i += 2 {
		config[pairs[i]] = pairs[i+1]
	}
	return config
}

// routed adds a transform that sends records with the given text to a topic.
func routed(config map[string]string, text, topic string) map[string]string {
	maps.Copy(config, map[string]string{
		"transforms": "r", "transforms.r.type": "test.Route", "transforms.r.topic": topic, "transforms.r.predicate": "p",
		"predicates": "p", "predicates.p.type": "test.HasText", "predicates.p.text": text,
	})
	return config
}

// partitions returns how many partitions a topic has, 0 if there is no such topic.
func (b *broker) partitions(topic string) int {
	b.t.Helper()
	cl := b.client()
	defer cl.Close()
	topics, err := kadm.NewClient(cl).ListTopics(b.t.Context(), topic)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(topics[topic].Partitions)
}

func (b *broker) setting(topic, name string) string {
	b.t.Helper()
	cl := b.client()
	defer cl.Close()
	configs, err := kadm.NewClient(cl).DescribeTopicConfigs(b.t.Context(), topic)
	if err != nil || configs[0].Err != nil {
		b.t.Fatal(err, configs)
	}
	for _, c := range configs[0].Configs {
		if c.Key == name && c.Source == kmsg.ConfigSourceDynamicTopicConfig {
			return c.MaybeValue()
		}
	}
	return ""
}

// wiretap hears of the requests of a client.
type wiretap struct {
	creates atomic.Int64
	onRead  func(key int16)
}

func (w *wiretap) OnBrokerWrite(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if key == int16(kmsg.CreateTopics) {
		w.creates.Add(1)
	}
}

func (w *wiretap) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	if w.onRead != nil {
		w.onRead(key)
	}
}

func TestASourceCreatesItsTopicsByTheirGroups(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *broker) {
		u := &upstream{topic: "plain", lines: map[string][]string{"a": count("a", 10), "b": count("state", 10)}}
		task := b.task(u.class(), routed(creating(
			"topic.creation.default.partitions", "2", "topic.creation.default.retention.ms", "7777",
			"topic.creation.groups", "compacted", "topic.creation.compacted.include", "[a-z&&[^p]]\\w*",
			"topic.creation.compacted.partitions", "4", "topic.creation.compacted.cleanup.policy", "compact",
		), "state", "users"))
		tap := new(wiretap)
		task.Kafka = append(task.Kafka, kgo.WithHooks(tap))
		task.Budget.BatchRecords = 3
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 20 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		for topic, want := range map[string]struct {
			partitions        int
			policy, retention string
		}{"plain": {2, "", "7777"}, "users": {4, "compact", ""}} {
			if n := b.partitions(topic); n != want.partitions {
				t.Errorf("%s has %d partitions", topic, n)
			}
			if policy, retention := b.setting(topic, "cleanup.policy"), b.setting(topic, "retention.ms"); policy != want.policy || retention != want.retention {
				t.Errorf("%s has cleanup.policy %q and retention.ms %q", topic, policy, retention)
			}
			if values := b.values(topic); len(values) != 10 {
				t.Errorf("a reader of %s sees %v", topic, values)
			}
		}
		if n := tap.creates.Load(); n != 2 {
			t.Errorf("%d requests to create two topics", n)
		}
	})
}

func TestATopicThatExistsIsUsedAsItIs(t *testing.T) {
	inBubble(t, map[string]int32{"out": 3}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
		task := b.task(u.class(), creating("topic.creation.default.replication.factor", "5", "topic.creation.default.cleanup.policy", "compact"))
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 10 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if n, policy := b.partitions("out"), b.setting("out", "cleanup.policy"); n != 3 || policy != "" {
			t.Errorf("now it has %d partitions and cleanup.policy %q", n, policy)
		}
	})
}

// Another task creates the topic after this one has asked for it and before this one creates it.
func TestATopicThatAnotherTaskCreatesMeanwhileIsUsed(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *broker) {
		var isPolled, isCreated atomic.Bool
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}, onPoll: func(context.Context, int) { isPolled.Store(true) }}
		tap := &wiretap{onRead: func(key int16) {
			if key == int16(kmsg.Metadata) && isPolled.Load() && !isCreated.Swap(true) {
				b.create(t, map[string]int32{"out": 3})
			}
		}}
		task := b.task(u.class(), creating())
		task.Kafka = append(task.Kafka, kgo.WithHooks(tap))
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 10 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if n := tap.creates.Load(); n != 1 {
			t.Errorf("the task tried %d times to create the topic", n)
		}
		if n, values := b.partitions("out"), b.values("out"); n != 3 || len(values) != 10 {
			t.Errorf("%d partitions, a reader sees %v", n, values)
		}
	})
}

func TestNothingIsLostWhenATopicCannotBeCreated(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 5), "b": count("new", 5)}}
		wrong := routed(creating("topic.creation.groups", "g", "topic.creation.g.include", "fresh", "topic.creation.g.replication.factor", "2"), "new", "fresh")
		facts, err := Run(t.Context(), b.task(u.class(), wrong))
		if facts.End != EndFailed || facts.RecordsOut != 0 || len(u.acked) > 0 || !errors.Is(err, kerr.InvalidReplicationFactor) {
			t.Errorf("%s, %v, acknowledged %v", asJSON(facts), err, u.acked)
		}
		e, ok := errors.AsType[*connect.Error](err)
		if !ok || e.Kind != connect.KindFatal || e.Class != connect.ConnectException || e.Message != "Error while attempting to create/find topic(s) 'fresh'" ||
			!strings.Contains(e.Hint, "topic.creation.g.replication.factor is 2") {
			t.Errorf("%#v", e)
		}
		if n := b.partitions("fresh"); n != 0 || len(b.read("out")) != 0 || len(b.read(offsetsTopic)) != 0 {
			t.Errorf("it was created with %d partitions, or something was written", n)
		}
		wrong["topic.creation.g.replication.factor"] = "1"
		if facts, err := Run(t.Context(), b.task(u.class(), wrong)); err != nil || facts.RecordsOut != 10 {
			t.Errorf("after the correction: %s, %v", asJSON(facts), err)
		}
		if old, fresh := b.values("out"), b.values("fresh"); !slices.Equal(old, count("a", 5)) || !slices.Equal(fresh, count("new", 5)) {
			t.Errorf("readers see %v and %v", old, fresh)
		}
	})
}

// With auto.create.topics.enable off, as here, nobody creates a topic unless the connector asks for it and the worker allows it.
func TestAMissingTopicIsAnErrorThatNamesIt(t *testing.T) {
	for name, c := range map[string]struct{ config, worker map[string]string }{
		"nobody asks for it":        {nil, nil},
		"the worker does not allow": {creating(), map[string]string{"topic.creation.enable": " False"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
				task := b.task(u.class(), c.config)
				maps.Copy(task.Worker, c.worker)
				facts, err := Run(t.Context(), task)
				if facts.End != EndFailed || facts.RecordsOut != 0 || connect.KindOf(err) != connect.KindFatal || !errors.Is(err, kerr.UnknownTopicOrPartition) {
					t.Errorf("%s, %v", asJSON(facts), err)
				}
				for _, part := range []string{"write to topic out", "topic.creation.*", "auto.create.topics.enable"} {
					if !strings.Contains(fmt.Sprint(err), part) {
						t.Errorf("%q says nothing of %s", err, part)
					}
				}
				if n := b.partitions("out"); n != 0 {
					t.Errorf("it was created with %d partitions", n)
				}
			})
		})
	}
}

// Brokers that create topics by themselves do so when a producing client asks about them.
func TestToLookForATopicDoesNotCreateIt(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 10)}}
		task := b.task(u.class(), creating("topic.creation.default.partitions", "3"))
		task.OffsetsTopic = "offsets-of-c"
		if facts, err := Run(t.Context(), task); !errors.Is(err, kerr.UnknownTopicOrPartition) || u.opened > 0 || b.partitions(task.OffsetsTopic) != 0 {
			t.Errorf("without an offsets topic: %s, %v", asJSON(facts), err)
		}
		task.OffsetsTopic = offsetsTopic
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 10 || b.partitions("out") != 3 {
			t.Errorf("%s, %v, %d partitions", asJSON(facts), err, b.partitions("out"))
		}
		b.fill("in", 0, "bad", 1)
		config := topics("in")
		config["errors.tolerance"], config["errors.deadletterqueue.topic.name"], config["errors.deadletterqueue.topic.replication.factor"] = "all", "dead", "1"
		sink := b.task(new(downstream).class(), config)
		sink.Worker["value.converter"] = "test.TextConverter"
		if facts, err := Run(t.Context(), sink); err != nil || len(b.read("dead")) != 1 || b.partitions("dead") != 1 {
			t.Errorf("%s, %v, %d partitions of dead letters", asJSON(facts), err, b.partitions("dead"))
		}
	}, kfake.AllowAutoTopicCreation(), kfake.DefaultNumPartitions(7))
}

func TestNoTopicIsCreatedForRecordsThatArePassedOver(t *testing.T) {
	inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": {"good", "bad", "good"}}}
		task := b.task(u.class(), routed(creating("errors.tolerance", "all"), "bad", "fresh"))
		task.Worker["value.converter"] = "test.TextConverter"
		if facts, err := Run(t.Context(), task); err != nil || facts.RecordsOut != 2 || facts.RecordsSkipped != 1 {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if n := b.partitions("fresh"); n != 0 {
			t.Errorf("it was created with %d partitions", n)
		}
	})
}

func TestBadTopicCreationSettingsFailTheTaskBeforeItReads(t *testing.T) {
	for name, c := range map[string]struct {
		config, worker map[string]string
		text           string
	}{
		"no replication factor": {map[string]string{"topic.creation.default.partitions": "1"}, nil,
			`Missing required configuration "topic.creation.default.replication.factor" which has no default value.`},
		"no boolean": {creating(), map[string]string{"topic.creation.enable": "maybe"},
			"Invalid value maybe for configuration topic.creation.enable: Expected value to be either true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, b *broker) {
				u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 1)}}
				task := b.task(u.class(), c.config)
				maps.Copy(task.Worker, c.worker)
				facts, err := Run(t.Context(), task)
				if facts.End != EndFailed || connect.KindOf(err) != connect.KindConfig || !strings.Contains(fmt.Sprint(err), c.text) || u.opened > 0 {
					t.Errorf("%s, %v, opened %d times", asJSON(facts), err, u.opened)
				}
			})
		})
	}
}

func TestARefusedTopicNamesTheKeyToBlame(t *testing.T) {
	groups, err := topiccreation.Parse(creating("topic.creation.default.partitions", "-1"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := groups.Of("t")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cause error
		kind  connect.ErrorKind
		key   string
	}{
		{kerr.InvalidReplicationFactor, connect.KindFatal, "topic.creation.default.replication.factor"},
		{kerr.InvalidPartitions, connect.KindConfig, "topic.creation.default.partitions"},
		{kerr.InvalidConfig, connect.KindConfig, "topic.creation.default."},
		{kerr.PolicyViolation, connect.KindFatal, "topic.creation.default."},
		{kerr.TopicAuthorizationFailed, connect.KindFatal, "authorized to create topics"},
		{kerr.ClusterAuthorizationFailed, connect.KindFatal, "authorized to create topics"},
		{kerr.InvalidTopicException, connect.KindFatal, "topic.creation.default."},
		{kerr.ThrottlingQuotaExceeded, connect.KindRetriable, "topic.creation.default."},
		{kerr.RequestTimedOut, connect.KindRetriable, "topic.creation.default."},
		{context.DeadlineExceeded, connect.KindRetriable, "topic.creation.default."},
	} {
		got := creationError("orders", g, "the broker's own words", c.cause)
		if text := got.Error(); connect.KindOf(got) != c.kind || !errors.Is(got, c.cause) || !strings.Contains(text, "orders") ||
			!strings.Contains(text, c.key) || !strings.Contains(text, "the broker's own words") {
			t.Errorf("%v: kind %s, %s", c.cause, connect.KindOf(got), text)
		}
	}
}

// createsTopics has two groups, the second of which the broker refuses until it is corrected.
func (b *broker) createsTopics(topic string) {
	t := b.t
	t.Helper()
	u := &upstream{topic: topic, lines: map[string][]string{"a": count("a", 5), "b": count("other", 5)}}
	config := routed(creating("topic.creation.default.partitions", "3", "topic.creation.groups", "g", "topic.creation.g.include", ".*-other",
		"topic.creation.g.replication.factor", "9", "topic.creation.g.retention.ms", "long"), "other", topic+"-other")
	for _, c := range []struct {
		cause      error
		key, value string
	}{
		{kerr.InvalidConfig, "topic.creation.g.retention.ms", "86400000"},
		{kerr.InvalidReplicationFactor, "topic.creation.g.replication.factor", "-1"},
	} {
		facts, err := Run(t.Context(), b.task(u.class(), config))
		if facts.End != EndFailed || facts.RecordsOut != 0 || !errors.Is(err, c.cause) {
			t.Errorf("%s, %v, want %v", asJSON(facts), err, c.cause)
		}
		config[c.key] = c.value
	}
	if facts, err := Run(t.Context(), b.task(u.class(), config)); err != nil || facts.RecordsOut != 10 {
		t.Errorf("after the correction: %s, %v", asJSON(facts), err)
	}
	if a, other, retention := b.partitions(topic), b.partitions(topic+"-other"), b.setting(topic+"-other", "retention.ms"); a != 3 || other != 3 || retention != "86400000" {
		t.Errorf("%d and %d partitions, retention.ms %s", a, other, retention)
	}
	if a, other := b.values(topic), b.values(topic+"-other"); len(a) != 5 || len(other) != 5 {
		t.Errorf("readers see %v and %v", a, other)
	}
}
