package store

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// State is the state of a connector or task in the status topic.
type State string

// The states, as Kafka Connect names them.
const (
	StateUnassigned State = "UNASSIGNED"
	StateRunning    State = "RUNNING"
	StatePaused     State = "PAUSED"
	StateStopped    State = "STOPPED"
	StateFailed     State = "FAILED"
	StateRestarting State = "RESTARTING"
)

// Status is the last known state of a connector or task.
type Status struct {
	State State
	// Trace is why it failed, in the form of a Java stack trace; empty for null.
	Trace string
	// WorkerID is the host:port of who wrote it.
	WorkerID string
	// Generation guards against an old owner's late record; it does not fall.
	Generation int64
	// Version is the version of the connector; empty for null.
	Version string
	// Task is the number of the task, which the record's key says; meaningless for a connector.
	Task int
}

// TopicStatus says that a connector has used a topic.
type TopicStatus struct {
	Topic, Connector string
	// Task is the task that used it first.
	Task int
	// Discovered is when, to the millisecond.
	Discovered time.Time
}

// Key prefixes of the status topic.
const (
	prefixTaskStatus      = "status-task-"
	prefixConnectorStatus = "status-connector-"
	prefixTopicStatus     = "status-topic-"
	topicStatusSeparator  = ":connector-"
)

func connectorStatusRecord(name string, s *Status) *kgo.Record {
	return record(prefixConnectorStatus+name, statusValue(s))
}

func taskStatusRecord(name string, task int, s *Status) *kgo.Record {
	return record(prefixTaskStatus+name+"-"+strconv.Itoa(task), statusValue(s))
}

// statusValue is a tombstone for nil.
func statusValue(s *Status) []byte {
	if s == nil {
		return nil
	}
	v := offsets.AppendString([]byte(`{"state":`), string(s.State))
	v = appendNullable(append(v, `,"trace":`...), s.Trace)
	v = offsets.AppendString(append(v, `,"worker_id":`...), s.WorkerID)
	v = strconv.AppendInt(append(v, `,"generation":`...), s.Generation, 10)
	v = appendNullable(append(v, `,"version":`...), s.Version)
	return append(v, '}')
}

func appendNullable(dst []byte, s string) []byte {
	if s == "" {
		return append(dst, "null"...)
	}
	return offsets.AppendString(dst, s)
}

func topicStatusKey(topic, connector string) string {
	return prefixTopicStatus + topic + topicStatusSeparator + connector
}

func topicStatusRecord(s TopicStatus) *kgo.Record {
	v := offsets.AppendString([]byte(`{"topic":{"name":`), s.Topic)
	v = offsets.AppendString(append(v, `,"connector":`...), s.Connector)
	v = strconv.AppendInt(append(v, `,"task":`...), int64(s.Task), 10)
	v = strconv.AppendInt(append(v, `,"discoverTimestamp":`...), s.Discovered.UnixMilli(), 10)
	return record(topicStatusKey(s.Topic, s.Connector), append(v, "}}"...))
}

// statusState is what the records of the status topic add up to.
type statusState struct {
	mu         sync.RWMutex // held while a record is applied, and by whoever looks without Statuses.mu
	connectors map[string]Status
	tasks      map[string]map[int]Status
	topics     map[string]map[string]TopicStatus // by connector and topic
	forgotten  map[string]time.Time              // when topics of a connector were forgotten last, as far as the topic still tells
}

func newStatusState() *statusState {
	return &statusState{connectors: make(map[string]Status), tasks: make(map[string]map[int]Status), topics: make(map[string]map[string]TopicStatus), forgotten: make(map[string]time.Time)}
}

// apply takes in one record. An error says why a record was skipped.
func (s *statusState) apply(r *kgo.Record) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := string(r.Key)
	if name, ok := strings.CutPrefix(key, prefixConnectorStatus); ok {
		return s.applyConnector(name, r.Value)
	}
	if id, ok := strings.CutPrefix(key, prefixTaskStatus); ok {
		return s.applyTask(id, r.Value)
	}
	if id, ok := strings.CutPrefix(key, prefixTopicStatus); ok {
		return s.applyTopic(id, r)
	}
	return fmt.Errorf("unknown key")
}

func (s *statusState) applyConnector(name string, value []byte) error {
	if value == nil {
		delete(s.connectors, name)
		return nil
	}
	status, err := parseStatus(value)
	if err == nil {
		s.connectors[name] = status
	}
	return err
}

// applyTask ignores an UNASSIGNED that an old owner wrote after a new one was running.
func (s *statusState) applyTask(id string, value []byte) error {
	name, task, err := splitTask(id)
	if err != nil {
		return err
	}
	if value == nil {
		if delete(s.tasks[name], task); len(s.tasks[name]) == 0 {
			delete(s.tasks, name)
		}
		return nil
	}
	status, err := parseStatus(value)
	if err != nil {
		return err
	}
	cur, ok := s.tasks[name][task]
	if ok && status.State == StateUnassigned && cur.State == StateRunning && cur.Generation >= status.Generation {
		return nil
	}
	if s.tasks[name] == nil {
		s.tasks[name] = make(map[int]Status)
	}
	status.Task = task
	s.tasks[name][task] = status
	return nil
}

func parseStatus(value []byte) (Status, error) {
	var v struct {
		State      State   `json:"state"`
		Trace      *string `json:"trace"`
		WorkerID   string  `json:"worker_id"`
		Generation *int64  `json:"generation"`
		Version    *string `json:"version"`
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return Status{}, err
	}
	if v.State == "" || v.Generation == nil {
		return Status{}, fmt.Errorf("a status without state or generation")
	}
	status := Status{State: v.State, WorkerID: v.WorkerID, Generation: *v.Generation}
	if v.Trace != nil {
		status.Trace = *v.Trace
	}
	if v.Version != nil {
		status.Version = *v.Version
	}
	return status, nil
}

// applyTopic reads <topic>:connector-<connector>; a topic's name has no colon.
func (s *statusState) applyTopic(id string, r *kgo.Record) error {
	topic, rest, ok := strings.Cut(id, ":")
	connector, named := strings.CutPrefix(":"+rest, topicStatusSeparator)
	if !ok || !named {
		return fmt.Errorf("no topic and connector in the key")
	}
	if r.Value == nil {
		if delete(s.topics[connector], topic); len(s.topics[connector]) == 0 {
			delete(s.topics, connector)
		}
		s.forgotten[connector] = r.Timestamp
		return nil
	}
	var v struct {
		Topic *struct {
			Name              string `json:"name"`
			Connector         string `json:"connector"`
			Task              int    `json:"task"`
			DiscoverTimestamp int64  `json:"discoverTimestamp"`
		} `json:"topic"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return err
	}
	if v.Topic == nil {
		return fmt.Errorf("no topic")
	}
	if s.topics[connector] == nil {
		s.topics[connector] = make(map[string]TopicStatus)
	}
	s.topics[connector][topic] = TopicStatus{
		Topic: topic, Connector: connector, Task: v.Topic.Task, Discovered: time.UnixMilli(v.Topic.DiscoverTimestamp),
	}
	return nil
}
