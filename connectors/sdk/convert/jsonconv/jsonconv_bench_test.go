package jsonconv_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

const benchRecords = 1000

func benchConverter(b *testing.B, schemas string) connect.Converter {
	b.Helper()
	conv, err := jsonconv.Class().New(map[string]string{jsonconv.TypeConfig: "value", jsonconv.SchemasEnableConfig: schemas})
	if err != nil {
		b.Fatal(err)
	}
	return conv
}

func benchMessages(b *testing.B, conv connect.Converter) (messages [][]byte, bytes int64) {
	b.Helper()
	schema := records.NewSchema()
	var a connect.Arena
	for i := range uint64(benchRecords) {
		data, err := conv.AppendData([]byte{}, "", schema, records.Fill(&a, schema, i))
		if err != nil {
			b.Fatal(err)
		}
		messages, bytes = append(messages, data), bytes+int64(len(data))
	}
	return messages, bytes / benchRecords
}

func BenchmarkWrite(b *testing.B) {
	for _, schemas := range []string{"true", "false"} {
		b.Run("schemas="+schemas, func(b *testing.B) {
			conv, schema := benchConverter(b, schemas), records.NewSchema()
			var a connect.Arena
			var values []connect.Value
			for i := range uint64(benchRecords) {
				values = append(values, records.Fill(&a, schema, i))
			}
			buf := make([]byte, 0, 4096)
			b.ReportAllocs()
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				var err error
				if buf, err = conv.AppendData(buf[:0], "", schema, values[i%benchRecords]); err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(len(buf)))
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, schemas := range []string{"true", "false"} {
		b.Run("schemas="+schemas, func(b *testing.B) {
			conv := benchConverter(b, schemas)
			messages, size := benchMessages(b, conv)
			var a connect.Arena
			b.ReportAllocs()
			b.SetBytes(size)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if i%500 == 0 {
					a.Reset()
				}
				if _, _, err := conv.ReadData(&a, "", messages[i%benchRecords]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReadSpaced reads messages with a blank after every comma and colon, as Python writes them.
func BenchmarkReadSpaced(b *testing.B) {
	for _, schemas := range []string{"true", "false"} {
		b.Run("schemas="+schemas, func(b *testing.B) {
			conv := benchConverter(b, schemas)
			messages, size := benchMessages(b, conv)
			for i := range messages {
				messages[i] = bytes.ReplaceAll(bytes.ReplaceAll(messages[i], []byte(`,"`), []byte(`, "`)), []byte(`":`), []byte(`": `))
			}
			var a connect.Arena
			b.ReportAllocs()
			b.SetBytes(size)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if i%500 == 0 {
					a.Reset()
				}
				if _, _, err := conv.ReadData(&a, "", messages[i%benchRecords]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNaive is what a loop of maps and encoding/json takes for the same messages.
func BenchmarkNaive(b *testing.B) {
	for _, schemas := range []string{"true", "false"} {
		messages, size := benchMessages(b, benchConverter(b, schemas))
		b.Run("read/schemas="+schemas, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(size)
			for i := 0; b.Loop(); i++ {
				var v any
				if err := json.Unmarshal(messages[i%benchRecords], &v); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("write/schemas="+schemas, func(b *testing.B) {
			var values []any
			for _, m := range messages {
				var v any
				if err := json.Unmarshal(m, &v); err != nil {
					b.Fatal(err)
				}
				values = append(values, v)
			}
			b.ReportAllocs()
			b.SetBytes(size)
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				if _, err := json.Marshal(values[i%benchRecords]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
