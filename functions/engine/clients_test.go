package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// someClient makes a client that goes nowhere.
func someClient(t *testing.T, opts []kgo.Opt, err error) *kgo.Client {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// What is said more closely goes before what is said for all: the connector's, then the worker's for consumers, then the
// worker's, which is the availability zone unless somebody set it.
func TestTheRackOfASinksConsumer(t *testing.T) {
	for _, c := range []struct {
		name           string
		worker, config map[string]string
		want           string
	}{
		{"the worker's", nil, nil, "zone"},
		{"the worker's for consumers", map[string]string{"consumer.client.rack": "consumers"}, nil, "consumers"},
		{"the connector's", map[string]string{"consumer.client.rack": "consumers"}, map[string]string{"consumer.override.client.rack": "own"}, "own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &sinkLoop{run: &run{task: &Task{Worker: c.worker, Config: c.config, Kafka: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1"), kgo.Rack("zone")}}}}
			opts, err := l.consumerOptions()
			if got := someClient(t, opts, err).OptValue(kgo.Rack); got != c.want {
				t.Errorf("the rack is %v, want %s", got, c.want)
			}
		})
	}
}

func TestClientsAreCalledAsInKafkaConnectUnlessTheyHaveANameOfTheirOwn(t *testing.T) {
	task := &Task{Connector: "c", ID: 2, Config: map[string]string{}}
	id := func(kind string) any {
		opts, err := producerOptions(task, "", kind)
		return someClient(t, opts, err).OptValue(kgo.ClientID)
	}
	if a, b := id(producerKind), id(deadLetterKind); a != "connector-producer-c-2" || b != "connector-dlq-producer-c-2" {
		t.Errorf("the clients are called %v and %v", a, b)
	}
	task.Config["producer.override.client.id"] = "mine"
	if a := id(producerKind); a != "mine" {
		t.Errorf("the client is called %v", a)
	}
}

func TestASettingOfTheProducerGoesBeforeTheDefaultsOfATask(t *testing.T) {
	task := &Task{Worker: map[string]string{"producer.connections.max.idle.ms": "1000"}, Config: map[string]string{"producer.override.transaction.timeout.ms": "5000"}}
	opts, err := producerOptions(task, "id", producerKind)
	cl := someClient(t, opts, err)
	if idle, timeout := cl.OptValue(kgo.ConnIdleTimeout), cl.OptValue(kgo.TransactionTimeout); idle != time.Second || timeout != 5*time.Second {
		t.Errorf("connections are kept %v, transactions may last %v", idle, timeout)
	}
}

// The worker's security holds for all clients of its connectors, and who says otherwise for one kind of them is heeded for that kind.
func TestEachClientLogsInByItsOwnSettings(t *testing.T) {
	login := func(module, user string) string {
		return `org.apache.kafka.common.security.` + module + ` required username="` + user + `" password="p";`
	}
	task := &Task{Connector: "c",
		Worker: map[string]string{"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.jaas.config": login("plain.PlainLoginModule", "worker"),
			"consumer.sasl.mechanism": "SCRAM-SHA-256", "consumer.sasl.jaas.config": login("scram.ScramLoginModule", "consumers")},
		Config: map[string]string{"producer.override.security.protocol": "PLAINTEXT"}, Security: new(kafkaclient.Security)}
	mechanisms := func(opts []kgo.Opt, err error) string {
		var names []string
		for _, m := range someClient(t, opts, err).OptValue(kgo.SASL).([]sasl.Mechanism) {
			names = append(names, m.Name())
		}
		return strings.Join(names, " ")
	}
	producer := mechanisms(producerOptions(task, "", producerKind))
	consumer := mechanisms((&sinkLoop{run: &run{task: task}}).consumerOptions())
	admin := mechanisms(task.connection(task.client(kafkaclient.Admin), adminKind))
	if producer != "" || consumer != "SCRAM-SHA-256" || admin != "PLAIN" {
		t.Errorf("the producer logs in by %q, the consumer by %q, the admin client by %q", producer, consumer, admin)
	}
}

func TestTopicsAreCreatedByAClientOfItsOwnOnlyIfItsSettingsSayOtherwise(t *testing.T) {
	for _, c := range []struct {
		name           string
		worker, config map[string]string
		own            bool
	}{
		{"nothing is said", nil, nil, false},
		{"something is said of the producer", nil, map[string]string{"producer.override.acks": "all"}, false},
		{"something is said of the admin client", nil, map[string]string{"admin.override.client.id": "boss"}, true},
		{"the worker says it", map[string]string{"admin.client.id": "boss"}, nil, true},
		{"the producer logs in as somebody else", nil, map[string]string{"producer.override.ssl.protocol": "TLS"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			task := &Task{Connector: "c", Worker: c.worker, Config: c.config}
			producer := someClient(t, nil, nil)
			admin, done, err := task.admin(producer, adminKind)
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			id := admin.OptValue(kgo.ClientID)
			if own := admin != producer; own != c.own || own && id != "boss" && id != "connector-adminclient-c-0" {
				t.Errorf("it has a client of its own: %v, called %v", own, id)
			}
		})
	}
}

