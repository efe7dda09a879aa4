package engine

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// steps notes the steps of the protocol as they happen, each once in a row.
type steps struct {
	mu   sync.Mutex
	seen []string
}

func (s *steps) did(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.seen) == 0 || s.seen[len(s.seen)-1] != step {
		s.seen = append(s.seen, step)
	}
}

// OnBrokerRead implements kgo.HookBrokerRead: a step is done when its answer is there.
func (s *steps) OnBrokerRead(_ kgo.BrokerMetadata, key int16, _ int, _, _ time.Duration, _ error) {
	name, ok := map[kmsg.Key]string{
		kmsg.InitProducerID: "fence", kmsg.OffsetFetch: "position", kmsg.ListOffsets: "position",
		kmsg.Produce: "write", kmsg.TxnOffsetCommit: "write offsets", kmsg.OffsetCommit: "commit plainly", kmsg.EndTxn: "commit",
	}[kmsg.Key(key)]
	if ok {
		s.did(name)
	}
}

// offsetsOf notes when a source's offsets are read.
type offsetsOf struct {
	*broker
	steps *steps
}

// Offset implements connect.OffsetReader.
func (o offsetsOf) Offset(ctx context.Context, p *connect.SourcePartition) (connect.Value, error) {
	o.steps.did("position")
	return o.broker.Offset(ctx, p)
}

// The order is what the package comment promises. A step that comes too early shows here at once, and in the simulation
// only with luck.
func TestTheStepsOfTheProtocolComeInTheirOrder(t *testing.T) {
	for _, c := range []struct {
		name string
		task func(b *broker, s *steps) Task
		want []string
	}{
		{"source", func(b *broker, s *steps) Task {
			u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 3)}}
			u.onPoll = func(context.Context, int) { s.did("poll") }
			u.onAck = func(string, int64) { s.did("acknowledge") }
			task := b.task(u.class(), nil)
			task.Offsets = offsetsOf{b, s}
			return task
		}, []string{"fence", "check", "position", "poll", "write", "commit", "acknowledge", "poll"}},
		{"sink", func(b *broker, s *steps) Task {
			b.fill("in", 0, "a", 3)
			d := new(downstream)
			d.onPut = func(context.Context, int) { s.did("put") }
			d.flushErr = func(int) error { s.did("flush"); return nil }
			return b.task(d.class(), topics("in"))
		}, []string{"fence", "check", "position", "put", "flush", "write offsets", "commit", "put", "flush"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, map[string]int32{"out": 1, "in": 1}, func(t *testing.T, b *broker) {
				s := new(steps)
				task := c.task(b, s)
				task.Kafka = append(task.Kafka, kgo.WithHooks(s))
				task.Ownership = owner(func(context.Context) error { s.did("check"); return nil })
				task.Budget.CheckEvery = time.Hour
				if facts, err := Run(t.Context(), task); err != nil {
					t.Fatalf("%s, %v", asJSON(facts), err)
				}
				if !slices.Equal(s.seen, c.want) {
					t.Errorf("the steps were\n%q, want\n%q", s.seen, c.want)
				}
			})
		})
	}
}
