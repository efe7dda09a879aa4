package configdef_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

func TestNumbersAreReadAsJavaReadsThem(t *testing.T) {
	for _, tc := range []struct {
		typ   configdef.Type
		given string
		want  any // nil: refused
	}{
		{configdef.TypeInt, "+5", int32(5)},
		{configdef.TypeInt, "-0", int32(0)},
		{configdef.TypeInt, "007", int32(7)},
		{configdef.TypeInt, "-2147483648", int32(math.MinInt32)},
		{configdef.TypeInt, "2147483648", nil},
		{configdef.TypeInt, "++5", nil},
		{configdef.TypeInt, "+", nil},
		{configdef.TypeInt, "", nil},
		{configdef.TypeInt, "1_000", nil},
		{configdef.TypeInt, "1.0", nil},
		{configdef.TypeInt, "5 6", nil},
		{configdef.TypeInt, "\u0000 5\u0001", int32(5)},
		{configdef.TypeInt, "\u00a05", nil}, // no white space to String.trim
		{configdef.TypeInt, "٤٢", int32(42)},
		{configdef.TypeInt, "-４２", int32(-42)},
		{configdef.TypeInt, "\U0001d7d3", nil}, // a digit beyond the basic plane
		{configdef.TypeShort, "-32768", int16(math.MinInt16)},
		{configdef.TypeShort, "32768", nil},
		{configdef.TypeLong, "-9223372036854775808", int64(math.MinInt64)},
		{configdef.TypeLong, "9223372036854775808", nil},
		{configdef.TypeDouble, "1f", 1.0},
		{configdef.TypeDouble, "1.5D", 1.5},
		{configdef.TypeDouble, "5.", 5.0},
		{configdef.TypeDouble, ".5e-1", 0.05},
		{configdef.TypeDouble, "0x1p3", 8.0},
		{configdef.TypeDouble, "-0X.8P1d", -1.0},
		{configdef.TypeDouble, "0x1.p1", 2.0},
		{configdef.TypeDouble, "0x1", nil}, // Java wants the exponent
		{configdef.TypeDouble, "0x.p1", nil},
		{configdef.TypeDouble, "1_0", nil},
		{configdef.TypeDouble, "0x1_0p1", nil},
		{configdef.TypeDouble, "inf", nil},
		{configdef.TypeDouble, "nan", nil},
		{configdef.TypeDouble, "Infinityf", nil},
		{configdef.TypeDouble, "+Infinity", math.Inf(1)},
		{configdef.TypeDouble, "-Infinity", math.Inf(-1)},
		{configdef.TypeDouble, "-NaN", math.NaN()},
		{configdef.TypeDouble, "1e400", math.Inf(1)},
		{configdef.TypeDouble, "-1e400", math.Inf(-1)},
		{configdef.TypeDouble, "1e-400", 0.0},
		{configdef.TypeDouble, "５", nil}, // parseDouble knows ASCII digits only
		{configdef.TypeDouble, ".", nil},
		{configdef.TypeDouble, "e5", nil},
	} {
		got, err := configdef.ParseType("k", tc.given, tc.typ, nil)
		if (err != nil) != (tc.want == nil) || !same(got, tc.want) {
			t.Errorf("%v %q: got %v (%v), want %v", tc.typ, tc.given, got, err, tc.want)
		}
	}
}

func TestDoublesArePrintedAsJavaPrintsThem(t *testing.T) {
	for f, want := range map[float64]string{
		100: "100.0", 0.001: "0.001", 0.0001: "1.0E-4", 1e7: "1.0E7", 9999999: "9999999.0",
		123456789.123: "1.23456789123E8", 5e-324: "4.9E-324", 2e23: "2.0E23", math.MaxFloat64: "1.7976931348623157E308",
		math.Copysign(0, -1): "-0.0", math.Inf(-1): "-Infinity",
	} {
		got, err := configdef.ConvertToString(f, configdef.TypeDouble)
		if err != nil || *got != want {
			t.Errorf("%g: got %q, %v, want %q", f, *got, err, want)
		}
	}
}

func TestListsAreSplitAtCommasAndWhiteSpace(t *testing.T) {
	for given, want := range map[string][]string{
		"":              {},
		" \t ":          {},
		"a":             {"a"},
		" a ,\tb\n, c ": {"a", "b", "c"},
		"a,,b":          {"a", "", "b"},
		"a,":            {"a", ""},
		",":             {"", ""},
		"a b":           {"a b"},
		`a\,b`:          {`a\`, "b"},
		"a\u00a0,b":     {"a\u00a0", "b"},
	} {
		got, err := configdef.ParseType("k", given, configdef.TypeList, nil)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, %v, want %q", given, got, err, want)
		}
	}
}

func TestClassesAreFoundByTheResolverUnderTheirFullNames(t *testing.T) {
	byAlias := func(name string) (configdef.Class, bool) {
		return "org.apache.kafka.connect.json.JsonConverter", name == "Json"
	}
	got, err := configdef.ParseType("k", " Json ", configdef.TypeClass, byAlias)
	if err != nil || got != configdef.Class("org.apache.kafka.connect.json.JsonConverter") {
		t.Errorf("an alias: got %v, %v", got, err)
	}
	for _, classes := range []configdef.ClassResolver{byAlias, nil} {
		_, err = configdef.ParseType("k", "Avro", configdef.TypeClass, classes)
		if err == nil || err.Error() != "Invalid value Avro for configuration k: Class Avro could not be found." {
			t.Errorf("an unknown class: got %v", err)
		}
	}
}

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"", " 5 ", "+5", "1f", "0x1p3", "NaN", "-Infinity", "1e400", "a, b ,,c", "TRUE", "５", "\x00", "\xff", ",", "9223372036854775807"} {
		for typ := configdef.TypeBoolean; typ <= configdef.TypePassword; typ++ {
			f.Add(uint8(typ), s)
		}
	}
	classes := configdef.Classes("a", "a.B")
	f.Fuzz(func(t *testing.T, n uint8, given string) {
		typ := configdef.TypeBoolean + configdef.Type(n%9)
		parsed, err := configdef.ParseType("k", given, typ, classes)
		if err != nil {
			var e *configdef.Error
			if !errors.As(err, &e) || e.Key != "k" || !strings.HasPrefix(e.Message, "Invalid value "+given+" for configuration k: ") {
				t.Fatalf("%v %q: error %#v", typ, given, err)
			}
			return
		}
		// A parsed value is its own parse, and so is its text, unless it is hidden.
		again, err := configdef.ParseType("k", parsed, typ, classes)
		if err != nil || !same(again, parsed) {
			t.Fatalf("%v %q: %#v parses to %#v, %v", typ, given, parsed, again, err)
		}
		text, err := configdef.ConvertToString(parsed, typ)
		if err != nil {
			t.Fatalf("%v %q: %v", typ, given, err)
		}
		if typ == configdef.TypePassword {
			if *text != configdef.Hidden {
				t.Fatalf("a password prints as %q", *text)
			}
			return
		}
		again, err = configdef.ParseType("k", *text, typ, classes)
		if err != nil || !same(again, parsed) {
			t.Fatalf("%v %q: %#v prints as %q, which parses to %#v, %v", typ, given, parsed, *text, again, err)
		}
	})
}
