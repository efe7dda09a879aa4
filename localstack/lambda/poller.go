package lambda

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
)

// maxPending bounds the bytes of events that a partition holds before its fetches pause.
const maxPending = 2 * maxRequest

// envelope is an upper bound of what an event has beside its records and the names of its partitions.
func (m *Mapping) envelope() int {
	return 1<<10 + len(m.EventSourceARN) + len(strings.Join(m.BootstrapServers, ","))
}

// item is a record on its way.
type item struct {
	record  *kgo.Record
	text    []byte // as it is written into the event
	arrived time.Time
	done    bool // the function was successful with it, or it was given up
}

func newItem(r *kgo.Record, now time.Time) (*item, error) {
	e := kafkaevent.Record{
		Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Timestamp: r.Timestamp.UnixMilli(), TimestampType: kafkaevent.CreateTime,
		Key: r.Key, Value: r.Value, Headers: make([]kafkaevent.Header, len(r.Headers)),
	}
	if r.Attrs.TimestampType() == 1 {
		e.TimestampType = kafkaevent.LogAppendTime
	}
	for i, h := range r.Headers {
		e.Headers[i] = kafkaevent.Header{Key: h.Key, Value: h.Value}
	}
	text, err := json.Marshal(e)
	return &item{record: r, text: text, arrived: now}, err
}

// poll fetches until the mapping ends. Between a poll and the moment at which its records are pending, no partition changes
// hands: a record that was fetched before its partition was revoked cannot show up after it was assigned again.
func (m *Mapping) poll() {
	for m.ctx.Err() == nil {
		fetches := m.kafka.PollRecords(m.ctx, m.BatchSize)
		if fetches.IsClientClosed() {
			return
		}
		fetches.EachError(func(_ string, _ int32, err error) {
			if m.ctx.Err() == nil {
				m.failed(err)
			}
		})
		m.mu.Lock()
		now := time.Now()
		fetches.EachRecord(func(r *kgo.Record) {
			p := m.parts[r.Partition]
			if p == nil {
				return
			}
			it, err := newItem(r, now)
			if err != nil {
				m.err = err
				return
			}
			p.pending = append(p.pending, it)
		})
		m.hold()
		m.mu.Unlock()
		m.kafka.AllowRebalance()
		m.look()
	}
}

// hold pauses the fetches of partitions that have enough pending, and resumes them when they have not. The caller holds mu.
func (m *Mapping) hold() {
	for n, p := range m.parts {
		bytes := 0
		for _, it := range p.pending {
			bytes += len(it.text)
		}
		enough := len(p.pending) >= m.BatchSize || bytes >= maxPending
		if enough == p.held {
			continue
		}
		if p.held = enough; enough {
			m.kafka.PauseFetchPartitions(map[string][]int32{m.Topic: {n}})
		} else {
			m.kafka.ResumeFetchPartitions(map[string][]int32{m.Topic: {n}})
		}
	}
}

// dispatch starts batches as soon as they are full or their window is over.
func (m *Mapping) dispatch() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		for {
			b, wait := m.next()
			if b == nil {
				timer.Reset(wait)
				break
			}
			m.wg.Go(func() { m.run(b) })
		}
		select {
		case <-m.wake:
		case <-timer.C:
		case <-m.ctx.Done():
			return
		}
	}
}

// idleWait is how long the dispatcher sleeps when nothing is pending; it is woken before.
const idleWait = time.Hour

// next returns the next batch to run, or how long to wait for one. A batch takes from all partitions that have none; each
// partition is in one batch at a time, so that its records stay in order.
func (m *Mapping) next() (*batch, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.paused || m.ctx.Err() != nil {
		return nil, idleWait
	}
	var free []int32
	var oldest time.Time
	count, bytes := 0, m.envelope()
	for n, p := range m.parts {
		if p.batch != nil || len(p.pending) == 0 {
			continue
		}
		free = append(free, n)
		if at := p.pending[0].arrived; oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		count += len(p.pending)
		for _, it := range p.pending {
			bytes += len(it.text) + 1
		}
	}
	if len(free) == 0 {
		return nil, idleWait
	}
	if left := time.Until(oldest.Add(m.Window)); left > 0 && count < m.BatchSize && bytes < maxRequest {
		return nil, left
	}
	slices.Sort(free)
	b := m.take(free)
	m.hold()
	return b, 0
}

// take makes a batch of what is pending in partitions, up to the bounds of an event. The caller holds mu.
func (m *Mapping) take(from []int32) *batch {
	b := &batch{done: make(chan struct{})}
	b.ctx, b.stop = context.WithCancel(m.ctx)
	bytes := m.envelope()
	for _, n := range from {
		p := m.parts[n]
		room := bytes + len(kafkaevent.TopicPartition(m.Topic, n)) + len(`"":[],`)
		taken := 0
		for _, it := range p.pending {
			full := len(b.items) == m.BatchSize || room+len(it.text)+1 > maxRequest
			if full && len(b.items) > 0 { // a record that is too large alone is sent alone, and refused
				break
			}
			room += len(it.text) + 1
			b.items = append(b.items, it)
			taken++
		}
		if taken > 0 {
			bytes, p.batch = room, b
			p.pending = slices.Clone(p.pending[taken:])
		}
	}
	return b
}

// assigned, revoked and lost are called by the client, never two at a time.
func (m *Mapping) assigned(_ context.Context, kafka *kgo.Client, now map[string][]int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range now[m.Topic] {
		m.parts[n] = &partition{}
		kafka.ResumeFetchPartitions(map[string][]int32{m.Topic: {n}})
	}
}

// revoked gives partitions away when their batches have come to rest: what a function has been successful with is committed,
// the rest is for the next owner.
func (m *Mapping) revoked(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	m.settle(gone[m.Topic])
	m.forget(gone[m.Topic])
}

// lost forgets partitions that others own by now. What runs is not committed.
func (m *Mapping) lost(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
	m.forget(gone[m.Topic])
}

func (m *Mapping) forget(partitions []int32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range partitions {
		delete(m.parts, n)
	}
}

// settle makes the batches of partitions stop retrying, nil is all, and waits for their end.
func (m *Mapping) settle(partitions []int32) {
	m.mu.Lock()
	var running []*batch
	for n, p := range m.parts {
		if p.batch != nil && (partitions == nil || slices.Contains(partitions, n)) {
			p.batch.stop()
			running = append(running, p.batch)
		}
	}
	m.mu.Unlock()
	for _, b := range running {
		<-b.done
	}
}
