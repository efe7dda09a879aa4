package preview_test

import (
	"encoding/json"
	"testing"

	"github.com/ferry-connect/ferry/functions/preview"
)

// FuzzRecord gives any line to a sink and to a source: a line is a record or is refused, the result is JSON, and what came out of the
// source can be given again.
func FuzzRecord(f *testing.F) {
	for _, line := range []string{
		`{"topic":"t","key":"k","value":{"a":[1,2.5,null,"x"]},"headers":[{"key":"h","value":"1"}],"timestamp":1}`,
		`{"topic":"t","value":{"schema":{"type":"struct","fields":[{"field":"a","type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}}]},"payload":{"a":1.25}}}`,
		`{"topic":"t","value":{"schema":null,"payload":{"schema":null,"payload":1}}}`,
		`{"topic":"t","value":{"schema":{"type":"map","keys":{"type":"int32"},"values":{"type":"double"}},"payload":[[1,"NaN"]]}}`,
		`{"topic":"t","valueBase64":"/wA=","partition":2147483647,"offset":1,"timestampType":"LogAppendTime","timestamp":0}`,
		`{"topic":"\ud800"}`, `{`, `{"topic":"t","value":1e400}`,
	} {
		f.Add([]byte(line))
	}
	settings := []string{
		"transforms", "flat,header", "transforms.flat.type", transforms + "Flatten$Value",
		"transforms.header.type", transforms + "InsertHeader", "transforms.header.header", "h", "transforms.header.value.literal", "{\"a\":1}",
	}
	sink, source := open(f, "test.Sink", settings...), open(f, "test.Source", settings...)
	f.Fuzz(func(t *testing.T, line []byte) {
		for _, p := range []*preview.Preview{sink, source} {
			res := p.Record(1, line)
			if out := res.JSON(); !json.Valid(out) {
				t.Fatalf("the result is no JSON: %s", out)
			}
			if (res.Error == nil) == (res.Outcome == preview.Failed || res.Outcome == preview.Invalid) {
				t.Fatalf("the outcome and the error disagree: %s", res.JSON())
			}
			if res.Kafka != nil {
				if again := sink.Record(1, []byte(text(t, res.Kafka))); again.Outcome == preview.Invalid {
					t.Fatalf("what was written is %s, and cannot be given: %s", text(t, res.Kafka), again.JSON())
				}
			}
			if res.Before != nil && p == source {
				if again := source.Record(1, []byte(text(t, res.Before))); again.Outcome == preview.Invalid {
					t.Fatalf("the record is shown as %s, and cannot be given so: %s", text(t, res.Before), again.JSON())
				}
			}
		}
	})
}
