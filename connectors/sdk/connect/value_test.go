package connect_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest/vectors"
)

// seeds makes property tests repeatable: a failure names the seed.
var seeds = []uint64{1, 2, 3, 42, 1 << 40, math.MaxUint64}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }

func TestAValueIsThreeWords(t *testing.T) {
	if size := unsafe.Sizeof(connect.Value{}); size != 24 {
		t.Errorf("a value takes %d bytes, want 24", size)
	}
}

func TestScalarsComeBackAsTheyWentIn(t *testing.T) {
	for _, n := range []int64{0, 1, -1, 127, -128, 32767, -32768, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64} {
		if connect.Int8(int8(n)).Int() != int64(int8(n)) || connect.Int16(int16(n)).Int() != int64(int16(n)) ||
			connect.Int32(int32(n)).Int() != int64(int32(n)) || connect.Int64(n).Int() != n || connect.TimeMillis(n).Millis() != n {
			t.Errorf("an integer of %d is lost", n)
		}
		d := connect.Decimal(n, 3)
		if got, ok := d.Unscaled64(); !ok || got != n || d.Scale() != 3 || d.Unscaled().Int64() != n {
			t.Errorf("a decimal of %d is lost", n)
		}
	}
	for _, f := range []float64{0, math.Copysign(0, -1), 1.5, math.Inf(1), math.NaN(), math.SmallestNonzeroFloat64, math.MaxFloat64} {
		if math.Float64bits(connect.Float64(f).Float()) != math.Float64bits(f) {
			t.Errorf("a float64 of %v is lost", f)
		}
		if f := float32(f); math.Float32bits(connect.Float32(f).Float32()) != math.Float32bits(f) {
			t.Errorf("a float32 of %v is lost", f)
		}
	}
	moment := time.Date(2024, 2, 29, 12, 0, 0, 5_000_000, time.UTC)
	if !connect.Time(moment).Time().Equal(moment) {
		t.Error("an instant is lost")
	}
	if !connect.Bool(true).Bool() || connect.Bool(false).Bool() {
		t.Error("a boolean is lost")
	}
}

func TestStringsAndBytesShareMemory(t *testing.T) {
	b := []byte("abc")
	text, data := connect.StringBytes(b), connect.Bytes(b)
	b[0] = 'x'
	if text.Str() != "xbc" || string(data.Bytes()) != "xbc" {
		t.Errorf("got %q and %q", text.Str(), data.Bytes())
	}
	for _, empty := range []connect.Value{connect.String(""), connect.Bytes(nil), connect.StringBytes(nil), connect.Array(nil), connect.NewMap(nil).Value()} {
		if empty.IsNull() {
			t.Errorf("an empty %s is null", empty.Kind())
		}
	}
}

func TestEveryTypeHasOneKindAndBack(t *testing.T) {
	for typ := connect.TypeInt8; typ <= connect.TypeStruct; typ++ {
		if back, ok := connect.TypeOf(typ.Kind()); !ok || back != typ {
			t.Errorf("%s has kind %s, which has type %s", typ, typ.Kind(), back)
		}
	}
	for _, k := range []connect.Kind{connect.KindNull, connect.KindDecimal, connect.KindTime} {
		if typ, ok := connect.TypeOf(k); ok {
			t.Errorf("kind %s has type %s without a schema", k, typ)
		}
	}
}

func TestNullReadsAsEmpty(t *testing.T) {
	null := connect.Null()
	if null.Str() != "" || len(null.Bytes()) != 0 || len(null.Array()) != 0 || null.Map().Len() != 0 {
		t.Error("a null holds something")
	}
}

// A wrong accessor must never follow a pointer of another kind.
func TestReadingAValueAsAnotherKindPanics(t *testing.T) {
	huge := connect.BigDecimal(new(big.Int).Lsh(big.NewInt(1), 100), 0)
	for name, read := range map[string]func(){
		"decimal as string": func() { _ = huge.Str() },
		"map as struct":     func() { connect.NewMap(make([]connect.Value, 2)).Value().Struct() },
		"array as map":      func() { connect.Array(make([]connect.Value, 2)).Map() },
		"string as array":   func() { connect.String("abcdefgh").Array() },
		"bytes as string":   func() { _ = connect.Bytes([]byte("abc")).Str() },
		"struct as bytes":   func() { connect.NewStruct(connect.NewStructSchema().MustBuild()).Value().Bytes() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if text, ok := recover().(string); !ok || !strings.Contains(text, "is read as") {
					t.Errorf("recovered %q", text)
				}
			}()
			read()
		})
	}
}

