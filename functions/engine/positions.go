package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// partitionState is where a sink stands in one partition. Offsets are of the next record: one beyond the last.
type partitionState struct {
	topic     string
	topicID   [16]byte
	partition int32

	committed int64 // in the group; -1 if none
	next      int64 // consumed: put, dropped, or no data at all, as transaction markers
	put       int64 // one beyond the last record that was put
	durable   int64 // below this all that was put is durable
	head      int64 // where the partition ends, as far as known
	saved     int64 // what the group holds; -1 if nothing
}

// safe returns the offset that may be committed: below it is nothing that was put and is not durable. Records that were
// dropped count as done once everything before them is.
func (p *partitionState) safe() int64 {
	if p.durable >= p.put {
		return p.next
	}
	return p.durable
}

// reach prepares for the record at an offset. Where that is behind what was consumed, the partition lost its end and has others there.
func (p *partitionState) reach(offset int64) {
	p.durable, p.put = min(p.durable, offset), min(p.put, offset)
}

// positions finds the partitions of this task and where to go on in each, and must come after the fence: before it, a
// predecessor could still commit.
func (l *sinkLoop) positions(ctx context.Context) error {
	l.parts = nil
	adm := kadm.NewClient(l.session.cl)
	topics, err := l.subscribed(ctx, adm)
	if err != nil {
		return err
	}
	for _, t := range topics.Sorted() {
		for _, p := range t.Partitions.Sorted() {
			if AssignedTo(t.Topic, p.Partition, l.task.Tasks) == l.task.ID {
				l.parts = append(l.parts, &partitionState{topic: t.Topic, topicID: [16]byte(t.ID), partition: p.Partition, committed: -1, head: -1})
			}
		}
	}
	if len(l.parts) == 0 {
		return nil
	}
	if err := l.readCommitted(ctx, adm); err != nil {
		return err
	}
	return l.readBounds(ctx, adm)
}

// subscribed resolves topics or topics.regex. A topic that does not exist yet is no error: it is looked for again by the next
// invocation.
func (l *sinkLoop) subscribed(ctx context.Context, adm *kadm.Client) (kadm.TopicDetails, error) {
	names, pattern := list(l.setting("topics")), strings.TrimSpace(l.setting("topics.regex"))
	switch {
	case len(names) > 0 && pattern != "":
		return nil, connect.ConfigError("topics and topics.regex are mutually exclusive options, but both are set.")
	case len(names) == 0 && pattern == "":
		return nil, connect.ConfigError("Must configure one of topics or topics.regex")
	case pattern != "":
		return matching(ctx, adm, pattern)
	}
	known, err := adm.ListTopics(ctx, names...)
	if err != nil {
		return nil, kafkaError("look up the topics "+strings.Join(names, ","), err)
	}
	for _, name := range names {
		switch err := known[name].Err; {
		case errors.Is(err, kerr.UnknownTopicOrPartition):
			l.log.Warn("a topic to consume does not exist", "topic", name)
			delete(known, name)
		case err != nil:
			return nil, kafkaError("look up the topic "+name, err)
		}
	}
	return known, nil
}

// matching finds the topics whose whole name matches a pattern of java.util.regex.
func matching(ctx context.Context, adm *kadm.Client, pattern string) (kadm.TopicDetails, error) {
	re, err := javaregex.Compile(pattern)
	if err != nil {
		return nil, invalid("topics.regex", pattern, "Invalid regex: "+err.Error())
	}
	known, err := adm.ListTopics(ctx) // without internal topics
	if err != nil {
		return nil, kafkaError("list topics", err)
	}
	for name, t := range known {
		matches, err := re.Matches(name)
		if err != nil {
			return nil, &connect.Error{Kind: connect.KindConfig, Class: connect.ConfigException, Cause: err,
				Message: "look whether topic " + name + " matches topics.regex", Hint: "simplify the pattern"}
		}
		if !matches || t.Err != nil {
			delete(known, name)
		}
	}
	return known, nil
}

// readCommitted asks for the group's offsets, stable ones: right after a commit the broker may still know the old one, or
// say that it is not settled.
func (l *sinkLoop) readCommitted(ctx context.Context, adm *kadm.Client) error {
	for begun := time.Now(); ; {
		err := l.tryReadCommitted(ctx, adm)
		if err == nil {
			return nil
		}
		if errors.Is(err, kerr.UnstableOffsetCommit) && time.Since(begun) > unstableTime {
			if err := l.endHanging(ctx); err != nil {
				return err
			}
			begun = time.Now()
		}
		if !notYet(err) || !sleep(ctx, retryBrokerPause) {
			return kafkaError("read the offsets of the group "+l.session.offsets.group, err)
		}
	}
}

func (l *sinkLoop) tryReadCommitted(ctx context.Context, adm *kadm.Client) error {
	committed, err := adm.FetchOffsets(kadm.RequireStable(ctx), l.session.offsets.group)
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, p := range l.parts {
		o, ok := committed.Lookup(p.topic, p.partition)
		if !ok {
			continue
		}
		if o.Err != nil {
			return o.Err
		}
		p.committed = o.At
	}
	return nil
}

