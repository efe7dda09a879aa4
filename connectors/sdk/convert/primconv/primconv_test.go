package primconv_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/primconv"
)

func TestVectorPrimitives(t *testing.T) {
	vectors.Run(t, vectors.Read(t, "primitives.jsonl"), nil, func(t *testing.T, c vectors.Case) error {
		converter, err := classOf(t, c.Class).New(config(c))
		if err != nil {
			return agrees(c.Error, err)
		}
		q := vectors.Decode[struct {
			Op                   string
			Schema, Value, Bytes json.RawMessage
		}](t, c.Input)
		if q.Op == "toConnectData" {
			return checkRead(converter, q.Bytes, c)
		}
		s, err := vectors.Schema(q.Schema)
		if err != nil {
			return err
		}
		v, err := vectors.Value(s, q.Value)
		if err != nil {
			return err
		}
		return checkWrite(converter, s, v, c)
	})
}

func checkRead(converter connect.Converter, data json.RawMessage, c vectors.Case) error {
	b, err := vectors.Bytes(data)
	if err != nil {
		return err
	}
	s, v, err := converter.ReadData(new(connect.Arena), "t", b)
	switch {
	case err != nil:
		return agrees(c.Error, err)
	case c.Error != nil:
		return fmt.Errorf("got %s, but the real class threw %s", v, c.Error.Text())
	}
	var want struct{ Schema, Value json.RawMessage }
	if err := json.Unmarshal(c.Output, &want); err != nil {
		return err
	}
	if err := vectors.EqualSchema(want.Schema, s); err != nil {
		return err
	}
	return vectors.EqualValue(want.Value, s, v)
}

func checkWrite(converter connect.Converter, s *connect.Schema, v connect.Value, c vectors.Case) error {
	b, err := converter.AppendData([]byte{}, "t", s, v)
	switch {
	case err != nil:
		return agrees(c.Error, err)
	case c.Error != nil:
		return fmt.Errorf("wrote %q, but the real class threw %s", b, c.Error.Text())
	}
	var want struct {
		Bytes        json.RawMessage
		IdentityHash bool
	}
	if err := json.Unmarshal(c.Output, &want); err != nil {
		return err
	}
	if want.IdentityHash {
		if !strings.HasPrefix(string(b), "[B@") {
			return fmt.Errorf("wrote %q, want an identity such as [B@1b6d3586", b)
		}
		return nil
	}
	return vectors.EqualBytes(want.Bytes, b)
}

// agrees compares an error with the recorded one, with Ferry's only class for maps and bytes in place of Java's several.
func agrees(want *vectors.Error, err error) error {
	e, ok := errors.AsType[*connect.Error](err)
	if !ok {
		return fmt.Errorf("failed without a class: %w", err)
	}
	if want != nil && want.Message != nil {
		text := strings.NewReplacer(
			"java.util.LinkedHashMap", "java.util.HashMap", "java.nio.HeapByteBuffer", "[B", "java.math.BigInteger", "java.math.BigDecimal",
		).Replace(*want.Message)
		copied := *want
		copied.Message = &text
		want = &copied
	}
	return want.Agrees(e.SimpleClass(), e.Message)
}

func classOf(t *testing.T, name string) connect.ConverterClass {
	t.Helper()
	for _, c := range primconv.Classes() {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no class %s", name)
	return connect.ConverterClass{}
}

func config(c vectors.Case) map[string]string {
	m := make(map[string]string)
	for key, value := range c.Config {
		if value != nil {
			m[key] = *value
		}
	}
	return m
}

func TestVectorDefinitions(t *testing.T) {
	for _, c := range primconv.Classes() {
		id := "dump.converter." + strings.TrimPrefix(c.Name, "org.apache.kafka.connect.")
		vectors.CheckDefinition(t, id, c.Config, nil)
	}
}

func TestHeadersAreConvertedAsValues(t *testing.T) {
	for _, c := range primconv.HeaderClasses() {
		converter, err := c.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := converter.AppendHeader([]byte{}, "t", "h", nil, connect.Null()); b != nil || err != nil {
			t.Errorf("%s: null became %q, %v", c.Name, b, err)
		}
		if s, v, err := converter.ReadHeader(nil, "t", "h", nil); !v.IsNull() || !s.Optional() || err != nil {
			t.Errorf("%s: null was read as %s of %s, %v", c.Name, v, s, err)
		}
	}
}

func TestEncodingsOfStringConverter(t *testing.T) {
	for _, c := range []struct{ encoding, text, bytes string }{
		{"UTF-16", "aé", "\xfe\xff\x00a\x00\xe9"},
		{"UTF-16LE", "a😀", "a\x00\x3d\xd8\x00\xde"},
		{"UTF-32", "a", "\x00\x00\x00a"},
		{"ISO-8859-1", "é", "\xe9"},
		{"latin1", "é", "\xe9"},
		{"Cp1252", "€", "\x80"},
		{"US-ASCII", "abc", "abc"},
		{"Shift_JIS", "世", "\x90\xa2"},
	} {
		converter, err := classOf(t, "org.apache.kafka.connect.storage.StringConverter").New(map[string]string{"converter.encoding": c.encoding})
		if err != nil {
			t.Errorf("%s: %v", c.encoding, err)
			continue
		}
		b, err := converter.AppendData([]byte{}, "t", nil, connect.String(c.text))
		if string(b) != c.bytes || err != nil {
			t.Errorf("%s: %q was written as %x, %v", c.encoding, c.text, b, err)
		}
		_, v, err := converter.ReadData(nil, "t", b)
		if err != nil || v.Str() != c.text {
			t.Errorf("%s: %q was read as %s, %v", c.encoding, c.text, v, err)
		}
	}
}

func TestPrimitivesAreConvertedWithoutAllocation(t *testing.T) {
	samples := map[string]connect.Value{
		"StringConverter": connect.String("hello"), "ByteArrayConverter": connect.Bytes([]byte("hello")), "BooleanConverter": connect.Bool(true),
		"ShortConverter": connect.Int16(1), "IntegerConverter": connect.Int32(1), "LongConverter": connect.Int64(1),
		"FloatConverter": connect.Float32(1), "DoubleConverter": connect.Float64(1),
	}
	for _, c := range primconv.Classes() {
		converter, err := c.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		v := samples[c.Name[strings.LastIndexByte(c.Name, '.')+1:]]
		dst, a := make([]byte, 0, 64), new(connect.Arena)
		if n := testing.AllocsPerRun(100, func() {
			b, err := converter.AppendData(dst, "t", nil, v)
			if err != nil {
				t.Error(err)
			}
			if _, _, err := converter.ReadData(a, "t", b); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s takes %v allocations", c.Name, n)
		}
	}
}

func BenchmarkStringConverter(b *testing.B) {
	converter, err := primconv.Classes()[0].New(nil)
	if err != nil {
		b.Fatal(err)
	}
	data, dst := []byte(strings.Repeat("hello world ", 20)), make([]byte, 0, 512)
	b.ReportAllocs()
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		_, v, err := converter.ReadData(nil, "t", data)
		if err != nil {
			b.Fatal(err)
		}
		if dst, err = converter.AppendData(dst[:0], "t", nil, v); err != nil {
			b.Fatal(err)
		}
	}
}
