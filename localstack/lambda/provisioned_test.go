package lambda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/functions/kafkaevent"
	"github.com/ferry-connect/ferry/localstack/lambda"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

// given up is what a mapping writes of a record.
type givenUp struct {
	Key            string `json:"-"`
	RequestContext struct {
		RequestID              string `json:"requestId"`
		FunctionARN            string `json:"functionArn"`
		Condition              string `json:"condition"`
		ApproximateInvokeCount int    `json:"approximateInvokeCount"`
	} `json:"requestContext"`
	ResponseContext *struct {
		StatusCode    int    `json:"statusCode"`
		FunctionError string `json:"functionError"`
	} `json:"responseContext"`
	KafkaBatchInfo struct {
		BatchSize  int `json:"batchSize"`
		RecordInfo struct {
			Offset string `json:"offset"`
		} `json:"recordInfo"`
	} `json:"KafkaBatchInfo"`
	Payload kafkaevent.Event `json:"payload"`
}

// failures reads so many records of the topic for failures.
func (m *mapped) failures(n int) []givenUp {
	m.t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(m.seeds...), kgo.ConsumeTopics("failures"))
	if err != nil {
		m.t.Fatal(err)
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	var all []givenUp
	for len(all) < n {
		fetches := cl.PollFetches(ctx)
		if err := ctx.Err(); err != nil {
			m.t.Fatalf("%d failures of %d: %v", len(all), n, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			g := givenUp{Key: string(r.Key)}
			if err := json.Unmarshal(r.Value, &g); err != nil {
				m.t.Fatal(err)
			}
			all = append(all, g)
		})
	}
	return all
}

func TestHowAMappingDealsWithFailures(t *testing.T) {
	for _, c := range []struct {
		name     string
		mode     lambda.Provisioned
		report   string
		batch    int
		values   []string
		invoked  []string
		failures []string // values
	}{
		{
			"retries end", lambda.Provisioned{MaximumRetryAttempts: 2, OnFailureTopic: "failures"}, "", 2,
			[]string{"bad", "1", "2", "3"}, []string{"bad 1", "bad 1", "bad 1", "2 3"}, []string{"bad", "1"},
		},
		{
			"without retries and a destination a batch is dropped", lambda.Provisioned{}, "", 2,
			[]string{"bad", "1", "2", "3"}, []string{"bad 1", "2 3"}, nil,
		},
		{
			"retries without end are ten where there is a destination", lambda.Provisioned{MaximumRetryAttempts: -1, OnFailureTopic: "failures"}, "", 1,
			[]string{"bad", "1"}, append(slices.Repeat([]string{"bad"}, 11), "1"), []string{"bad"},
		},
		{
			"halves are retried one after the other", lambda.Provisioned{BisectBatchOnFunctionError: true, OnFailureTopic: "failures", MaximumRetryAttempts: 1}, "", 4,
			[]string{"1", "2", "bad", "3"}, []string{"1 2 bad 3", "1 2", "bad 3", "bad", "bad", "3"}, []string{"bad"},
		},
		{
			"the function names what failed", lambda.Provisioned{ReportBatchItemFailures: true, OnFailureTopic: "failures", MaximumRetryAttempts: 1}, "items", 4,
			[]string{"1", "bad 2", "bad 3", "4"}, []string{"1 bad 2 bad 3 4", "bad 2 bad 3 4"}, []string{"bad 2", "bad 3", "4"},
		},
		{
			"named failures are split too", lambda.Provisioned{ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, OnFailureTopic: "failures"}, "items", 4,
			[]string{"1", "2", "bad", "3"}, []string{"1 2 bad 3", "bad", "3"}, []string{"bad"},
		},
		{
			"a record that was not sent is about all", lambda.Provisioned{ReportBatchItemFailures: true, OnFailureTopic: "failures", MaximumRetryAttempts: 1}, "stranger", 2,
			[]string{"1", "bad"}, []string{"1 bad", "1 bad"}, []string{"1", "bad"},
		},
		{
			"who does not report is not asked", lambda.Provisioned{}, "items", 2,
			[]string{"1", "bad"}, []string{"1 bad"}, nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMapped(t, 1, c.report)
			m.produce(0, c.values...)
			m.start(lambda.EventSourceMapping{BatchSize: c.batch, Window: 300 * time.Second, Provisioned: &c.mode})
			m.untilCommitted(0, int64(len(c.values)))
			if got := m.values(); !slices.Equal(got, c.invoked) {
				t.Errorf("the function was invoked with %q, want %q", got, c.invoked)
			}
			var values []string
			for _, f := range m.failures(len(c.failures)) {
				r := f.Payload.Records["t-0"][0]
				values = append(values, string(r.Value))
				if f.Key != string(r.Key) || f.KafkaBatchInfo.RecordInfo.Offset != fmt.Sprint(r.Offset) || f.KafkaBatchInfo.BatchSize != 1 {
					t.Errorf("the failure of %+v is %+v", r, f)
				}
				if rc := f.RequestContext; rc.Condition != "RetriesExhausted" || rc.ApproximateInvokeCount < 1 || rc.RequestID == "" || !strings.HasSuffix(rc.FunctionARN, ":function:f:$LATEST") || f.ResponseContext.StatusCode != 200 {
					t.Errorf("the failure of %+v is %+v", r, f)
				}
			}
			if !slices.Equal(values, c.failures) {
				t.Errorf("the failures are %q, want %q", values, c.failures)
			}
		})
	}
}

