package kafkaclient_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

func TestAValueOutOfBoundsIsNamedByItsKey(t *testing.T) {
	for kind, settings := range map[kafkaclient.Kind]set{
		kafkaclient.Producer: {"acks": "2", "max.request.size": "0", "compression.type": "br", "compression.gzip.level": "0", "compression.lz4.level": "18", "compression.zstd.level": "x",
			"enable.idempotence": "maybe", "max.in.flight.requests.per.connection": "0", "partitioner.class": "com.example.P", "partitioner.ignore.keys": "1", "request.timeout.ms": "soon"},
		kafkaclient.Consumer: {"auto.offset.reset": "by_duration:-PT1H", "isolation.level": "serializable", "fetch.min.bytes": "-1", "fetch.max.bytes": "1e6", "max.poll.records": "0", "check.crcs": "no"},
		kafkaclient.Admin:    {"retries": "-1", "retry.backoff.ms": "x", "default.api.timeout.ms": "1.5"},
	} {
		for k, v := range settings {
			_, atStart := options(kind, false, set{k: v})
			for when, err := range map[string]error{"validation": kafkaclient.Check(kind, k, v, nil, false), "the task": atStart} {
				if err == nil || !strings.Contains(err.Error(), "Invalid value "+v+" for configuration "+kind.Prefix()+k) {
					t.Errorf("%s says of %s=%s: %v", when, k, v, err)
				}
			}
		}
	}
}

func TestATransactionNeedsWhatItNeeds(t *testing.T) {
	for _, settings := range []set{{"enable.idempotence": "false"}, {"transactional.id": "mine"}, {"acks": "-1"}, {"acks": "1"}, {"acks": "0"}, {"max.in.flight.requests.per.connection": "9"}} {
		opts, err := options(kafkaclient.Producer, true, settings)
		if err != nil {
			t.Errorf("%v: %v", settings, err)
			continue
		}
		cl := client(t, append(opts, kgo.TransactionalID("task")))
		if id := fmt.Sprint(cl.OptValues(kgo.TransactionalID)[0]); id != "task" || cl.OptValue(kgo.DisableIdempotentWrite) != false || cl.OptValue(kgo.RequiredAcks) != kgo.AllISRAcks() {
			t.Errorf("%v: the transactional id is %s, idempotence is off: %v, acks are %v", settings, id, cl.OptValue(kgo.DisableIdempotentWrite), cl.OptValue(kgo.RequiredAcks))
		}
	}
	if _, err := options(kafkaclient.Producer, false, set{"acks": "0"}); err == nil {
		t.Error("acks=0 was accepted")
	}
	if _, err := options(kafkaclient.Producer, false, set{"acks": "1", "enable.idempotence": "true"}); err == nil || !strings.Contains(err.Error(), "idempotent") {
		t.Errorf("acks=1 with idempotence: %v", err)
	}
}

