package simulation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// downstream is the system that a sink writes to. It keeps how often it was given each record, and for the exactly-once sink the
// offset beside the data.
type downstream struct {
	exactlyOnce bool
	parts       []*shelf
}

// shelf is what came of one partition. Records of the topic have no gaps, so that an offset is a record's number.
type shelf struct {
	born      []time.Time // of each record there is
	slowest   time.Duration
	times     []int // by offset, how often the record is durable
	durable   int64 // all below are
	next      int64 // of the exactly-once sink: the offset beside the data
	committed int64 // of the group, as last seen
}

// sink is the class as one sandbox links it.
func (w *world) sink(p *process) *connect.Class {
	return &connect.Class{
		Name: sinkClass, TaskClass: "simulation.SinkTask", Config: configdef.MustNew(),
		Sink: func() connect.Sink { return &sink{w: w, p: p, rng: w.invocation(p)} },
	}
}

// sink holds what it was given until it is flushed.
type sink struct {
	w   *world
	p   *process
	rng *rand.Rand

	name    string
	down    *downstream
	begin   []int64 // by partition, the group's offset when the sink was opened
	stored  []int64 // by partition, the offset beside the data, as this sink knows it
	begun   []bool
	pending []held
}

// held is a record that is not durable yet.
type held struct {
	partition int32
	offset    int64
}

// Open implements connect.Sink.
func (s *sink) Open(_ context.Context, rt *connect.SinkRuntime) error {
	if err := s.p.step("opens the downstream"); err != nil {
		return connect.RetriableError("open", err)
	}
	s.name = rt.Config["name"]
	s.w.looked()
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	s.down = s.w.downstreams[s.name]
	for _, shelf := range s.down.parts {
		s.begin, s.stored = append(s.begin, shelf.committed), append(s.stored, shelf.next)
	}
	s.begun = make([]bool, len(s.begin))
	s.w.note(s.p.name, s.name, "opens the downstream for %v, where the group is at %v", rt.Partitions, slices.Clone(s.begin))
	return nil
}

// Put implements connect.Sink.
func (s *sink) Put(_ context.Context, b *connect.Batch) error {
	if b.Len() == 0 {
		return nil
	}
	if err := s.trouble("puts", 10); err != nil {
		return err
	}
	for _, r := range b.Records() {
		p := r.OriginalPartition
		if !s.begun[p] {
			s.begun[p] = true
			s.w.note(s.p.name, s.name, "begins partition %d at %d", p, r.OriginalOffset)
		}
		if s.down.exactlyOnce && r.OriginalOffset < s.stored[p] {
			continue // it is there already
		}
		s.pending = append(s.pending, held{p, r.OriginalOffset})
	}
	return nil
}

// trouble is what the downstream answers now and then.
func (s *sink) trouble(doing string, most int) error {
	if err := s.p.step(doing); err != nil {
		return connect.FatalError(doing, err)
	}
	if !s.w.faulty() {
		return nil
	}
	switch n := s.rng.IntN(200); {
	case n < most:
		return connect.RetriableError("simulated: the downstream is busy", nil)
	case n < most+1 && s.w.fatal:
		return connect.FatalError("simulated: the downstream broke", nil)
	}
	return nil
}

// Flush implements connect.Sink. The exactly-once sink compares the offset beside the data with the one it knows, in the same
// transaction in which it writes both.
func (s *sink) Flush(context.Context) (connect.Offsets, error) {
	if err := s.trouble("flushes", 6); err != nil {
		return nil, err
	}
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if s.down.exactlyOnce {
		for p, shelf := range s.down.parts {
			if s.stored[p] != shelf.next && slices.ContainsFunc(s.pending, func(h held) bool { return h.partition == int32(p) }) {
				s.w.note(s.p.name, s.name, "is refused: partition %d is at %d, not at %d", p, shelf.next, s.stored[p])
				return nil, connect.FatalError("somebody else writes to the downstream", nil)
			}
		}
	}
	for _, h := range s.pending {
		shelf := s.down.parts[h.partition]
		for int64(len(shelf.times)) <= h.offset {
			shelf.times = append(shelf.times, 0)
		}
		if shelf.times[h.offset]++; shelf.times[h.offset] == 1 {
			shelf.slowest = max(shelf.slowest, time.Since(shelf.born[h.offset]))
		}
		for shelf.durable < int64(len(shelf.times)) && shelf.times[shelf.durable] > 0 {
			shelf.durable++
		}
		shelf.next = max(shelf.next, h.offset+1)
		s.stored[h.partition] = shelf.next
	}
	if n := len(s.pending); n > 0 {
		s.w.note(s.p.name, s.name, "makes durable %s", spans(s.pending))
	}
	s.pending = s.pending[:0]
	return nil, nil
}

// Close implements connect.Sink.
func (s *sink) Close(context.Context) error { return s.p.pass() }

// spans writes records as ranges of each partition.
func spans(records []held) string {
	first, last := make(map[int32]int64), make(map[int32]int64)
	var order []int32
	for _, h := range records {
		if _, ok := first[h.partition]; !ok {
			first[h.partition] = h.offset
			order = append(order, h.partition)
		}
		last[h.partition] = h.offset
	}
	var text []string
	for _, p := range order {
		text = append(text, fmt.Sprintf("%d to %d of partition %d", first[p], last[p], p))
	}
	return strings.Join(text, ", ")
}

// commits looks at an offset that a process wants to commit for a group.
func (w *world) commits(p *process, group, topic string, id [16]byte, partition int32, offset int64) {
	if topic == "" {
		if info := w.broker.TopicIDInfo(id); info != nil {
			topic = info.Topic
		}
	}
	name := strings.TrimPrefix(topic, "to-")
	w.mu.Lock()
	defer w.mu.Unlock()
	down, ok := w.downstreams[name]
	if !ok {
		return
	}
	w.note(p.name, name, "wants to commit %d of partition %d for %s", offset, partition, group)
	if shelf := down.parts[partition]; shelf.durable < offset {
		w.violate(name, "I2: %s commits %d of partition %d, but only those below %d are durable", p.name, offset, partition, shelf.durable)
	}
}

// looked looks at the groups' offsets: they only grow.
func (w *world) looked() {
	w.looking.Lock() // so that an older answer does not come after a newer one
	defer w.looking.Unlock()
	for _, name := range w.names {
		if w.downstreams[name] == nil {
			continue
		}
		info := w.broker.GroupInfo("connect-" + name)
		if info == nil {
			continue
		}
		w.mu.Lock()
		for partition, c := range info.Commits["to-"+name] {
			shelf := w.downstreams[name].parts[partition]
			if c.Offset < shelf.committed {
				w.violate(name, "I3: the group's offset of partition %d goes back from %d to %d", partition, shelf.committed, c.Offset)
			}
			if c.Offset > shelf.durable {
				w.violate(name, "I2: the group's offset of partition %d is %d, but only those below %d are durable", partition, c.Offset, shelf.durable)
			}
			shelf.committed = c.Offset
		}
		w.mu.Unlock()
	}
}
