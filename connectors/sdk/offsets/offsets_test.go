package offsets_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// elsewhere names the groups of offsets.jsonl that test other packages, and which.
var elsewhere = map[string]string{
	"ConnectorOffsets":         "bodies of the REST API: coordinator/rest",
	"FileStreamSink":           "a connector: connectors/file",
	"FileStreamSource":         "a connector: connectors/file",
	"alterOffsets":             "connectors: connectors/file and connectors/mirror",
	"mirror":                   "a connector: connectors/mirror",
	"replicationPolicy":        "a connector: connectors/mirror",
	"checkAndConvertTimestamp": "record timestamps: functions/engine",
	"patchConfig":              "connector configurations: coordinator/store",
}

var checks = map[string]vectors.Check{
	"offsetWrite":                            checkWrite,
	"processPartitionKey":                    checkPartitionKey,
	"parseSinkConnectorOffsets":              checkParseSink,
	"consumerGroupOffsetsToConnectorOffsets": checkFormatSink,
	"consumerGroupId":                        checkGroupID,
}

func TestVectorOffsets(t *testing.T) {
	cases := vectors.Where(vectors.Read(t, "offsets.jsonl"), func(c vectors.Case) bool {
		_, other := elsewhere[c.Group]
		return !other
	})
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		check, ok := checks[c.Group]
		if !ok {
			return fmt.Errorf("no test knows group %s", c.Group)
		}
		return check(t, c)
	})
}

func value(raw json.RawMessage) connect.Value {
	v, err := vectors.Value(nil, raw)
	if err != nil {
		panic(err)
	}
	return v
}

func checkError(c vectors.Case, err error) error {
	if e, ok := errors.AsType[*connect.Error](err); ok {
		return c.Error.Agrees(e.SimpleClass(), e.Message)
	}
	return err
}

func checkWrite(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Connector         string
		Partition, Offset json.RawMessage
	}](t, c.Input)
	key, err := offsets.AppendKey([]byte{}, in.Connector, connect.SourcePartitionOf(value(in.Partition)))
	if err != nil {
		return checkError(c, err)
	}
	written, err := offsets.AppendValue(nil, value(in.Offset))
	if err != nil {
		return checkError(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("wrote %s = %s, but the real class threw %s", key, written, c.Error.Text())
	}
	want := vectors.Decode[struct{ Key, Value, ReadBack json.RawMessage }](t, c.Output)
	if err := vectors.EqualBytes(want.Key, key); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	if err := vectors.EqualBytes(want.Value, written); err != nil {
		return fmt.Errorf("value: %w", err)
	}
	connector, partition, err := offsets.ParseKey(key)
	if err != nil || connector != in.Connector || partition.IsNull() != value(in.Partition).IsNull() {
		return fmt.Errorf("the key reads as %s %s %w", connector, partition, err)
	}
	readBack, err := offsets.ParseValue(written)
	if err != nil {
		return err
	}
	return vectors.EqualValue(want.ReadBack, nil, readBack)
}

func checkPartitionKey(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Key   string
		Value *string
	}](t, c.Input)
	x := offsets.Index{Connector: "c"}
	if err := x.Apply([]byte(`["c",{"a":1}]`), []byte(`{"o":0}`), 0); err != nil {
		return err
	}
	var written []byte
	if in.Value != nil {
		written = []byte(*in.Value)
	}
	_ = x.Apply([]byte(in.Key), written, 1) // a malformed key is an error, and changes nothing: that is what is checked
	want := vectors.Decode[struct {
		C struct{ Array []json.RawMessage }
	}](t, c.Output).C.Array
	got := x.Entries()
	if len(got) != len(want) {
		return fmt.Errorf("%d partitions, want %d", len(got), len(want))
	}
	for i, w := range want {
		if err := vectors.EqualValue(w, nil, got[i].Partition); err != nil {
			return err
		}
	}
	return nil
}

func checkParseSink(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct{ Partition, Offset json.RawMessage }](t, c.Input)
	got, err := offsets.ParseSink(value(in.Partition), value(in.Offset))
	if err != nil {
		return checkError(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("parsed %v, but the real class threw %s", got, c.Error.Text())
	}
	want := vectors.Decode[[]struct {
		Topic     string
		Partition int32
		Offset    *int64
	}](t, c.Output)[0]
	if got.Topic != want.Topic || got.Partition != want.Partition || got.Reset != (want.Offset == nil) {
		return fmt.Errorf("parsed %+v, want %+v", got, want)
	}
	if want.Offset != nil && got.Offset != *want.Offset {
		return fmt.Errorf("parsed offset %d, want %d", got.Offset, *want.Offset)
	}
	return nil
}

func checkFormatSink(t *testing.T, c vectors.Case) error {
	in := vectors.Decode[struct {
		Topic     string
		Partition int32
		Offset    int64
	}](t, c.Input)
	partition, offset := offsets.FormatSink(connect.TopicPartition{Topic: in.Topic, Partition: in.Partition}, in.Offset)
	p, err := offsets.AppendValue(nil, partition)
	if err != nil {
		return err
	}
	o, err := offsets.AppendValue(nil, offset)
	if err != nil {
		return err
	}
	got := fmt.Sprintf(`{"offsets":[{"partition":%s,"offset":%s}]}`, p, o)
	if want := vectors.Decode[struct{ JSON string }](t, c.Output).JSON; got != want {
		return fmt.Errorf("got %s, want %s", got, want)
	}
	return nil
}

func checkGroupID(t *testing.T, c vectors.Case) error {
	got := offsets.GroupID(vectors.Decode[struct{ Name string }](t, c.Input).Name)
	if want := vectors.Decode[struct{ GroupID string }](t, c.Output).GroupID; got != want {
		return fmt.Errorf("got %q, want %q", got, want)
	}
	return nil
}
