package engine

import (
	"errors"
	"slices"
	"testing"

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