// readBounds asks where the partitions begin and end, and decides where to start.
func (l *sinkLoop) readBounds(ctx context.Context, adm *kadm.Client) error {
	var topics []string
	for _, p := range l.parts { // sorted
		if n := len(topics); n == 0 || topics[n-1] != p.topic {
			topics = append(topics, p.topic)
		}
	}
	starts, err := adm.ListStartOffsets(ctx, topics...)
	if err != nil {
		return kafkaError("list the first offsets of "+strings.Join(topics, ","), err)
	}
	end := adm.ListCommittedOffsets
	if l.consumption.Uncommitted {
		end = adm.ListEndOffsets
	}
	heads, err := end(ctx, topics...)
	if err != nil {
		return kafkaError("list the last offsets of "+strings.Join(topics, ","), err)
	}
	for _, p := range l.parts {
		first, _ := starts.Lookup(p.topic, p.partition)
		head, _ := heads.Lookup(p.topic, p.partition)
		if err := cmp.Or(first.Err, head.Err); err != nil {
			return kafkaError(fmt.Sprintf("list the offsets of %s-%d", p.topic, p.partition), err)
		}
		p.head, p.next = head.Offset, p.committed
		if p.committed >= first.Offset && p.committed <= p.head {
			continue
		}
		last := p.head
		if p.committed > p.head && !l.consumption.Uncommitted { // an open transaction may hold the head back
			if last, err = highWatermark(ctx, adm, p); err != nil {
				return err
			}
		}
		if p.committed < first.Offset || p.committed > last {
			if p.next, err = l.resetOffset(ctx, adm, p, first.Offset, last); err != nil {
				return err
			}
		}
	}
	for _, p := range l.parts {
		p.put, p.durable, p.saved = p.next, p.next, p.committed
	}
	return nil
}

// keepStart commits where the task starts, if that is not what the group says: with auto.offset.reset=latest or by_duration the next
// invocation would otherwise start by its own time, and never read what was written between the two. Where it starts at the
// beginning, the first commit of anything says so of every partition, as in Kafka Connect: lag tools see those without records too.
func (l *sinkLoop) keepStart() error {
	if l.consumption.Reset == "earliest" || !slices.ContainsFunc(l.parts, func(p *partitionState) bool { return p.safe() != p.saved }) {
		return nil
	}
	return l.commitSafe()
}

func highWatermark(ctx context.Context, adm *kadm.Client, p *partitionState) (int64, error) {
	ends, err := adm.ListEndOffsets(ctx, p.topic)
	end, _ := ends.Lookup(p.topic, p.partition)
	if err = cmp.Or(err, end.Err); err != nil {
		return 0, kafkaError(fmt.Sprintf("list the last offset of %s-%d", p.topic, p.partition), err)
	}
	return end.Offset, nil
}

// resetOffset says where to start when there is no committed offset in the topic: what auto.offset.reset is for.
func (l *sinkLoop) resetOffset(ctx context.Context, adm *kadm.Client, p *partitionState, first, last int64) (int64, error) {
	if p.committed >= 0 {
		l.log.Warn("the committed offset is not in the topic any more: records were deleted unread, or the topic is a new one",
			"topic", p.topic, "partition", p.partition, "committed", p.committed, "first", first, "last", last, "reset", l.consumption.Reset)
	}
	switch l.consumption.Reset {
	case "none":
		return 0, kafkaError(fmt.Sprintf("find where to start in %s-%d, with auto.offset.reset none", p.topic, p.partition), kerr.OffsetOutOfRange)
	case "latest":
		return p.head, nil
	case "by_duration":
		return since(ctx, adm, p, time.Now().Add(-l.consumption.Since))
	}
	return first, nil
}

// since returns the first offset of a time or after it, or the end.
func since(ctx context.Context, adm *kadm.Client, p *partitionState, begin time.Time) (int64, error) {
	listed, err := adm.ListOffsetsAfterMilli(ctx, begin.UnixMilli(), p.topic)
	o, _ := listed.Lookup(p.topic, p.partition)
	if err = cmp.Or(err, o.Err); err != nil {
		return 0, kafkaError(fmt.Sprintf("list the offset of a time in %s-%d", p.topic, p.partition), err)
	}
	return min(o.Offset, p.head), nil
}

// consume starts the fetches.
func (l *sinkLoop) consume() {
	at := make(map[string]map[int32]kgo.Offset)
	for _, p := range l.parts {
		if at[p.topic] == nil {
			at[p.topic] = make(map[int32]kgo.Offset)
		}
		at[p.topic][p.partition] = kgo.NewOffset().At(p.next)
	}
	l.cl.AddConsumePartitions(at)
}

// state finds the state of a partition, nil when it is not this task's.
func (l *sinkLoop) state(topic string, partition int32) *partitionState {
	i, ok := slices.BinarySearchFunc(l.parts, partition, func(p *partitionState, _ int32) int {
		return cmp.Or(cmp.Compare(p.topic, topic), cmp.Compare(p.partition, partition))
	})
	if !ok {
		return nil
	}
	return l.parts[i]
}
