package worker

import (
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// groupKeys are about the group of workers. Only its name is left of it.
func groupKeys() []Key {
	const (
		noGroup   = "there are no workers that form a group"
		noRequest = "workers send no requests to each other"
	)
	return []Key{
		{Name: "group.id", Type: configdef.TypeString, Required: true, Mode: DistributedOnly, State: Honoured,
			Note: "names the cluster, its transactional ids and clients; must not be empty"},
		{Name: "session.timeout.ms", Type: configdef.TypeInt, Default: 10000, Mode: DistributedOnly, State: Meaningless, Note: noGroup},
		{Name: "heartbeat.interval.ms", Type: configdef.TypeInt, Default: 3000, Mode: DistributedOnly, State: Meaningless, Note: noGroup},
		{Name: "rebalance.timeout.ms", Type: configdef.TypeInt, Default: 60000, Mode: DistributedOnly, State: Meaningless, Note: noGroup},
		{Name: "connect.protocol", Type: configdef.TypeString, Default: "sessioned", Mode: DistributedOnly, Validator: protocol(), State: Meaningless,
			Note: noGroup},
		{Name: "scheduled.rebalance.max.delay.ms", Type: configdef.TypeInt, Default: 300000, Mode: DistributedOnly,
			Validator: configdef.Between(0, 2147483647), State: Meaningless, Note: noGroup},
		{Name: "worker.sync.timeout.ms", Type: configdef.TypeInt, Default: 3000, Mode: DistributedOnly, State: Meaningless, Note: noGroup},
		{Name: "worker.unsync.backoff.ms", Type: configdef.TypeInt, Default: 300000, Mode: DistributedOnly, State: Meaningless, Note: noGroup},
		{Name: "inter.worker.key.generation.algorithm", Type: configdef.TypeString, Default: hmac, Mode: DistributedOnly,
			State: Meaningless, Note: noRequest},
		{Name: "inter.worker.key.size", Type: configdef.TypeInt, Mode: DistributedOnly, State: Meaningless, Note: noRequest},
		{Name: "inter.worker.key.ttl.ms", Type: configdef.TypeInt, Default: 3600000, Mode: DistributedOnly,
			Validator: configdef.Between(0, 2147483647), State: Meaningless, Note: noRequest},
		{Name: signatureKey, Type: configdef.TypeString, Default: hmac, Mode: DistributedOnly, State: Meaningless, Note: noRequest},
		{Name: verificationKey, Type: configdef.TypeList, Default: hmac, Mode: DistributedOnly, Validator: algorithms(), State: Meaningless,
			Note: noRequest},
	}
}

const (
	hmac            = "HmacSHA256"
	signatureKey    = "inter.worker.signature.algorithm"
	verificationKey = "inter.worker.verification.algorithms"
)

func protocol() configdef.Validator {
	return configdef.Lambda("[eager, compatible, sessioned]", func(name string, value any) error {
		switch text, _ := value.(string); strings.ToLower(text) {
		case "eager", "compatible", "sessioned":
			return nil
		}
		return configdef.Invalid(name, value, "Invalid Connect protocol compatibility")
	})
}

func algorithms() configdef.Validator {
	return configdef.Lambda("A list of one or more MAC algorithms, each supported by the worker JVM", func(name string, value any) error {
		if list, _ := value.([]string); len(list) == 0 {
			return configdef.Invalid(name, value, "At least one signature verification algorithm must be provided")
		}
		return nil
	})
}

// ofClients says why a key without a prefix concerns a client.
const ofClients = "of the worker's own clients; `producer.`, `consumer.` and `admin.` are for those of tasks"

// clientKeys are of the worker's own Kafka clients, beside those for security.
func clientKeys() []Key {
	number := func(name string, kind configdef.Type, def any, least any) Key {
		k := Key{Name: name, Type: kind, Default: def, State: OfClients, Note: ofClients}
		if n, ok := least.(int); ok {
			k.Validator = configdef.AtLeast(n)
		}
		return k
	}
	return []Key{
		{Name: "client.dns.lookup", Type: configdef.TypeString, Default: "use_all_dns_ips",
			Validator: configdef.ValidString("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"), State: OfClients, Note: ofClients},
		{Name: "client.id", Type: configdef.TypeString, Default: "", State: OfClients, Note: ofClients},
		number("metadata.max.age.ms", configdef.TypeLong, 300000, 0),
		number("send.buffer.bytes", configdef.TypeInt, 131072, -1),
		number("receive.buffer.bytes", configdef.TypeInt, 32768, -1),
		number("reconnect.backoff.ms", configdef.TypeLong, 50, 0),
		number("reconnect.backoff.max.ms", configdef.TypeLong, 1000, 0),
		number("retry.backoff.ms", configdef.TypeLong, 100, 0),
		number("retry.backoff.max.ms", configdef.TypeLong, 1000, 0),
		number("request.timeout.ms", configdef.TypeInt, 40000, 0),
		number("connections.max.idle.ms", configdef.TypeLong, 540000, nil),
		number("socket.connection.setup.timeout.ms", configdef.TypeLong, 10000, 0),
		number("socket.connection.setup.timeout.max.ms", configdef.TypeLong, 30000, 0),
		{Name: "metadata.recovery.strategy", Type: configdef.TypeString, Default: "rebootstrap",
			Validator: configdef.CaseInsensitiveValidString("rebootstrap", "none"), State: OfClients, Note: ofClients},
		number("metadata.recovery.rebootstrap.trigger.ms", configdef.TypeLong, 300000, 0),
	}
}
