package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
	"github.com/ferry-connect/ferry/functions/engine"
	"github.com/ferry-connect/ferry/functions/task"
	"github.com/ferry-connect/ferry/localstack/ferry/internal/progress"
)

// Resumed returns where the connectors of Options.Remember stood when the host was started, as text by name. Those that did not exist
// or had committed nothing are left out.
func (h *Host) Resumed() map[string]string { return h.resumed }

// positions returns where connectors stand according to what is committed, as Resumed does.
func (h *Host) positions(ctx context.Context, names ...string) (map[string]string, error) {
	positions := make(map[string]string)
	for _, name := range names {
		conn, ok := h.Store.Configs().Snapshot().Connectors[name]
		if !ok {
			continue
		}
		text, err := h.sourcePosition(ctx, name, conn.Config.Map()[task.OffsetsTopicKey])
		if err == nil && text == "" {
			text, err = h.sinkPosition(ctx, name)
		}
		if err != nil {
			return nil, fmt.Errorf("look up where %s stands: %w", name, err)
		}
		if text != "" {
			positions[name] = text
		}
	}
	return positions, nil
}

// sourcePosition returns the first source offset.
func (h *Host) sourcePosition(ctx context.Context, name, own string) (string, error) {
	all, err := h.Store.Offsets().All(ctx, name, own)
	if err != nil || len(all) == 0 {
		return "", err
	}
	partition, err := offsets.AppendValue(nil, all[0].Partition.Value())
	if err != nil {
		return "", err
	}
	offset, err := offsets.AppendValue(nil, all[0].Offset)
	if err != nil {
		return "", err
	}
	text := progress.SourcePosition(bytes.Clone(partition), offset)
	if more := len(all) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text, nil
}

// sinkPosition returns the offsets of the sink's consumer group.
func (h *Host) sinkPosition(ctx context.Context, name string) (string, error) {
	committed, err := kadm.NewClient(h.kafka).FetchOffsets(ctx, offsets.GroupID(name))
	if errors.Is(err, kerr.GroupIDNotFound) || err == nil && len(committed) == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var at []engine.Position
	committed.Each(func(o kadm.OffsetResponse) {
		at = append(at, engine.Position{Topic: o.Topic, Partition: o.Partition, Offset: o.At, Head: -1})
	})
	return progress.SinkPosition(at), nil
}