func TestTheMemoryOfAFunctionGoesBeforeItsSettings(t *testing.T) {
	opts, err := options(kafkaclient.Consumer, false, set{"fetch.max.bytes": "99999999", "max.partition.fetch.bytes": "99999999", "fetch.min.bytes": "99999999", "fetch.max.wait.ms": "99999999"})
	if err != nil {
		t.Fatal(err)
	}
	cl := client(t, opts)
	for _, o := range []struct {
		option any
		want   string
	}{{kgo.FetchMaxBytes, "1048576"}, {kgo.FetchMaxPartitionBytes, "262144"}, {kgo.FetchMinBytes, "1048576"}, {kgo.FetchMaxWait, "2s"}} {
		if got := fmt.Sprint(cl.OptValue(o.option)); got != o.want {
			t.Errorf("got %s, want %s", got, o.want)
		}
	}
	c, err := kafkaclient.New(kafkaclient.Consumer, nil, set{"consumer.override.max.poll.records": "5000", "consumer.override.group.id": "g"}).Consuming(bounds())
	if err != nil || c.PutRecords != 2048 || c.Group != "g" {
		t.Errorf("got %+v, %v", c, err)
	}
	c, err = kafkaclient.New(kafkaclient.Consumer, set{"consumer.max.poll.records": "7"}, nil).Consuming(bounds())
	if err != nil || c.PutRecords != 7 || c.Group != "" {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestTimesOfRetriesAreThoseOfTheSettings(t *testing.T) {
	for _, kind := range kafkaclient.Kinds() {
		opts, err := options(kind, false, set{"retry.backoff.ms": "1000", "retry.backoff.max.ms": "3000", "default.api.timeout.ms": "9000"})
		if err != nil {
			t.Fatal(err)
		}
		cl := client(t, opts)
		backoff := cl.OptValue(kgo.RetryBackoffFn).(func(int) time.Duration)
		for attempt, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 3: 3 * time.Second, 30: 3 * time.Second} {
			if got := backoff(attempt); got < want*8/10 || got > want*12/10 {
				t.Errorf("%s: attempt %d waits %s, want %s more or less", kind, attempt, got, want)
			}
		}
		if timeout := cl.OptValue(kgo.RetryTimeout); kind != kafkaclient.Producer && timeout != 9*time.Second {
			t.Errorf("%s: a request may take %s", kind, timeout)
		}
	}
}

func TestPartitionersAreThoseOfJava(t *testing.T) {
	const classes = "org.apache.kafka.clients.producer."
	for _, c := range []struct {
		name     string
		settings set
		byKey    bool
		inTurn   bool
	}{
		{"by default", nil, true, false},
		{"the default by name", set{"partitioner.class": classes + "internals.DefaultPartitioner"}, true, false},
		{"without keys", set{"partitioner.ignore.keys": "true"}, false, false},
		{"sticky", set{"partitioner.class": classes + "UniformStickyPartitioner"}, false, false},
		{"in turn", set{"partitioner.class": classes + "RoundRobinPartitioner"}, false, true},
		{"not adaptive", set{"partitioner.adaptive.partitioning.enable": "false"}, true, false},
	} {
		connector := set{}
		for k, v := range c.settings {
			connector["producer.override."+k] = v
		}
		p, err := kafkaclient.New(kafkaclient.Producer, nil, connector).Partitioner()
		if err != nil {
			t.Fatal(err)
		}
		topic, r := p.ForTopic("t"), &kgo.Record{Key: []byte("k")}
		if got := topic.RequiresConsistency(r); got != c.byKey {
			t.Errorf("%s: by key: %v", c.name, got)
		}
		if c.inTurn {
			if a, b := topic.Partition(r, 9), topic.Partition(r, 9); b != (a+1)%9 {
				t.Errorf("%s: partitions %d and %d", c.name, a, b)
			}
		}
	}
}

func TestDurationsAreThoseOfJava(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT1H": time.Hour, "p1d": 24 * time.Hour, "P1DT2H3M4.5S": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
		"": 0, "P": 0, "PT": 0, "P1DT": 0, "1H": 0, "PT0S": 0, "P1Y": 0, "PT1H ": time.Hour,
	} {
		c, err := kafkaclient.New(kafkaclient.Consumer, set{"consumer.auto.offset.reset": "by_duration:" + text}, nil).Consuming(bounds())
		if c.Since != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %s, %v", text, c.Since, err)
		}
	}
}

func TestWhatIsSaidMoreCloselyGoesFirst(t *testing.T) {
	worker := set{"security.protocol": "SSL", "acks": "1", "producer.acks": "all", "producer.ssl.provider": "w", "consumer.acks": "2"}
	s := kafkaclient.New(kafkaclient.Producer, worker, set{"producer.override.ssl.provider": "c", "consumer.override.x": "y"})
	if s.Get("acks") != "all" || s.Name("acks") != "producer.acks" || s.Get("ssl.provider") != "c" || s.Name("ssl.provider") != "producer.override.ssl.provider" || s.Get("security.protocol") != "SSL" || s.Name("security.protocol") != "security.protocol" || s.Has("x") {
		t.Errorf("the settings are %+v", s)
	}
}

