package values_test

import (
	"errors"
	"math/big"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/values"
)

func TestWhatIsWrittenReadsBackAsTheNarrowestType(t *testing.T) {
	for _, c := range []struct {
		v      connect.Value
		text   string
		schema *connect.Schema
		back   connect.Value
	}{
		{connect.Int64(5), "5", connect.Int8Schema, connect.Int8(5)},
		{connect.Float64(1.5), "1.5", connect.Float32Schema, connect.Float32(1.5)},
		{connect.Float64(100), "100.0", connect.Int8Schema, connect.Int8(100)},
		{connect.String("true"), "true", connect.BooleanSchema, connect.Bool(true)},
		{connect.Bytes([]byte("abc")), "YWJj", connect.StringSchema, connect.String("YWJj")},
		{connect.TimeMillis(86_400_000), "1970-01-02", connect.DateSchema, connect.TimeMillis(86_400_000)},
		{connect.TimeMillis(86_400_001), "1970-01-02T00:00:00.001Z", connect.TimestampSchema, connect.TimeMillis(86_400_001)},
		{connect.TimeMillis(-1), "23:59:59.999Z", connect.TimeSchema, connect.TimeMillis(86_399_999)},
	} {
		text := string(values.AppendText(nil, c.v))
		if text != c.text {
			t.Errorf("%s was written as %s, want %s", c.v, text, c.text)
		}
		if s, back := values.ParseString(text); !s.Equal(c.schema) || !back.Equal(c.back) {
			t.Errorf("%s was read as %s of %s", text, back, s)
		}
	}
}

func TestStringsInContainersKeepTheirEscapes(t *testing.T) {
	text := string(values.AppendText(nil, connect.Array([]connect.Value{connect.String(`a"\`), connect.Null()})))
	if text != `["a\"\\",null]` {
		t.Fatalf("got %s", text)
	}
	_, v := values.ParseString(`["a\"\\"]`)
	if got := v.Array()[0].Str(); got != `a\"\\` {
		t.Errorf("got %s", got)
	}
}

func TestRepeatedKeysKeepTheFirstPlaceAndTheLastValue(t *testing.T) {
	_, v := values.ParseString(`{"a":1,"b":2,"a":3}`)
	if got := v.String(); got != "{a=3, b=2}" {
		t.Errorf("got %s", got)
	}
}

func TestNumbersAtTheEdges(t *testing.T) {
	huge, _ := new(big.Int).SetString("12345678901234567890123", 10)
	for text, want := range map[string]connect.Value{
		"9223372036854775807":             connect.Int64(9223372036854775807),
		"-9223372036854775808":            connect.Int64(-9223372036854775808),
		"9223372036854775808":             connect.BigDecimal(new(big.Int).Lsh(big.NewInt(1), 63), 0),
		"1.000000000000000000000000":      connect.Int8(1),
		"12345678901234567890123":         connect.BigDecimal(huge, 0),
		"1e18":                            connect.Int64(1e18),
		"1e2147483648":                    connect.String("1e2147483648"),
		"-0.000":                          connect.Int8(0),
		"0.00000000000000000000000000001": connect.Float32(1e-29),
		"１２":                              connect.Int8(12),
		"1e00000000000000001":             connect.Int8(10),
		"1.5e":                            connect.String("1.5e"),
	} {
		if s, got := values.ParseString(text); !got.Equal(want) {
			t.Errorf("%s is %s of %s, want %s", text, got, s, want)
		}
	}
}

func TestConvertPassesElementsOfContainersAsTheyAre(t *testing.T) {
	list := connect.NewArraySchema(connect.StringSchema).MustBuild()
	v := connect.Array([]connect.Value{connect.Int32(1)})
	if got, err := values.Convert(nil, list, nil, v); err != nil || !got.Equal(v) {
		t.Errorf("got %s, %v", got, err)
	}
	got, err := values.Convert(nil, connect.StringSchema, nil, v)
	if err != nil || got.Str() != "[1]" {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := values.Convert(nil, connect.Int32Schema, nil, connect.Null()); connect.KindOf(err) != connect.KindData {
		t.Errorf("null for a required number: %v", err)
	}
	if got, err := values.Convert(nil, connect.OptionalInt32Schema, nil, connect.Null()); !got.IsNull() || err != nil {
		t.Errorf("null for an optional number: %s, %v", got, err)
	}
	decimal := connect.NewDecimalSchema(2).MustBuild()
	if got, err := values.Convert(nil, decimal, nil, connect.String("1.5")); err != nil || !got.Equal(connect.Decimal(15, 1)) {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestFloatsSaturateAndDecimalsWrapAround(t *testing.T) {
	got, err := values.ConvertToLong(nil, connect.Float64(1e30))
	if err != nil || got.Int() != 9223372036854775807 {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err = values.ConvertToLong(nil, connect.Decimal(1, -20)); err != nil || got.Int() != 7766279631452241920 {
		t.Errorf("got %s, %v", got, err)
	}
	if got, err = values.ConvertToByte(nil, connect.Int32(300)); err != nil || got.Int() != 44 {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestInferSchemaOfNestedAndEmpty(t *testing.T) {
	nested := connect.Array([]connect.Value{connect.Array([]connect.Value{connect.Int32(1)}), connect.Null()})
	s, err := values.InferSchema(nested)
	if err != nil || s.ValueSchema().Type() != connect.TypeArray || !s.ValueSchema().Optional() || s.ValueSchema().ValueSchema() != nil {
		t.Errorf("got %s, %v", s, err)
	}
	if s, err := values.InferSchema(connect.Array(nil)); s != nil || err != nil {
		t.Errorf("an empty array has %s, %v", s, err)
	}
	_, err = values.InferSchema(connect.Array([]connect.Value{connect.Null()}))
	if e, ok := errors.AsType[*connect.Error](err); !ok || e.Class != connect.SchemaBuilderException {
		t.Errorf("an array of nulls: %v", err)
	}
}

func TestTextIsMadeInTheArena(t *testing.T) {
	a := new(connect.Arena)
	a.Bytes(1)
	if n := testing.AllocsPerRun(100, func() {
		values.ConvertToString(a, connect.Float64(1.5))
		a.Reset()
	}); n != 0 {
		t.Errorf("a text takes %v allocations", n)
	}
}
