package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// Key prefixes of the config topic, in the order in which Kafka Connect tries them.
const (
	prefixTarget    = "target-state-"
	prefixConnector = "connector-"
	prefixTask      = "task-"
	prefixCommit    = "commit-"
	prefixRestart   = "restart-connector-"
	prefixFencing   = "tasks-fencing-"
	keySession      = "session-key"
	prefixLogger    = "logger-cluster-"
)

// configState is what the records of the config topic add up to.
type configState struct {
	connectors map[string]*connectorState
	// What follows may be there without a connector: before it was read, or after it was deleted.
	targets  map[string]target
	deferred map[string]map[int]map[string]string // task configurations since the last commit record, by connector and task
	pending  map[string]bool                      // fencing
	fencing  map[string]int
	restarts map[string]*Restart
	loggers  map[string]loggers.Change
	next     int64

	last    *Snapshot
	changed map[string]bool // connectors that are not as in the last snapshot
}

type connectorState struct {
	config     Properties
	configAt   int64 // offset
	commitAt   int64 // offset, -1 for none
	count      int
	most       int // the largest count so far
	consistent bool
	applied    map[string]string
	tasks      map[int]map[string]string
}

type target struct {
	state TargetState
	at    int64
}

func newConfigState() *configState {
	return &configState{
		connectors: make(map[string]*connectorState), targets: make(map[string]target), deferred: make(map[string]map[int]map[string]string),
		pending: make(map[string]bool), fencing: make(map[string]int), restarts: make(map[string]*Restart), loggers: make(map[string]loggers.Change),
		last: &Snapshot{}, changed: make(map[string]bool),
	}
}

// apply takes in one record. An error says why a record was skipped; the state is then as before.
func (s *configState) apply(r *kgo.Record) error {
	s.next = r.Offset + 1
	key := string(r.Key)
	for _, kind := range []struct {
		prefix string
		apply  func(name string, r *kgo.Record) error
		shown  bool // in a Connector
	}{
		{prefixTarget, s.applyTarget, true}, {prefixConnector, s.applyConnector, true}, {prefixTask, s.applyTask, false},
		{prefixCommit, s.applyCommit, true}, {prefixRestart, s.applyRestart, true}, {prefixFencing, s.applyFencing, true},
		{keySession, skip, false}, {prefixLogger, s.applyLogger, false},
	} {
		if name, ok := strings.CutPrefix(key, kind.prefix); ok {
			if kind.shown {
				s.changed[name] = true
			}
			return kind.apply(name, r)
		}
	}
	return fmt.Errorf("unknown key")
}

// skip is for the keys with which Java workers sign requests to each other.
func skip(string, *kgo.Record) error { return nil }

func (s *configState) applyTarget(name string, r *kgo.Record) error {
	t := target{state: Started, at: r.Offset}
	if _, live := s.connectors[name]; r.Value == nil && !live {
		delete(s.targets, name)
		return nil
	}
	if r.Value != nil {
		var v struct {
			State   *TargetState `json:"state"`
			StateV2 *TargetState `json:"state.v2"`
		}
		if err := json.Unmarshal(r.Value, &v); err != nil {
			return err
		}
		switch {
		case v.StateV2 != nil:
			t.state = *v.StateV2
		case v.State != nil:
			t.state = *v.State
		default:
			return fmt.Errorf("no state")
		}
		if t.state != Started && t.state != Paused && t.state != Stopped {
			return fmt.Errorf("unknown target state %q", t.state)
		}
	}
	s.targets[name] = t
	return nil
}

func (s *configState) applyConnector(name string, r *kgo.Record) error {
	if r.Value == nil {
		delete(s.connectors, name)
		delete(s.deferred, name)
		return nil
	}
	p, err := properties(r.Value)
	if err != nil {
		return err
	}
	c := s.connectors[name]
	if c == nil {
		c = &connectorState{consistent: true, commitAt: -1}
		s.connectors[name] = c
	}
	c.config, c.configAt = p.readOrder(), r.Offset
	return nil
}

// properties reads a configuration in the order in which it was written.
func properties(value []byte) (Properties, error) {
	if p, ok := plainProperties(value); ok {
		return p, nil
	}
	var v struct {
		Properties *Properties `json:"properties"`
	}
	if err := json.Unmarshal(value, &v); err != nil {
		return nil, err
	}
	if v.Properties == nil {
		return nil, fmt.Errorf("no properties")
	}
	return *v.Properties, nil
}

// applyTask keeps the configuration until the commit record that counts it.
func (s *configState) applyTask(id string, r *kgo.Record) error {
	name, task, err := splitTask(id)
	if err != nil {
		return err
	}
	if r.Value == nil {
		return fmt.Errorf("a task configuration is null")
	}
	p, err := properties(r.Value)
	if err != nil {
		return err
	}
	if s.deferred[name] == nil {
		s.deferred[name] = make(map[int]map[string]string)
	}
	s.deferred[name][task] = p.Map()
	return nil
}

