package javatext_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

func TestAppendDouble(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0.0"}, {math.Copysign(0, -1), "-0.0"}, {1, "1.0"}, {100, "100.0"}, {-1.5, "-1.5"}, {0.001, "0.001"}, {0.01, "0.01"},
		{9.99e-4, "9.99E-4"}, {1e-4, "1.0E-4"}, {1e10, "1.0E10"}, {123456789.123, "1.23456789123E8"}, {1e7, "1.0E7"},
		{9999999.999, "9999999.999"}, {0.1, "0.1"}, {0.30000000000000004, "0.30000000000000004"}, {math.NaN(), "NaN"},
		{math.Inf(1), "Infinity"}, {math.Inf(-1), "-Infinity"}, {math.SmallestNonzeroFloat64, "4.9E-324"},
		{math.MaxFloat64, "1.7976931348623157E308"}, {1.0 / 3, "0.3333333333333333"}, {1234567.8901234567, "1234567.8901234567"},
		{100000.25, "100000.25"}, {0.0625, "0.0625"}, {5e-3, "0.005"}, {2e6, "2000000.0"},
	} {
		if got := string(javatext.AppendDouble([]byte("x"), c.f)); got != "x"+c.want {
			t.Errorf("AppendDouble(%g) = %q, want %q", c.f, got, c.want)
		}
	}
}

func TestAppendFloat(t *testing.T) {
	for _, c := range []struct {
		f    float32
		want string
	}{
		{0, "0.0"}, {-0.5, "-0.5"}, {0.1, "0.1"}, {300.7, "300.7"}, {1.6777216e7, "1.6777216E7"}, {math.MaxFloat32, "3.4028235E38"},
		{math.SmallestNonzeroFloat32, "1.4E-45"}, {9.99e-4, "9.99E-4"}, {1e7, "1.0E7"}, {99.9375, "99.9375"}, {0.3, "0.3"},
		{float32(math.Inf(-1)), "-Infinity"}, {float32(math.NaN()), "NaN"}, {16777216, "1.6777216E7"}, {33.333332, "33.333332"},
	} {
		if got := string(javatext.AppendFloat(nil, c.f)); got != c.want {
			t.Errorf("AppendFloat(%g) = %q, want %q", c.f, got, c.want)
		}
	}
}

// checkFloatText says that text is Java's notation for the shortest digits of f.
func checkFloatText(t *testing.T, text string, f float64, bits int) {
	t.Helper()
	back, err := strconv.ParseFloat(text, bits)
	if err != nil || back != f {
		t.Fatalf("%q reads back as %g (%v), want %g", text, back, err, f)
	}
	want := strings.TrimRight(strings.Replace(mantissa(strconv.FormatFloat(math.Abs(f), 'e', -1, bits)), ".", "", 1), "0")
	got := strings.Trim(strings.Replace(mantissa(strings.TrimPrefix(text, "-")), ".", "", 1), "0")
	if got != want && len(want) != 1 {
		t.Fatalf("%q has digits %s, want %s", text, got, want)
	}
	scientific := math.Abs(f) < 1e-3 || math.Abs(f) >= 1e7
	if f != 0 && strings.Contains(text, "E") != scientific || !strings.Contains(text, ".") {
		t.Fatalf("%q is not Java's notation of %g", text, f)
	}
}

func mantissa(text string) string {
	m, _, _ := strings.Cut(strings.ToLower(text), "e")
	return m
}

func TestFloatTextIsShortestForRandomNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		f := math.Float64frombits(r.Uint64())
		if r.IntN(2) == 0 {
			f = float64(r.IntN(1e9)) / math.Pow10(r.IntN(10))
		}
		if !math.IsNaN(f) && !math.IsInf(f, 0) && f != 0 {
			checkFloatText(t, string(javatext.AppendDouble(nil, f)), f, 64)
		}
		if g := float32(f); !math.IsNaN(f) && !math.IsInf(float64(g), 0) && g != 0 {
			checkFloatText(t, string(javatext.AppendFloat(nil, g)), float64(g), 32)
		}
	}
}

