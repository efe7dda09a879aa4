package kafkaevent_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
)

// full has everything that an event may have.
func full() *kafkaevent.Event {
	return &kafkaevent.Event{
		EventSource: kafkaevent.MSK, EventSourceARN: "arn:aws:kafka:us-east-1:0:cluster/c/1", BootstrapServers: "b-1:9092,b-2:9092",
		Records: map[string][]kafkaevent.Record{
			"my-topic-0": {
				{
					Topic: "my-topic", Offset: 15, Timestamp: 1545084650987, TimestampType: kafkaevent.CreateTime,
					Key: []byte("k"), Value: []byte("v"), Headers: []kafkaevent.Header{{Key: "a", Value: []byte{0, 127, 128, 255}}, {Key: "a", Value: []byte{}}, {Key: "n"}},
					ValueSchemaMetadata: &kafkaevent.SchemaMetadata{DataFormat: "AVRO", SchemaID: "7"},
				},
				{Topic: "my-topic", Offset: 16, TimestampType: kafkaevent.LogAppendTime, Key: []byte{}, Headers: []kafkaevent.Header{}},
			},
		},
	}
}

func TestAnEventIsWrittenAsLambdaWritesIt(t *testing.T) {
	const want = `{"eventSource":"aws:kafka","eventSourceArn":"arn:aws:kafka:us-east-1:0:cluster/c/1","bootstrapServers":"b-1:9092,b-2:9092",` +
		`"records":{"my-topic-0":[` +
		`{"topic":"my-topic","partition":0,"offset":15,"timestamp":1545084650987,"timestampType":"CREATE_TIME","key":"aw==","value":"dg==",` +
		`"headers":[{"a":[0,127,-128,-1]},{"a":[]},{"n":null}],"valueSchemaMetadata":{"dataFormat":"AVRO","schemaId":"7"}},` +
		`{"topic":"my-topic","partition":0,"offset":16,"timestamp":0,"timestampType":"LOG_APPEND_TIME","key":"","value":null,"headers":[]}]}}`
	got, err := json.Marshal(full())
	if err != nil || string(got) != want {
		t.Errorf("it is written as\n%s, %v; want\n%s", got, err, want)
	}
	back, err := kafkaevent.Decode(got)
	if err != nil || !reflect.DeepEqual(back, full()) {
		t.Errorf("it is read back as %+v, %v", back, err)
	}
}

func TestNullAndAbsentAreNotEmpty(t *testing.T) {
	for _, c := range []struct {
		name, member string
		null         bool
	}{
		{"null", `,"value":null`, true}, {"absent", ``, true}, {"empty", `,"value":""`, false},
	} {
		e, err := kafkaevent.Decode([]byte(`{"eventSource":"SelfManagedKafka","records":{"t-1":[{"topic":"t","partition":1,"key":"aw=="` + c.member + `}]}}`))
		if err != nil {
			t.Fatal(err)
		}
		if v := e.Records["t-1"][0].Value; (v == nil) != c.null || len(v) != 0 {
			t.Errorf("%s: the value is %#v", c.name, v)
		}
	}
}

func TestAHeadersBytesMayBeUnsigned(t *testing.T) {
	var h kafkaevent.Header
	if err := json.Unmarshal([]byte(`{"h":[255,-1]}`), &h); err != nil || string(h.Value) != "\xff\xff" {
		t.Errorf("it is read as %+v, %v", h, err)
	}
}

func TestWhatIsNoEventOfKafka(t *testing.T) {
	record := func(text string) string {
		return `{"eventSource":"aws:kafka","records":{"t-0":[{"topic":"t"` + text + `}]}}`
	}
	for _, c := range []struct{ name, payload, want string }{
		{"no JSON", `{`, "unexpected end"},
		{"another source", `{"eventSource":"aws:sqs"}`, `eventSource is "aws:sqs"`},
		{"no source", `{}`, "is the function's trigger a Kafka topic?"},
		{"another partition's record", record(`,"partition":1`), "a record of t-1 is listed under t-0"},
		{"no base64", record(`,"value":"*"`), "base64"},
		{"a header with two keys", record(`,"headers":[{"a":[],"b":[]}]`), "not 2"},
		{"a header without a key", record(`,"headers":[{}]`), "not 0"},
		{"a header of no bytes", record(`,"headers":[{"a":[256]}]`), "256 is not a byte"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := kafkaevent.Decode([]byte(c.payload)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it got %v", err)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	seed, err := json.Marshal(full())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(`{"eventSource":"SelfManagedKafka","records":{"t-1":null,"u--1":[{"topic":"u-","partition":1}]}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		e, err := kafkaevent.Decode(payload)
		if err != nil {
			return
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		again, err := kafkaevent.Decode(text)
		if err != nil || !reflect.DeepEqual(e, again) {
			t.Errorf("%+v is read back as %+v, %v", e, again, err)
		}
	})
}

func TestAnAnswerNamesRecords(t *testing.T) {
	var r kafkaevent.Response
	r.BatchItemFailures = append(r.BatchItemFailures, kafkaevent.Failure{ItemIdentifier: kafkaevent.Identifier{Partition: kafkaevent.TopicPartition("my-topic", 3), Offset: 7}})
	const want = `{"batchItemFailures":[{"itemIdentifier":{"partition":"my-topic-3","offset":7}}]}`
	if got, err := json.Marshal(r); err != nil || string(got) != want {
		t.Errorf("it is written as %s, %v", got, err)
	}
}
