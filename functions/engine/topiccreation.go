package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/topiccreation"
)

// topicCreation creates the topics that a source writes to and that do not exist yet, as topic.creation.* of the connector say.
//
// It comes before the transaction of a batch, so nothing is written when it fails, and the next invocation begins at the same
// records. Two tasks may find the same topic missing; whoever comes second is told that it exists, and goes on.
type topicCreation struct {
	groups *topiccreation.Groups
	known  map[string]bool // topics that this run has found or created
}

// topicCreationEnable is the worker's key by which it allows connectors to create topics, which it does by default.
const topicCreationEnable = "topic.creation.enable"

// newTopicCreation returns nil when nothing is to be created: the worker forbids it or the connector does not ask for it.
func newTopicCreation(t *Task) (*topicCreation, error) {
	if !topiccreation.IsUsed(t.Config) {
		return nil, nil
	}
	if strings.TrimSpace(t.Worker[topicCreationEnable]) != "" {
		if enabled, err := boolSetting(t.Worker, topicCreationEnable); err != nil || !enabled {
			return nil, err
		}
	}
	groups, err := topiccreation.Parse(t.Config)
	if err != nil {
		return nil, err
	}
	return &topicCreation{groups: groups, known: make(map[string]bool)}, nil
}

// createTopics makes sure that the topics of the batch exist. It costs nothing per record: every topic is interned, so
// as long as all that were are known, there is none to look for.
func (l *sourceLoop) createTopics() error {
	c := l.creation
	if c == nil || len(c.known) == len(l.topics) {
		return nil
	}
	admin, done, err := l.task.admin(l.txn.cl, adminKind)
	if err != nil {
		return err
	}
	defer done()
	return l.patiently(l.poll, "create topics", func() error {
		ctx, cancel := context.WithTimeout(l.work, commitTimeout)
		defer cancel()
		return l.findOrCreate(ctx, admin, c.unknown(&l.txn))
	})
}

// unknown returns the topics of a batch's records that were not looked for yet.
func (c *topicCreation) unknown(t *transaction) []string {
	var topics []string
	last := ""
	for i := range t.n {
		topic := t.record(i).Topic
		if topic == last {
			continue
		}
		if last = topic; !c.known[topic] && !slices.Contains(topics, topic) {
			topics = append(topics, topic)
		}
	}
	return topics
}

func (l *sourceLoop) findOrCreate(ctx context.Context, admin *kgo.Client, topics []string) error {
	if len(topics) == 0 {
		return nil // the new ones are of records that were passed over
	}
	found, err := lookUp(ctx, admin, topics...)
	if err != nil {
		return kafkaError("look up the topics "+strings.Join(topics, ","), err)
	}
	for _, topic := range topics {
		switch err := found[topic]; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			if err := l.create(ctx, kadm.NewClient(admin), topic); err != nil {
				return err
			}
		case err != nil:
			return kafkaError("look up the topic "+topic, err)
		}
		l.creation.known[topic] = true
	}
	return nil
}

func (l *sourceLoop) create(ctx context.Context, adm *kadm.Client, topic string) error {
	g, err := l.creation.groups.Of(topic)
	if err != nil {
		return err
	}
	settings := make(map[string]*string, len(g.Settings))
	for name, value := range g.Settings {
		settings[name] = &value
	}
	created, err := adm.CreateTopic(ctx, g.Partitions, g.ReplicationFactor, settings, topic)
	switch {
	case errors.Is(err, kerr.TopicAlreadyExists):
		return nil
	case err != nil:
		return creationError(topic, g, created.ErrMessage, err)
	}
	l.log.Info("created a topic", "topic", topic, "group", g.Name, "partitions", created.NumPartitions, "replication.factor", created.ReplicationFactor)
	return nil
}

// creationError says which key is to blame, in Kafka Connect's words as far as those say anything (kafka-connect: TopicAdmin).
// What time or an operator may change about the cluster is not an error of the configuration.
func creationError(topic string, g *topiccreation.Group, detail string, cause error) error {
	if detail != "" {
		cause = fmt.Errorf("%w: %s", cause, detail)
	}
	e := &connect.Error{Kind: connect.KindFatal, Class: connect.ConnectException, Cause: cause,
		Message: fmt.Sprintf("Error while attempting to create/find topic(s) '%s'", topic)}
	switch {
	case errors.Is(cause, kerr.InvalidReplicationFactor):
		e.Hint = fmt.Sprintf("%s is %d; are there as many brokers?", g.ReplicationFactorKey(), g.ReplicationFactor)
	case errors.Is(cause, kerr.InvalidPartitions):
		e.Kind, e.Hint = connect.KindConfig, fmt.Sprintf("correct %s, which is %d", g.PartitionsKey(), g.Partitions)
	case errors.Is(cause, kerr.InvalidConfig):
		e.Kind, e.Hint = connect.KindConfig, "correct the topic's settings under "+g.Key("")
		e.Message = fmt.Sprintf("Unable to create topic(s) '%s'", topic)
	case errors.Is(cause, kerr.PolicyViolation):
		e.Hint = "the brokers' create.topic.policy.class.name refuses what is set under " + g.Key("")
	case errors.Is(cause, kerr.TopicAuthorizationFailed), errors.Is(cause, kerr.ClusterAuthorizationFailed):
		e.Message = fmt.Sprintf("Task failed to create new topic (name=%s, numPartitions=%d, replicationFactor=%d, group=%s). "+
			"Ensure that the task is authorized to create topics or that the topic exists and restart the task", topic, g.Partitions, g.ReplicationFactor, g.Name)
	default:
		return kafkaError(fmt.Sprintf("%s with the settings under %s", e.Message, g.Key("")), cause)
	}
	return e
}
