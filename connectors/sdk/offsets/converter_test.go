package offsets_test

import (
	"math"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/connectors/sdk/offsets"
)

// Kafka Connect writes offsets with its JsonConverter without schemas: both packages must make the same of a value.
func FuzzAgreesWithTheJSONConverter(f *testing.F) {
	f.Add("a", "b\"\\/\b\f\n\r\t\x00\x1f\x7f\u2028é😀", int64(math.MinInt64), 1e-5, float32(3.4e38), []byte{0, 255})
	f.Add("", "\xed\xa0\x80", int64(0), math.NaN(), float32(math.Inf(1)), []byte{})
	converter, err := jsonconv.Class().New(map[string]string{"schemas.enable": "false", "converter.type": "value"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, key, text string, n int64, d float64, s float32, b []byte) {
		v := connect.NewMap([]connect.Value{
			connect.String(key), connect.String(text), connect.String(key + "n"), connect.Int64(n), connect.String(key + "d"), connect.Float64(d),
			connect.String(key + "s"), connect.Float32(s), connect.String(key + "b"), connect.Bytes(b), connect.String(key + "z"), connect.Null(),
			connect.String(key + "t"), connect.Bool(n > 0), connect.String(key + "i"), connect.Int8(int8(n)),
		}).Value()
		got, err := offsets.AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		want, err := converter.AppendData([]byte{}, "", nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("wrote     %q\nconverter %q", got, want)
		}
		read, err := offsets.ParseValue(got)
		if err != nil {
			t.Fatal(err)
		}
		_, wantRead, err := converter.ReadData(nil, "", want)
		if err != nil {
			t.Fatal(err)
		}
		if !read.Equal(wantRead) {
			t.Fatalf("%s\nread      %s\nconverter %s", got, read, wantRead)
		}
	})
}
