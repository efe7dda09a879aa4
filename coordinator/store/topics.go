package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// topicSpec is an internal topic as it is to be.
type topicSpec struct {
	name        string
	setting     string // the worker's key that names it
	partitions  int32
	replication int16
	settings    map[string]string // further topic settings at creation
	single      bool              // it must have exactly one partition
}

func (s topicSpec) configs() map[string]*string {
	configs := make(map[string]*string)
	for k, v := range s.settings {
		configs[k] = kadm.StringPtr(v)
	}
	configs["cleanup.policy"] = kadm.StringPtr("compact")
	return configs
}

// ensure creates the topics that are missing and checks the others.
//
// All of a cluster's internal topics are created together, before anything is written. So if one is missing while another holds
// records, it was lost, and an empty one in its place would look like a cluster without connectors or without offsets.
func ensure(ctx context.Context, client *kgo.Client, servers []string, log *slog.Logger, specs ...topicSpec) error {
	found, err := metadata(ctx, client, namesOf(specs)...)
	if err != nil {
		return err
	}
	var missing []topicSpec
	var present []string
	for _, s := range specs {
		switch err := kerr.ErrorForCode(found[s.name].ErrorCode); {
		case err == nil:
			present = append(present, s.name)
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			missing = append(missing, s)
		default:
			return fmt.Errorf("look up topic %s, named by %s: %w", s.name, s.setting, err)
		}
	}
	if err := refuseLoss(ctx, client, servers, missing, present); err != nil {
		return err
	}
	for _, s := range missing {
		if err := create(ctx, client, servers, s); err != nil {
			return err
		}
		log.Info("created internal topic", "topic", s.name, "partitions", s.partitions)
	}
	return check(ctx, client, servers, log, specs)
}

// refuseLoss fails if a topic is missing and another holds records.
func refuseLoss(ctx context.Context, client *kgo.Client, servers []string, missing []topicSpec, present []string) error {
	if len(missing) == 0 || len(present) == 0 {
		return nil
	}
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, present...)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return fmt.Errorf("see whether the internal topics hold records: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(ends)) {
		for _, o := range ends[name] {
			if o.Offset > 0 {
				s := missing[0]
				return stop(fmt.Sprintf("topic %s, named by %s, does not exist, but topic %s holds records: it was deleted, or the name is wrong", s.name, s.setting, name),
					"restore it from a backup; to go on without what it held: "+createCommand(servers, s))
			}
		}
	}
	return nil
}

func create(ctx context.Context, client *kgo.Client, servers []string, s topicSpec) error {
	created, err := kadm.NewClient(client).CreateTopics(ctx, s.partitions, s.replication, s.configs(), s.name)
	if err == nil {
		err = created[s.name].Err
	}
	switch {
	case err == nil, errors.Is(err, kerr.TopicAlreadyExists):
		return visible(ctx, client, s.name)
	case errors.Is(err, kerr.InvalidReplicationFactor):
		return stop(fmt.Sprintf("cannot create topic %s with replication factor %d: the cluster has fewer brokers", s.name, s.replication),
			"set "+strings.TrimSuffix(s.setting, ".topic")+".replication.factor, or -1 for the broker's default")
	case errors.Is(err, kerr.TopicAuthorizationFailed), errors.Is(err, kerr.ClusterAuthorizationFailed):
		return stop(fmt.Sprintf("not allowed to create topic %s, named by %s", s.name, s.setting), "create it: "+createCommand(servers, s))
	}
	return fmt.Errorf("create topic %s, named by %s: %w", s.name, s.setting, err)
}

// visible waits until the brokers know a topic that was created.
func visible(ctx context.Context, client *kgo.Client, topic string) error {
	for attempt := range 10 {
		found, err := metadata(ctx, client, topic)
		if err != nil {
			return err
		}
		if led(found[topic]) {
			return nil
		}
		if err := wait(ctx, 20*time.Millisecond<<min(attempt, 6)); err != nil {
			return err
		}
	}
	return fmt.Errorf("topic %s was created, but the brokers do not show it", topic)
}

// led reports whether a topic exists and all of its partitions have leaders.
func led(t kmsg.MetadataResponseTopic) bool {
	for _, p := range t.Partitions {
		if p.ErrorCode != 0 {
			return false
		}
	}
	return t.ErrorCode == 0 && len(t.Partitions) > 0
}

// metadata asks a broker about topics. The client's own cache would not show a topic that was created a moment ago.
func metadata(ctx context.Context, client *kgo.Client, topics ...string) (map[string]kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	for _, name := range topics {
		topic := kmsg.NewMetadataRequestTopic()
		topic.Topic = &name
		req.Topics = append(req.Topics, topic)
	}
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, fmt.Errorf("look up topics %s: %w", strings.Join(topics, ", "), err)
	}
	found := make(map[string]kmsg.MetadataResponseTopic, len(topics))
	for _, t := range resp.Topics {
		if t.Topic != nil {
			found[*t.Topic] = t
		}
	}
	return found, nil
}

// check looks at number of partitions and cleanup policy. A policy that may not be read is passed over, as Connect does.
func check(ctx context.Context, client *kgo.Client, servers []string, log *slog.Logger, specs []topicSpec) error {
	names := namesOf(specs)
	found, err := metadata(ctx, client, names...)
	if err != nil {
		return err
	}
	configs, err := kadm.NewClient(client).DescribeTopicConfigs(ctx, names...)
	if err != nil {
		return fmt.Errorf("read the settings of the internal topics: %w", err)
	}
	for _, s := range specs {
		if n := len(found[s.name].Partitions); s.single && n != 1 {
			return stop(fmt.Sprintf("topic %s, named by %s, must have a single partition to keep configurations in order, but has %d", s.name, s.setting, n),
				"name another topic, or delete this one if it is empty and let Ferry create it")
		}
		c, err := configs.On(s.name, nil)
		if err = errors.Join(err, c.Err); err != nil {
			log.Warn("could not read the cleanup policy of an internal topic", "topic", s.name, "error", err)
			continue
		}
		if err := checkPolicy(servers, s, c); err != nil {
			return err
		}
	}
	return nil
}

func namesOf(specs []topicSpec) []string {
	names := make([]string, len(specs))
	for i, s := range specs {
		names[i] = s.name
	}
	return names
}

func checkPolicy(servers []string, s topicSpec, c kadm.ResourceConfig) error {
	for _, config := range c.Configs {
		if config.Key != "cleanup.policy" || config.MaybeValue() == "compact" {
			continue
		}
		return stop(fmt.Sprintf("topic %s, named by %s, must have cleanup.policy=compact, but has cleanup.policy=%s: Kafka would delete what Connect needs",
			s.name, s.setting, config.MaybeValue()),
			fmt.Sprintf("kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config cleanup.policy=compact",
				strings.Join(servers, ","), s.name))
	}
	return nil
}

func createCommand(servers []string, s topicSpec) string {
	replication := ""
	if s.replication > 0 {
		replication = fmt.Sprintf(" --replication-factor %d", s.replication)
	}
	return fmt.Sprintf("kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions %d%s --config cleanup.policy=compact",
		strings.Join(servers, ","), s.name, s.partitions, replication)
}
