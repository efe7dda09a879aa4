package connecttest

import (
	"bytes"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// textConverter writes STRING as a length and the text. bug is the mistake it makes, empty for none.
type textConverter struct {
	bug  string
	last []byte
}

func (c *textConverter) AppendData(dst []byte, _ string, _ *connect.Schema, v connect.Value) ([]byte, error) {
	if v.IsNull() && c.bug == "writes null" {
		return append(dst, "null"...), nil
	}
	if v.IsNull() {
		return nil, nil
	}
	switch {
	case c.bug == "forgets values" && v.Str() > "t5":
		return nil, nil
	case c.bug == "drops the prefix":
		dst = dst[:0]
	case c.bug == "keeps its buffer" && c.last != nil && bytes.HasSuffix(c.last, []byte{0xDB}):
		return append(dst, c.last...), nil
	}
	n := len(dst)
	dst = append(append(dst, byte(len(v.Str()))), v.Str()...)
	c.last = dst[n:]
	return dst, nil
}

func (c *textConverter) ReadData(_ *connect.Arena, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	if data == nil && c.bug == "reads null as text" {
		return connect.StringSchema, connect.String(""), nil
	}
	if data == nil {
		return nil, connect.Null(), nil
	}
	if c.bug == "panics" && len(data) == 0 {
		panic("no length")
	}
	if len(data) == 0 || int(data[0]) != len(data)-1 || !utf8.Valid(data[1:]) {
		if c.bug == "fails for good" {
			return nil, connect.Value{}, errors.New("bad length")
		}
		return nil, connect.Value{}, connect.DataError("bad length")
	}
	if c.bug == "reads another type" {
		return connect.StringSchema, connect.Bytes(data[1:]), nil
	}
	if c.bug == "reads another schema" {
		return connect.OptionalStringSchema, connect.StringBytes(data[1:]), nil
	}
	return connect.StringSchema, connect.StringBytes(data[1:]), nil
}

func textHarness(bug string) ConverterHarness {
	return ConverterHarness{
		Class: connect.ConverterClass{
			Name: "test.TextConverter",
			New:  func(map[string]string) (connect.Converter, error) { return &textConverter{bug: bug}, nil },
		},
		Carries: func(s *connect.Schema) bool { return s.Type() == connect.TypeString },
		Back: func(_ *connect.Schema, v connect.Value) (*connect.Schema, connect.Value) {
			return connect.StringSchema, v
		},
	}
}

func TestAGoodConverterConforms(t *testing.T) { Converter(t, textHarness("")) }

// asHeader turns a converter into a header converter.
type asHeader struct{ connect.Converter }

func (c asHeader) AppendHeader(dst []byte, topic, _ string, s *connect.Schema, v connect.Value) ([]byte, error) {
	return c.AppendData(dst, topic, s, v)
}

func (c asHeader) ReadHeader(a *connect.Arena, topic, _ string, data []byte) (*connect.Schema, connect.Value, error) {
	return c.ReadData(a, topic, data)
}

func TestAGoodHeaderConverterConforms(t *testing.T) {
	h := textHarness("")
	HeaderConverter(t, HeaderConverterHarness{
		Class: connect.HeaderConverterClass{
			Name: "test.TextConverter",
			New: func(config map[string]string) (connect.HeaderConverter, error) {
				c, err := h.Class.New(config)
				return asHeader{c}, err
			},
		},
		Carries: h.Carries, Back: h.Back,
	})
}

func TestTheConverterSuiteFindsEachMistake(t *testing.T) {
	for bug, where := range map[string]string{
		"forgets values":       "every value comes back",
		"reads another type":   "every value comes back",
		"reads another schema": "every value comes back",
		"writes null":          "null is null, and nothing else is",
		"reads null as text":   "null is null, and nothing else is",
		"drops the prefix":     "what stands before in the buffer stays",
		"keeps its buffer":     "neither buffers nor arenas are kept",
		"panics":               "spoilt bytes give an error or a valid value",
		"fails for good":       "spoilt bytes give an error or a valid value",
	} {
		t.Run(bug, func(t *testing.T) {
			requireFinding(t, newCountdown(t), textHarness(bug).checks(), where)
		})
	}
}

func TestGeneratedSchemasCoverEveryType(t *testing.T) {
	seen := make(map[connect.Type]int)
	logical := make(map[connect.Logical]int)
	samples, err := ConverterHarness{}.samples()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		seen[s.schema.Type()]++
		logical[s.schema.Logical()]++
		if err := connect.ValidateValue("", s.schema, s.value); err != nil {
			t.Errorf("%s: %v", s.schema, err)
		}
	}
	for typ := connect.TypeInt8; typ <= connect.TypeStruct; typ++ {
		if seen[typ] == 0 {
			t.Errorf("no %s was generated", typ)
		}
	}
	for l := connect.LogicalDecimal; l <= connect.LogicalTimestamp; l++ {
		if logical[l] == 0 {
			t.Errorf("logical type %d was not generated", l)
		}
	}
}