func TestAnyValueIsValidEqualsItselfAndOutlivesItsArenaAsAClone(t *testing.T) {
	for _, seed := range seeds {
		r := random(seed)
		var from, to connect.Arena
		for round := range 300 {
			s := connecttest.AnySchema(r, 3)
			v := connecttest.AnyValue(r, s, &from)
			if err := connect.ValidateValue("v", s, v); err != nil {
				t.Fatalf("seed %d round %d: %s is refused: %v", seed, round, v, err)
			}
			text := v.String()
			inArena, onHeap := v.Clone(&to), v.Clone(nil)
			if !v.Equal(v) || !v.Equal(inArena) || !inArena.Equal(v) || !v.Equal(onHeap) {
				t.Fatalf("seed %d round %d: %s does not equal itself or its clones", seed, round, text)
			}
			from.Poison()
			from.Reset()
			if inArena.String() != text || onHeap.String() != text {
				t.Fatalf("seed %d round %d: %s became %s and %s after its arena was overwritten", seed, round, text, inArena, onHeap)
			}
			to.Reset()
		}
	}
}

func TestDifferentValuesAreNotEqual(t *testing.T) {
	schema := func(name string) *connect.Schema {
		return connect.NewStructSchema().Name(name).Field("a", connect.OptionalInt32Schema).MustBuild()
	}
	full := connect.NewStruct(schema("s"))
	full.SetField(0, connect.Int32(1))
	values := []connect.Value{
		connect.Null(), connect.Bool(false), connect.Int8(0), connect.Int16(0), connect.Int32(0), connect.Int64(0), connect.Float32(0), connect.Float64(0),
		connect.Float64(math.Copysign(0, -1)), connect.Float64(math.NaN()), connect.Float32(float32(math.NaN())), connect.String(""), connect.Bytes(nil),
		connect.String("a"), connect.Array(nil), connect.Array([]connect.Value{connect.Null()}), connect.NewMap(nil).Value(),
		connect.NewMap([]connect.Value{connect.String("a"), connect.Null()}).Value(), connect.Decimal(10, 1), connect.Decimal(1, 0),
		connect.BigDecimal(new(big.Int).Lsh(big.NewInt(1), 64), 0), connect.BigDecimal(new(big.Int).Lsh(big.NewInt(1), 64), 1), connect.TimeMillis(0),
		connect.NewStruct(schema("s")).Value(), connect.NewStruct(schema("t")).Value(), full.Value(),
	}
	for i, v := range values {
		for j, w := range values {
			if v.Equal(w) != (i == j) {
				t.Errorf("%s %s and %s %s: equal is %v", v.Kind(), v, w.Kind(), w, v.Equal(w))
			}
		}
	}
}

func TestMapsAreEqualInAnyOrder(t *testing.T) {
	ab := connect.NewMap([]connect.Value{connect.String("a"), connect.Int8(1), connect.String("b"), connect.Int8(2)})
	ba := connect.NewMap([]connect.Value{connect.String("b"), connect.Int8(2), connect.String("a"), connect.Int8(1)})
	if !ab.Equal(ba) || !ba.Equal(ab) {
		t.Error("order makes a difference")
	}
	ba.SetValue(0, connect.Int8(3))
	if ab.Equal(ba) {
		t.Error("a value makes no difference")
	}
}

func TestMapPutReplacesOrGrows(t *testing.T) {
	var a connect.Arena
	m := connect.NewMap(nil).Put(&a, "k", connect.Int8(1)).Put(&a, "l", connect.Int8(2)).Put(&a, "k", connect.Int8(3))
	if got := m.Value().String(); got != "{k=3, l=2}" {
		t.Errorf("got %s", got)
	}
	if _, ok := m.Get("none"); ok {
		t.Error("found what is not there")
	}
}

