package offsets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
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

// parse reads one JSON value; like Jackson it ignores what follows it, and takes no text at all for null.
func parse(data []byte) (connect.Value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := parseNext(d)
	if errors.Is(err, io.EOF) && len(bytes.TrimSpace(data)) == 0 {
		return connect.Null(), nil
	}
	return v, err
}

func parseNext(d *json.Decoder) (connect.Value, error) {
	token, err := d.Token()
	if err != nil {
		return connect.Null(), err
	}
	switch t := token.(type) {
	case bool:
		return connect.Bool(t), nil
	case string:
		return connect.String(t), nil
	case json.Number:
		return number(t.String())
	case json.Delim:
		if t == '[' {
			return parseArray(d)
		}
		return parseObject(d)
	}
	return connect.Null(), nil
}

func parseArray(d *json.Decoder) (connect.Value, error) {
	var elems []connect.Value
	for d.More() {
		v, err := parseNext(d)
		if err != nil {
			return connect.Null(), err
		}
		elems = append(elems, v)
	}
	_, err := d.Token()
	return connect.Array(elems), err
}

// parseObject reads the rest of an object into a map in the order of a java.util.HashMap. Of a repeated key the last value
// counts.
func parseObject(d *json.Decoder) (connect.Value, error) {
	var keys []string
	values := make(map[string]connect.Value)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return connect.Null(), err
		}
		key, _ := token.(string)
		v, err := parseNext(d)
		if err != nil {
			return connect.Null(), err
		}
		if _, repeated := values[key]; !repeated {
			keys = append(keys, key)
		}
		values[key] = v
	}
	slots := make([]connect.Value, 0, 2*len(keys))
	for _, i := range javatext.HashOrder(keys) {
		slots = append(slots, connect.String(keys[i]), values[keys[i]])
	}
	_, err := d.Token()
	return connect.NewMap(slots).Value(), err
}

// number gives an INT64 for an integer, of which a larger one keeps its low 64 bits as in Java, else a FLOAT64.
func number(text string) (connect.Value, error) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return connect.Int64(n), nil
	}
	if n, ok := new(big.Int).SetString(text, 10); ok {
		low := new(big.Int).And(n, new(big.Int).SetUint64(1<<64-1))
		return connect.Int64(int64(low.Uint64())), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return connect.Null(), fmt.Errorf("%s is no number: %w", text, err)
	}
	return connect.Float64(f), nil
}
