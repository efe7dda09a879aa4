package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ferry-connect/ferry/localstack/ferry/internal/host"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

const (
	// frameTime is the time between two looks when people watch.
	frameTime = 250 * time.Millisecond
	// lineTime is the time between two log lines about a connector that moves records, when programs read.
	lineTime = 10 * time.Second
)

// display shows the connectors until ctx is done.
func (o output) display(ctx context.Context, h *host.Host) error {
	interval := lineTime
	if o.screen != nil {
		interval = frameTime
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	seen := make(map[string]host.Connector)
	for {
		view, err := h.View(ctx, time.Now())
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case o.screen != nil:
			err = o.screen.Draw(rows(view, o.screen.Width()))
		default:
			seen = o.lines(view, seen)
		}
		if err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// rows are the lines of a view. Connectors with a problem come first, since there may not be room for all.
func rows(view []host.Connector, width int) []terminal.Line {
	if len(view) == 0 {
		return []terminal.Line{{{Text: "○ no connectors yet", Style: terminal.Faint}}}
	}
	slices.SortStableFunc(view, func(a, b host.Connector) int { return cmp.Compare(urgency(a), urgency(b)) })
	table := make([]terminal.Row, len(view))
	for i, c := range view {
		table[i] = terminal.Row{Name: c.Name, State: c.State, Records: c.Records, Rate: c.Rate, Position: c.Position, Problem: c.Problem}
	}
	return terminal.Table(table, width)
}

func urgency(c host.Connector) int {
	if c.Problem != "" {
		return 0
	}
	return 1
}

// lines logs what changed since the last time, and returns what is to be compared with the next time.
func (o output) lines(view []host.Connector, seen map[string]host.Connector) map[string]host.Connector {
	now := make(map[string]host.Connector, len(view))
	for _, c := range view {
		before := seen[c.Name]
		now[c.Name] = c
		level := slog.LevelInfo
		if c.Problem != "" {
			level = slog.LevelWarn
		}
		if c.Records == before.Records && c.State == before.State && (c.Problem == "") == (before.Problem == "") {
			continue
		}
		attrs := []slog.Attr{slog.String("connector", c.Name), slog.String("state", c.State), slog.Int64("records", c.Records), slog.Float64("rate", c.Rate)}
		if c.Position != "" {
			attrs = append(attrs, slog.String("position", c.Position))
		}
		if c.Problem != "" {
			attrs = append(attrs, slog.String("problem", c.Problem))
		}
		o.log.LogAttrs(context.Background(), level, "progress", attrs...)
	}
	return now
}

// say prints text for people; programs get it as a log line instead, see the callers.
func (o output) say(text string) {
	if o.screen != nil {
		fmt.Fprintln(o.screen, text) //nolint:errcheck // the next frame fails too, and is looked at
	}
}
