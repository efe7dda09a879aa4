package simulation_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// history is what happened in a world. Lines are put into words only when somebody has to read them: most worlds are in order.
type history struct {
	start time.Time

	mu     sync.Mutex
	events []event
	broken []violation
}

// event is one line. Its arguments must not change any more.
type event struct {
	at        time.Duration
	actor     string
	connector string // empty concerns all
	format    string
	args      []any
}

// violation is a property that did not hold.
type violation struct {
	at        time.Duration
	connector string
	text      string
}

func (h *history) note(actor, connector, format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, event{time.Since(h.start), actor, connector, format, args})
}

// violate notes that a property does not hold.
func (h *history) violate(connector, format string, args ...any) {
	h.note("PROPERTY", connector, format, args...)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = append(h.broken, violation{time.Since(h.start), connector, fmt.Sprintf(format, args...)})
}

// maxViolations bounds what is told of one world: the first violation is the one to read.
const maxViolations = 5

// report fails the test if a property was violated, and tells the history of the connectors concerned.
func (h *history) report(t *testing.T, seed uint64) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.broken) == 0 && !t.Failed() {
		if *seedFlag > 0 && testing.Verbose() {
			t.Logf("what happened:\n%s", h.words(nil))
		}
		return
	}
	concerned := make(map[string]bool)
	for i, v := range h.broken {
		if concerned[v.connector] = true; i < maxViolations {
			t.Errorf("after %s, connector %q: %s", stamp(v.at), v.connector, v.text)
		}
	}
	t.Errorf("%d violations; replay with\n\n\tgo test ./functions/simulation -run TestSimulation -seed %d -v\n\nwhat happened:\n%s", len(h.broken), seed, h.words(concerned))
}

// words returns the history of some connectors; of all if none is named.
func (h *history) words(connectors map[string]bool) string {
	var b strings.Builder
	for _, e := range h.events {
		if e.connector != "" && len(connectors) > 0 && !connectors[""] && !connectors[e.connector] {
			continue
		}
		fmt.Fprintf(&b, "%s  %-12s %s\n", stamp(e.at), e.actor, strings.TrimSpace(e.connector+" ")+" "+fmt.Sprintf(e.format, e.args...))
	}
	return b.String()
}

// stamp is a virtual time since the beginning of the world, with microseconds: what is less is the order of the lines.
func stamp(d time.Duration) string {
	return fmt.Sprintf("%3d:%09.6f", int(d.Minutes()), (d % time.Minute).Seconds())
}
