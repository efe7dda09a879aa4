package servers_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

var kafka servers.SharedKafka

func TestMain(m *testing.M) { os.Exit(kafka.Main(m)) }

func TestBrokerKeepsItsRecordsWhenKilledAndStartedAgain(t *testing.T) {
	// given a broker with one acknowledged record
	broker := kafka.Broker(t)
	client := newClient(t, broker, kgo.ConsumeTopics("survivors"), kgo.AllowAutoTopicCreation())
	produce(t, client, "survivors", "before the kill")

	// when it is killed and started again
	broker.Kill(t)
	broker.Start(t)

	// then the record is there, and the same client goes on
	produce(t, client, "survivors", "after the kill")
	consumed := consume(t, client, 2)
	if got, want := strings.Join(consumed, "; "), "before the kill; after the kill"; got != want {
		t.Errorf("consumed %q, want %q", got, want)
	}
}

func TestBrokerKeepsItsRecordsWhenStoppedAndStartedAgain(t *testing.T) {
	// given
	broker := kafka.Broker(t)
	client := newClient(t, broker, kgo.ConsumeTopics("rested"), kgo.AllowAutoTopicCreation())
	produce(t, client, "rested", "before the stop")

	// when
	broker.Stop(t)
	broker.Start(t)

	// then
	if got := consume(t, client, 1)[0]; got != "before the stop" {
		t.Errorf("consumed %q, want %q", got, "before the stop")
	}
}

func TestConsoleConsumerReadsWhatWeWrote(t *testing.T) {
	// given
	broker := kafka.Broker(t)
	client := newClient(t, broker, kgo.AllowAutoTopicCreation())
	produce(t, client, "console", "written in Go, read in Java")

	// when
	output, err := servers.Output(t, "kafka-console-consumer.sh", "--bootstrap-server", broker.Addr,
		"--topic", "console", "--from-beginning", "--max-messages", "1", "--timeout-ms", "60000")
	// then
	if err != nil {
		t.Fatal(err)
	}
	if output != "written in Go, read in Java\n" {
		t.Errorf("console consumer wrote %q", output)
	}
}

func TestFormatArgsAndPropertiesReachTheBroker(t *testing.T) {
	// given
	broker := servers.Kafka(t,
		servers.FormatArgs("--feature", "transaction.version=0"),
		servers.Properties("num.partitions=3"),
		servers.Properties("auto.create.topics.enable=false"))
	client := newClient(t, broker)

	// when
	level := transactionVersion(t, client)
	usual := transactionVersion(t, newClient(t, kafka.Broker(t)))
	configs, err := kadm.NewClient(client).DescribeBrokerConfigs(testContext(t), 1)
	if err != nil {
		t.Fatal(err)
	}

	// then
	if level != 0 || usual != 2 {
		t.Errorf("transaction.version is %d, and %d without the arguments; want 0 and 2", level, usual)
	}
	want := map[string]string{"num.partitions": "3", "auto.create.topics.enable": "false"}
	for _, config := range configs[0].Configs {
		if value, ok := want[config.Key]; ok && config.MaybeValue() != value {
			t.Errorf("%s is %s, want %s", config.Key, config.MaybeValue(), value)
		}
		delete(want, config.Key)
	}
	if len(want) > 0 {
		t.Errorf("the broker does not list %v", want)
	}
}

func TestAClientThatCameThroughAProxyStaysWithIt(t *testing.T) {
	// given
	const first, second = "127.0.0.1:10001", "127.0.0.1:10002"
	addrs, behind, err := servers.Behind(first, second)
	if err != nil {
		t.Fatal(err)
	}
	broker := servers.Kafka(t, behind)

	// when, then
	for addr, want := range map[string]string{broker.Addr: broker.Addr, addrs[0]: first, addrs[1]: second} {
		client, err := kgo.NewClient(kgo.SeedBrokers(addr))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		metadata, err := kadm.NewClient(client).BrokerMetadata(testContext(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%s:%d", metadata.Brokers[0].Host, metadata.Brokers[0].Port); got != want {
			t.Errorf("at %s the broker says that it is at %s, want %s", addr, got, want)
		}
	}
}

// transactionVersion is the finalized level of the feature; a broker does not list one that is at 0.
func transactionVersion(t *testing.T, client *kgo.Client) int16 {
	t.Helper()
	request := kmsg.NewPtrApiVersionsRequest()
	request.ClientSoftwareName, request.ClientSoftwareVersion = "ferry", "test"
	response, err := request.RequestWith(testContext(t), client)
	if err != nil {
		t.Fatal(err)
	}
	for _, feature := range response.FinalizedFeatures {
		if feature.Name == "transaction.version" {
			return feature.MaxVersionLevel
		}
	}
	return 0
}

func newClient(t *testing.T, broker *servers.Server, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(append(opts, kgo.SeedBrokers(broker.Addr), kgo.UnknownTopicRetries(-1))...) // a new topic takes its time
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func produce(t *testing.T, client *kgo.Client, topic, value string) {
	t.Helper()
	record := &kgo.Record{Topic: topic, Value: []byte(value)}
	if err := client.ProduceSync(testContext(t), record).FirstErr(); err != nil {
		t.Fatalf("produce %q: %v", value, err)
	}
}

func consume(t *testing.T, client *kgo.Client, n int) []string {
	t.Helper()
	ctx := testContext(t)
	var values []string
	for len(values) < n {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("consumed %q within a minute, want %d records", values, n)
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	return values
}

// testContext bounds one call to a real server, so that a broken one fails its test and not the whole run.
func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
