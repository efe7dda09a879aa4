package kafkaclient_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
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
		"max.request.size":                      {set{"max.request.size": "2097152"}, kgo.ProducerBatchMaxBytes, "2097152"},
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

// asked are settings that note which of them were looked at.
type asked struct {
	settings set
	keys     map[string]bool
}

func (a asked) Get(key string) string  { a.keys[key] = true; return a.settings[key] }
func (a asked) Name(key string) string { return key }

// What each does to connections is tested in package security; here, that none of the table is forgotten there.
func TestEverySettingOfSecurityThatIsHonouredIsRead(t *testing.T) {
	ca := securitytest.NewAuthority(t, "ca")
	jks := securitytest.File(t, "own.jks", ca.Own.JKS("p", "p"))
	const oauth = "org.apache.kafka.common.security.oauthbearer."
	login := func(more set) set {
		s := set{"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER", "sasl.jaas.config": oauth + "OAuthBearerLoginModule required;",
			"sasl.login.callback.handler.class": oauth + "OAuthBearerLoginCallbackHandler", "sasl.oauthbearer.token.endpoint.url": "http://127.0.0.1:1"}
		maps.Copy(s, more)
		return s
	}
	keysRead := map[string]bool{}
	for _, s := range []set{
		{"security.protocol": "SSL", "ssl.truststore.location": jks, "ssl.truststore.password": "p", "ssl.keystore.location": jks, "ssl.keystore.password": "p"},
		{"security.protocol": "SSL", "ssl.truststore.type": "PEM", "ssl.truststore.certificates": ca.Own.ChainPEM(), "ssl.keystore.type": "PEM",
			"ssl.keystore.certificate.chain": ca.Own.ChainPEM(), "ssl.keystore.key": ca.Own.KeyPEM("")},
		login(set{"sasl.oauthbearer.client.credentials.client.id": "c", "sasl.oauthbearer.client.credentials.client.secret": "s"}),
		login(set{"sasl.oauthbearer.jwt.retriever.class": oauth + "JwtBearerJwtRetriever", "sasl.oauthbearer.assertion.algorithm": "ES256",
			"sasl.oauthbearer.assertion.private.key.file": securitytest.File(t, "key.pem", ca.Own.KeyPEM(""))}),
	} {
		if _, err := security.Options(asked{s, keysRead}, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range keys(t) {
		if kafkaclient.IsSecurity(k.Name) && k.Use == kafkaclient.Honoured && !keysRead[k.Name] {
			t.Errorf("nobody reads %s", k.Name)
		}
	}
}
