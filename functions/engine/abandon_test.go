package engine

import (
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestASessionGoesOnAfterATransactionThatWasGivenUp(t *testing.T) {
	for name, refused := range map[string]bool{"and aborted": false, "and could not be aborted": true} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1}, func(t *testing.T, b *broker) {
				// Given a source that is paused within a transaction of its own,
				u := &upstream{topic: "out", lines: map[string][]string{"x": {"a", "commit", "b", "c", "d", "e"}}, atOnce: 2, onTransaction: perLine}
				task := b.task(u.class(), bounded(atConnector))
				task.Budget.BatchRecords = 2
				task.Session = new(Session)
				defer task.Session.Close()
				task.Ownership = u.pausedAfter(2)
				if refused {
					b.cluster.ControlKey(kmsg.EndTxn.Int16(), func(q kmsg.Request) (kmsg.Response, error, bool) {
						if q.(*kmsg.EndTxnRequest).Commit {
							b.cluster.KeepControl()
							return nil, nil, false
						}
						return refusal(q, kerr.UnknownServerError.Code), nil, true
					})
				}
				if facts, err := Run(t.Context(), task); err != nil || facts.End != EndStopped || facts.RecordsOut != 2 {
					t.Fatalf("%s, %v", asJSON(facts), err)
				}
				if task.Session.Open() == refused {
					t.Errorf("the session is open: %v", task.Session.Open())
				}
				// when it is resumed in the same process,
				u.lines["x"] = append(u.lines["x"], "commit 2")
				u.onPoll = nil
				task.Ownership = b.task(u.class(), nil).Ownership
				facts, err := Run(t.Context(), task)
				// then everything is there once.
				if got := b.values("out"); err != nil || !slices.Equal(got, u.lines["x"]) {
					t.Errorf("a reader sees %v: %s, %v", got, asJSON(facts), err)
				}
			})
		})
	}
}
