package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// Names of the connectors of the simulation.
const (
	sourceClass = "simulation.SourceConnector"
	sinkClass   = "simulation.SinkConnector"
)

// upstream is the system that a source reads: parts of numbered records, which come into being over time. What is acknowledged it
// forgets.
type upstream struct {
	parts []*part
}

// part is one source partition. Its records go to the Kafka partition of the same number.
type part struct {
	released []time.Time // of each record there is
	acked    int64       // records below are forgotten
	altered  int         // how often its offset was altered: acknowledgements from before do not count any more

	// What a read_committed reader has seen.
	next      int64 // record to come
	moved     []int64
	seen      int64
	slowest   time.Duration
	last      tag
	lastIsSet bool
}

// tag says under which lease a record was written.
type tag struct{ generation, epoch int64 }

func (t tag) before(o tag) bool {
	return t.generation < o.generation || t.generation == o.generation && t.epoch < o.epoch
}

// source is the class as one sandbox links it.
func (w *world) source(p *process) *connect.Class {
	return &connect.Class{
		Name: sourceClass, TaskClass: "simulation.SourceTask", Config: configdef.MustNew(),
		Source:      func() connect.Source { return &source{w: w, p: p, rng: w.invocation(p)} },
		ExactlyOnce: func(map[string]string) bool { return true },
		Plan: func(_ context.Context, config map[string]string, limit int) ([]map[string]string, error) {
			if err := p.step("plans"); err != nil {
				return nil, err
			}
			tasks := make([]map[string]string, min(limit, sourceParts))
			for i := range sourceParts {
				t := &tasks[i%len(tasks)]
				if *t == nil {
					*t = map[string]string{"name": config["name"], "topic": config["topic"], "nonce": config["nonce"]}
				}
				(*t)["parts"] = strings.TrimPrefix((*t)["parts"]+","+strconv.Itoa(i), ",")
			}
			return tasks, nil
		},
	}
}

// source reads parts of an upstream.
type source struct {
	w   *world
	p   *process
	rng *rand.Rand

	name, topic string
	parts       []int
	partitions  []*connect.SourcePartition
	next        []int64
	altered     []int
}

// Open implements connect.Source.
func (s *source) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	s.name, s.topic = rt.Config["name"], rt.Config["topic"]
	for text := range strings.SplitSeq(rt.Config["parts"], ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			return connect.ConfigError("parts: " + err.Error())
		}
		sp := connect.NewSourcePartition("part", connect.Int64(int64(n)))
		acked, altered := s.w.acknowledged(s.name, n)
		offset, err := rt.Offsets.Offset(ctx, sp)
		if err != nil {
			return err
		}
		next := int64(0)
		if !offset.IsNull() {
			v, _ := offset.Map().Get("next")
			next = v.Int()
		}
		// One that has lost the task may begin with what it remembers from before: its commits are refused.
		if _, now := s.w.acknowledged(s.name, n); next < acked && now == altered && s.p.isHolder() {
			s.w.violate(s.name, "I1: %s begins part %d at %d, but what is below %d is acknowledged, and gone", s.p.name, n, next, acked)
		}
		s.parts, s.partitions, s.next = append(s.parts, n), append(s.partitions, sp), append(s.next, next)
		s.altered = append(s.altered, altered)
	}
	s.w.note(s.p.name, s.name, "reads parts %v from %v", s.parts, slices.Clone(s.next))
	return nil
}

// acknowledged returns below which record the upstream has forgotten a part, and how often its offset was altered.
func (w *world) acknowledged(name string, n int) (acked int64, altered int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.upstreams[name].parts[n]
	return p.acked, p.altered
}

// Poll implements connect.Source.
func (s *source) Poll(_ context.Context, b *connect.Batch) error {
	if err := s.p.step("polls"); err != nil {
		return connect.FatalError("poll", err)
	}
	if s.w.faulty() {
		switch n := s.rng.IntN(200); {
		case n < 4:
			return connect.RetriableError("simulated: the upstream is busy", nil)
		case n < 5 && s.w.fatal:
			return connect.FatalError("simulated: the upstream broke", nil)
		}
	}
	most := 1 + s.rng.IntN(4)
	generation, epoch := s.p.held()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for i, n := range s.parts {
		up := s.w.upstreams[s.name].parts[n]
		if s.next[i] < up.acked { // somebody has overtaken this task
			return connect.FatalError("the record is gone", nil)
		}
		for range most {
			if s.next[i] >= int64(len(up.released)) || b.Full() {
				break
			}
			r := b.Append()
			r.Topic, r.Partition, r.SourcePartition = s.topic, int32(n), s.partitions[i]
			r.Value = connect.String(fmt.Sprintf("%d %d %d %s", s.next[i], generation, epoch, s.p.name))
			s.next[i]++
			r.SourceOffset = connect.NewMap([]connect.Value{connect.String("next"), connect.Int64(s.next[i])}).Value()
			b.AddBytes(16)
		}
	}
	return nil
}

// Committed implements connect.Source: the upstream forgets what was committed. By then a reader must see it.
func (s *source) Committed(_ context.Context, offsets []connect.SourceOffset) error {
	if err := s.p.step("acknowledges"); err != nil {
		return err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	for _, o := range offsets {
		n, _ := o.Partition.Value().Map().Get("part")
		next, _ := o.Offset.Map().Get("next")
		i := slices.Index(s.parts, int(n.Int()))
		up := s.w.upstreams[s.name].parts[n.Int()]
		if s.altered[i] != up.altered {
			continue
		}
		if up.seen < next.Int() {
			s.w.violate(s.name, "I1: %s acknowledges part %d up to %d, but readers see %d", s.p.name, n.Int(), next.Int(), up.seen)
		}
		up.acked = max(up.acked, next.Int())
	}
	return nil
}

// Close implements connect.Source.
func (s *source) Close(context.Context) error { return s.p.pass() }

// saw is what a read_committed reader makes of a record.
func (w *world) saw(name string, r *kgo.Record) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.upstreams[name].parts[r.Partition]
	var n int64
	var t tag
	var by string
	if _, err := fmt.Sscan(string(r.Value), &n, &t.generation, &t.epoch, &by); err != nil {
		w.violate(name, "a reader sees %q: %v", r.Value, err)
		return
	}
	w.note("READER", name, "sees record %d of part %d, written by %s at generation %s and epoch %d", n, r.Partition, by, generation(t.generation), t.epoch)
	if n != p.next { // unless somebody altered the offset
		if i := slices.Index(p.moved, n); i >= 0 {
			p.moved, p.next = p.moved[i+1:], n
		} else {
			w.violate(name, "I4: a reader sees record %d of part %d where %d is next; it was written by %s", n, r.Partition, p.next, by)
			p.next = n
		}
	}
	if p.lastIsSet && t.before(p.last) {
		w.violate(name, "I3: a reader sees record %d of part %d, written by %s at generation %s and epoch %d, behind one of generation %s and epoch %d",
			n, r.Partition, by, generation(t.generation), t.epoch, generation(p.last.generation), p.last.epoch)
	}
	p.last, p.lastIsSet = t, true
	p.next++
	p.seen = max(p.seen, p.next)
	p.slowest = max(p.slowest, time.Since(p.released[n]))
}

// read is the read_committed reader of all topics that sources write.
func (w *world) read(cl *kgo.Client) {
	for {
		fetches := cl.PollFetches(w.ctx)
		if w.ctx.Err() != nil {
			return
		}
		fetches.EachRecord(func(r *kgo.Record) { w.saw(strings.TrimPrefix(r.Topic, "from-"), r) })
	}
}
