package chainview

import (
	"fmt"
	"path/filepath"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/chaintest"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

// Case renders a test case: one line if it passed, else also each difference, and what became of its records.
func Case(path string, c *chaintest.Case, r chaintest.Report) []terminal.Line {
	if len(r.Problems) == 0 {
		return []terminal.Line{{{Text: "✓ ", Style: terminal.Green}, {Text: c.Name, Style: terminal.Plain}}}
	}
	lines := []terminal.Line{{
		{Text: "✗ ", Style: terminal.Red}, {Text: c.Name, Style: terminal.Bold},
		{Text: fmt.Sprintf("  %s:%d", filepath.Clean(path), c.Line), Style: terminal.Faint},
	}}
	for _, p := range r.Problems {
		lines = append(lines, problem(p, len(c.Expect) > 1)...)
	}
	for _, res := range r.Results {
		for i, l := range Lines(res) {
			if i == 0 {
				l[1].Text = fmt.Sprintf("record %d", res.Line)
			}
			lines = append(lines, append(terminal.Line{{Text: indent, Style: terminal.Plain}}, l...))
		}
	}
	return lines
}

// problem renders a difference: what was expected in red, what is there in green.
func problem(p chaintest.Problem, several bool) []terminal.Line {
	head := p.Path
	if p.Message != "" {
		head = joinWords(head, p.Message)
	}
	if p.Record > 0 && (several || p.Path == "") {
		head = joinWords(fmt.Sprintf("record %d that comes out:", p.Record), head)
	}
	lines := []terminal.Line{{{Text: indent + head, Style: terminal.Yellow}}}
	if p.Path != "" || p.Expected != nil || p.Actual != nil {
		expected, actual := "nothing", "nothing"
		if p.Expected != nil {
			expected = compact(p.Expected)
		}
		if p.Actual != nil {
			actual = compact(p.Actual)
		}
		lines = append(lines,
			terminal.Line{{Text: indent + "  - expected  ", Style: terminal.Red}, {Text: expected, Style: terminal.Plain}},
			terminal.Line{{Text: indent + "  + got       ", Style: terminal.Green}, {Text: actual, Style: terminal.Plain}})
	}
	return lines
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
