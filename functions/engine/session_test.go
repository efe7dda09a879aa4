package engine

import (
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// A run that is asked to end before it has fenced ends in good order, with a client that owns nothing. Were that kept as a session, the
// next run would read offsets without a fence.
func TestARunThatEndsBeforeItsFenceLeavesNoSession(t *testing.T) {
	for name, class := range map[string]func() *connect.Class{
		"source": func() *connect.Class {
			return (&upstream{topic: "out", lines: map[string][]string{"a": count("a", 3)}}).class()
		},
		"sink": func() *connect.Class { return new(downstream).class() },
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1, "in": 1}, func(t *testing.T, b *broker) {
				task := b.task(class(), topics("in"))
				task.Session = new(Session)
				defer task.Session.Close()
				task.Budget.Deadline = time.Now()
				facts, err := Run(t.Context(), task)
				if err != nil || facts.End != EndDeadline {
					t.Fatalf("%s, %v", asJSON(facts), err)
				}
				if task.Session.Open() {
					t.Error("it left a session")
				}
				task.Budget.Deadline = time.Time{}
				if facts, err := Run(t.Context(), task); err != nil || !task.Session.Open() {
					t.Errorf("the next run: %s, %v", asJSON(facts), err)
				}
			})
		})
	}
}
