package connecttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// OffsetStore keeps source offsets as production does: as JSON, between invocations. It implements connect.OffsetReader. The
// zero value is empty. It must not be used concurrently with Commit.
type OffsetStore struct {
	offsets map[string][]byte // JSON of the partition to JSON of the offset
}

// Commit stores offsets. It fails when a partition or an offset is not a map of primitives, or null.
func (s *OffsetStore) Commit(offsets ...connect.SourceOffset) error {
	for _, o := range offsets {
		key, err := offsetJSON(o.Partition.Value())
		if err != nil {
			return fmt.Errorf("commit offset: partition: %w", err)
		}
		value, err := offsetJSON(o.Offset)
		if err != nil {
			return fmt.Errorf("commit offset of %s: %w", key, err)
		}
		if s.offsets == nil {
			s.offsets = make(map[string][]byte)
		}
		s.offsets[string(key)] = value
	}
	return nil
}

// Offset returns the offset committed last for p, null when there is none. Integers are INT64 and other numbers FLOAT64.
func (s *OffsetStore) Offset(_ context.Context, p *connect.SourcePartition) (connect.Value, error) {
	key, err := offsetJSON(p.Value())
	if err != nil {
		return connect.Value{}, fmt.Errorf("look up offset: partition: %w", err)
	}
	raw, ok := s.offsets[string(key)]
	if !ok {
		return connect.Null(), nil
	}
	return offsetValue(raw)
}

// all returns every committed offset, as a user would read it from the REST API and send it back.
func (s *OffsetStore) all() ([]connect.SourceOffset, error) {
	var offsets []connect.SourceOffset
	for key, raw := range s.offsets {
		partition, err := offsetValue([]byte(key))
		if err != nil {
			return nil, err
		}
		offset, err := offsetValue(raw)
		if err != nil {
			return nil, err
		}
		offsets = append(offsets, connect.SourceOffset{Partition: connect.SourcePartitionOf(partition), Offset: offset})
	}
	return offsets, nil
}

// offsetJSON writes a map of primitives with its keys sorted.
func offsetJSON(v connect.Value) ([]byte, error) {
	if v.IsNull() {
		return []byte("null"), nil
	}
	if v.Kind() != connect.KindMap {
		return nil, fmt.Errorf("%s is no map", valueText(v))
	}
	object := make(map[string]any, v.Map().Len())
	for i := range v.Map().Len() {
		key, e := v.Map().Entry(i)
		if key.Kind() != connect.KindString {
			return nil, fmt.Errorf("key %s is no string", valueText(key))
		}
		member, err := primitive(e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key.Str(), err)
		}
		object[key.Str()] = member
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("write %s as JSON: %w", valueText(v), err)
	}
	return raw, nil
}

func primitive(v connect.Value) (any, error) {
	switch v.Kind() {
	case connect.KindNull:
		return nil, nil
	case connect.KindBool:
		return v.Bool(), nil
	case connect.KindInt8, connect.KindInt16, connect.KindInt32, connect.KindInt64:
		return v.Int(), nil
	case connect.KindFloat32, connect.KindFloat64:
		return v.Float(), nil
	case connect.KindString:
		return v.Str(), nil
	case connect.KindBytes:
		return v.Bytes(), nil // base64, which comes back as text
	}
	return nil, fmt.Errorf("%s is no primitive", valueText(v))
}

func offsetValue(raw []byte) (connect.Value, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		return connect.Value{}, fmt.Errorf("read offset %s: %w", raw, err)
	}
	if object == nil {
		return connect.Null(), nil
	}
	var slots []connect.Value
	for key, member := range object {
		slots = append(slots, connect.String(key), offsetMember(member))
	}
	return connect.NewMap(slots).Value(), nil
}

func offsetMember(member any) connect.Value {
	switch m := member.(type) {
	case bool:
		return connect.Bool(m)
	case string:
		return connect.String(m)
	case json.Number:
		if n, err := m.Int64(); err == nil && !strings.ContainsAny(m.String(), ".eE") {
			return connect.Int64(n)
		}
		f, _ := m.Float64() // what is out of range is infinite, as in Java
		return connect.Float64(f)
	}
	return connect.Null()
}
