package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/coordinator/store"
)

// groupOf is the consumer group that holds a sink's offsets.
func groupOf(c *store.Connector) string {
	if group, ok := c.Config.Get("consumer.override.group.id"); ok {
		return group
	}
	return offsets.GroupID(c.Name)
}

func (h *handler) admin() (*kadm.Client, error) {
	if h.Kafka == nil {
		return nil, errorf(http.StatusInternalServerError, "The offsets of sinks are not available: this API has no client for consumer groups")
	}
	return kadm.NewClient(h.Kafka), nil
}

// groupOffsets returns the committed offsets of a sink, by topic and partition.
func (h *handler) groupOffsets(ctx context.Context, c *store.Connector) ([]connect.SourceOffset, error) {
	admin, err := h.admin()
	if err != nil {
		return nil, err
	}
	committed, err := admin.FetchOffsets(ctx, groupOf(c))
	if err == nil {
		err = committed.Error()
	}
	if err != nil && !errors.Is(err, kerr.GroupIDNotFound) {
		return nil, fmt.Errorf("Failed to retrieve consumer group offsets for connector %s: %w", c.Name, err) //nolint:staticcheck // Connect's text
	}
	sorted := committed.Sorted()
	slices.SortFunc(sorted, func(a, b kadm.OffsetResponse) int {
		return cmp.Or(cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Partition, b.Partition))
	})
	var list []connect.SourceOffset
	for _, o := range sorted {
		if o.At >= 0 {
			partition, offset := offsets.FormatSink(connect.TopicPartition{Topic: o.Topic, Partition: o.Partition}, o.At)
			list = append(list, connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset})
		}
	}
	return list, nil
}

// parseGroupOffsets reads offsets as those of a consumer group; of several for one partition the last counts.
func parseGroupOffsets(list []connect.SourceOffset) ([]offsets.SinkOffset, error) {
	var parsed []offsets.SinkOffset
	for _, o := range list {
		s, err := offsets.ParseSink(o.Partition.Value(), o.Offset)
		if err != nil {
			return nil, err
		}
		if s.Partition < 0 || s.Offset < 0 {
			return nil, errorf(http.StatusBadRequest, "Kafka partitions and offsets are not negative: partition %d of topic %s cannot be set to offset %d", s.Partition, s.Topic, s.Offset)
		}
		parsed = slices.DeleteFunc(parsed, func(p offsets.SinkOffset) bool { return p.TopicPartition == s.TopicPartition })
		parsed = append(parsed, s)
	}
	return parsed, nil
}

// alterGroup commits offsets for a group without members, and removes those that are reset.
func (h *handler) alterGroup(ctx context.Context, c *store.Connector, list []offsets.SinkOffset) error {
	admin, err := h.admin()
	if err != nil {
		return err
	}
	commit, reset := make(kadm.Offsets), make(kadm.TopicsSet)
	for _, o := range list {
		if o.Reset {
			reset.Add(o.Topic, o.Partition)
		} else {
			commit.AddOffset(o.Topic, o.Partition, o.Offset, -1)
		}
	}
	if err := commitGroup(ctx, admin, groupOf(c), commit); err != nil {
		return alterFailed(c.Name, err)
	}
	if err := resetGroup(ctx, admin, groupOf(c), reset); err != nil {
		return alterFailed(c.Name, err)
	}
	return nil
}

func commitGroup(ctx context.Context, admin *kadm.Client, group string, commit kadm.Offsets) error {
	if len(commit) == 0 {
		return nil
	}
	responses, err := admin.CommitOffsets(ctx, group, commit)
	if err != nil {
		return err
	}
	return responses.Error()
}

func resetGroup(ctx context.Context, admin *kadm.Client, group string, reset kadm.TopicsSet) error {
	if len(reset) == 0 {
		return nil
	}
	responses, err := admin.DeleteOffsets(ctx, group, reset)
	if err == nil {
		err = responses.Error()
	}
	if errors.Is(err, kerr.GroupIDNotFound) {
		return nil
	}
	return err
}

// alterFailed tells the one failure that users can meet from the others: the group has members.
func alterFailed(connector string, err error) error {
	if errors.Is(err, kerr.UnknownMemberID) || errors.Is(err, kerr.NonEmptyGroup) || errors.Is(err, kerr.GroupSubscribedToTopic) {
		return errorf(http.StatusInternalServerError, "Failed to alter consumer group offsets for connector %s either because its tasks haven't stopped completely yet "+
			"or the connector was resumed before the request to alter its offsets could be successfully completed. If the connector is in a stopped state, "+
			"this operation can be safely retried. If it doesn't eventually succeed, end whatever else is in its consumer group.", connector)
	}
	return fmt.Errorf("Failed to alter consumer group offsets for connector %s: %w", connector, err) //nolint:staticcheck // Connect's text
}
