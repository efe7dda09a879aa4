package terminal

import "strconv"

// Row is what is shown of one connector.
type Row struct {
	Name, State string
	Records     int64
	Rate        float64
	Position    string
	// Problem replaces the position when something is wrong.
	Problem string
}

// The least room that is kept for the last column, the position, before other columns go; and the most for names.
const (
	minPosition = 24
	maxName     = 40
	gap         = 2
)

// columns are the widths of a table's columns; 0 leaves a column out.
type columns struct{ name, state, records, rate int }

// Table renders rows with aligned columns within a width. When there is little room the rate goes first, then the
// records, then the state, whose colour the mark at the beginning keeps.
func Table(rows []Row, width int) []Line {
	c := measure(rows)
	used := func() int { return 2 + c.name + c.state + c.records + c.rate + minPosition }
	for _, column := range []*int{&c.rate, &c.records, &c.state} {
		if used() > width {
			*column = 0
		}
	}
	if over := used() - width; over > 0 {
		c.name = max(c.name-over, min(c.name, 8))
	}
	lines := make([]Line, len(rows))
	for i, r := range rows {
		lines[i] = r.line(c)
	}
	return lines
}

func measure(rows []Row) columns {
	var c columns
	for _, r := range rows {
		c.name = max(c.name, min(Width(Clean(r.Name)), maxName)+gap)
		c.state = max(c.state, Width(r.State)+gap)
		c.records = max(c.records, Width(r.records())+gap)
		c.rate = max(c.rate, Width(r.rate())+gap)
	}
	return c
}

func (r Row) line(c columns) Line {
	mark, style := r.mark()
	l := Line{{mark + " ", style}, {Pad(Clean(r.Name), c.name-gap) + "  ", Bold}}
	if c.state > 0 {
		l = append(l, Span{Pad(r.State, c.state), style})
	}
	if c.records > 0 {
		l = append(l, Span{PadLeft(r.records(), c.records-gap) + "  ", Plain})
	}
	if c.rate > 0 {
		rate := Plain
		if r.Rate < 0.5 {
			rate = Faint
		}
		l = append(l, Span{PadLeft(r.rate(), c.rate-gap) + "  ", rate})
	}
	if r.Problem != "" {
		return append(l, Span{r.Problem, style})
	}
	return append(l, Span{r.Position, Faint})
}

func (r Row) mark() (string, Style) {
	switch {
	case r.State == "FAILED":
		return "✗", Red
	case r.Problem != "":
		return "!", Yellow
	case r.State == "RUNNING":
		return "●", Green
	case r.State == "PAUSED" || r.State == "STOPPED":
		return "‖", Yellow
	}
	return "○", Faint
}

func (r Row) records() string { return Number(r.Records) + " records" }

func (r Row) rate() string { return Number(int64(r.Rate+0.5)) + "/s" }

// Number renders n with its thousands apart.
func Number(n int64) string {
	if n < 0 {
		return "-" + Number(-n)
	}
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
