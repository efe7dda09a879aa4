package worker_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/coordinator/worker"
)

const distributed = `
# a comment
bootstrap.servers=a:9092, b:9092
group.id=cluster
config.storage.topic=configs
offset.storage.topic=offsets
status.storage.topic=status
status.storage.partitions=7
config.storage.replication.factor=1
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
consumer.isolation.level=read_uncommitted
listeners=HTTPS://:8443,http://:8083
plugin.path=/usr/share/java,\
    /opt/connectors
`

func TestAWorkerFileOfKafkaConnectIsUnderstood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "worker.properties")
	if err := os.WriteFile(path, []byte(distributed), 0o600); err != nil {
		t.Fatal(err)
	}
	props, err := worker.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := worker.New(props)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a:9092", "b:9092"}; !slices.Equal(c.BootstrapServers, want) {
		t.Errorf("bootstrap servers %v, want %v", c.BootstrapServers, want)
	}
	if c.GroupID != "cluster" || c.ConfigTopic != "configs" || c.OffsetTopic != "offsets" || c.StatusTopic != "status" {
		t.Errorf("names are %+v", c)
	}
	if c.StatusPartitions != 7 || c.OffsetPartitions != 25 || c.ConfigReplication != 1 || c.OffsetReplication != 3 {
		t.Errorf("topic settings are %+v", c)
	}
	if want := []worker.Listener{{HTTPS: true, Port: 8443}, {Port: 8083}}; !slices.Equal(c.REST.Listeners, want) || c.WorkerID != "127.0.0.1:8083" {
		t.Errorf("listens on %v as %q", c.REST.Listeners, c.WorkerID)
	}
	if len(c.Warnings()) > 0 {
		t.Errorf("warnings are %v", c.Warnings())
	}
	want := map[string]string{
		"key.converter":                  "org.apache.kafka.connect.storage.StringConverter",
		"value.converter":                "org.apache.kafka.connect.json.JsonConverter",
		"value.converter.schemas.enable": "false",
		"header.converter":               "org.apache.kafka.connect.storage.SimpleHeaderConverter",
	}
	if got := c.Converters(); !maps.Equal(got, want) {
		t.Errorf("converters are %v, want %v", got, want)
	}
	if got := c.Clients(); !maps.Equal(got, map[string]string{"consumer.isolation.level": "read_uncommitted", "bootstrap.servers": "a:9092, b:9092"}) {
		t.Errorf("client settings are %v", got)
	}
	if id := c.TransactionalID("orders", 3); id != "cluster-orders-3" {
		t.Errorf("transactional id is %q", id)
	}
}

func TestAllProblemsAreReportedAtOnceAndNameTheirKeys(t *testing.T) {
	_, err := worker.New(map[string]string{"group.id": "g", "config.storage.replication.factor": "many", "security.protocol": "TELNET", "connector.client.config.override.policy": "Some",
		"producer.interceptor.classes": "x.Y", "consumer.request.timeout.ms": "soon", "retry.backoff.ms": "later"})
	if connect.KindOf(err) != connect.KindConfig {
		t.Fatalf("error is %v", err)
	}
	for _, key := range []string{"bootstrap.servers", "config.storage.topic", "key.converter", "config.storage.replication.factor", "security.protocol", "connector.client.config.override.policy",
		"producer.interceptor.classes", "consumer.request.timeout.ms"} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("the error does not name %s: %v", key, err)
		}
	}
}

func TestTheWorkersOwnClientsAreMadeByItsKeysWithoutPrefix(t *testing.T) {
	c, err := worker.NewStandalone(map[string]string{"bootstrap.servers": "a:1", "key.converter": "k", "value.converter": "v", "offset.storage.file.filename": "f",
		"request.timeout.ms": "7000", "client.id": "w", "producer.client.id": "p", "security.protocol": "SSL"})
	if err != nil {
		t.Fatal(err)
	}
	opts, err := c.Kafka()
	if err != nil {
		t.Fatal(err)
	}
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if id, timeout := cl.OptValue(kgo.ClientID), cl.OptValue(kgo.RequestTimeoutOverhead); id != "w" || timeout != 7*time.Second || cl.OptValue(kgo.DialTLSConfig) == nil {
		t.Errorf("the client is called %v and waits %v", id, timeout)
	}
}

