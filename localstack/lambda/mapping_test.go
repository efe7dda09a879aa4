package lambda_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
	"github.com/ferry-connect/ferry/localstack/lambda"
)

// mapped is a topic and a function that its records invoke.
type mapped struct {
	t      *testing.T
	lambda *lambda.Lambda
	seeds  []string
	kafka  *kgo.Client
	log    string // of the function
	bad    string // while this file is there, values that begin with "bad" are
}

// newMapped starts a broker with a topic t of so many partitions, and deploys the function f. With report it answers which
// records are bad; see testdata.
func newMapped(t *testing.T, partitions int32, report string) *mapped {
	t.Helper()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(partitions, "t"), kfake.SeedTopics(1, "failures"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	return mappedOn(t, broker.ListenAddrs(), report)
}

// mappedOn is newMapped on a broker that is there.
func mappedOn(t *testing.T, seeds []string, report string) *mapped {
	t.Helper()
	folder := t.TempDir()
	m := &mapped{t: t, lambda: start(t, nil), seeds: seeds, log: filepath.Join(folder, "log"), bad: filepath.Join(folder, "bad")}
	var err error
	m.kafka, err = kgo.NewClient(kgo.SeedBrokers(m.seeds...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(8<<20))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.kafka.Close)
	if err := os.WriteFile(m.bad, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	deploy(t, m.lambda, lambda.Function{
		Name: "f", Bootstrap: build(t, bootstrap), Timeout: time.Minute, Memory: 512,
		Env: map[string]string{"KAFKA": m.log, "BAD": m.bad, "REPORT": report},
	})
	return m
}

// start maps the topic to the function, with group g, from the beginning, and retries at once.
func (m *mapped) start(e lambda.EventSourceMapping) *lambda.Mapping {
	m.t.Helper()
	e.Function, e.Topic, e.BootstrapServers = "f", "t", m.seeds
	if e.ConsumerGroupID == "" {
		e.ConsumerGroupID = "g"
	}
	if e.StartingPosition == "" {
		e.StartingPosition = lambda.TrimHorizon
	}
	e.RetryPause = func(int) time.Duration { return time.Millisecond }
	mapping, err := m.lambda.Map(e)
	if err != nil {
		m.t.Fatal(err)
	}
	return mapping
}

func (m *mapped) produce(partition int32, values ...string) {
	m.t.Helper()
	for _, v := range values {
		m.send(&kgo.Record{Topic: "t", Partition: partition, Key: []byte("key of " + v), Value: []byte(v)})
	}
}

func (m *mapped) send(records ...*kgo.Record) {
	m.t.Helper()
	if err := m.kafka.ProduceSync(m.t.Context(), records...).FirstErr(); err != nil {
		m.t.Fatal(err)
	}
}

// events are those that the function was invoked with.
func (m *mapped) events() []*kafkaevent.Event {
	m.t.Helper()
	text, err := os.ReadFile(m.log)
	if err != nil && !os.IsNotExist(err) {
		m.t.Fatal(err)
	}
	var all []*kafkaevent.Event
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // it is being written
		}
		e, err := kafkaevent.Decode(line)
		if err != nil {
			m.t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}

// values are those of each event that the function was invoked with, by partition and joined by spaces.
func (m *mapped) values() []string {
	m.t.Helper()
	var all []string
	for _, e := range m.events() {
		var values []string
		for p := range int32(len(m.events()) + 16) {
			for _, r := range e.Records[kafkaevent.TopicPartition("t", p)] {
				values = append(values, string(r.Value))
			}
		}
		all = append(all, strings.Join(values, " "))
	}
	return all
}

func (m *mapped) committed(partition int32) int64 {
	m.t.Helper()
	offsets, err := kadm.NewClient(m.kafka).FetchOffsets(m.t.Context(), "g")
	if err != nil {
		return -1
	}
	o, ok := offsets.Lookup("t", partition)
	if !ok {
		return -1
	}
	return o.At
}

func (m *mapped) untilCommitted(partition int32, offset int64) {
	m.t.Helper()
	eventually(m.t, time.Minute, fmt.Sprintf("offset %d of partition %d is not committed", offset, partition), func() bool {
		at := m.committed(partition)
		if at > offset {
			m.t.Fatalf("offset %d of partition %d is committed, beyond %d", at, partition, offset)
		}
		return at == offset
	})
}

func TestRecordsInvokeAFunction(t *testing.T) {
	for _, arn := range []string{"", "arn:aws:kafka:us-east-1:000000000000:cluster/c/1"} {
		m := newMapped(t, 1, "")
		at := time.UnixMilli(1_700_000_000_123)
		m.send(
			&kgo.Record{Topic: "t", Key: []byte("k"), Value: []byte("v"), Timestamp: at, Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{1, 255}}, {Key: "h", Value: []byte{}}}},
			&kgo.Record{Topic: "t", Key: []byte{}, Timestamp: at},
			&kgo.Record{Topic: "t", Value: []byte{}, Timestamp: at},
		)
		m.start(lambda.EventSourceMapping{EventSourceARN: arn})
		m.untilCommitted(0, 3)
		want := &kafkaevent.Event{
			EventSource: kafkaevent.SelfManaged, EventSourceARN: arn, BootstrapServers: strings.Join(m.seeds, ","),
			Records: map[string][]kafkaevent.Record{"t-0": {
				{Topic: "t", Timestamp: at.UnixMilli(), TimestampType: kafkaevent.CreateTime, Key: []byte("k"), Value: []byte("v"), Headers: []kafkaevent.Header{{Key: "h", Value: []byte{1, 255}}, {Key: "h", Value: []byte{}}}},
				{Topic: "t", Offset: 1, Timestamp: at.UnixMilli(), TimestampType: kafkaevent.CreateTime, Key: []byte{}, Headers: []kafkaevent.Header{}},
				{Topic: "t", Offset: 2, Timestamp: at.UnixMilli(), TimestampType: kafkaevent.CreateTime, Value: []byte{}, Headers: []kafkaevent.Header{}},
			}},
		}
		if arn != "" {
			want.EventSource = kafkaevent.MSK
		}
		if got := m.events(); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("the function was invoked with %+v", got)
		}
	}
}

