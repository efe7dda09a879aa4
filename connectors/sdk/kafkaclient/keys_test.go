package kafkaclient_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
)

type set = map[string]string

// options are those of a client that overrides some settings.
func options(kind kafkaclient.Kind, transactional bool, settings set) ([]kgo.Opt, error) {
	connector := set{}
	for k, v := range settings {
		connector[kind.Prefix()+k] = v
	}
	s := kafkaclient.New(kind, set{"bootstrap.servers": "a:1,b:2"}, connector)
	opts, err := s.Connection()
	if err != nil {
		return nil, err
	}
	secure, err := new(kafkaclient.Security).Options(s)
	if err != nil {
		return nil, err
	}
	opts = append(opts, secure...)
	switch kind {
	case kafkaclient.Producer:
		producing, err := s.Producing(transactional)
		if err != nil {
			return nil, err
		}
		p, err := s.Partitioner()
		return append(append(opts, producing...), kgo.RecordPartitioner(p)), err
	case kafkaclient.Consumer:
		c, err := s.Consuming(bounds())
		return append(opts, c.Options...), err
	}
	return opts, nil
}

func bounds() kafkaclient.Bounds {
	return kafkaclient.Bounds{FetchBytes: 1 << 20, PartitionBytes: 1 << 18, FetchWait: 500 * time.Millisecond, PutRecords: 2048}
}

