package progress

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/functions/engine"
)

// sourceOffset is one element of engine.Facts.SourceOffsets.
type sourceOffset struct {
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// position describes where a connector's tasks stand, in few words.
func position(tasks []engine.Facts) string {
	var at []engine.Position
	var offsets []sourceOffset
	for _, f := range tasks {
		at = append(at, f.Positions...)
		var some []sourceOffset
		if json.Unmarshal(f.SourceOffsets, &some) == nil {
			offsets = append(offsets, some...)
		}
	}
	switch {
	case len(at) > 0:
		return SinkPosition(at)
	case len(offsets) > 0:
		first := SourcePosition(offsets[0].Partition, offsets[0].Offset)
		if more := len(offsets) - 1; more > 0 {
			return fmt.Sprintf("%s and %d more", first, more)
		}
		return first
	}
	return ""
}

// SinkPosition describes where a sink stands: one partition by name, several by number, and how far behind it is.
func SinkPosition(at []engine.Position) string {
	behind, known := int64(0), true
	for _, p := range at {
		known = known && p.Head >= 0
		behind += max(0, p.Head-max(p.Offset, 0))
	}
	text := strconv.Itoa(len(at)) + " partitions"
	if len(at) == 1 {
		text = fmt.Sprintf("%s/%d at offset %d", at[0].Topic, at[0].Partition, max(at[0].Offset, 0))
	}
	if known && behind > 0 {
		text += fmt.Sprintf(", %d behind", behind)
	}
	return text
}

// SourcePosition describes a source offset: its fields, and the values of its partition. {"filename":"/x"} and
// {"position":7} are "position 7 of /x".
func SourcePosition(partition, offset json.RawMessage) string {
	text := strings.Join(fields(offset, true), ", ")
	if text == "" {
		text = "the beginning"
	}
	if of := strings.Join(fields(partition, false), ", "); of != "" {
		text += " of " + of
	}
	return text
}

// fields renders the members of a JSON object in the order of their names, with or without these.
func fields(object json.RawMessage, named bool) []string {
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(object))
	d.UseNumber()
	if d.Decode(&members) != nil {
		return nil
	}
	texts := make([]string, 0, len(members))
	for name, value := range members {
		text := fmt.Sprint(value)
		if named {
			text = name + " " + text
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	return texts
}