func TestABatchIsFullOrItsWindowIsOver(t *testing.T) {
	m := newMapped(t, 1, "")
	m.produce(0, "1", "2", "3", "4", "5", "6", "7")
	m.start(lambda.EventSourceMapping{BatchSize: 3, Window: 300 * time.Second})
	m.untilCommitted(0, 6)
	m.produce(0, "8", "9")
	m.untilCommitted(0, 9)
	if got := m.values(); !slices.Equal(got, []string{"1 2 3", "4 5 6", "7 8 9"}) {
		t.Errorf("full batches are %q", got)
	}

	m = newMapped(t, 1, "")
	m.produce(0, "1", "2")
	m.start(lambda.EventSourceMapping{Window: 300 * time.Millisecond})
	m.untilCommitted(0, 2)
	if got := m.values(); !slices.Equal(got, []string{"1 2"}) {
		t.Errorf("a batch whose window is over is %q", got)
	}
}

func TestAnEventHasAtMostSixMegabytes(t *testing.T) {
	m := newMapped(t, 2, "")
	large := []byte(strings.Repeat("x", 2<<20)) // 2.7 MB in base64
	for _, p := range []int32{0, 0, 0, 1} {
		m.send(&kgo.Record{Topic: "t", Partition: p, Value: large})
	}
	m.start(lambda.EventSourceMapping{Window: 300 * time.Millisecond})
	m.untilCommitted(0, 3)
	m.untilCommitted(1, 1)
	for _, e := range m.events() {
		if n := len(e.Records["t-0"]) + len(e.Records["t-1"]); n > 2 {
			t.Errorf("an event has %d records", n)
		}
	}
}

// In the on-demand mode nothing ends the retries but success, and only the partitions of the batch wait for it.
func TestABatchIsRetriedUntilItSucceedsAndOthersGoOn(t *testing.T) {
	m := newMapped(t, 2, "")
	m.produce(0, "good", "bad")
	m.start(lambda.EventSourceMapping{Window: 100 * time.Millisecond})
	eventually(t, time.Minute, "the batch was not retried", func() bool { return len(m.events()) >= 3 })
	m.produce(0, "later")
	m.produce(1, "other")
	m.untilCommitted(1, 1)
	if at := m.committed(0); at != -1 {
		t.Errorf("offset %d of the failed batch is committed", at)
	}
	if err := os.Remove(m.bad); err != nil {
		t.Fatal(err)
	}
	m.untilCommitted(0, 3)
	got := slices.Compact(slices.DeleteFunc(m.values(), func(v string) bool { return v == "other" }))
	if !slices.Equal(got, []string{"good bad", "later"}) {
		t.Errorf("the function was invoked with %q", got)
	}
}