// client makes a client of options, and fails for those that do not go together.
func client(t *testing.T, opts []kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// value looks at one option of a client.
type value struct {
	settings set
	option   any
	want     string // as %v
}

// honoured has for each setting that is honoured by an option a value that is not the default, and what the option becomes. Where
// Consumption tells it, or another test shows it, option is nil.
func honoured() map[kafkaclient.Kind]map[string]value {
	common := map[string]value{
		"client.id":                          {set{"client.id": "mine"}, kgo.ClientID, "mine"},
		"connections.max.idle.ms":            {set{"connections.max.idle.ms": "60000"}, kgo.ConnIdleTimeout, "1m0s"},
		"metadata.max.age.ms":                {set{"metadata.max.age.ms": "20000"}, kgo.MetadataMaxAge, "20s"},
		"request.timeout.ms":                 {set{"request.timeout.ms": "5000"}, kgo.RequestTimeoutOverhead, "5s"},
		"socket.connection.setup.timeout.ms": {set{"socket.connection.setup.timeout.ms": "3000"}, kgo.DialTimeout, "3s"},
		"retry.backoff.ms":                   {},
		"retry.backoff.max.ms":               {},
	}
	producer := map[string]value{
		"acks":                                  {set{"acks": "1"}, kgo.RequiredAcks, "{1}"},
		"compression.type":                      {set{"compression.type": "GZIP"}, kgo.ProducerBatchCompression, "[{1 -1}]"},
		"compression.gzip.level":                {set{"compression.type": "gzip", "compression.gzip.level": "9"}, kgo.ProducerBatchCompression, "[{1 9}]"},
		"compression.lz4.level":                 {set{"compression.type": "lz4", "compression.lz4.level": "3"}, kgo.ProducerBatchCompression, "[{3 2048}]"},
		"compression.zstd.level":                {set{"compression.type": "zstd", "compression.zstd.level": "19"}, kgo.ProducerBatchCompression, "[{4 4}]"},
		"enable.idempotence":                    {set{"enable.idempotence": "false"}, kgo.DisableIdempotentWrite, "true"},
		"max.in.flight.requests.per.connection": {set{"enable.idempotence": "false", "max.in.flight.requests.per.connection": "4"}, kgo.MaxProduceRequestsInflightPerBroker, "4"},
		"max.request.size":                      {set{"max.request.size": "2097152"}, nil, ""},
		"transaction.timeout.ms":                {}, // functions/engine
		"partitioner.class":                     {}, "partitioner.ignore.keys": {}, "partitioner.adaptive.partitioning.enable": {},
	}
	consumer := map[string]value{
		"auto.offset.reset":         {set{"auto.offset.reset": "latest"}, kgo.ConsumeResetOffset, fmt.Sprint(kgo.NewOffset().AtEnd())},
		"check.crcs":                {set{"check.crcs": "false"}, kgo.DisableFetchCRCValidation, "true"},
		"client.rack":               {set{"client.rack": "r"}, kgo.Rack, "r"},
		"fetch.max.bytes":           {set{"fetch.max.bytes": "1000"}, kgo.FetchMaxBytes, "1000"},
		"fetch.max.wait.ms":         {set{"fetch.max.wait.ms": "100"}, kgo.FetchMaxWait, "100ms"},
		"fetch.min.bytes":           {set{"fetch.min.bytes": "77"}, kgo.FetchMinBytes, "77"},
		"max.partition.fetch.bytes": {set{"max.partition.fetch.bytes": "999"}, kgo.FetchMaxPartitionBytes, "999"},
		"isolation.level":           {set{"isolation.level": "read_uncommitted"}, kgo.FetchIsolationLevel, "0"},
		"default.api.timeout.ms":    {},
		"max.poll.records":          {}, "group.id": {},
	}
	admin := map[string]value{
		"retries":                {set{"retries": "3"}, kgo.RequestRetries, "3"},
		"default.api.timeout.ms": {},
	}
	for k, v := range common {
		producer[k], consumer[k], admin[k] = v, v, v
	}
	return map[kafkaclient.Kind]map[string]value{kafkaclient.Producer: producer, kafkaclient.Consumer: consumer, kafkaclient.Admin: admin}
}

func keys(t *testing.T) []kafkaclient.Key {
	t.Helper()
	keys, err := kafkaclient.Keys()
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestEverySettingOfEveryClientIsInTheTableOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range keys(t) {
		if k.Text == "" || !slices.Contains([]kafkaclient.Use{kafkaclient.Honoured, kafkaclient.Meaningless, kafkaclient.Refused}, k.Use) {
			t.Errorf("%s is %q: %q", k.Name, k.Use, k.Text)
		}
		for kind := range k.Clients {
			id := string(kind) + "." + k.Name
			if seen[id] {
				t.Errorf("%s is there twice", id)
			}
			seen[id] = true
		}
	}
	for kind, names := range honoured() {
		for name := range names {
			if !seen[string(kind)+"."+name] {
				t.Errorf("%s.%s has a test and is not in the table", kind, name)
			}
		}
	}
}

func TestASettingThatIsHonouredChangesAnOption(t *testing.T) {
	cases := honoured()
	for _, k := range keys(t) {
		if k.Use != kafkaclient.Honoured || kafkaclient.IsSecurity(k.Name) { // package security has tests of its own for those
			continue
		}
		for kind := range k.Clients {
			c, ok := cases[kind][k.Name]
			switch {
			case !ok:
				t.Errorf("nothing shows that %s.%s is honoured", kind, k.Name)
			case c.option != nil:
				plain, err := options(kind, false, nil)
				if err != nil {
					t.Fatal(err)
				}
				opts, err := options(kind, false, c.settings)
				if err != nil {
					t.Fatal(err)
				}
				got, before := fmt.Sprint(client(t, opts).OptValue(c.option)), fmt.Sprint(client(t, plain).OptValue(c.option))
				if got != c.want || before == got {
					t.Errorf("%s.%s: the option is %s, want %s; without, it is %s", kind, k.Name, got, c.want, before)
				}
			}
		}
	}
}

func TestASettingThatIsRefusedIsNamedByValidationAndByTheTask(t *testing.T) {
	for _, k := range keys(t) {
		if k.Use != kafkaclient.Refused {
			continue
		}
		for kind := range k.Clients {
			const given = "com.example:1"
			_, atStart := options(kind, false, set{k.Name: given})
			for when, err := range map[string]error{"validation": kafkaclient.Check(kind, k.Name, given, nil, false), "the task": atStart} {
				if err == nil || !strings.Contains(err.Error(), kind.Prefix()+k.Name) || !strings.Contains(err.Error(), given) || connect.KindOf(err) != connect.KindConfig {
					t.Errorf("%s says of %s: %v", when, kind.Prefix()+k.Name, err)
				}
			}
			for _, fine := range append(k.Accepts, "") {
				if err := kafkaclient.Check(kind, k.Name, fine, nil, false); err != nil {
					t.Errorf("%q is refused: %v", fine, err)
				}
			}
		}
	}
}

func TestASettingWithoutMeaningChangesNothing(t *testing.T) {
	for _, k := range keys(t) {
		if k.Use != kafkaclient.Meaningless {
			continue
		}
		for kind := range k.Clients {
			opts, err := options(kind, false, set{k.Name: "1"})
			if err != nil {
				t.Errorf("%s.%s is refused: %v", kind, k.Name, err)
				continue
			}
			plain, err := options(kind, false, nil)
			if err != nil || len(opts) != len(plain) {
				t.Errorf("%s.%s: %d options become %d, %v", kind, k.Name, len(plain), len(opts), err)
			}
		}
	}
}

func TestASettingThatNobodyKnowsIsPassedOver(t *testing.T) {
	if _, err := options(kafkaclient.Producer, true, set{"no.such.setting": "x"}); err != nil {
		t.Error(err)
	}
}

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
	for _, settings := range []set{{"enable.idempotence": "false"}, {"transactional.id": "mine"}, {"acks": "-1"}, {"max.in.flight.requests.per.connection": "9"}} {
		opts, err := options(kafkaclient.Producer, true, settings)
		if err != nil {
			t.Errorf("%v: %v", settings, err)
			continue
		}
		cl := client(t, append(opts, kgo.TransactionalID("task")))
		if id := fmt.Sprint(cl.OptValues(kgo.TransactionalID)[0]); id != "task" || cl.OptValue(kgo.DisableIdempotentWrite) != false {
			t.Errorf("%v: the transactional id is %s, idempotence is off: %v", settings, id, cl.OptValue(kgo.DisableIdempotentWrite))
		}
	}
	for _, acks := range []string{"1", "0"} {
		if _, err := options(kafkaclient.Producer, true, set{"acks": acks}); err == nil || !strings.Contains(err.Error(), "producer.override.acks") {
			t.Errorf("acks=%s in a transaction: %v", acks, err)
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
