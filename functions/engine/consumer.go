package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// consumerOptions configures the client that fetches for a sink. It joins no group: partitions are assigned by AssignedTo,
// the group only holds offsets. Control records are kept, since their offsets count: only with them can the committed
// offset reach the end of a topic that was written in transactions.
func (l *sinkLoop) consumerOptions() ([]kgo.Opt, error) {
	s := l.task.client(kafkaclient.Consumer)
	opts, err := l.task.connection(s, consumerKind)
	if err != nil {
		return nil, err
	}
	total, partition := fetchBytes(l.task.Budget.MemoryBytes)
	c, err := s.Consuming(kafkaclient.Bounds{FetchBytes: total, PartitionBytes: min(partition, total), FetchWait: emptyPoll, PutRecords: putRecords})
	if err != nil {
		return nil, err
	}
	l.consumption = c
	opts = append(opts, kgo.MaxConcurrentFetches(concurrentFetches(l.task.Budget.MemoryBytes)), kgo.KeepControlRecords())
	return append(opts, c.Options...), nil
}

// feed is what was fetched and not yet taken.
type feed struct {
	segments []segment
	at       int
}

// segment is a run of records of one partition.
type segment struct {
	part    *partitionState
	records []*kgo.Record
	at      int // of the next one
}

// next returns the next record, nil when there is none.
func (f *feed) next() (*kgo.Record, *partitionState) {
	for f.at < len(f.segments) {
		s := &f.segments[f.at]
		if s.at < len(s.records) {
			return s.records[s.at], s.part
		}
		f.at++
	}
	clear(f.segments)
	f.segments, f.at = f.segments[:0], 0
	return nil, nil
}

// take removes what next returned.
func (f *feed) take() { f.segments[f.at].at++ }

// fetch waits for records, or with a wait of zero takes what has arrived, and adds them to the feed. It reports whether there
// were any.
func (l *sinkLoop) fetch(wait time.Duration) (bool, error) {
	l.facts.PolledAt = time.Now()
	var fetches kgo.Fetches
	if wait <= 0 {
		fetches = l.cl.PollRecords(nil, l.task.Budget.BatchRecords) //nolint:staticcheck // kgo: nil is not to wait
	} else {
		ctx, cancel := context.WithTimeout(l.poll, wait)
		defer cancel()
		fetches = l.cl.PollRecords(ctx, l.task.Budget.BatchRecords)
	}
	var err error
	found := false
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if p.Err != nil {
			err = errors.Join(err, l.fetchError(p.Topic, p.Partition, p.Err))
		}
		part := l.state(p.Topic, p.Partition)
		if part == nil {
			return
		}
		part.head = max(part.head, p.LastStableOffset)
		if l.consumption.Uncommitted || p.LastStableOffset < 0 {
			part.head = max(part.head, p.HighWatermark)
		}
		if len(p.Records) > 0 {
			found = true
			if slices.ContainsFunc(p.Records, func(r *kgo.Record) bool { return !r.Attrs.IsControl() }) {
				l.topics.intern(p.Topic)
			}
			l.feed.segments = append(l.feed.segments, segment{part: part, records: p.Records})
		}
	})
	return found, err
}

// fetchError returns the error of one partition that ends the task; what the client heals itself is none.
func (l *sinkLoop) fetchError(topic string, partition int32, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	if loss, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		l.log.Warn("records of the topic were lost before they were consumed", "topic", topic, "partition", partition, "error", loss)
		return nil
	}
	return kafkaError(fmt.Sprintf("fetch from %s-%d", topic, partition), err)
}

// timestampOf returns the timestamp of a consumed record in milliseconds, and who set it.
func timestampOf(r *kgo.Record) (connect.TimestampType, int64) {
	ms := r.Timestamp.UnixMilli()
	switch typ := r.Attrs.TimestampType(); {
	case ms == connect.NoTimestamp:
	case typ == 0:
		return connect.CreateTime, ms
	case typ == 1:
		return connect.LogAppendTime, ms
	}
	return connect.NoTimestampType, connect.NoTimestamp
}
