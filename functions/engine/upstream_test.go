package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// upstream is a system that sources read: lines in some partitions, of which it remembers what was acknowledged.
type upstream struct {
	topic   string
	lines   map[string][]string
	atOnce  int // records a poll gives; 0 is all that fit
	acked   map[string]int64
	pollErr func(poll int) error
	onPoll  func(ctx context.Context, poll int)
	onAck   func(partition string, n int64)
	ledger  *ledger // what was acknowledged, over all runs
	headers bool
	stamp   int64 // timestamp of all records, 0 is none
	polls   int
	// onTransaction, with transaction.boundary=connector, is asked at the end of each poll, which appended to the batch from
	// record from on.
	onTransaction func(tx *connect.TransactionContext, b *connect.Batch, from int)
	opened        int
	closed        int
}

func (u *upstream) class() *connect.Class {
	return &connect.Class{
		Name: "test.Source", Source: func() connect.Source { return &lineSource{u: u} },
		DefinesTransactions: func(map[string]string) bool { return u.onTransaction != nil },
	}
}

// ledger is what an upstream has forgotten, because it was told that it is durable elsewhere. A nil ledger forgets nothing.
type ledger struct {
	mu    sync.Mutex
	lines map[string]int64
}

func (l *ledger) acknowledge(name string, line int64) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines[name] = max(l.lines[name], line)
}

func (l *ledger) gone(name string) int64 {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines[name]
}

// lineSource reads an upstream, partition by partition, from the offsets committed.
type lineSource struct {
	u     *upstream
	parts []*linePart
	buf   []byte // reused by each poll, as a source's own buffer may be
	tx    *connect.TransactionContext
}

type linePart struct {
	name string
	p    *connect.SourcePartition
	next int
}

func (s *lineSource) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	s.u.opened++
	s.u.polls = 0
	s.tx = rt.Transaction
	names := make([]string, 0, len(s.u.lines))
	for name := range s.u.lines {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		part := &linePart{name: name, p: connect.NewSourcePartition("file", connect.String(name))}
		gone := s.u.ledger.gone(name)
		o, err := rt.Offsets.Offset(ctx, part.p)
		if err != nil {
			return err
		}
		if !o.IsNull() {
			n, _ := o.Map().Get("line")
			part.next = int(n.Int())
		}
		if int64(part.next) < gone {
			return fmt.Errorf("%s is to be read from line %d, but everything up to %d was acknowledged and is gone", name, part.next, gone)
		}
		s.parts = append(s.parts, part)
	}
	return nil
}

func (s *lineSource) Poll(ctx context.Context, b *connect.Batch) error {
	s.u.polls++
	if s.u.onPoll != nil {
		s.u.onPoll(ctx, s.u.polls)
	}
	if s.u.pollErr != nil {
		if err := s.u.pollErr(s.u.polls); err != nil {
			return err
		}
	}
	for i := range s.buf {
		s.buf[i] = '#' // what earlier polls gave is invalid now
	}
	s.buf = s.buf[:0]
	if s.tx != nil {
		defer func(from int) { s.u.onTransaction(s.tx, b, from) }(b.Len())
	}
	given := 0
	for _, part := range s.parts {
		for part.next < len(s.u.lines[part.name]) && !b.Full() && (s.u.atOnce == 0 || given < s.u.atOnce) {
			line := s.u.lines[part.name][part.next]
			part.next++
			given++
			r := b.Append()
			r.Topic, r.SourcePartition = s.u.topic, part.p
			at := len(s.buf)
			s.buf = append(s.buf, line...)
			r.Value = connect.Bytes(s.buf[at:])
			m := b.Arena.NewMap(1)
			m.SetKey(0, connect.String("line"))
			m.SetValue(0, connect.Int64(int64(part.next)))
			r.SourceOffset = m.Value()
			if s.u.stamp != 0 {
				r.Timestamp = s.u.stamp
			}
			if s.u.headers {
				r.Headers = []connect.Header{{Key: "h", Schema: connect.StringSchema, Value: connect.String("v" + line)}}
			}
			b.AddBytes(len(line))
		}
	}
	return nil
}

func (s *lineSource) Committed(_ context.Context, o []connect.SourceOffset) error {
	for _, so := range o {
		file, _ := so.Partition.Value().Map().Get("file")
		line, _ := so.Offset.Map().Get("line")
		s.u.ledger.acknowledge(file.Str(), line.Int())
		if s.u.onAck != nil {
			s.u.onAck(file.Str(), line.Int())
		}
		if s.u.acked == nil {
			s.u.acked = make(map[string]int64)
		}
		s.u.acked[file.Str()] = line.Int()
	}
	return nil
}

func (s *lineSource) Close(context.Context) error {
	s.u.closed++
	return nil
}