func TestARecordThatIsTooOldIsNotSent(t *testing.T) {
	m := newMapped(t, 1, "")
	old := &kgo.Record{Topic: "t", Value: []byte("old"), Timestamp: time.Now().Add(-2 * time.Hour)}
	m.send(old)
	m.produce(0, "new")
	m.start(lambda.EventSourceMapping{Provisioned: &lambda.Provisioned{MaximumRecordAge: time.Hour, OnFailureTopic: "failures"}})
	m.untilCommitted(0, 2)
	if got := strings.Join(m.values(), " "); got != "new" {
		t.Errorf("the function was invoked with %q", got)
	}
	if f := m.failures(1)[0]; f.RequestContext.Condition != "RecordAgeExceeded" || f.ResponseContext != nil || string(f.Payload.Records["t-0"][0].Value) != "old" {
		t.Errorf("the failure is %+v", f)
	}
}

// An event of one record that is larger than 6 MB never reaches the function, and blocks the partition unless it is given up.
func TestARecordThatIsTooLargeIsGivenUp(t *testing.T) {
	m := newMapped(t, 1, "")
	m.produce(0, "1")
	m.send(&kgo.Record{Topic: "t", Value: []byte(strings.Repeat("x", 5<<20))})
	m.produce(0, "2")
	m.start(lambda.EventSourceMapping{Window: 300 * time.Millisecond, Provisioned: &lambda.Provisioned{MaximumRetryAttempts: 1}})
	m.untilCommitted(0, 3)
	if got := strings.Join(m.values(), " "); got != "1 2" {
		t.Errorf("the function was invoked with %q", got)
	}
}

// Whatever is killed, throttled or lost, each partition's records come in order, and all of them.
func TestEachPartitionIsInOrderWhateverHappens(t *testing.T) {
	const partitions, each = 4, 60
	m := newMapped(t, partitions, "")
	if err := os.Remove(m.bad); err != nil {
		t.Fatal(err)
	}
	for i := range each {
		for p := range int32(partitions) {
			m.produce(p, fmt.Sprintf("%03d", i))
		}
	}
	for range 3 {
		m.lambda.Inject(lambda.Fault{LoseReply: true, Match: func(p []byte) bool { return strings.Contains(string(p), `"offset":30,`) }})
		m.lambda.Inject(lambda.Fault{Refuse: lambda.Throttled(), Match: func(p []byte) bool { return strings.Contains(string(p), `"offset":10,`) }})
		m.lambda.Inject(lambda.Fault{Drop: true, Match: func(p []byte) bool { return strings.Contains(string(p), `"offset":50,`) }})
	}
	m.start(lambda.EventSourceMapping{BatchSize: 7})
	for p := range int32(partitions) {
		m.untilCommitted(p, each)
	}
	next := map[string]int64{}
	for _, e := range m.events() {
		for name, records := range e.Records {
			for _, r := range records {
				if r.Offset > next[name] {
					t.Fatalf("%s: offset %d came when %d was due", name, r.Offset, next[name])
				}
				next[name] = max(next[name], r.Offset+1)
			}
		}
	}
	for name, n := range next {
		if n != each {
			t.Errorf("%s: the function saw %d records", name, n)
		}
	}
}