func FuzzFloatText(f *testing.F) {
	f.Add(uint64(1))
	f.Add(math.Float64bits(0.1))
	f.Fuzz(func(t *testing.T, bits uint64) {
		d := math.Float64frombits(bits)
		if !math.IsNaN(d) && !math.IsInf(d, 0) && d != 0 {
			checkFloatText(t, string(javatext.AppendDouble(nil, d)), d, 64)
		}
		g := math.Float32frombits(uint32(bits))
		if !math.IsNaN(float64(g)) && !math.IsInf(float64(g), 0) && g != 0 {
			checkFloatText(t, string(javatext.AppendFloat(nil, g)), float64(g), 32)
		}
	})
}

func TestDecimalText(t *testing.T) {
	for _, c := range []struct {
		unscaled string
		scale    int32
		want     string
	}{
		{"0", 0, "0"}, {"0", 6, "0.000000"}, {"0", 7, "0E-7"}, {"0", -2, "0E+2"}, {"1", -2, "1E+2"}, {"12", -2, "1.2E+3"}, {"1", 20, "1E-20"},
		{"1234", 2, "12.34"}, {"-1234", 2, "-12.34"}, {"5", 3, "0.005"}, {"-5", 3, "-0.005"}, {"123", 8, "0.00000123"}, {"123", 9, "1.23E-7"},
		{"123", 3, "0.123"}, {"-12345678901234567890123", 3, "-12345678901234567890.123"}, {"12345678901234567890123", -3, "1.2345678901234567890123E+25"},
		{"9223372036854775808", 0, "9223372036854775808"}, {"1", math.MinInt32, "1E+2147483648"}, {"1", math.MaxInt32, "1E-2147483647"},
	} {
		n, _ := new(big.Int).SetString(c.unscaled, 10)
		if got := string(javatext.AppendDecimal([]byte{'x'}, n, c.scale)); got != "x"+c.want {
			t.Errorf("AppendDecimal(%s, %d) = %q, want %q", c.unscaled, c.scale, got, c.want)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	for _, c := range []struct {
		text, unscaled string
		scale          int32
	}{
		{"0", "0", 0}, {"-0", "0", 0}, {"+5", "5", 0}, {"1.00", "100", 2}, {".5", "5", 1}, {"5.", "5", 0}, {"1e20", "1", -20}, {"1E+2", "1", -2},
		{"1.5e-3", "15", 4}, {"-12.34", "-1234", 2}, {"00012", "12", 0}, {"١٢", "12", 0}, {"１.５", "15", 1}, {"1e2147483647", "1", -2147483647},
		{"1e00000000000000001", "1", -1}, {"123456789012345678901234567890.5", "1234567890123456789012345678905", 1},
	} {
		n, scale, err := javatext.ParseDecimal(c.text)
		if err != nil || n.String() != c.unscaled || scale != c.scale {
			t.Errorf("ParseDecimal(%q) = %v, %d, %v, want %s, %d", c.text, n, scale, err, c.unscaled, c.scale)
		}
	}
	for _, text := range []string{"", "-", ".", "e5", "1e", "1e+", "1e5.", " 1", "1 ", "1_0", "1..2", "--1", "+-1", "0x1", "1e12345678901", "1e2147483649", "NaN", "𝟏", "1f"} {
		_, _, err := javatext.ParseDecimal(text)
		var nfe *javatext.NumberFormatError
		if !errors.As(err, &nfe) {
			t.Errorf("ParseDecimal(%q): %v, want a NumberFormatError", text, err)
		}
	}
}

func FuzzDecimal(f *testing.F) {
	f.Add(int64(5), int32(3))
	f.Fuzz(func(t *testing.T, n int64, scale int32) {
		wide := new(big.Int).Mul(big.NewInt(n), big.NewInt(n|1))
		for _, u := range []*big.Int{big.NewInt(n), wide} {
			text := string(javatext.AppendDecimal(nil, u, scale))
			back, backScale, err := javatext.ParseDecimal(text)
			if err != nil {
				if scale < math.MinInt32+40 {
					return // an exponent beyond what BigDecimal itself reads
				}
				t.Fatalf("%q: %v", text, err)
			}
			if back.Cmp(u) != 0 || backScale != scale {
				t.Fatalf("%q reads as %v, %d, want %v, %d", text, back, backScale, u, scale)
			}
		}
	})
}

func TestParseInt(t *testing.T) {
	for _, c := range []struct {
		text    string
		bits    int
		want    int64
		message string
	}{
		{"5", 8, 5, ""}, {"+5", 32, 5, ""}, {"-128", 8, -128, ""}, {"٣", 16, 3, ""}, {"9223372036854775807", 64, math.MaxInt64, ""},
		{"-9223372036854775808", 64, math.MinInt64, ""}, {"-2147483648", 32, math.MinInt32, ""}, {"0007", 8, 7, ""},
		{"200", 8, 0, `Value out of range. Value:"200" Radix:10`}, {"2147483648", 32, 0, `For input string: "2147483648"`},
		{"9223372036854775808", 64, 0, `For input string: "9223372036854775808"`}, {"", 32, 0, `For input string: ""`},
		{"-", 32, 0, `For input string: "-"`}, {" 5", 32, 0, `For input string: " 5"`}, {"1_0", 32, 0, `For input string: "1_0"`},
		{"99999999999999999999999", 64, 0, `For input string: "99999999999999999999999"`},
	} {
		got, err := javatext.ParseInt(c.text, c.bits)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if got != c.want || message != c.message {
			t.Errorf("ParseInt(%q, %d) = %d, %q, want %d, %q", c.text, c.bits, got, message, c.want, c.message)
		}
	}
}

func TestParseDouble(t *testing.T) {
	for text, want := range map[string]float64{
		"1": 1, " 1.5\n": 1.5, "+1": 1, "-.5": -0.5, "5.": 5, "1e3": 1000, "1E-3": 0.001, "1d": 1, "1.5F": 1.5, "0x1p3": 8, "0x1.8p1d": 3, "0x.8p1": 1, "0xdp0": 13,
		"Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "1e400": math.Inf(1), "1e-400": 0, "0x1p0f": 1,
	} {
		if got, err := javatext.ParseDouble(text); err != nil || got != want {
			t.Errorf("ParseDouble(%q) = %g, %v, want %g", text, got, err, want)
		}
	}
	if f, err := javatext.ParseDouble("NaN"); err != nil || !math.IsNaN(f) {
		t.Errorf("ParseDouble(NaN) = %g, %v", f, err)
	}
	for _, text := range []string{"", " ", ".", "e5", "1e", "inf", "infinity", "nan", "1_000", "0x1", "0x", "--1", "+-1", "1 2", "1ff", "١", "NaNf", "0x1.gp1", "1dd"} {
		if f, err := javatext.ParseDouble(text); err == nil {
			t.Errorf("ParseDouble(%q) = %g, want an error", text, f)
		}
	}
	if f, err := javatext.ParseFloat("3.4028235e38"); err != nil || f != math.MaxFloat32 {
		t.Errorf("ParseFloat = %g, %v", f, err)
	}
}

func TestHashString(t *testing.T) {
	for text, want := range map[string]int32{"": 0, "a": 97, "topic": 110546223, "Aa": 2112, "BB": 2112, "\u00e9": 233, "\U0001F600": 1772899, "\xed\xa0\xbd": 0xd83d} {
		if got := javatext.HashString(text); got != want {
			t.Errorf("HashString(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestHashOrder(t *testing.T) {
	for _, c := range []struct{ keys, want string }{
		{"topic partition cluster", "cluster partition topic"},
		{"group topic partition", "partition topic group"},
		{"server database table protocol", "server database protocol table"},
		{"id name zip city alpha", "zip city alpha name id"},
		{"id name zip city alpha beta gamma x y z file position cluster topic", "zip cluster city file alpha name x y topic z id position beta gamma"},
		{"Aa BB", "Aa BB"},
		{"BB Aa", "BB Aa"},
	} {
		keys := strings.Fields(c.keys)
		var got []string
		for _, i := range javatext.HashOrder(keys) {
			got = append(got, keys[i])
		}
		if !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("HashOrder(%s) = %v, want %s", c.keys, got, c.want)
		}
	}
}

func TestTrim(t *testing.T) {
	if got := javatext.Trim(" \t\x00a b\u00a0\n"); got != "a b\u00a0" {
		t.Errorf("Trim = %q", got)
	}
}

func TestAppendingDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 128)
	if n := testing.AllocsPerRun(100, func() {
		buf = javatext.AppendDouble(buf[:0], 1.0/3)
		buf = javatext.AppendFloat(buf, 99.9375)
		buf = javatext.AppendDecimal64(buf, -1234, 2)
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

func BenchmarkAppendDouble(b *testing.B) {
	for name, f := range map[string]float64{"short": 123456.75, "long": 1.0 / 3} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 64)
			for b.Loop() {
				buf = javatext.AppendDouble(buf[:0], f)
			}
		})
	}
}