// splitTask splits <connector>-<task>; the connector's name may hold dashes too.
func splitTask(id string) (name string, task int, err error) {
	dash := strings.LastIndexByte(id, '-')
	if dash < 0 {
		return "", 0, fmt.Errorf("no task number")
	}
	task, err = strconv.Atoi(id[dash+1:])
	if err != nil || task < 0 {
		return "", 0, fmt.Errorf("%q is no task number", id[dash+1:])
	}
	return id[:dash], task, nil
}

// applyCommit makes the deferred task configurations current, if there is one for each task it counts. Compaction may have
// removed some: an older set wrote them, and a newer one wrote them again further on.
func (s *configState) applyCommit(name string, r *kgo.Record) error {
	c := s.connectors[name]
	deferred := s.deferred[name]
	if c == nil { // it was deleted, or compaction left only its newer configuration, further on
		delete(s.deferred, name)
		return nil
	}
	var v struct {
		Tasks *int `json:"tasks"`
	}
	if r.Value == nil {
		return fmt.Errorf("a commit record is null")
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return err
	}
	if v.Tasks == nil || *v.Tasks < 0 {
		return fmt.Errorf("no number of tasks")
	}
	delete(s.deferred, name)
	c.most = max(c.most, *v.Tasks)
	c.count, c.commitAt, c.consistent = *v.Tasks, r.Offset, complete(deferred, *v.Tasks)
	s.pending[name] = true
	if c.consistent {
		c.tasks, c.applied = deferred, c.config.Map()
	}
	return nil
}

func complete(tasks map[int]map[string]string, n int) bool {
	for i := range n {
		if _, ok := tasks[i]; !ok {
			return false
		}
	}
	return true
}

func (s *configState) applyRestart(name string, r *kgo.Record) error {
	if r.Value == nil {
		delete(s.restarts, name)
		return nil
	}
	var v struct {
		IncludeTasks any `json:"include-tasks"`
		OnlyFailed   any `json:"only-failed"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return err
	}
	includeTasks, _ := v.IncludeTasks.(bool)
	onlyFailed, _ := v.OnlyFailed.(bool)
	s.restarts[name] = &Restart{IncludeTasks: includeTasks, OnlyFailed: onlyFailed, Offset: r.Offset, At: r.Timestamp}
	return nil
}

func (s *configState) applyFencing(name string, r *kgo.Record) error {
	if r.Value == nil {
		delete(s.fencing, name)
		return nil
	}
	var v struct {
		TaskCount *int `json:"task-count"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return err
	}
	if v.TaskCount == nil || *v.TaskCount < 0 {
		return fmt.Errorf("no number of tasks")
	}
	s.fencing[name] = *v.TaskCount
	delete(s.pending, name)
	return nil
}

func (s *configState) applyLogger(namespace string, r *kgo.Record) error {
	if r.Value == nil {
		delete(s.loggers, namespace)
		return nil
	}
	var v struct {
		Level string `json:"level"`
	}
	if err := json.Unmarshal(r.Value, &v); err != nil {
		return err
	}
	s.loggers[namespace] = loggers.Change{Namespace: namespace, Level: v.Level, Offset: r.Offset, At: r.Timestamp}
	return nil
}

// snapshot copies the state, and of connectors only those that changed: else a thousand changes to a thousand connectors would make a
// million copies. What a Connector points to is never changed afterwards: records replace it.
func (s *configState) snapshot() *Snapshot {
	snap := &Snapshot{Connectors: maps.Clone(s.last.Connectors), Loggers: s.loggerChanges(), Next: s.next}
	if snap.Connectors == nil {
		snap.Connectors = make(map[string]*Connector, len(s.connectors))
	}
	for name := range s.changed {
		if c, exists := s.connectors[name]; exists {
			snap.Connectors[name] = s.connector(name, c)
		} else {
			delete(snap.Connectors, name)
		}
	}
	clear(s.changed)
	s.last = snap
	return snap
}

func (s *configState) loggerChanges() []loggers.Change {
	return slices.SortedFunc(maps.Values(s.loggers), func(a, b loggers.Change) int { return cmp.Compare(a.Offset, b.Offset) })
}

func (s *configState) connector(name string, c *connectorState) *Connector {
	t := s.targetOf(name)
	conn := &Connector{
		Name: name, Config: c.config, Target: t.state, TaskCount: c.count, MostTasks: c.most, Applied: c.applied, Consistent: c.consistent,
		PendingFencing: s.pending[name], FencedTasks: s.fencing[name], Restart: s.restarts[name],
		Generation: max(c.configAt, c.commitAt, t.at) + 1,
	}
	if c.consistent {
		for i := range c.count {
			conn.Tasks = append(conn.Tasks, c.tasks[i])
		}
	}
	return conn
}

func (s *configState) targetOf(name string) target {
	if t, ok := s.targets[name]; ok {
		return t
	}
	return target{state: Started, at: -1}
}
