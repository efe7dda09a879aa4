// Package chainview shows people what a connector's chain does with records: the results of package functions/preview as lines of a
// terminal.
package chainview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/functions/preview"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/terminal"
)

const indent = "    "

// Lines renders a result: the record before, each transform with what it changed, the record after, and why it failed.
func Lines(r *preview.Result) []terminal.Line {
	lines := []terminal.Line{title(r)}
	width := terminal.Width("before")
	for _, s := range r.Steps {
		width = max(width, terminal.Width(terminal.Clean(s.Transform)))
	}
	add := func(name string, rec *preview.Record, data func(preview.Data) string) {
		if rec != nil {
			lines = append(lines, append(terminal.Line{{Text: indent + terminal.Pad(name, width) + "  ", Style: terminal.Faint}}, record(rec, data)...))
		}
	}
	add("before", r.Before, payload)
	for _, s := range r.Steps {
		lines = append(lines, step(s, width))
		for _, c := range s.Changes {
			lines = append(lines, append(terminal.Line{{Text: indent + strings.Repeat(" ", width+2), Style: terminal.Plain}}, Change(c)...))
		}
	}
	add("after", r.After, payload)
	add("kafka", r.Kafka, whole)
	return append(lines, failure(r.Error)...)
}

func title(r *preview.Result) terminal.Line {
	mark, style := "●", terminal.Green
	switch r.Outcome {
	case preview.Dropped:
		mark, style = "○", terminal.Yellow
	case preview.Failed, preview.Invalid:
		mark, style = "✗", terminal.Red
	}
	l := terminal.Line{{Text: mark + " ", Style: style}, {Text: fmt.Sprintf("line %d", r.Line), Style: terminal.Bold}}
	if at := place(r); at != "" {
		l = append(l, terminal.Span{Text: "  " + at, Style: terminal.Plain})
	}
	return append(l, terminal.Span{Text: "  " + r.Outcome, Style: style})
}

// place is where the record was, and where it goes if that is elsewhere.
func place(r *preview.Result) string {
	if r.Before == nil {
		return ""
	}
	at := r.Before.Topic
	if p := r.Before.Partition; p != nil {
		at += fmt.Sprintf("-%d", *p)
	}
	if o := r.Before.Offset; o != nil {
		at += fmt.Sprintf(" at offset %d", *o)
	}
	if r.After != nil && r.After.Topic != r.Before.Topic {
		at += " → " + r.After.Topic
	}
	return at
}

// record renders a record in one line.
func record(r *preview.Record, data func(preview.Data) string) terminal.Line {
	var l terminal.Line
	field := func(name string, d preview.Data) {
		l = append(l, terminal.Span{Text: name + " ", Style: terminal.Faint}, terminal.Span{Text: data(d) + "  ", Style: terminal.Plain})
	}
	field("key", r.Key)
	field("value", r.Value)
	for _, h := range r.Headers {
		field("header "+h.Key, h.Value)
	}
	l[len(l)-1].Text = strings.TrimSuffix(l[len(l)-1].Text, "  ")
	return l
}

// payload is data without its schema, of which changes tell what is worth telling.
func payload(d preview.Data) string {
	var envelope struct{ Schema, Payload json.RawMessage }
	if json.Unmarshal(d.JSON, &envelope) == nil && envelope.Schema != nil && envelope.Payload != nil {
		return compact(envelope.Payload)
	}
	return whole(d)
}

// whole is data as it is in Kafka, where a schema takes its room too.
func whole(d preview.Data) string {
	switch {
	case d.Text != nil:
		return *d.Text
	case d.Base64 != nil:
		return fmt.Sprintf("%d bytes, in Base64 %s", len(d.Base64), compact(marshal(d.Base64)))
	}
	return compact(d.JSON)
}

func marshal(v any) []byte {
	text, _ := json.Marshal(v) // of bytes, which always can be
	return text
}

func compact(text json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}

func step(s preview.Step, width int) terminal.Line {
	styles := map[string]terminal.Style{
		preview.Changed: terminal.Cyan, preview.Dropped: terminal.Yellow, preview.Failed: terminal.Red,
	}
	style := styles[s.Outcome]
	if style == terminal.Plain {
		style = terminal.Faint
	}
	l := terminal.Line{
		{Text: indent + terminal.Pad(terminal.Clean(s.Transform), width) + "  ", Style: terminal.Bold},
		{Text: simpleName(s.Class) + "  ", Style: terminal.Faint}, {Text: s.Outcome, Style: style},
	}
	if p := s.Predicate; p != nil {
		word := "if"
		if p.Negate {
			word = "unless"
		}
		l = append(l, terminal.Span{Text: fmt.Sprintf("  (%s %s, a %s)", word, p.Name, simpleName(p.Class)), Style: terminal.Faint})
	}
	return l
}

// simpleName is a class name without its package.
func simpleName(class string) string { return class[strings.LastIndexByte(class, '.')+1:] }

// Change renders one change: + for what is new, - for what is gone, ~ for what is different.
func Change(c preview.Change) terminal.Line {
	path := c.Path
	if c.Attribute != "" {
		path += " (" + c.Attribute + ")"
	}
	switch {
	case c.Before == nil:
		return terminal.Line{{Text: "+ " + path + "  ", Style: terminal.Green}, {Text: typed(c.After, true), Style: terminal.Plain}}
	case c.After == nil:
		return terminal.Line{{Text: "- " + path + "  ", Style: terminal.Red}, {Text: typed(c.Before, true), Style: terminal.Plain}}
	}
	types := c.Before.Type != c.After.Type
	return terminal.Line{
		{Text: "~ " + path + "  ", Style: terminal.Yellow}, {Text: typed(c.Before, types), Style: terminal.Plain},
		{Text: " → ", Style: terminal.Faint}, {Text: typed(c.After, types), Style: terminal.Plain},
	}
}

// typed renders a value; an instant also as people read it.
func typed(t *preview.Typed, withType bool) string {
	text := compact(t.Value)
	var ms int64
	if t.Type == "timestamp" && json.Unmarshal(t.Value, &ms) == nil {
		text += " (" + time.UnixMilli(ms).UTC().Format(time.RFC3339Nano) + ")"
	}
	if withType && t.Type != "" && t.Type != "null" {
		text += " " + t.Type
	}
	return text
}

func failure(e *preview.Error) []terminal.Line {
	if e == nil {
		return nil
	}
	line := func(style terminal.Style, format string, args ...any) terminal.Line {
		return terminal.Line{{Text: indent + fmt.Sprintf(format, args...), Style: style}}
	}
	if e.Stage == "" {
		where := ""
		if e.Field != "" {
			where = "field " + e.Field + ": "
		}
		return []terminal.Line{line(terminal.Red, "%s%s", where, e.Message)}
	}
	at := simpleName(e.Class)
	if e.Transform != "" {
		at = e.Transform + ", a " + at
	}
	message := simpleName(e.Exception)
	if e.Message != "" {
		message += ": " + strings.TrimRight(e.Message, ": ")
	}
	lines := []terminal.Line{line(terminal.Red, "%s with %s", e.Stage, at), line(terminal.Red, "%s", message)}
	if e.Cause != "" {
		lines = append(lines, line(terminal.Plain, "caused by: %s", e.Cause))
	}
	if e.Hint != "" {
		lines = append(lines, line(terminal.Plain, "hint: %s", e.Hint))
	}
	fate := "the task " + e.Task
	if e.DeadLetters != "" {
		fate += ", and writes it to the topic " + e.DeadLetters
	}
	return append(lines, line(terminal.Faint, "%s", fate))
}
