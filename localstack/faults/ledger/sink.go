package ledger

import (
	"context"
	"crypto/rand"
	"fmt"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// sink hands numbers to the Ledger.
type sink struct {
	exactlyOnce bool

	ledger  *client
	session string
	stored  int64 // what the Ledger last said, of an exactly-once sink
	next    int64 // one beyond the last offset that was put; 0 when nothing was since the last flush
}

// Open implements connect.Sink.
func (s *sink) Open(ctx context.Context, rt *connect.SinkRuntime) error {
	if len(rt.Partitions) > 1 {
		return connect.ConfigError("the ledger takes one partition")
	}
	s.ledger, s.session = newClient(rt.Config), rand.Text()
	p, err := s.ledger.call(ctx, "/open", request{Session: s.session})
	s.stored = p.Stored
	return err
}

// Put implements connect.Sink. A batch that is put again takes its own place.
func (s *sink) Put(ctx context.Context, b *connect.Batch) error {
	records := b.Records()
	if len(records) == 0 {
		return nil
	}
	q := request{Session: s.session, From: records[0].OriginalOffset, IDs: make([]int64, len(records))}
	for i := range records {
		var err error
		if q.IDs[i], err = strconv.ParseInt(records[i].Value.Str(), 10, 64); err != nil {
			return connect.DataErrorf("record %d is no number: %v", records[i].OriginalOffset, err)
		}
		if records[i].OriginalOffset != q.From+int64(i) {
			return connect.FatalError(fmt.Sprintf("offset %d follows %d", records[i].OriginalOffset, q.From+int64(i)-1), nil)
		}
	}
	if _, err := s.ledger.call(ctx, "/put", q); err != nil {
		return err
	}
	s.next = q.From + int64(len(records))
	return nil
}

// Flush implements connect.Sink.
func (s *sink) Flush(ctx context.Context) (connect.Offsets, error) {
	if s.next == 0 {
		return nil, nil
	}
	for {
		p, err := s.ledger.call(ctx, "/flush", request{Session: s.session, Conditional: s.exactlyOnce, From: s.stored, To: s.next})
		if err != nil {
			return nil, err
		}
		s.stored = p.Stored
		if !p.Refused {
			s.next = 0
			return nil, nil
		}
	}
}

// Close implements connect.Sink.
func (s *sink) Close(context.Context) error {
	if s.ledger != nil {
		s.ledger.close()
	}
	return nil
}
