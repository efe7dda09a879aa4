package records_test

import (
	"crypto/md5"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/convert/jsonconv"
	"github.com/ferry-connect/ferry/scripts/bench/records"
)

// checksum is the MD5 of the first 20 000 records as lines of plain JSON, computed from the definition of the records by a
// second implementation in another language. It pins the generator; no Kafka Connect wrote these lines.
const checksum = "384c9daf50930e407343c9ede31ee12c"

func TestRecordsAreThoseOfTheirDefinition(t *testing.T) {
	var text []byte
	for i := range uint64(20_000) {
		text = append(records.NewRecord(i).AppendJSON(text), '\n')
	}
	sum := md5.Sum(text)
	if got := hex.EncodeToString(sum[:]); got != checksum {
		t.Errorf("MD5 %s, want %s; first line %s", got, checksum, text[:250])
	}
}

func TestJSONConverterWritesTheSameLines(t *testing.T) {
	conv, err := jsonconv.Class().New(map[string]string{"converter.type": "value", "schemas.enable": "false"})
	if err != nil {
		t.Fatal(err)
	}
	schema := records.NewSchema()
	text := []byte{}
	var a connect.Arena
	for i := range uint64(20_000) {
		a.Reset()
		if text, err = conv.AppendData(text, "", schema, records.Fill(&a, schema, i)); err != nil {
			t.Fatal(err)
		}
		text = append(text, '\n')
	}
	sum := md5.Sum(text)
	if got := hex.EncodeToString(sum[:]); got != checksum {
		t.Errorf("MD5 %s, want %s; first line %s", got, checksum, text[:250])
	}
}

func TestLinesAndBytesHaveTheirSizes(t *testing.T) {
	line := string(records.AppendLine(nil, 12_345_678))
	if len(line) != records.LineSize || !strings.HasSuffix(line, "2345678") {
		t.Errorf("line %q", line)
	}
	data := records.AppendBytes(nil, 258)
	if len(data) != records.BytesSize || hex.EncodeToString(data[:8]) != "0000000000000102" {
		t.Errorf("bytes %x", data)
	}
}

func TestFillDoesNotAllocate(t *testing.T) {
	schema := records.NewSchema()
	var a connect.Arena
	if n := testing.AllocsPerRun(100, func() {
		a.Reset()
		records.Fill(&a, schema, 5)
	}); n != 0 {
		t.Errorf("%g allocations, want none", n)
	}
}
