package worker

import (
	"os"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ferry-connect/ferry/connectors/sdk/awskeys"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security"
)

// Kafka returns the options of the worker's own Kafka clients: addresses, security, rack, and what else the worker says of its clients.
// Clients made with them never join a group by themselves. It reads the stores that ssl.* name.
func (c *Config) Kafka() ([]kgo.Opt, error) {
	opts, err := security.Options(security.Map(c.properties), awskeys.New(os.Getenv))
	if err != nil {
		return nil, err
	}
	own, err := kafkaclient.OfWorker(c.properties).Connection()
	if err != nil {
		return nil, err
	}
	return append(append(opts, own...), c.Brokers()...), nil
}

// checkClients returns what is wrong with the settings for clients of connectors, as far as it does not depend on the connector.
func (c *Config) checkClients() []error {
	var problems []error
	for _, kind := range kafkaclient.Kinds() {
		_, err := kafkaclient.New(kind, c.Clients(), nil).Connection()
		problems = append(problems, err)
	}
	return problems
}

// Brokers returns the options of Kafka without those of security: what clients of connectors begin with.
func (c *Config) Brokers() []kgo.Opt {
	opts := []kgo.Opt{kgo.SeedBrokers(c.BootstrapServers...)}
	if rack := c.properties["client.rack"]; rack != "" {
		opts = append(opts, kgo.Rack(rack))
	}
	return opts
}

// Policy returns what connectors may override of the settings of their clients.
func (c *Config) Policy() (kafkaclient.Policy, error) { return kafkaclient.ParsePolicy(c.properties) }

// Clients returns the worker's settings for the clients of connectors: the keys that begin with producer., consumer. and admin., and
// what holds for all of them unless those say otherwise, bootstrap.servers and the keys of security; and the lists of what connectors may
// name.
func (c *Config) Clients() map[string]string {
	m := map[string]string{}
	for k, v := range c.properties {
		if k == "bootstrap.servers" || k == kafkaclient.AllowedURLsKey || k == kafkaclient.AllowedFilesKey || kafkaclient.IsSecurity(k) || slices.ContainsFunc(kafkaclient.Kinds(), func(kind kafkaclient.Kind) bool {
			return strings.HasPrefix(k, string(kind)+".")
		}) {
			m[k] = v
		}
	}
	return m
}
