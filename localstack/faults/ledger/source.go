package ledger

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

const (
	topicKey      = "topic"
	positionField = "position"
	// batchSize bounds what a source emits at once, so that a run is many transactions.
	batchSize = 20
)

// source emits the numbers that the Ledger lets it.
type source struct {
	ledger    *client
	topic     string
	partition *connect.SourcePartition
	position  int64 // the next number
}

// Open implements connect.Source.
func (s *source) Open(ctx context.Context, rt *connect.SourceRuntime) error {
	s.ledger, s.topic = newClient(rt.Config), rt.Config[topicKey]
	s.partition = connect.NewSourcePartition("ledger", connect.String("0"))
	offset, err := rt.Offsets.Offset(ctx, s.partition)
	if err != nil {
		return fmt.Errorf("read the committed position: %w", err)
	}
	if offset.Kind() != connect.KindMap {
		return nil
	}
	position, ok := offset.Map().Get(positionField)
	if !ok || !position.IsInteger() {
		return connect.ConfigError("the committed offset " + offset.String() + " has no position")
	}
	s.position = position.Int()
	return nil
}

// Poll implements connect.Source. One request is one batch: with records in b there is no further one.
func (s *source) Poll(ctx context.Context, b *connect.Batch) error {
	if b.Len() > 0 {
		return nil
	}
	p, err := s.ledger.call(ctx, "/poll", request{From: s.position, To: s.position + batchSize})
	if err != nil {
		return err
	}
	for ; s.position < p.To; s.position++ {
		r := b.Append()
		text := strconv.FormatInt(s.position, 10)
		r.Topic, r.ValueSchema, r.Value = s.topic, connect.StringSchema, connect.String(text)
		r.SourcePartition = s.partition
		r.SourceOffset = connect.NewMap([]connect.Value{connect.String(positionField), connect.Int64(s.position + 1)}).Value()
		b.AddBytes(len(text))
	}
	return nil
}

// Committed implements connect.Source.
func (s *source) Committed(ctx context.Context, offsets []connect.SourceOffset) error {
	for _, o := range offsets {
		position, _ := o.Offset.Map().Get(positionField)
		if _, err := s.ledger.call(ctx, "/committed", request{To: position.Int()}); err != nil {
			return err
		}
	}
	return nil
}

// Close implements connect.Source.
func (s *source) Close(context.Context) error {
	if s.ledger != nil {
		s.ledger.close()
	}
	return nil
}
