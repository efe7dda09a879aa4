package kafkaclient_test

import (
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

func TestAPolicyIsFoundByEachOfItsNamesAndByNoOther(t *testing.T) {
	const pkg, class = "org.apache.kafka.connect.connector.policy.", "ConnectorClientConfigOverridePolicy"
	refusals := map[string]string{"All": "", "None": "acks sasl.mechanism x", "Principal": "acks x", "Allowlist": "sasl.mechanism x"}
	for alias, want := range refusals {
		for _, name := range []string{alias, alias + class, pkg + alias + class, " " + alias + " "} {
			p, err := kafkaclient.ParsePolicy(set{kafkaclient.PolicyKey: name, kafkaclient.AllowlistKey: "acks, linger.ms"})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var refused []string
			for _, setting := range []string{"acks", "sasl.mechanism", "x"} {
				if why := p.Refuses(setting); why != "" {
					refused = append(refused, setting)
					if why != "The '"+alias+"' policy does not allow '"+setting+"' to be overridden in the connector configuration." {
						t.Errorf("%s: %s", name, why)
					}
				}
			}
			if got := strings.Join(refused, " "); got != want {
				t.Errorf("%s refuses %q, want %q", name, got, want)
			}
		}
	}
	for _, name := range []string{"all", "ALL", "Some", class, pkg + "All", "com.example.None" + class} {
		if _, err := kafkaclient.ParsePolicy(set{kafkaclient.PolicyKey: name}); err == nil || !strings.Contains(err.Error(), kafkaclient.PolicyKey) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if p, err := kafkaclient.ParsePolicy(nil); err != nil || p.Refuses("acks") != "" {
		t.Errorf("without a policy: %v", err)
	}
	if p, err := kafkaclient.ParsePolicy(set{kafkaclient.PolicyKey: "Allowlist"}); err != nil || p.Refuses("acks") == "" {
		t.Errorf("an allowlist that is empty allows something: %v", err)
	}
}

func TestAPolicyThatBecameStricterStopsATask(t *testing.T) {
	p, err := kafkaclient.ParsePolicy(set{kafkaclient.PolicyKey: "Principal"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(set{"producer.override.sasl.mechanism": "PLAIN", "topics": "t", "admin.override.": "x"}); err != nil {
		t.Error(err)
	}
	err = p.Check(set{"producer.override.acks": "s3cret", "consumer.override.fetch.min.bytes": "1"})
	if err == nil || connect.KindOf(err) != connect.KindConfig || strings.Contains(err.Error(), "s3cret") ||
		!strings.Contains(err.Error(), "Client Config Overrides not allowed") || !strings.Contains(err.Error(), "producer.override.acks") || !strings.Contains(err.Error(), "consumer.override.fetch.min.bytes") {
		t.Errorf("got %v", err)
	}
}
