package jsonconv

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// checkNumber compares everything that is made of a number with big arithmetic.
func checkNumber(t *testing.T, text string) {
	t.Helper()
	n, end, ok := readNumeral([]byte(text), 0)
	if !ok || end != len(text) {
		t.Fatalf("%s: ends at %d, %t", text, end, ok)
	}
	unscaled, scale, err := javatext.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	if want := connect.BigDecimal(unscaled, scale); !n.decimal().Equal(want) {
		t.Errorf("%s: decimal %s, want %s", text, n.decimal(), want)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil)
	whole := new(big.Int).Quo(unscaled, power)
	if scale < 0 {
		whole.Mul(unscaled, power)
	}
	low := new(big.Int).And(whole, new(big.Int).SetUint64(math.MaxUint64))
	if got := n.int64(); got != int64(low.Uint64()) {
		t.Errorf("%s: int64 %d, want the low bits of %s", text, got, whole)
	}
	integer := !strings.ContainsAny(text, ".eE")
	if want := integer && whole.IsInt64() && whole.Int64() == int64(int32(whole.Int64())); n.fitsInt32() != want {
		t.Errorf("%s: fitsInt32 %t, want %t", text, !want, want)
	}
	f64, _ := strconv.ParseFloat(text, 64)
	f32, _ := strconv.ParseFloat(text, 32)
	if unscaled.Sign() == 0 {
		f64, f32 = 0, 0
	}
	if got := n.float64(); math.Float64bits(got) != math.Float64bits(f64) {
		t.Errorf("%s: float64 %g, want %g", text, got, f64)
	}
	if got := n.float32(); math.Float32bits(got) != math.Float32bits(float32(f32)) {
		t.Errorf("%s: float32 %g, want %g", text, got, f32)
	}
}

func TestNumbers(t *testing.T) {
	for _, text := range []string{
		"0", "-0", "-0.0", "0e5", "00012", "-007.50", "1e20", "1e400", "-1e-400", "1.9", "-1.9", "2147483647", "2147483648", "-2147483648", "-2147483649",
		"9223372036854775807", "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "00000000000000000000000000005",
		"0.30000000000000004", "999999999999999999", "9999999999999999.99", "3.4028236e38", "16777217", "0.1", "1E+2", "12.5e-1", "1e63", "1e64", "9007199254740993",
	} {
		checkNumber(t, text)
	}
}

func TestRandomNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	digits := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte('0' + r.IntN(10))
		}
		return string(b)
	}
	for range 20_000 {
		text := digits(1 + r.IntN(25))
		if r.IntN(2) == 0 {
			text = "-" + text
		}
		if r.IntN(2) == 0 {
			text += "." + digits(1+r.IntN(25))
		}
		if r.IntN(3) == 0 {
			text += "e" + []string{"", "+", "-"}[r.IntN(3)] + digits(1+r.IntN(2))
		}
		checkNumber(t, text)
	}
}

func TestBase64IsDecodedAsJacksonDoes(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "AQI=": "\x01\x02", "AQ==": "\x01", "Aw==": "\x03", "AQ==\n": "\x01", " AQI=": "\x01\x02", "AQIDAQID": "\x01\x02\x03\x01\x02\x03",
		"AQ==AQ==": "\x01\x01", "AQ== \r\n AQI=": "\x01\x01\x02", "//79/A==": "\xff\xfe\xfd\xfc",
	} {
		if got, ok := decodeBase64(nil, []byte(text)); !ok || string(got) != want {
			t.Errorf("%q is decoded as %q, %t, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{"AQI", "A", "5", "A-_=", "AQ=", "A===", "AQ=A", "A QI=", "AQI\n=", "é123"} {
		if got, ok := decodeBase64(nil, []byte(text)); ok {
			t.Errorf("%q is decoded as %q, want a failure", text, got)
		}
	}
}

func TestOtherEncodingsAreDetected(t *testing.T) {
	for data, want := range map[string]string{
		"\x00[\x00]": "[]", "[\x00]\x00": "[]", "\xfe\xff\x00\"\xd8\x3d\xde\x00\x00\"": `"😀"`, "\xff\xfe1\x00": "1", "1\x00\x00\x00": "1",
		"\x00\x00\x001": "1", "\x00\x00\xfe\xff\x00\x00\x001": "1", "\xff\xfe\x00\x001\x00\x00\x00": "1", "\x00": "\x00", "": "", "[1]": "[1]", "\x001": "1",
	} {
		if got := string(toUTF8([]byte(data))); got != want {
			t.Errorf("%q is %q, want %q", data, got, want)
		}
	}
}

func TestLeadingDigitsStopAtTheFirstByteThatIsNone(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500_000 {
		var d [8]byte
		for i := range d {
			if d[i] = byte('0' + r.IntN(10)); r.IntN(6) == 0 {
				d[i] = byte(r.IntN(256))
			}
		}
		var want uint64
		n := 0
		for ; n < 8 && isDigit(d[n]); n++ {
			want = want*10 + uint64(d[n]-'0')
		}
		if v, got := leadingDigits(binary.LittleEndian.Uint64(d[:])); v != want || got != n {
			t.Fatalf("%q: %d of %d digits, want %d of %d", d, v, got, want, n)
		}
	}
}
