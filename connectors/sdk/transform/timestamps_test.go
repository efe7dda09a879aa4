package transform_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/connecttest"
)

const transformsPackage = "org.apache.kafka.connect.transforms."

// A text with a zone must not put later records into that zone, as it does in Kafka Connect.
func TestAZoneIsForgottenAfterItsRecord(t *testing.T) {
	tr := newTransform(t, transformsPackage+"TimestampConverter$Value", "target.type", "string", "format", "yyyy-MM-dd HH:mm z")
	for _, c := range []struct{ in, want connect.Value }{
		{connect.Int64(1700000000000), connect.String("2023-11-14 22:13 UTC")},
		{connect.String("2023-07-14 22:13 PDT"), connect.String("2023-07-14 22:13 PDT")},
		{connect.Int64(1700000000000), connect.String("2023-11-14 22:13 UTC")},
	} {
		r := sinkRecord(nil, c.in)
		apply(t, tr, &r, nil)
		if !r.Value.Equal(c.want) {
			t.Errorf("%s became %s, want %s", c.in, r.Value, c.want)
		}
	}
}

// A struct that is the default of its schema is converted with it.
func TestTheDefaultOfAStructIsConverted(t *testing.T) {
	b := connect.NewStructSchema().Field("at", connect.Int64Schema).Field("n", connect.OptionalStringSchema).Optional()
	def := connect.NewStruct(b.MustBuild())
	def.SetField(0, connect.Int64(1700000000000))
	s := b.Default(def.Value()).MustBuild()
	tr := newTransform(t, transformsPackage+"TimestampConverter$Value", "field", "at", "target.type", "string", "format", "yyyy")
	r := sinkRecord(s, connect.Null())
	apply(t, tr, &r, nil)
	got, ok := r.ValueSchema.Default()
	if !ok || got.Struct().Field(0).Str() != "2023" || !r.ValueSchema.Optional() {
		t.Errorf("the schema is optional %t, its default is %t %s", r.ValueSchema.Optional(), ok, got)
	}
}

func TestMissingTimestampNamesTheRecord(t *testing.T) {
	tr := newTransform(t, transformsPackage+"TimestampRouter")
	source := connect.Record{
		Topic: "t", Timestamp: connect.NoTimestamp, Partition: connect.NoPartition, Offset: connect.NoOffset, Value: connect.String("v"), ValueSchema: connect.StringSchema,
		SourcePartition: connect.NewSourcePartition("file", connect.String("a.txt")),
		Headers:         []connect.Header{{Key: "h", Schema: connect.Int32Schema, Value: connect.Int32(1)}, {Key: "i"}},
	}
	_, err := tr.Apply(&source, nil)
	const want = "Timestamp missing on record: SourceRecord{sourcePartition={file=a.txt}, sourceOffset=null} ConnectRecord{topic='t', kafkaPartition=null, " +
		"key=null, keySchema=null, value=v, valueSchema=Schema{STRING}, timestamp=null, " +
		"headers=ConnectHeaders(headers=ConnectHeader(key=h, value=1, schema=Schema{INT32}), ConnectHeader(key=i, value=null, schema=null))}"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Records may share their headers, or the memory behind them.
func TestHeadersOfOtherRecordsStay(t *testing.T) {
	shared := append(make([]connect.Header, 0, 8), connect.Header{Key: "a"}, connect.Header{Key: "b"})
	s := orderSchema("order", 3)
	for class, config := range map[string][]string{
		"DropHeaders":      {"headers", "a"},
		"InsertHeader":     {"header", "c", "value.literal", "x"},
		"HeaderFrom$Value": {"fields", "f0", "headers", "c", "operation", "copy"},
	} {
		first, second := sinkRecord(s, order(s).Value()), sinkRecord(s, order(s).Value())
		first.Headers, second.Headers = shared, shared
		apply(t, newTransform(t, transformsPackage+class, config...), &first, new(connect.Arena))
		after := keysOf(first.Headers)
		apply(t, newTransform(t, transformsPackage+"InsertHeader", "header", "d", "value.literal", "x"), &second, new(connect.Arena))
		if got := keysOf(first.Headers); !slices.Equal(got, after) || slices.Equal(got, keysOf(shared)) {
			t.Errorf("%s: the headers of the first record are %v, they were %v", class, got, after)
		}
		if got := strings.Join(keysOf(shared), ""); got != "ab" {
			t.Errorf("%s: the shared headers became %s", class, got)
		}
	}
}

func keysOf(headers []connect.Header) []string {
	var keys []string
	for _, h := range headers {
		keys = append(keys, h.Key)
	}
	return keys
}

// timestampCases apply the transforms of headers and timestamps to a record of ten fields.
func timestampCases(t testing.TB) map[string]func() {
	t.Helper()
	s := orderSchema("order", 10)
	asStruct := sinkRecord(s, order(s).Value())
	asMap := sinkRecord(nil, connecttest.MapOf(order(s).Value()))
	text := sinkRecord(connect.StringSchema, connect.String("2023-11-14T22:13:20.123+02:00"))
	named := sinkRecord(connect.StringSchema, connect.String("Tue Nov 14 22:13:20 PST 2023"))
	headers := asStruct
	headers.Headers = []connect.Header{{Key: "a"}, {Key: "b"}, {Key: "c"}}
	cases := make(map[string]func())
	for _, c := range []struct {
		name, class string
		r           connect.Record
		config      []string
	}{
		{"DropHeaders one of three", "DropHeaders", headers, []string{"headers", "b"}},
		{"HeaderFrom copy struct", "HeaderFrom$Value", asStruct, []string{"fields", "f0,f2", "headers", "a,b", "operation", "copy"}},
		{"HeaderFrom move struct", "HeaderFrom$Value", asStruct, []string{"fields", "f0,f2", "headers", "a,b", "operation", "move"}},
		{"HeaderFrom move map", "HeaderFrom$Value", asMap, []string{"fields", "f0,f2", "headers", "a,b", "operation", "move"}},
		{"InsertHeader", "InsertHeader", headers, []string{"header", "h", "value.literal", "x"}},
		{"TimestampConverter field to Timestamp", "TimestampConverter$Value", asStruct, []string{"field", "f0", "target.type", "Timestamp"}},
		{"TimestampConverter field to string", "TimestampConverter$Value", asStruct, []string{"field", "f0", "target.type", "string", "format", "yyyy-MM-dd HH:mm:ss.SSS"}},
		{"TimestampConverter map field to string", "TimestampConverter$Value", asMap, []string{"field", "f0", "target.type", "string", "format", "yyyy-MM-dd HH:mm:ss.SSS"}},
		{"TimestampConverter from string", "TimestampConverter$Value", text, []string{"target.type", "Timestamp", "format", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX"}},
		{"TimestampConverter from string with zone", "TimestampConverter$Value", named, []string{"target.type", "unix", "format", "EEE MMM dd HH:mm:ss z yyyy"}},
		{"TimestampRouter", "TimestampRouter", asStruct, nil},
	} {
		cases[c.name] = inBatches(t, newTransform(t, transformsPackage+c.class, c.config...), c.r)
	}
	return cases
}

func TestHeadersAndTimestampsTakeNoAllocation(t *testing.T) {
	for name, run := range timestampCases(t) {
		if n := testing.AllocsPerRun(200, run); n != 0 {
			t.Errorf("%s takes %v allocations", name, n)
		}
	}
}

func BenchmarkTimestamps(b *testing.B) {
	for name, run := range timestampCases(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				run()
			}
		})
	}
}