func TestASettingThatIsRefusedFailsTheTaskByItsName(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1, "out": 1}, func(t *testing.T, b *broker) {
		source := func() *connect.Class {
			return (&upstream{topic: "out", lines: map[string][]string{"a": {"1"}}}).class()
		}
		for key, class := range map[string]*connect.Class{
			"producer.override.interceptor.classes": source(), "producer.override.bootstrap.servers": source(), "producer.override.enable.idempotence": source(), "producer.override.sasl.login.class": source(),
			"consumer.override.interceptor.classes": new(downstream).class(), "consumer.override.bootstrap.servers": new(downstream).class(), "consumer.override.isolation.level": new(downstream).class(),
		} {
			config := topics("in")
			config[key] = "0"
			facts, err := Run(t.Context(), b.task(class, config))
			if facts.End != EndFailed || connect.KindOf(err) != connect.KindConfig || !strings.Contains(err.Error(), key) {
				t.Errorf("%s: %s, %v", key, asJSON(facts), err)
			}
		}
		if got := b.values("out"); len(got) > 0 {
			t.Errorf("records were written: %q", got)
		}
	})
}

// Whatever the partitioner, all offsets of one source partition are in one partition of their topic: readers look there.
func TestOffsetsAreWrittenByKeyWhateverThePartitionerIs(t *testing.T) {
	inBubble(t, map[string]int32{"out": 5}, func(t *testing.T, b *broker) {
		u := &upstream{topic: "out", lines: map[string][]string{"a": count("a", 20)}, atOnce: 2}
		config := map[string]string{"producer.override.partitioner.class": "org.apache.kafka.clients.producer.RoundRobinPartitioner"}
		task := b.task(u.class(), config)
		task.Budget.BatchRecords = 2
		if facts, err := Run(t.Context(), task); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		used := func(topic string) (n int) {
			partitions := map[int32]bool{}
			for _, r := range b.read(topic) {
				partitions[r.Partition] = true
			}
			return len(partitions)
		}
		if data, offsets := used("out"), used(offsetsTopic); data != 5 || offsets != 1 {
			t.Errorf("records are in %d of 5 partitions, offsets in %d", data, offsets)
		}
	})
}

// A task that begins an hour back does so once: the place is committed, since the next invocation's hour is another.
func TestASinkBeginsByDuration(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1, "empty": 1}, func(t *testing.T, b *broker) {
		now := time.Now()
		for i, age := range []time.Duration{3 * time.Hour, 2 * time.Hour, 30 * time.Minute, time.Minute} {
			b.produce(&kgo.Record{Topic: "in", Value: fmt.Append(nil, i), Timestamp: now.Add(-age)})
		}
		d := new(downstream)
		config := topics("in,empty")
		config["consumer.override.auto.offset.reset"] = "by_duration:PT1H"
		if facts, err := Run(t.Context(), b.task(d.class(), config)); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		if got := d.values(); !slices.Equal(got, []string{"2", "3"}) || b.committed("connect-c", "in", 0) != 4 || b.committed("connect-c", "empty", 0) != 0 {
			t.Errorf("consumed %q, committed %d", got, b.committed("connect-c", "in", 0))
		}
	})
}

func TestMaxPollRecordsBoundsAPut(t *testing.T) {
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		b.fill("in", 0, "x", 10)
		d := new(downstream)
		config := topics("in")
		config["consumer.override.max.poll.records"] = "3"
		if facts, err := Run(t.Context(), b.task(d.class(), config)); err != nil {
			t.Fatalf("%s, %v", asJSON(facts), err)
		}
		var sizes []int
		for _, p := range d.puts {
			if len(p) > 0 {
				sizes = append(sizes, len(p))
			}
		}
		if !slices.Equal(sizes, []int{3, 3, 3, 1}) {
			t.Errorf("puts had %v records", sizes)
		}
	})
}

// The whole way of a record and of its offsets, with brokers that know nobody without a password.
func TestTasksRunWithBrokersThatAskForPasswords(t *testing.T) {
	secure := []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("SCRAM-SHA-512", "worker", "w"), kfake.Superuser("PLAIN", "own", "o")}
	inBubble(t, map[string]int32{"in": 1}, func(t *testing.T, b *broker) {
		login := func(prefix, mechanism, module, user, password string) map[string]string {
			return map[string]string{prefix + "security.protocol": "SASL_PLAINTEXT", prefix + "sasl.mechanism": mechanism,
				prefix + "sasl.jaas.config": fmt.Sprintf(`org.apache.kafka.common.security.%s required username="%s" password="%s";`, module, user, password)}
		}
		worker := login("", "SCRAM-SHA-512", "scram.ScramLoginModule", "worker", "w")
		for name, c := range map[string]struct {
			config map[string]string
			ok     bool
		}{
			"the worker's":                  {map[string]string{}, true},
			"the connector's own":           {login("consumer.override.", "PLAIN", "plain.PlainLoginModule", "own", "o"), true},
			"the connector's, and wrong":    {login("consumer.override.", "PLAIN", "plain.PlainLoginModule", "own", "x"), false},
			"none, though brokers want one": {map[string]string{"consumer.override.security.protocol": "PLAINTEXT"}, false},
		} {
			task := b.task(new(downstream).class(), topics("in"))
			maps.Copy(task.Config, c.config)
			maps.Copy(task.Worker, worker)
			task.Budget.Deadline = time.Now().Add(20 * time.Second)
			facts, err := Run(t.Context(), task)
			if ok := err == nil && facts.End == EndIdle; ok != c.ok {
				t.Errorf("%s: %s, %v", name, asJSON(facts), err)
			}
		}
	}, secure...)
}
