package engine

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

func TestTopicsRegexIsJavasAndMatchesWholeNames(t *testing.T) {
	for pattern, want := range map[string][]string{
		"in-[a-c&&[^b]]":       {"in-a", "in-c"},
		"IN-a|(?i)IN-B":        {"in-b"},
		`\Qin-c\E|n-a|offsets`: {"in-c"},
		`in-\p{javaLowerCase}`: {"in-a", "in-b", "in-c"},
	} {
		t.Run(pattern, func(t *testing.T) {
			inBubble(t, map[string]int32{"in-a": 1, "in-b": 1, "in-c": 1, "in-c-2": 1}, func(t *testing.T, b *broker) {
				var got []string
				for _, topic := range []string{"in-a", "in-b", "in-c", "in-c-2"} {
					b.fill(topic, 0, "x", 1)
				}
				d := new(downstream)
				if facts, err := Run(t.Context(), b.task(d.class(), map[string]string{"topics.regex": pattern})); err != nil || facts.End != EndIdle {
					t.Fatalf("%s, %v", asJSON(facts), err)
				}
				for _, p := range d.rt.Partitions {
					got = append(got, p.Topic)
				}
				if !slices.Equal(got, want) {
					t.Errorf("consumed %v, want %v", got, want)
				}
			})
		})
	}
}

func TestABadTopicsRegexIsToldInKafkaConnectsWords(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, b *broker) {
		_, err := Run(t.Context(), b.task(new(downstream).class(), map[string]string{"topics.regex": "in-(a"}))
		const want = "Invalid value in-(a for configuration topics.regex: Invalid regex: Unclosed group near index 5\nin-(a"
		if e, ok := errors.AsType[*connect.Error](err); !ok || e.Kind != connect.KindConfig || e.Message != want {
			t.Errorf("got %v", err)
		}
	})
}

// With auto.offset.reset=latest an invocation that finds no offset starts at the end. Unless it commits that place, the next one
// starts at a later end, and what was written between the two is never read.
func TestRecordsWrittenBetweenTwoInvocationsAreReadAlthoughTheSinkStartedAtTheEnd(t *testing.T) {
	for _, idle := range []time.Duration{0, time.Second} {
		inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
			b.fill("in", 0, "old", 3)
			d := new(downstream)
			task := b.task(d.class(), topics("in"))
			task.Config["consumer.override.auto.offset.reset"] = "latest"
			task.Config["errors.deadletterqueue.topic.name"], task.Config["errors.deadletterqueue.topic.replication.factor"] = "dead", "1"
			task.Budget.Idle = idle
			for _, step := range []func(){func() {}, func() { b.fill("in", 0, "new", 2) }, func() {}} {
				step()
				if _, err := Run(t.Context(), task); err != nil {
					t.Fatal(err)
				}
			}
			if got := d.values(); !slices.Equal(got, count("new", 2)) {
				t.Errorf("with idle %s the sink got %v", idle, got)
			}
			if at := b.committed("connect-c", "in", 0); at != 5 {
				t.Errorf("with idle %s offset %d is committed", idle, at)
			}
		})
	}
}

// After an unclean election of a leader a partition may end before what was consumed, and the client goes back. What was durable up
// to there says nothing about the records that have the same offsets now.
func TestWhatIsDurableIsForgottenWhenAPartitionGoesBack(t *testing.T) {
	for _, c := range []struct {
		durable, put, back, want int64
	}{{100, 100, 5, 5}, {10, 20, 15, 10}, {10, 20, 5, 5}} {
		p := partitionState{durable: c.durable, put: c.put, next: c.put}
		p.reach(c.back)
		p.put, p.next = c.back+1, c.back+1 // one record is put, and is not durable
		if got := p.safe(); got != c.want {
			t.Errorf("durable %d, put %d, back to %d: %d is safe, want %d", c.durable, c.put, c.back, got, c.want)
		}
	}
}
