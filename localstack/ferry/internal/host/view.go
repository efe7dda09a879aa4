package host

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/coordinator/lease"
	"github.com/ferry-connect/ferry/coordinator/store"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

// Connector is what is to be seen of one connector.
type Connector struct {
	progress.Count
	Name string
	// State is the connector's state, or FAILED when one of its tasks is.
	State string
	// Problem is what is wrong, in one line; empty when nothing is.
	Problem string
}

// View returns all connectors by name, as of the last pass over each. Rates are as progress.Tally.Look says.
func (h *Host) View(ctx context.Context, now time.Time) ([]Connector, error) {
	counts := h.tally.Look(now)
	names := h.Store.Configs().Snapshot().Names()
	view := make([]Connector, len(names))
	for i, name := range names {
		items, err := h.leases.List(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("look at the leases of %s: %w", name, err)
		}
		view[i] = Connector{Name: name, Count: counts[name]}
		view[i].State, view[i].Problem = h.state(name)
		if view[i].Problem == "" && view[i].State == string(store.StateRunning) {
			view[i].Problem = trouble(items, now)
		}
	}
	return view, nil
}

// state returns the state of a connector and the reason if that is FAILED.
func (h *Host) state(name string) (state, problem string) {
	statuses := h.Store.Statuses()
	status, ok := statuses.Connector(name)
	if !ok {
		return string(store.StateUnassigned), ""
	}
	if status.State == store.StateFailed {
		return string(status.State), summary(status.Trace)
	}
	for _, task := range statuses.Tasks(name) {
		if task.State == store.StateFailed {
			return string(store.StateFailed), fmt.Sprintf("task %d: %s", task.Task, summary(task.Trace))
		}
	}
	return string(status.State), ""
}

// trouble describes failures that are expected to pass by themselves.
func trouble(items []lease.Item, now time.Time) string {
	for _, it := range items {
		if it.Retired || it.Attempts == 0 || it.LastError == "" {
			continue
		}
		text := summary(it.LastError)
		if wait := it.NotBefore.Sub(now); wait > 0 && it.Owner == "" {
			text += fmt.Sprintf(" (again in %v)", wait.Round(time.Second))
		}
		return text
	}
	return ""
}

// place is how the engine's errors begin: the connector and the task are known to who looks at their line.
var place = regexp.MustCompile(`^connector .*?, task \d+: `)

// summary is the first line of a Java stack trace, without the class and what is known from where it is shown.
func summary(trace string) string {
	line, _, _ := strings.Cut(trace, "\n")
	class, message, ok := strings.Cut(line, ": ")
	if !ok || strings.ContainsAny(class, " \t") {
		message = line
	}
	return place.ReplaceAllString(message, "")
}

// Started returns an error if a connector that was created could not be started.
func (h *Host) Started(name string) error {
	if state, problem := h.state(name); state == string(store.StateFailed) {
		return fmt.Errorf("could not start the connector: %s", problem)
	}
	return nil
}