func TestLessProtectionThanAskedForIsRefused(t *testing.T) {
	base := map[string]string{"bootstrap.servers": "a:1", "key.converter": "k", "value.converter": "v", "offset.storage.file.filename": "f"}
	for name, extra := range map[string]map[string]string{
		"an unknown mechanism":    {"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI", "sasl.jaas.config": `x username="u" password="p";`},
		"no credentials":          {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN"},
		"a store of another type": {"security.protocol": "SSL", "ssl.truststore.location": "/x.jks", "ssl.truststore.type": "JKS"},
		"a client certificate":    {"security.protocol": "SSL", "ssl.keystore.location": "/x.jks"},
	} {
		t.Run(name, func(t *testing.T) {
			props := maps.Clone(base)
			maps.Copy(props, extra)
			if _, err := worker.NewStandalone(props); connect.KindOf(err) != connect.KindConfig {
				t.Errorf("accepted, error %v", err)
			}
		})
	}
}

func TestEnvironmentVariablesStandForKeys(t *testing.T) {
	got := worker.FromEnvironment([]string{"CONNECT_BOOTSTRAP_SERVERS=a:1", "CONNECT_A__B___C=x=y", "PATH=/bin", "CONNECT_=z"})
	want := map[string]string{"bootstrap.servers": "a:1", "a_b-c": "x=y"}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDeclaredConfigProvidersResolvePlaceholders(t *testing.T) {
	props := map[string]string{"bootstrap.servers": "a:1", "key.converter": "k", "value.converter": "v", "offset.storage.file.filename": "f",
		"config.providers": "env", "config.providers.env.class": "org.apache.kafka.common.config.provider.EnvVarConfigProvider"}
	c, err := worker.NewStandalone(props)
	if err != nil {
		t.Fatal(err)
	}
	if providers := c.Providers(); providers["env"] == nil {
		t.Errorf("providers are %v", providers)
	}
	props["config.providers.env.class"] = "com.example.Unknown"
	if _, err := worker.NewStandalone(props); connect.KindOf(err) != connect.KindConfig {
		t.Errorf("an unknown provider class was accepted: %v", err)
	}
}

func TestSourcesAreExactlyOnceUnlessTheWorkerSaysOtherwise(t *testing.T) {
	for value, want := range map[string]string{
		"enabled": "", "ENABLED": "", " disabled ": "exactly.once.source.support=disabled", "Preparing": "exactly.once.source.support=preparing",
	} {
		props := map[string]string{
			"bootstrap.servers": "a:1", "group.id": "g", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "s",
			"key.converter": "k", "value.converter": "v", "offset.storage.file.filename": "f", worker.ExactlyOnceSupportKey: value,
		}
		for _, parse := range []func(map[string]string) (*worker.Config, error){worker.New, worker.NewStandalone} {
			c, err := parse(props)
			if err != nil || c.AtLeastOnce() != want {
				t.Errorf("%q: at least once because %q, %v", value, c.AtLeastOnce(), err)
			}
		}
		props[worker.ExactlyOnceSupportKey] = "sometimes"
		if _, err := worker.New(props); err == nil || !strings.Contains(err.Error(), "Invalid value sometimes for configuration exactly.once.source.support") {
			t.Errorf("error is %v", err)
		}
	}
}

func TestTheWorkersOwnPlaceholdersAreResolved(t *testing.T) {
	t.Setenv("FERRY_TEST_GROUP", "from the environment")
	props := map[string]string{
		"bootstrap.servers": "b:9092", "group.id": "${env:FERRY_TEST_GROUP}", "config.storage.topic": "c", "offset.storage.topic": "o", "status.storage.topic": "${other:s}",
		"key.converter": "K", "value.converter": "V", "plugin.path": "${env:FERRY_TEST_GROUP}",
		"config.providers": "env", "config.providers.env.class": "EnvVarConfigProvider", "config.providers.env.param.allowlist.pattern": "FERRY_${env:X}|FERRY_.*",
	}
	if _, err := worker.New(props); err == nil || !strings.Contains(err.Error(), "allowlist.pattern") {
		t.Errorf("the param of a provider is not taken as it is: %v", err)
	}
	props["config.providers.env.param.allowlist.pattern"] = "FERRY_.*"
	c, err := worker.New(props)
	if err != nil {
		t.Fatal(err)
	}
	path, _ := c.Property("plugin.path")
	if c.GroupID != "from the environment" || c.StatusTopic != "${other:s}" || path != "${env:FERRY_TEST_GROUP}" {
		t.Errorf("read %+v", c)
	}
	if c.Secrets()["${env:FERRY_TEST_GROUP}"] != "from the environment" || props["group.id"] != "${env:FERRY_TEST_GROUP}" {
		t.Errorf("the secrets are %v, the properties %v", c.Secrets(), props)
	}
}

func TestAnErrorOfTheWorkersConfigurationQuotesNoSecret(t *testing.T) {
	t.Setenv("FERRY_TEST_SECRET", "correct horse battery")
	_, err := worker.New(map[string]string{
		"status.storage.replication.factor": "${env:FERRY_TEST_SECRET}", "security.protocol": "x${env:FERRY_TEST_SECRET}", "exactly.once.source.support": "${env:FERRY_TEST_SECRET}",
		"config.providers": "env", "config.providers.env.class": "EnvVarConfigProvider",
	})
	if err == nil || strings.Contains(strings.ToLower(err.Error()), "horse") || strings.Count(err.Error(), "${env:FERRY_TEST_SECRET}") != 3 {
		t.Errorf("got %v", err)
	}
}

func TestAProviderThatCannotAnswerFailsTheWorkerByName(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	_, err := worker.New(map[string]string{
		"group.id": "${file:" + missing + ":k}", "config.providers": "file", "config.providers.file.class": "FileConfigProvider",
	})
	if err == nil || !strings.Contains(err.Error(), missing) || !strings.Contains(err.Error(), "bootstrap.servers") {
		t.Errorf("got %v", err)
	}
	// Those of AWS are asked only when something needs them.
	c, err := worker.NewStandalone(map[string]string{
		"bootstrap.servers": "b:1", "offset.storage.file.filename": "f", "key.converter": "K", "value.converter": "V", "config.providers": "sm, ssm",
		"config.providers.sm.class":  "com.amazonaws.kafka.config.providers.SecretsManagerConfigProvider",
		"config.providers.ssm.class": "software.amazon.msk.config.providers.SsmParamStoreConfigProvider",
	})
	if err != nil || len(c.Providers()) != 2 {
		t.Errorf("got %v", err)
	}
}
