package store

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Statuses is the status topic. Its methods may be called concurrently.
type Statuses struct {
	log   changelog
	topic string
	slog  *slog.Logger

	reads reads
	mu    gate // guards state
	state *statusState
}

func newStatuses(log changelog, topic string, logger *slog.Logger) *Statuses {
	return &Statuses{log: log, topic: topic, slog: logger, mu: newGate(), state: newStatusState()}
}

// Sync reads the topic to its present end. The first call reads it whole, later ones what was added. Calls that wait for the same read
// share the next.
func (s *Statuses) Sync(ctx context.Context) error {
	asked := s.reads.ask()
	if err := s.mu.enter(ctx); err != nil {
		return fmt.Errorf("read topic %s: another read is waiting: %w", s.topic, err)
	}
	defer s.mu.Unlock()
	if s.reads.answered(asked) {
		return nil
	}
	return s.sync(ctx)
}

func (s *Statuses) sync(ctx context.Context) error {
	s.reads.begin()
	err := s.log.read(ctx, func(r *kgo.Record) {
		if err := s.state.apply(r); err != nil {
			s.slog.Warn("skipped a record of the status topic", "key", string(r.Key), "partition", r.Partition, "offset", r.Offset, "error", err)
		}
	})
	s.reads.end(err)
	return err
}

// Connector returns the status of a connector as of the last Sync or write; ok is false when there is none.
func (s *Statuses) Connector(name string) (status Status, ok bool) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	status, ok = s.state.connectors[name]
	return status, ok
}

// Task returns the status of one task.
func (s *Statuses) Task(name string, task int) (status Status, ok bool) {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	status, ok = s.state.tasks[name][task]
	return status, ok
}

// Tasks returns the statuses of all tasks of a connector, in their order.
func (s *Statuses) Tasks(name string) []Status {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	tasks := slices.Collect(maps.Values(s.state.tasks[name]))
	slices.SortFunc(tasks, func(a, b Status) int { return cmp.Compare(a.Task, b.Task) })
	return tasks
}

// Topics returns the names of the topics that a connector has used, sorted.
func (s *Statuses) Topics(name string) []string {
	s.state.mu.RLock()
	defer s.state.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.state.topics[name]))
}

// write appends records and reads them back. The lock is held, so that nobody decides on a state that is about to change.
func (s *Statuses) write(ctx context.Context, records ...*kgo.Record) error {
	if len(records) == 0 {
		return nil
	}
	for _, r := range records {
		r.Topic = s.topic
	}
	if err := s.log.write(ctx, records...); err != nil {
		return err
	}
	return s.sync(ctx)
}

// PutConnector writes the status of a connector. UNASSIGNED is not written over the status of another worker with a larger
// generation.
func (s *Statuses) PutConnector(ctx context.Context, name string, status Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if cur, ok := s.state.connectors[name]; ok && overtaken(cur, status) {
		return nil
	}
	if err := s.write(ctx, connectorStatusRecord(name, &status)); err != nil {
		return fmt.Errorf("put status %s of connector %s: %w", status.State, name, err)
	}
	return nil
}

// PutTasks writes the statuses of tasks of a connector, each with the rule of PutConnector, together.
func (s *Statuses) PutTasks(ctx context.Context, name string, statuses ...Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var records []*kgo.Record
	for _, status := range statuses {
		if cur, ok := s.state.tasks[name][status.Task]; ok && overtaken(cur, status) {
			continue
		}
		records = append(records, taskStatusRecord(name, status.Task, &status))
	}
	if err := s.write(ctx, records...); err != nil {
		return fmt.Errorf("put the statuses of %d tasks of connector %s: %w", len(records), name, err)
	}
	return nil
}

// overtaken is Kafka Connect's rule for safe puts.
func overtaken(cur, next Status) bool {
	return next.State == StateUnassigned && cur.WorkerID != next.WorkerID && cur.Generation > next.Generation
}

// DeleteTasks removes the statuses of tasks that do not exist any more.
func (s *Statuses) DeleteTasks(ctx context.Context, name string, tasks ...int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var records []*kgo.Record
	for _, task := range tasks {
		records = append(records, taskStatusRecord(name, task, nil))
	}
	if err := s.write(ctx, records...); err != nil {
		return fmt.Errorf("delete the statuses of %d tasks of connector %s: %w", len(tasks), name, err)
	}
	return nil
}

// DeleteConnector removes everything about a connector that was deleted: its status, those of its tasks, its topics.
func (s *Statuses) DeleteConnector(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	records := []*kgo.Record{connectorStatusRecord(name, nil)}
	for _, task := range slices.Sorted(maps.Keys(s.state.tasks[name])) {
		records = append(records, taskStatusRecord(name, task, nil))
	}
	if err := s.write(ctx, append(records, s.topicTombstones(name)...)...); err != nil {
		return fmt.Errorf("delete the statuses of connector %s: %w", name, err)
	}
	return nil
}

func (s *Statuses) topicTombstones(name string) []*kgo.Record {
	var records []*kgo.Record
	for _, topic := range slices.Sorted(maps.Keys(s.state.topics[name])) {
		records = append(records, record(topicStatusKey(topic, name), nil))
	}
	return records
}

// PutTopic records that a task of a connector used a topic at some time, unless that is known, or is of before the topics were forgotten.
func (s *Statuses) PutTopic(ctx context.Context, name, topic string, task int, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, known := s.state.topics[name][topic]; known || at.Before(s.state.forgotten[name]) {
		return nil
	}
	if err := s.write(ctx, topicStatusRecord(TopicStatus{Topic: topic, Connector: name, Task: task, Discovered: at})); err != nil {
		return fmt.Errorf("record topic %s of connector %s: %w", topic, name, err)
	}
	return nil
}

// ResetTopics forgets the topics that a connector has used.
func (s *Statuses) ResetTopics(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write(ctx, s.topicTombstones(name)...); err != nil {
		return fmt.Errorf("forget the topics of connector %s: %w", name, err)
	}
	return nil
}
