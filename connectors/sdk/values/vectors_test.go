package values_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

// question is the input of a case of Values.
type question struct {
	Fn     string          `json:"fn"`
	Text   string          `json:"string"`
	Schema json.RawMessage `json:"schema"`
	Value  json.RawMessage `json:"value"`
}

type answer struct {
	Null   bool            `json:"nullSchemaAndValue"`
	Schema json.RawMessage `json:"schema"`
	Value  json.RawMessage `json:"value"`
}

func TestVectorHeadersValues(t *testing.T) {
	cases := vectors.Where(vectors.Read(t, "headers.jsonl"), func(c vectors.Case) bool {
		// A Character is no value of Kafka Connect's data model.
		return c.SimpleClass() == "Values" && !strings.Contains(string(c.Input), `"javaObject":"java.lang.Character"`)
	})
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		q := vectors.Decode[question](t, c.Input)
		from, v, err := decode(q)
		if err != nil {
			return err
		}
		s, got, err := ask(q, from, v)
		if err != nil {
			return agrees(c.Error, err)
		}
		if c.Error != nil {
			return fmt.Errorf("got %s, but the real class threw %s", got, c.Error.Text())
		}
		want := vectors.Decode[answer](t, c.Output)
		if want.Null {
			if s != nil || !got.IsNull() {
				return fmt.Errorf("got %s of %s, want null", got, s)
			}
			return nil
		}
		if want.Schema != nil {
			if err := vectors.EqualSchema(want.Schema, s); err != nil {
				return err
			}
		}
		if q.Fn == "inferSchema" {
			return nil
		}
		return vectors.EqualValue(want.Value, s, got)
	})
}

func decode(q question) (*connect.Schema, connect.Value, error) {
	from, err := vectors.Schema(q.Schema)
	if err != nil {
		return nil, connect.Value{}, err
	}
	v, err := vectors.Value(from, q.Value)
	return from, v, err
}

func ask(q question, from *connect.Schema, v connect.Value) (s *connect.Schema, got connect.Value, err error) {
	switch q.Fn {
	case "parseString":
		s, got = values.ParseString(q.Text)
	case "inferSchema":
		s, err = values.InferSchema(v)
	case "convertToBoolean":
		got, err = values.ConvertToBoolean(from, v)
	case "convertToByte":
		got, err = values.ConvertToByte(from, v)
	case "convertToShort":
		got, err = values.ConvertToShort(from, v)
	case "convertToInteger":
		got, err = values.ConvertToInteger(from, v)
	case "convertToLong":
		got, err = values.ConvertToLong(from, v)
	case "convertToFloat":
		got, err = values.ConvertToFloat(from, v)
	case "convertToDouble":
		got, err = values.ConvertToDouble(from, v)
	case "convertToString":
		got = values.ConvertToString(nil, v)
	case "convertToDate":
		got, err = values.ConvertToDate(from, v)
	case "convertToTime":
		got, err = values.ConvertToTime(from, v)
	case "convertToTimestamp":
		got, err = values.ConvertToTimestamp(from, v)
	case "convertToDecimal(scale=0)":
		got, err = values.ConvertToDecimal(0, v)
	case "convertToDecimal(scale=2)":
		got, err = values.ConvertToDecimal(2, v)
	case "convertToList":
		got, err = values.ConvertToList(v)
	case "convertToMap":
		got, err = values.ConvertToMap(v)
	case "convertToStruct":
		got, err = values.ConvertToStruct(v)
		if err == nil {
			s = got.Struct().Schema()
		}
	default:
		err = fmt.Errorf("unknown function %q", q.Fn)
	}
	return s, got, err
}

// agrees compares an error with the recorded one. Java has several classes where Ferry has one kind of value: the recorded
// text is read with the class that Ferry reports for it. The text of a ByteBuffer, which shows its positions, is not compared.
func agrees(want *vectors.Error, err error) error {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return fmt.Errorf("failed without a class: %w", err)
	}
	if want != nil && want.Message != nil {
		text := strings.NewReplacer("java.util.LinkedHashMap", "java.util.HashMap", "java.math.BigInteger", "java.math.BigDecimal").Replace(*want.Message)
		copied := *want
		copied.Message = &text
		copied.Masked = want.Masked || strings.Contains(text, "java.nio.HeapByteBuffer[")
		want = &copied
	}
	return want.Agrees(e.SimpleClass(), e.Message)
}
