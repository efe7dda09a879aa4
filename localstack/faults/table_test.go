package faults_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// table collects the outcomes of cells.
type table struct {
	seed    uint64
	columns []fault
	rows    []step

	mu       sync.Mutex
	outcomes map[cell]outcome
}

func newTable(seed uint64, columns []fault, rows []step) *table {
	return &table{seed: seed, columns: columns, rows: rows, outcomes: map[cell]outcome{}}
}

func (m *table) add(c cell, o outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.outcomes[c] = o
}

// print shows the matrix, and writes it to the file that -faults.report names.
func (m *table) print(t *testing.T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	text := m.markdown()
	t.Log("\n" + text)
	if *report == "" {
		return
	}
	f, err := os.OpenFile(*report, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) // every test adds its own
	if err == nil {
		_, err = f.WriteString(text + "\n")
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		t.Error(err)
	}
}

// markdown writes one table a kind: a row a step, a column a fault.
func (m *table) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Fault matrix, seed %d, %d cells. An entry is losses/duplicates, and the time of the take-over after kill and freeze in\n"+
		"seconds: the longest of its cells (before and after the request, kfake and real Kafka).\n", m.seed, len(m.outcomes))
	for _, k := range kinds() {
		fmt.Fprintf(&b, "\n| %s |", k)
		for _, f := range m.columns {
			fmt.Fprintf(&b, " %s |", f)
		}
		b.WriteString("\n|---|" + strings.Repeat("---|", len(m.columns)) + "\n")
		for _, s := range m.rows {
			fmt.Fprintf(&b, "| %s |", s)
			for _, f := range m.columns {
				fmt.Fprintf(&b, " %s |", m.entry(k, f, s))
			}
			b.WriteString("\n")
		}
	}
	b.WriteString("\n" + m.takeOvers() + "\n")
	return b.String()
}

func (m *table) entry(k kind, f fault, s step) string {
	var sum outcome
	n := 0
	for c, o := range m.outcomes {
		if c.kind != k || c.fault != f || c.step != s {
			continue
		}
		n++
		sum.lost, sum.repeated, sum.failed = sum.lost+o.lost, sum.repeated+o.repeated, sum.failed || o.failed
		sum.takeOver = max(sum.takeOver, o.takeOver)
	}
	if n == 0 {
		return ""
	}
	text := fmt.Sprintf("%d/%d", sum.lost, sum.repeated)
	if sum.takeOver > 0 {
		text += fmt.Sprintf(" %.1f", sum.takeOver.Seconds())
	}
	if sum.failed {
		text += " FAILED"
	}
	return text
}

// takeOvers sums the take-overs up.
func (m *table) takeOvers() string {
	var n int
	var sum, longest, latest time.Duration
	for _, o := range m.outcomes {
		if o.takeOver == 0 {
			continue
		}
		n++
		sum, longest, latest = sum+o.takeOver, max(longest, o.takeOver), max(latest, o.beyond)
	}
	if n == 0 {
		return "Nobody had to take over."
	}
	return fmt.Sprintf("%d take-overs: %.1f s on average, %.1f s at the longest, at most %.1f s after the lease had run out; a pass every %v.",
		n, sum.Seconds()/float64(n), longest.Seconds(), latest.Seconds(), schedule)
}
