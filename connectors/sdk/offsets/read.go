package offsets

import (
	"fmt"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// ParseKey splits the key of an offsets record. The partition is a map, or null for a partition that is null; it is on the
// heap. A key that is not an array of a string and a map or null is an error; Kafka Connect skips such records.
func ParseKey(key []byte) (connector string, partition connect.Value, err error) {
	v, err := parse(key)
	if err != nil {
		return "", connect.Null(), fmt.Errorf("parse the key of an offsets record %q: %w", key, err)
	}
	if v.Kind() != connect.KindArray || len(v.Array()) != 2 {
		return "", connect.Null(), fmt.Errorf("the key of an offsets record %q is not an array of two elements", key)
	}
	name, partition := v.Array()[0], v.Array()[1]
	if name.Kind() != connect.KindString {
		return "", connect.Null(), fmt.Errorf("the key of an offsets record %q does not begin with a connector name", key)
	}
	if !partition.IsNull() && partition.Kind() != connect.KindMap {
		return "", connect.Null(), fmt.Errorf("the partition in the key of an offsets record %q is not an object", key)
	}
	return name.Str(), partition, nil
}

// ParseValue parses the value of an offsets record: null for a nil value, else normally a map, on the heap.
func ParseValue(value []byte) (connect.Value, error) {
	if value == nil {
		return connect.Null(), nil
	}
	v, err := parse(value)
	if err != nil {
		return connect.Null(), fmt.Errorf("parse the value of an offsets record %q: %w", value, err)
	}
	return v, nil
}

// Normalize returns v as it would come back from the topic: this is what Kafka Connect does to partitions and offsets that
// a user wants to set (ConnectorOffsets in the REST API). Validate must hold for v.
func Normalize(v connect.Value) (connect.Value, error) {
	b, err := AppendValue(nil, v)
	if err != nil {
		return connect.Null(), err
	}
	return ParseValue(b)
}

// parse reads one JSON value as Kafka Connect's JsonConverter does without schemas, with objects in the order of a
// java.util.HashMap.
func parse(data []byte) (connect.Value, error) {
	converter, err := jsonconv.Class().New(map[string]string{jsonconv.SchemasEnableConfig: "false", jsonconv.TypeConfig: "value"})
	if err != nil {
		return connect.Null(), err
	}
	_, v, err := converter.ReadData(nil, "", data)
	if err != nil {
		return connect.Null(), err
	}
	return inHashOrder(v.Clone(nil)), nil // Clone: what was read may point into data
}

func inHashOrder(v connect.Value) connect.Value {
	switch v.Kind() {
	case connect.KindArray:
		for i, e := range v.Array() {
			v.Array()[i] = inHashOrder(e)
		}
	case connect.KindMap:
		m := v.Map()
		keys := make([]string, m.Len())
		for i := range keys {
			key, _ := m.Entry(i)
			keys[i] = key.Str()
		}
		slots := make([]connect.Value, 0, 2*len(keys))
		for _, i := range javatext.HashOrder(keys) {
			key, value := m.Entry(i)
			slots = append(slots, key, inHashOrder(value))
		}
		return connect.NewMap(slots).Value()
	}
	return v
}
