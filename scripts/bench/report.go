package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"
)

// row is one line of the table.
type row struct {
	Metric string `json:"metric"`
	// Value is compared with Gate and Goal; AtLeast says in which direction.
	Value   float64 `json:"value"`
	Unit    string  `json:"unit"`
	Gate    float64 `json:"gate"`
	Goal    float64 `json:"goal"`
	AtLeast bool    `json:"atLeast"`
	// Detail is what the value was made of.
	Detail string `json:"detail"`
	// Skipped names what this machine lacks; then there is no value.
	Skipped string `json:"skipped,omitempty"`
}

func (r row) passes(bound float64) bool {
	if r.AtLeast {
		return r.Value >= bound
	}
	return r.Value <= bound
}

func (r row) verdict() string {
	switch {
	case r.Skipped != "":
		return "skipped"
	case !r.passes(r.Gate):
		return "MISSED"
	case r.passes(r.Goal):
		return "goal"
	default:
		return "gate"
	}
}

// report is what make bench writes as JSON.
type report struct {
	At      time.Time         `json:"at"`
	Go      string            `json:"go"`
	Arch    string            `json:"arch"`
	CPUs    int               `json:"cpus"`
	Load    string            `json:"load"`
	Modules map[string]string `json:"modules"`
	Rows    []row             `json:"rows"`
}

func newReport(rows []row) report {
	r := report{At: time.Now().UTC(), Go: runtime.Version(), Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Modules: map[string]string{}, Rows: rows}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		r.Load = strings.Join(strings.Fields(string(load))[:3], " ")
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.Contains(m.Path, "franz-go") || strings.Contains(m.Path, "aws") {
				r.Modules[m.Path] = m.Version
			}
		}
	}
	return r
}

// missed returns how many of the rows miss their gate.
func missed(rows []row) int {
	n := 0
	for _, r := range rows {
		if r.verdict() == "MISSED" {
			n++
		}
	}
	return n
}

func (r report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// text returns the table for people.
func (r report) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s, %d CPUs, load %s\n\n", r.Go, r.Arch, r.CPUs, r.Load)
	width := 0
	for _, row := range r.Rows {
		width = max(width, utf8.RuneCountInString(row.Metric))
	}
	fmt.Fprintf(&b, "%-*s %12s %9s %9s  %-7s  %s\n", width, "metric", "value", "gate", "goal", "verdict", "detail")
	for _, row := range r.Rows {
		sign, value := "≤", "–"
		if row.AtLeast {
			sign = "≥"
		}
		if row.Skipped == "" {
			value = number(row.Value) + row.Unit
		}
		fmt.Fprintf(&b, "%-*s %12s %9s %9s  %-7s  %s\n", width, row.Metric, value, sign+number(row.Gate), sign+number(row.Goal), row.verdict(), row.Detail+row.Skipped)
	}
	return b.String()
}

func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 1:
		return fmt.Sprintf("%.2f", v)
	default:
		return fmt.Sprintf("%.3f", v)
	}
}
