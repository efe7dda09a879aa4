package worker

import (
	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient"
)

// Keys of the REST API.
const (
	ListenersKey          = "listeners"
	AdminListenersKey     = "admin.listeners"
	AllowOriginKey        = "access.control.allow.origin"
	AllowMethodsKey       = "access.control.allow.methods"
	ResponseHeadersKey    = "response.http.headers.config"
	advertisedHostKey     = "rest.advertised.host.name"
	advertisedPortKey     = "rest.advertised.port"
	advertisedListenerKey = "rest.advertised.listener"

	// ListenersHTTPSPrefix and AdminListenersHTTPSPrefix begin the ssl. keys of the listeners alone: if there is one, those without
	// prefix do not count for them.
	ListenersHTTPSPrefix      = "listeners.https."
	AdminListenersHTTPSPrefix = "admin.listeners.https."
)

// Keys that are Ferry's own.
const (
	// RequestBytesKey bounds the body of a request.
	RequestBytesKey = "ferry.rest.request.max.bytes"
	// RateKey is how many requests a second one client may send for long.
	RateKey = "ferry.rest.rate.per.second"
	// BurstKey is how many it may send at once.
	BurstKey = "ferry.rest.rate.burst"
	// ProxiesKey lists who may say for whom a request is.
	ProxiesKey = "ferry.rest.trusted.proxies"
	// AccessLogKey says whether every request is logged.
	AccessLogKey = "ferry.rest.access.log"
	// LoginConfigKey is the JAAS file, which a Java process takes from a system property.
	LoginConfigKey = "ferry.java.security.auth.login.config"
)

// defaultListener is on loopback, where Kafka Connect's is on every interface.
const defaultListener = "http://127.0.0.1:8083"

// restKeys are about the REST API.
func restKeys() []Key {
	const inFunction = "; a function has no listeners"
	return []Key{
		{Name: ListenersKey, Type: configdef.TypeList, Default: defaultListener, Validator: urls(), State: Honoured,
			Note: "Kafka Connect's default is `http://:8083`, every interface" + inFunction},
		{Name: AdminListenersKey, Type: configdef.TypeList, Validator: configdef.AnyNonDuplicateValues(true, true), State: Honoured,
			Note: "not set: `/admin` is on the listeners; empty: nowhere; else only there, where extensions, CORS and response headers do not apply, as in Kafka Connect"},
		{Name: advertisedHostKey, Type: configdef.TypeString, State: Honoured, Note: "the host in `worker_id`"},
		{Name: advertisedPortKey, Type: configdef.TypeInt, State: Honoured, Note: "the port in `worker_id`"},
		{Name: advertisedListenerKey, Type: configdef.TypeString, State: Honoured,
			Note: "http or https: which listener `worker_id` is taken from; must be of one that is there"},
		{Name: ExtensionsKey, Type: configdef.TypeList, Default: "", Validator: configdef.AnyNonDuplicateValues(true, false), State: Honoured,
			Note: "BasicAuthSecurityRestExtension, and those that a program of one's own brings"},
		{Name: AllowOriginKey, Type: configdef.TypeString, Default: "", State: Honoured,
			Note: "`*`, or regular expressions for the whole origin; one like `https://*.example.com`, which as an expression would make no sense, is a wildcard"},
		{Name: AllowMethodsKey, Type: configdef.TypeString, Default: "", State: Honoured, Note: "empty is GET, POST and HEAD"},
		{Name: ResponseHeadersKey, Type: configdef.TypeString, Default: "", Validator: headerRules(), State: Honoured,
			Note: "a date's value must be a number of milliseconds; Kafka Connect finds that out later"},
	}
}

