package store

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// changelog is an ordered sequence of records that state is made from.
type changelog interface {
	// read hands the records that were not handed out yet to apply, up to the end.
	read(ctx context.Context, apply func(*kgo.Record)) error
	// write adds records, all or none where it is transactional, and returns when they can be read.
	write(ctx context.Context, records ...*kgo.Record) error
}

// memory is a changelog in this process: what standalone mode has in place of the config and status topics.
type memory struct {
	mu      sync.Mutex
	records []*kgo.Record
	handed  int // how many of them were handed out
}

func (m *memory) read(_ context.Context, apply func(*kgo.Record)) error {
	m.mu.Lock()
	fresh := m.records[m.handed:]
	m.handed = len(m.records)
	m.mu.Unlock()
	for _, r := range fresh {
		apply(r)
	}
	return nil
}

func (m *memory) write(_ context.Context, records ...*kgo.Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range records {
		r.Offset = int64(len(m.records))
		m.records = append(m.records, r)
	}
	return nil
}

// statusLog is the status topic: written without transactions, by anybody.
type statusLog struct {
	*tail
	client *kgo.Client
}

func (l *statusLog) write(ctx context.Context, records ...*kgo.Record) error {
	if err := l.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("write %d records to topic %s: %w", len(records), l.topic, err)
	}
	return nil
}

// configLog is the config topic: written in transactions of the leader.
type configLog struct {
	*tail
	leader *leader
}

func (l *configLog) write(ctx context.Context, records ...*kgo.Record) error {
	return l.leader.write(ctx, records...)
}
