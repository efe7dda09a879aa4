package store

import (
	"maps"
	"slices"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/loggers"
)

// TargetState is what users want a connector to do.
type TargetState string

// The target states, as they are written to the config topic.
const (
	Started TargetState = "STARTED"
	Paused  TargetState = "PAUSED"
	Stopped TargetState = "STOPPED"
)

// Snapshot is what the config topic says at one moment. It is immutable.
type Snapshot struct {
	// Connectors are those that exist, by name.
	Connectors map[string]*Connector
	// Loggers are the last levels that were set for the whole cluster, one a namespace, in the order of their offsets.
	Loggers []loggers.Change
	// Next is the offset that the next record of the config topic will have, or more.
	Next int64
}

// Names returns the names of all connectors, sorted.
func (s *Snapshot) Names() []string { return slices.Sorted(maps.Keys(s.Connectors)) }

// Connector is one connector of a Snapshot. It is immutable.
type Connector struct {
	Name string
	// Config is the configuration as submitted, placeholders unresolved.
	Config Properties
	// Target is what users want; Started unless they said otherwise.
	Target TargetState
	// Tasks are the published task configurations; none if the connector is inconsistent.
	Tasks []map[string]string
	// TaskCount is the number of tasks in the last commit record, whether or not it was consistent.
	TaskCount int
	// MostTasks is the largest number of tasks that the connector had so far, as far as the config topic still tells.
	MostTasks int
	// Applied is the connector's configuration at the last consistent commit record; nil when there was none.
	Applied map[string]string
	// Consistent is false if the last commit record counts tasks whose configurations are missing: they must be published again.
	Consistent bool
	// PendingFencing says that tasks were published since the last fencing record.
	PendingFencing bool
	// FencedTasks is the number in the last fencing record; 0 when there was none.
	FencedTasks int
	// Generation is one more than the offset of the last record that changed the configuration, the target state or the task set.
	// It grows with each such change and is the same for every reader. Fencing records and restarts do not count.
	Generation int64
	// Restart is the last restart that was asked for; nil when there was none.
	Restart *Restart
}

// Restart is a request to restart a connector.
type Restart struct {
	IncludeTasks, OnlyFailed bool
	// Offset and At say when it was asked for: a reader acts on it once.
	Offset int64
	At     time.Time
}
