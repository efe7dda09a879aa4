package headerconv_test

import (
	"encoding/json"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/headerconv"
)

func TestVectorHeaders(t *testing.T) {
	cases := vectors.Where(vectors.Read(t, "headers.jsonl"), func(c vectors.Case) bool { return c.SimpleClass() == "SimpleHeaderConverter" })
	vectors.Run(t, cases, nil, func(t *testing.T, c vectors.Case) error {
		converter, err := headerconv.SimpleHeaderConverter().New(nil)
		if err != nil {
			return err
		}
		q := vectors.Decode[struct {
			Op                   string
			Schema, Value, Bytes json.RawMessage
		}](t, c.Input)
		if q.Op == "toConnectHeader" {
			return checkRead(converter, q.Bytes, c.Output)
		}
		s, err := vectors.Schema(q.Schema)
		if err != nil {
			return err
		}
		v, err := vectors.Value(s, q.Value)
		if err != nil {
			return err
		}
		written, err := converter.AppendHeader([]byte{}, "t", "h", s, v)
		if err != nil {
			return err
		}
		want := vectors.Decode[struct{ Bytes, RoundTrip json.RawMessage }](t, c.Output)
		if err := vectors.EqualBytes(want.Bytes, written); err != nil {
			return err
		}
		return checkRead(converter, want.Bytes, want.RoundTrip)
	})
}

func checkRead(converter connect.HeaderConverter, data, want json.RawMessage) error {
	b, err := vectors.Bytes(data)
	if err != nil {
		return err
	}
	s, v, err := converter.ReadHeader(new(connect.Arena), "t", "h", b)
	if err != nil {
		return err
	}
	var w struct{ Schema, Value json.RawMessage }
	if err := json.Unmarshal(want, &w); err != nil {
		return err
	}
	if err := vectors.EqualSchema(w.Schema, s); err != nil {
		return err
	}
	return vectors.EqualValue(w.Value, s, v)
}

func TestHeadersAreConvertedWithoutAllocation(t *testing.T) {
	converter, err := headerconv.SimpleHeaderConverter().New(nil)
	if err != nil {
		t.Fatal(err)
	}
	dst, data, a := make([]byte, 0, 64), []byte("2019-08-23T14:34:54.346Z"), new(connect.Arena)
	if n := testing.AllocsPerRun(100, func() {
		if _, _, err := converter.ReadHeader(a, "t", "h", data); err != nil {
			t.Error(err)
		}
		if _, err := converter.AppendHeader(dst, "t", "h", connect.Float64Schema, connect.Float64(1.5)); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("a header takes %v allocations", n)
	}
}
