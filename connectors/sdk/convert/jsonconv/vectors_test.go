package jsonconv_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
)

func TestVectorJsonConverter(t *testing.T) {
	differences := vectors.Differences{
		"json.order.*":                   "schemaless objects keep the order of their members, where Java has that of a HashMap",
		"json.cfg.15":                    "a configuration in Go holds no null",
		"json.from.on.nosc.bigint":       "BigInteger has no counterpart; it is told from no decimal",
		"json.from.off.nosc.bigint":      "BigInteger has no counterpart; it is told from no decimal",
		"json.from.off.nosc.set":         "TreeSet has no counterpart; it is told from no array",
		"json.from.off.nosc.char":        "Character has no counterpart",
		"json.from.off.wrong.str.nosc":   "a map has one kind only, whose class is named as HashMap",
		"json.from.off.wrong.struct.map": "a map has one kind only, whose class is named as HashMap",
	}
	vectors.Run(t, vectors.Read(t, "jsonconverter.jsonl"), differences, func(_ *testing.T, c vectors.Case) error {
		var in vectorInput
		if err := json.Unmarshal(c.Input, &in); err != nil {
			return err
		}
		conv, err := fromVectorConfig(c.Config)
		if err != nil {
			return agrees(c, err)
		}
		if in.Op == "toConnectData" {
			return checkRead(c, in, conv)
		}
		return checkWrite(c, in, conv)
	})
}

type vectorInput struct {
	Op            string
	Bytes         json.RawMessage
	Schema, Value json.RawMessage
}

// both is a converter in both roles; header cases ask for the other one.
type both interface {
	connect.Converter
	connect.HeaderConverter
}

func fromVectorConfig(config map[string]*string) (both, error) {
	props := map[string]string{jsonconv.TypeConfig: "value"}
	for key, value := range config {
		if value != nil {
			props[key] = *value
		}
	}
	conv, err := jsonconv.HeaderClass().New(props)
	if err != nil {
		return nil, err
	}
	return conv.(both), nil
}

func agrees(c vectors.Case, err error) error {
	var e *connect.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("not a connect.Error: %w", err)
	}
	return c.Error.Agrees(e.SimpleClass(), e.Message)
}

func checkRead(c vectors.Case, in vectorInput, conv both) error {
	data, err := vectors.Bytes(in.Bytes)
	if err != nil {
		return err
	}
	want := c.Output
	if strings.HasPrefix(c.ID, "json.order.") {
		want = bytes.ReplaceAll(want, []byte(`,"hashOrder":true`), nil) // so that order is compared
	}
	for range 2 { // the second time the reader knows the schema and the shape
		s, v, err := conv.ReadData(&connect.Arena{}, "topic", data)
		if err := checkResult(c, want, s, v, err); err != nil {
			return err
		}
	}
	s, v, err := jsonconv.ReadPlain(conv, nil, data)
	return checkResult(c, want, s, v, err)
}

func checkResult(c vectors.Case, want json.RawMessage, s *connect.Schema, v connect.Value, err error) error {
	if err != nil {
		return agrees(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("read %v, but the real class threw %s", v, c.Error.Text())
	}
	return equalSchemaAndValue(want, s, v)
}

func equalSchemaAndValue(raw json.RawMessage, s *connect.Schema, v connect.Value) error {
	var want struct{ Schema, Value json.RawMessage }
	if err := json.Unmarshal(raw, &want); err != nil {
		return err
	}
	if err := vectors.EqualSchema(want.Schema, s); err != nil {
		return err
	}
	return vectors.EqualValue(want.Value, s, v)
}

func checkWrite(c vectors.Case, in vectorInput, conv both) error {
	s, err := vectors.Schema(in.Schema)
	if err != nil {
		return err
	}
	v, err := vectors.Value(s, in.Value)
	if err != nil {
		return err
	}
	var data []byte
	if in.Op == "fromConnectHeader" {
		data, err = conv.AppendHeader([]byte{}, "topic", "key", s, v)
	} else {
		data, err = conv.AppendData([]byte{}, "topic", s, v)
	}
	if err != nil {
		return agrees(c, err)
	}
	if c.Error != nil {
		return fmt.Errorf("wrote %s, but the real class threw %s", data, c.Error.Text())
	}
	var want struct{ Bytes, RoundTrip json.RawMessage }
	if err := json.Unmarshal(c.Output, &want); err != nil {
		return err
	}
	if err := vectors.EqualBytes(want.Bytes, data); err != nil || want.RoundTrip == nil {
		return err
	}
	if len(want.RoundTrip) > 0 && bytes.Contains(want.RoundTrip, []byte(`"error"`)) {
		return nil
	}
	backSchema, back, err := conv.ReadHeader(nil, "topic", "key", data)
	if err != nil {
		return fmt.Errorf("read back %s: %w", data, err)
	}
	return equalSchemaAndValue(want.RoundTrip, backSchema, back)
}

func TestVectorDefinition(t *testing.T) {
	vectors.CheckDefinition(t, "dump.converter.json.JsonConverter", jsonconv.Class().Config, nil)
}