func TestDecimalsComeBackFromTheirBytes(t *testing.T) {
	for _, seed := range seeds {
		r := random(seed)
		for range 2000 {
			n := new(big.Int).SetUint64(r.Uint64())
			n.Lsh(n, uint(r.IntN(80))).Rsh(n, uint(r.IntN(120)))
			if r.IntN(2) == 0 {
				n.Neg(n)
			}
			v := connect.BigDecimal(n, 2)
			b := connect.AppendUnscaled([]byte("prefix"), v)[len("prefix"):]
			if back := connect.DecimalFromBytes(b, 2); !back.Equal(v) {
				t.Fatalf("seed %d: %s came back as %s from %x", seed, v, back, b)
			}
			if len(b) > 1 && (b[0] == 0 && b[1] < 0x80 || b[0] == 0xFF && b[1] >= 0x80) {
				t.Fatalf("seed %d: %s is written as %x, which is longer than it must be", seed, v, b)
			}
		}
	}
}

func TestTextIsThatOfJava(t *testing.T) {
	for _, tc := range []struct {
		v    connect.Value
		want string
	}{
		{connect.Float64(100), "100.0"}, {connect.Float64(0.001), "0.001"}, {connect.Float64(1e7), "1.0E7"}, {connect.Float64(1e-4), "1.0E-4"},
		{connect.Float64(123456789.123), "1.23456789123E8"}, {connect.Float64(math.SmallestNonzeroFloat64), "4.9E-324"},
		{connect.Float64(math.Copysign(0, -1)), "-0.0"}, {connect.Float64(-math.SmallestNonzeroFloat64), "-4.9E-324"},
		{connect.Float32(math.SmallestNonzeroFloat32), "1.4E-45"}, {connect.Float32(3.4028235e38), "3.4028235E38"},
		{connect.Float64(math.Inf(-1)), "-Infinity"}, {connect.Float32(float32(math.NaN())), "NaN"},
		{connect.Decimal(150, 2), "1.50"}, {connect.Decimal(-5, 3), "-0.005"}, {connect.Decimal(5, -3), "5E+3"}, {connect.Decimal(123, -3), "1.23E+5"},
		{connect.Decimal(1, 7), "1E-7"}, {connect.Decimal(12, 8), "1.2E-7"}, {connect.Decimal(0, 2), "0.00"}, {connect.Decimal(0, -2), "0E+2"},
		{connect.Decimal(math.MinInt64, 0), "-9223372036854775808"},
		{connect.TimeMillis(0), "Thu Jan 01 00:00:00 UTC 1970"},
		{connect.Array([]connect.Value{connect.Int8(1), connect.Null()}), "[1, null]"},
	} {
		if got := tc.v.String(); got != tc.want {
			t.Errorf("got %s, want %s", got, tc.want)
		}
	}
}

// The vectors hold floating numbers as Java 17 printed them. Since Java 19, which Kafka's images run on, the digits are the
// shortest that read back; Java 17 prints some floats longer.
func TestFloatsOfTheVectorsPrintAsJavaPrintedThem(t *testing.T) {
	checked := make(map[string]bool)
	for _, file := range []string{"transforms.jsonl", "headers.jsonl", "jsonconverter.jsonl", "schemas.jsonl"} {
		for _, line := range vectors.Lines(t, file) {
			for _, tag := range []string{"float32", "float64"} {
				for _, raw := range tagged(line, tag) {
					v, err := vectors.Value(nil, raw)
					if err != nil {
						t.Fatalf("%s: %v", raw, err)
					}
					var want map[string]string
					if err := json.Unmarshal(raw, &want); err != nil {
						t.Fatal(err)
					}
					if got := v.String(); got != want[tag] && !shorter(t, got, want[tag], v) {
						t.Errorf("%s prints as %s", raw, got)
					}
					checked[string(raw)] = true
				}
			}
		}
	}
	t.Logf("%d different numbers", len(checked))
	if len(checked) < 50 {
		t.Errorf("only %d different numbers were found", len(checked))
	}
}

// shorter reports whether got is a shorter text of the float32 v than Java 17's.
func shorter(t *testing.T, got, java17 string, v connect.Value) bool {
	t.Helper()
	f, err := strconv.ParseFloat(got, 32)
	if err != nil {
		t.Fatal(err)
	}
	return v.Kind() == connect.KindFloat32 && len(got) < len(java17) && float32(f) == v.Float32()
}

// tagged finds the objects {"<tag>":"…"} in a line.
func tagged(line []byte, tag string) []json.RawMessage {
	var found []json.RawMessage
	begin := []byte(`{"` + tag + `":"`)
	for {
		_, rest, ok := bytes.Cut(line, begin)
		if !ok {
			return found
		}
		text, after, _ := bytes.Cut(rest, []byte(`"}`))
		found = append(found, json.RawMessage(string(begin)+string(text)+`"}`))
		line = after
	}
}