// ferryKeys are Ferry's own keys.
func ferryKeys() []Key {
	return []Key{
		{Name: RequestBytesKey, Type: configdef.TypeInt, Default: 10 << 20, Validator: configdef.AtLeast(1), State: Honoured,
			Note: "a larger body is answered 413; the default is ten times the largest record that a config topic takes by default, since offsets of many partitions come in one body"},
		{Name: RateKey, Type: configdef.TypeInt, Default: 500, Validator: configdef.AtLeast(0), State: Honoured,
			Note: "requests of one client beyond `" + BurstKey + "` are answered 429; 0 is no bound"},
		{Name: BurstKey, Type: configdef.TypeInt, Default: 20000, Validator: configdef.AtLeast(1), State: Honoured,
			Note: "how many requests of one client may come at once"},
		{Name: ProxiesKey, Type: configdef.TypeList, Default: "", Validator: networks(), State: Honoured,
			Note: "addresses or networks (CIDR) whose `X-Forwarded-*` headers are believed; nobody's by default"},
		{Name: AccessLogKey, Type: configdef.TypeBoolean, Default: false, State: Honoured,
			Note: "log every request with level INFO, as Kafka Connect does; else with level DEBUG"},
		{Name: LoginConfigKey, Type: configdef.TypeString, State: Honoured,
			Note: "the JAAS file with the entry KafkaConnect; by default the one that `-Djava.security.auth.login.config=` in `KAFKA_OPTS` names"},
		{Name: kafkaclient.AllowedURLsKey, Type: configdef.TypeList, Default: "", State: Honoured,
			Note: "the `sasl.oauthbearer.token.endpoint.url` that connectors may name, letter by letter; by default those of `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=` in `KAFKA_OPTS`, else none"},
		{Name: kafkaclient.AllowedFilesKey, Type: configdef.TypeList, Default: "", State: Honoured,
			Note: "the files of `sasl.oauthbearer.assertion.*` that connectors may name, letter by letter; by default those of `-Dorg.apache.kafka.sasl.oauthbearer.allowed.files=` in `KAFKA_OPTS`, else none"},
	}
}

// Prefixes returns the keys that stand for many, all that begin alike.
func Prefixes() []Key {
	text := configdef.TypeString
	return []Key{
		{Name: "key.converter.<key>", Type: text, State: Honoured, Note: "settings of the converter"},
		{Name: "value.converter.<key>", Type: text, State: Honoured, Note: "settings of the converter"},
		{Name: "header.converter.<key>", Type: text, State: Honoured, Note: "settings of the converter"},
		{Name: "producer.<key>", Type: text, State: Honoured, Note: "settings of the producers of tasks"},
		{Name: "consumer.<key>", Type: text, State: Honoured, Note: "settings of the consumers of tasks"},
		{Name: "admin.<key>", Type: text, State: Honoured, Note: "settings of the admin clients of tasks"},
		{Name: "config.providers.<name>.class", Type: text, State: Honoured, Note: "a class that is not known is refused"},
		{Name: "config.providers.<name>.param.<key>", Type: text, State: Honoured, Note: "settings of the provider"},
		{Name: "config.storage.<topic setting>", Type: text, Mode: DistributedOnly, State: Honoured,
			Note: "when the topic is created; `cleanup.policy` and `partitions` are ignored"},
		{Name: "offset.storage.<topic setting>", Type: text, Mode: DistributedOnly, State: Honoured,
			Note: "when the topic is created; `cleanup.policy` is ignored"},
		{Name: "status.storage.<topic setting>", Type: text, Mode: DistributedOnly, State: Honoured,
			Note: "when the topic is created; `cleanup.policy` is ignored"},
		{Name: ListenersHTTPSPrefix + "<ssl key>", Type: text, State: Honoured, Note: "if there is one, only these count for the listeners"},
		{Name: AdminListenersHTTPSPrefix + "<ssl key>", Type: text, State: Honoured, Note: "if there is one, only these count for the admin listeners"},
		{Name: OverridePolicyKey[:len(OverridePolicyKey)-len("policy")] + "allowlist", Type: configdef.TypeList, State: Honoured,
			Note: "of the policy Allowlist"},
		{Name: "client.rack", Type: text, State: Honoured, Note: "of consumers; on Lambda the availability zone by default"},
		{Name: "internal.key.converter<…>", Type: text, State: Meaningless, Note: "always JSON without schemas, as in Kafka Connect since 3.0"},
		{Name: "internal.value.converter<…>", Type: text, State: Meaningless, Note: "always JSON without schemas, as in Kafka Connect since 3.0"},
		{Name: "metrics.context.<label>", Type: text, State: Meaningless, Note: "there are no metrics of a Java process"},
		{Name: "log4j.<…>", Type: text, State: Meaningless, Note: "of the docker images; `--log-level` or `FERRY_LOG_LEVEL` instead"},
	}
}