func TestAMappingPausesAndGoesOn(t *testing.T) {
	m := newMapped(t, 1, "")
	m.produce(0, "bad", "1")
	mapping := m.start(lambda.EventSourceMapping{Window: 100 * time.Millisecond})
	eventually(t, time.Minute, "the batch was not retried", func() bool { return len(m.events()) >= 2 })

	mapping.Pause() // in the middle of the retries
	if err := os.Remove(m.bad); err != nil {
		t.Fatal(err)
	}
	n := len(m.events())
	settled(t, m.lambda)
	m.produce(0, "2")
	if got := m.values(); len(got) != n {
		t.Errorf("while it was paused, the function was invoked with %q", got[n:])
	}
	mapping.Resume()
	m.untilCommitted(0, 3)
	if got := strings.Join(m.values()[n:], " "); got != "bad 1 2" {
		t.Errorf("then the function was invoked with %q", got)
	}
	if err := mapping.Err(); err != nil {
		t.Error(err)
	}
	mapping.Close()
	mapping.Close()
}

// Two mappings of one group share a topic; when one ends in the middle of retries, the other takes over all of it.
func TestMappingsOfOneGroupShareATopic(t *testing.T) {
	m := newMapped(t, 4, "")
	first, second := m.start(lambda.EventSourceMapping{}), m.start(lambda.EventSourceMapping{})
	for p := range int32(4) {
		m.produce(p, "bad")
	}
	eventually(t, time.Minute, "not all partitions were retried", func() bool {
		seen := map[string]bool{}
		for _, e := range m.events() {
			for name := range e.Records {
				seen[name] = true
			}
		}
		return len(seen) == 4
	})
	first.Close()
	if err := os.Remove(m.bad); err != nil {
		t.Fatal(err)
	}
	for p := range int32(4) {
		m.untilCommitted(p, 1)
	}
	if err := second.Err(); err != nil {
		t.Error(err)
	}
}

// What the fake of a broker does for groups, commits and destinations, a real one does too.
func TestAMappingOnARealBroker(t *testing.T) {
	if testing.Short() {
		t.Skip("starts Kafka")
	}
	m := mappedOn(t, []string{servers.Kafka(t).Addr}, "items")
	if _, err := kadm.NewClient(m.kafka).CreateTopics(t.Context(), 2, 1, nil, "t", "failures"); err != nil {
		t.Fatal(err)
	}
	first := m.start(lambda.EventSourceMapping{Provisioned: &lambda.Provisioned{ReportBatchItemFailures: true, BisectBatchOnFunctionError: true, OnFailureTopic: "failures"}})
	m.produce(0, "1", "bad", "2")
	m.produce(1, "3")
	m.untilCommitted(0, 3)
	m.untilCommitted(1, 1)
	if f := m.failures(1)[0]; string(f.Payload.Records["t-0"][0].Value) != "bad" {
		t.Errorf("the failure is %+v", f)
	}
	// Another of the same group takes over.
	m.start(lambda.EventSourceMapping{})
	first.Close()
	m.produce(0, "4")
	m.produce(1, "5")
	m.untilCommitted(0, 4)
	m.untilCommitted(1, 2)
	if err := first.Err(); err != nil {
		t.Error(err)
	}
}

func TestTheServicesCloseEndsMappings(t *testing.T) {
	m := newMapped(t, 1, "")
	m.produce(0, "bad")
	m.start(lambda.EventSourceMapping{})
	eventually(t, time.Minute, "the batch was not retried", func() bool { return len(m.events()) >= 2 })
	if err := m.lambda.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.lambda.Map(lambda.EventSourceMapping{Function: "f", Topic: "t", BootstrapServers: m.seeds, StartingPosition: lambda.Latest}); err == nil {
		t.Error("a closed service maps")
	}
}