func TestThrottlesAndLostAnswersAreNoFailuresOfTheFunction(t *testing.T) {
	m := newMapped(t, 1, "")
	throttles := m.lambda.Inject(lambda.Fault{Times: 5, Refuse: lambda.Throttled()})
	lost := m.lambda.Inject(lambda.Fault{LoseReply: true})
	m.produce(0, "1")
	m.start(lambda.EventSourceMapping{Provisioned: &lambda.Provisioned{OnFailureTopic: "failures"}})
	m.untilCommitted(0, 1)
	if throttles.Hits() != 5 || lost.Hits() != 1 {
		t.Errorf("%d throttles and %d lost answers", throttles.Hits(), lost.Hits())
	}
	if got := m.values(); !slices.Equal(got, []string{"1", "1"}) {
		t.Errorf("the function was invoked with %q", got)
	}
}

func TestAMappingStartsWhereItIsTold(t *testing.T) {
	m := newMapped(t, 1, "")
	at := time.UnixMilli(1_700_000_000_000)
	for i := range 3 {
		m.send(&kgo.Record{Topic: "t", Value: []byte(fmt.Sprint(i)), Timestamp: at.Add(time.Duration(i) * time.Hour)})
	}
	mapping := m.start(lambda.EventSourceMapping{StartingPosition: lambda.AtTimestamp, StartingPositionTimestamp: at.Add(time.Hour)})
	m.untilCommitted(0, 3)
	mapping.Close()
	// The group has an offset, so the position is ignored.
	mapping = m.start(lambda.EventSourceMapping{StartingPosition: lambda.TrimHorizon})
	m.produce(0, "3")
	m.untilCommitted(0, 4)
	mapping.Close()
	if got := strings.Join(m.values(), " "); got != "1 2 3" {
		t.Errorf("the function was invoked with %q", got)
	}
	// Another group, from the end.
	before := len(m.events())
	m.start(lambda.EventSourceMapping{StartingPosition: lambda.Latest, ConsumerGroupID: "another"})
	eventually(t, time.Minute, "nothing new came", func() bool { m.produce(0, "new"); return len(m.events()) > before })
	if got := strings.Join(m.values()[before:], " "); strings.Trim(got, "new ") != "" {
		t.Errorf("from the end, the function was invoked with %q", got)
	}
}

func TestMappingsThatLambdaRefuses(t *testing.T) {
	l := start(t, nil)
	for _, c := range []struct {
		name string
		edit func(e *lambda.EventSourceMapping)
		want string
	}{
		{"no function", func(e *lambda.EventSourceMapping) { e.Function = "" }, "names no function"},
		{"no topic", func(e *lambda.EventSourceMapping) { e.Topic = "" }, "names no topic"},
		{"no brokers", func(e *lambda.EventSourceMapping) { e.BootstrapServers = nil }, "no bootstrap servers"},
		{"no position", func(e *lambda.EventSourceMapping) { e.StartingPosition = "" }, "TRIM_HORIZON"},
		{"no timestamp", func(e *lambda.EventSourceMapping) { e.StartingPosition = lambda.AtTimestamp }, "needs a timestamp"},
		{"a batch too large", func(e *lambda.EventSourceMapping) { e.BatchSize = 10_001 }, "10001"},
		{"a window too long", func(e *lambda.EventSourceMapping) { e.Window = time.Hour }, "1h0m0s"},
		{"too many retries", func(e *lambda.EventSourceMapping) {
			e.Provisioned = &lambda.Provisioned{MaximumRetryAttempts: 10_001}
		}, "10001"},
		{"a negative age", func(e *lambda.EventSourceMapping) { e.Provisioned = &lambda.Provisioned{MaximumRecordAge: -1} }, "negative"},
		{"failures into itself", func(e *lambda.EventSourceMapping) { e.Provisioned = &lambda.Provisioned{OnFailureTopic: "t"} }, "come from"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := lambda.EventSourceMapping{Function: "f", Topic: "t", BootstrapServers: []string{"127.0.0.1:1"}, StartingPosition: lambda.Latest}
			c.edit(&e)
			if _, err := l.Map(e); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it got %v", err)
			}
		})
	}
}