func TestListenersOfTheRESTAPIAreNoSettingsOfAdminClients(t *testing.T) {
	producer := kafkaclient.New(kafkaclient.Producer, nil, nil)
	if s := kafkaclient.New(kafkaclient.Admin, set{"admin.listeners": "http://:8080", "admin.listeners.https.ssl.protocol": "TLS"}, nil); !producer.Serves(s) {
		t.Errorf("the settings are %+v", s)
	}
	if s := kafkaclient.New(kafkaclient.Admin, set{"admin.client.id": "a"}, nil); producer.Serves(s) {
		t.Error("a setting of admin clients is passed over")
	}
}

func TestAnotherClusterIsRefusedAndTheSameIsNot(t *testing.T) {
	for servers, ok := range map[string]bool{"a:1, b:2": true, "b:2,a:1": true, "a:1": false, "c:1": false} {
		_, err := options(kafkaclient.Consumer, false, set{"bootstrap.servers": servers})
		if (err == nil) != ok {
			t.Errorf("%s: %v", servers, err)
		}
	}
}

func TestStoresAreReadAndTokensSharedOnce(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca").Own
	path := securitytest.File(t, "ca.pem", ca.ChainPEM())
	s := kafkaclient.New(kafkaclient.Consumer, set{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": path}, nil)
	var c kafkaclient.Security
	if _, err := c.Options(s); err != nil {
		t.Fatal(err)
	}
	securitytest.Overwrite(t, path, "")
	if _, err := c.Options(s); err != nil {
		t.Errorf("the store was read again: %v", err)
	}
	other := kafkaclient.New(kafkaclient.Consumer, set{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.location": path, "ssl.protocol": "TLS"}, nil)
	if _, err := c.Options(other); err == nil {
		t.Error("another client has what was read for this one")
	}
}

func TestSecurityReachesTheClientOfEachKind(t *testing.T) {
	for _, kind := range kafkaclient.Kinds() {
		opts, err := options(kind, false, set{"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN",
			"sasl.jaas.config": `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p";`})
		if err != nil {
			t.Fatal(err)
		}
		cl := client(t, opts)
		if m := cl.OptValue(kgo.SASL).([]sasl.Mechanism); len(m) != 1 || m[0].Name() != "PLAIN" || fmt.Sprint(cl.OptValue(kgo.DialTLSConfig)) == "<nil>" {
			t.Errorf("%s: mechanisms %v", kind, m)
		}
	}
}

func TestALevelOfCompressionIsOneThatTheClientHas(t *testing.T) {
	var text strings.Builder
	for i := range 20_000 {
		fmt.Fprintf(&text, "%d %x ", i*i%977, i*2654435761)
	}
	size := func(name, level string) int {
		opts, err := options(kafkaclient.Producer, false, set{"compression.type": name, "compression." + name + ".level": level})
		if err != nil {
			t.Fatal(err)
		}
		codecs := client(t, opts).OptValue(kgo.ProducerBatchCompression).([]kgo.CompressionCodec)
		c, err := kgo.DefaultCompressor(codecs...)
		if err != nil {
			t.Fatal(err)
		}
		compressed, codec := c.Compress(new(bytes.Buffer), []byte(text.String()))
		plain, err := kgo.DefaultDecompressor().Decompress(bytes.Clone(compressed), codec)
		if err != nil || string(plain) != text.String() {
			t.Errorf("%s %s: what was compressed does not come back: %v", name, level, err)
		}
		return len(compressed)
	}
	for name, levels := range map[string][]string{"gzip": {"1", "-1", "9"}, "lz4": {"9", "1", "17"}, "zstd": {"1", "3", "19"}} {
		fast, slow := size(name, levels[0]), size(name, levels[len(levels)-1])
		size(name, levels[1])
		if slow >= fast {
			t.Errorf("%s: level %s makes %d bytes, level %s %d", name, levels[0], fast, levels[len(levels)-1], slow)
		}
	}
}
