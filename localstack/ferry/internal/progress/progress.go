// Package progress counts what the tasks of this process did since it began, for people who look on. It decides nothing.
package progress

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ferry-connect/ferry/functions/engine"
)

const (
	// rateWindow is the time that a rate is taken over; sampleGap is the least time between two samples in it.
	rateWindow = 5 * time.Second
	sampleGap  = 450 * time.Millisecond
)

// Count is what the tasks of one connector did.
type Count struct {
	// Records were moved since the process began: written to Kafka by a source, put by a sink.
	Records int64
	// Rate is records per second, over the last seconds.
	Rate float64
	// Position is where the connector stands, as text; empty when it has not moved a record.
	Position string
}

// Tally adds up the facts of invocations. Its methods may be called concurrently.
type Tally struct {
	mu         sync.Mutex
	connectors map[string]*tally
}

// tally is the sum for one connector.
type tally struct {
	tasks   map[int]*taskTally
	samples []sample
}

// taskTally is the sum of the invocations of a task that ended, and what those that run have done so far, by hop: of a chain
// the next may have committed before the end of the last is told.
type taskTally struct {
	ended   int64
	running map[int]int64
	facts   engine.Facts // with the last known position
}

type sample struct {
	at      time.Time
	records int64
}

// New returns an empty Tally.
func New() *Tally { return &Tally{connectors: make(map[string]*tally)} }

// Committed takes the facts of an invocation that goes on.
func (t *Tally) Committed(connector string, task, hop int, f engine.Facts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.task(connector, task)
	k.running[hop] = f.RecordsOut
	k.see(f)
}

// Ended takes the last facts of an invocation.
func (t *Tally) Ended(connector string, task, hop int, f engine.Facts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.task(connector, task)
	delete(k.running, hop)
	k.ended += f.RecordsOut
	k.see(f)
}

// Forget drops a connector that is gone.
func (t *Tally) Forget(connector string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.connectors, connector)
}

// Look returns the counts of all connectors that did something, as of now. Rates are between the looks of the last
// seconds, so it has to be called about once a second.
func (t *Tally) Look(now time.Time) map[string]Count {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts := make(map[string]Count, len(t.connectors))
	for name, c := range t.connectors {
		records := c.records()
		counts[name] = Count{Records: records, Rate: c.rate(now, records), Position: position(c.facts())}
	}
	return counts
}

func (t *Tally) task(connector string, task int) *taskTally {
	c, ok := t.connectors[connector]
	if !ok {
		c = &tally{tasks: make(map[int]*taskTally)}
		t.connectors[connector] = c
	}
	k, ok := c.tasks[task]
	if !ok {
		k = &taskTally{running: make(map[int]int64)}
		c.tasks[task] = k
	}
	return k
}

// see keeps the newest positions: an invocation that found nothing says nothing about its source's offsets, nor does one that
// a later hop has overtaken.
func (k *taskTally) see(f engine.Facts) {
	if f.CommittedAt.Before(k.facts.CommittedAt) && !f.CommittedAt.IsZero() {
		return
	}
	if f.SourceOffsets == nil {
		f.SourceOffsets = k.facts.SourceOffsets
	}
	if len(f.Positions) == 0 {
		f.Positions = k.facts.Positions
	}
	k.facts = f
}

func (c *tally) records() int64 {
	var n int64
	for _, k := range c.tasks {
		n += k.ended
		for _, records := range k.running {
			n += records
		}
	}
	return n
}

func (c *tally) facts() []engine.Facts {
	all := make([]engine.Facts, 0, len(c.tasks))
	for _, task := range slices.Sorted(maps.Keys(c.tasks)) {
		all = append(all, c.tasks[task].facts)
	}
	return all
}

// rate compares with the oldest sample in the window.
func (c *tally) rate(now time.Time, records int64) float64 {
	for len(c.samples) > 1 && now.Sub(c.samples[1].at) >= rateWindow {
		c.samples = c.samples[1:]
	}
	if n := len(c.samples); n == 0 || now.Sub(c.samples[n-1].at) >= sampleGap {
		c.samples = append(c.samples, sample{now, records})
	}
	first := c.samples[0]
	elapsed := now.Sub(first.at).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return float64(records-first.records) / elapsed
}
