package worker

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"regexp"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// Kafka returns the options that every Kafka client of Ferry is made with: addresses, security and rack. Clients made with
// them never join a group by themselves.
func (c *Config) Kafka() ([]kgo.Opt, error) {
	opts, err := c.security()
	if err != nil {
		return nil, err
	}
	opts = append(opts, kgo.SeedBrokers(c.BootstrapServers...))
	if rack := c.properties["client.rack"]; rack != "" {
		opts = append(opts, kgo.Rack(rack))
	}
	return opts, nil
}

// security maps security.protocol, sasl.* and ssl.* of the worker. What it cannot map it refuses by name, so that nobody
// connects with less protection than was asked for.
func (c *Config) security() ([]kgo.Opt, error) {
	protocol := strings.ToUpper(c.properties["security.protocol"])
	var opts []kgo.Opt
	switch protocol {
	case "", "PLAINTEXT":
		return nil, nil
	case "SSL", "SASL_SSL":
		t, err := c.tls()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.DialTLSConfig(t))
	case "SASL_PLAINTEXT":
	default:
		return nil, fmt.Errorf("Invalid value %s for configuration security.protocol: use PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", protocol) //nolint:staticcheck // Connect's wording
	}
	if strings.HasPrefix(protocol, "SASL") {
		m, err := c.sasl()
		if err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(m))
	}
	return opts, nil
}

func (c *Config) tls() (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	pem := []byte(c.properties["ssl.truststore.certificates"])
	if path := c.properties["ssl.truststore.location"]; path != "" {
		if kind := c.properties["ssl.truststore.type"]; !strings.EqualFold(kind, "PEM") {
			return nil, fmt.Errorf("ssl.truststore.type %q of ssl.truststore.location is not supported for the worker: use PEM", kind)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read ssl.truststore.location: %w", err)
		}
		pem = text
	}
	if len(pem) > 0 {
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("the trust store holds no certificate in PEM form")
		}
	}
	if c.properties["ssl.keystore.location"] != "" || c.properties["ssl.keystore.key"] != "" {
		return nil, fmt.Errorf("ssl.keystore.* (client certificates) is not supported for the worker: use SASL, or a listener without client authentication")
	}
	return t, nil
}

// jaasOption matches one option of a JAAS entry: name="value".
var jaasOption = regexp.MustCompile(`(\w+)\s*=\s*"((?:[^"\\]|\\.)*)"`)

func (c *Config) sasl() (sasl.Mechanism, error) {
	options := map[string]string{}
	for _, m := range jaasOption.FindAllStringSubmatch(c.properties["sasl.jaas.config"], -1) {
		options[m[1]] = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(m[2])
	}
	if options["username"] == "" {
		return nil, fmt.Errorf("sasl.jaas.config names no username")
	}
	switch mechanism := c.properties["sasl.mechanism"]; mechanism {
	case "PLAIN":
		return plain.Auth{User: options["username"], Pass: options["password"]}.AsMechanism(), nil
	case "SCRAM-SHA-256":
		return scram.Auth{User: options["username"], Pass: options["password"]}.AsSha256Mechanism(), nil
	case "SCRAM-SHA-512":
		return scram.Auth{User: options["username"], Pass: options["password"]}.AsSha512Mechanism(), nil
	default:
		return nil, fmt.Errorf("sasl.mechanism %q is not supported: use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", mechanism)
	}
}
