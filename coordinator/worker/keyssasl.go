package worker

import "github.com/ferry-connect/ferry/connectors/sdk/configdef"

// saslKeys say how the worker's own clients prove who they are. What becomes of each is the clients' matter; they are here to be
// checked as Kafka Connect checks them.
func saslKeys() []Key {
	text, secret, class := configdef.TypeString, configdef.TypePassword, configdef.TypeClass
	number, long, short, real := configdef.TypeInt, configdef.TypeLong, configdef.TypeShort, configdef.TypeDouble
	keys := []Key{
		{Name: "security.protocol", Type: text, Default: "PLAINTEXT", Validator: configdef.CaseInsensitiveValidString("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")},
		{Name: "sasl.client.callback.handler.class", Type: class},
		{Name: "sasl.jaas.config", Type: secret},
		{Name: "sasl.kerberos.kinit.cmd", Type: text, Default: "/usr/bin/kinit"},
		{Name: "sasl.kerberos.min.time.before.relogin", Type: long, Default: 60000},
		{Name: "sasl.kerberos.service.name", Type: text},
		{Name: "sasl.kerberos.ticket.renew.jitter", Type: real, Default: 0.05},
		{Name: "sasl.kerberos.ticket.renew.window.factor", Type: real, Default: 0.8},
		{Name: "sasl.login.callback.handler.class", Type: class},
		{Name: "sasl.login.class", Type: class},
		{Name: "sasl.login.connect.timeout.ms", Type: number},
		{Name: "sasl.login.read.timeout.ms", Type: number},
		{Name: "sasl.login.refresh.buffer.seconds", Type: short, Default: 300, Validator: configdef.Between(0, 3600)},
		{Name: "sasl.login.refresh.min.period.seconds", Type: short, Default: 60, Validator: configdef.Between(0, 900)},
		{Name: "sasl.login.refresh.window.factor", Type: real, Default: 0.8, Validator: configdef.Between(0.5, 1.0)},
		{Name: "sasl.login.refresh.window.jitter", Type: real, Default: 0.05, Validator: configdef.Between(0.0, 0.25)},
		{Name: "sasl.login.retry.backoff.max.ms", Type: long, Default: 10000},
		{Name: "sasl.login.retry.backoff.ms", Type: long, Default: 100},
		{Name: "sasl.mechanism", Type: text, Default: "GSSAPI"},
		{Name: "sasl.oauthbearer.assertion.algorithm", Type: text, Default: "RS256", Validator: configdef.CaseInsensitiveValidString("ES256", "RS256")},
		{Name: "sasl.oauthbearer.assertion.claim.aud", Type: text},
		{Name: "sasl.oauthbearer.assertion.claim.exp.seconds", Type: number, Default: 300, Validator: configdef.Between(0, 86400)},
		{Name: "sasl.oauthbearer.assertion.claim.iss", Type: text},
		{Name: "sasl.oauthbearer.assertion.claim.jti.include", Type: configdef.TypeBoolean, Default: false},
		{Name: "sasl.oauthbearer.assertion.claim.nbf.seconds", Type: number, Default: 60, Validator: configdef.Between(0, 3600)},
		{Name: "sasl.oauthbearer.assertion.claim.sub", Type: text},
		{Name: "sasl.oauthbearer.assertion.file", Type: text},
		{Name: "sasl.oauthbearer.assertion.private.key.file", Type: text},
		{Name: "sasl.oauthbearer.assertion.private.key.passphrase", Type: secret},
		{Name: "sasl.oauthbearer.assertion.template.file", Type: text},
		{Name: "sasl.oauthbearer.client.credentials.client.id", Type: text},
		{Name: "sasl.oauthbearer.client.credentials.client.secret", Type: secret},
		{Name: "sasl.oauthbearer.clock.skew.seconds", Type: number, Default: 30},
		{Name: "sasl.oauthbearer.expected.audience", Type: configdef.TypeList, Default: "", Validator: configdef.AnyNonDuplicateValues(true, false)},
		{Name: "sasl.oauthbearer.expected.issuer", Type: text},
		{Name: "sasl.oauthbearer.header.urlencode", Type: configdef.TypeBoolean, Default: false},
		{Name: "sasl.oauthbearer.jwks.endpoint.refresh.ms", Type: long, Default: 3600000},
		{Name: "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", Type: long, Default: 10000},
		{Name: "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", Type: long, Default: 100},
		{Name: "sasl.oauthbearer.jwks.endpoint.url", Type: text},
		{Name: "sasl.oauthbearer.jwt.retriever.class", Type: class, Default: "org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever"},
		{Name: "sasl.oauthbearer.jwt.validator.class", Type: class, Default: "org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator"},
		{Name: "sasl.oauthbearer.scope", Type: text},
		{Name: "sasl.oauthbearer.scope.claim.name", Type: text, Default: "scope"},
		{Name: "sasl.oauthbearer.sub.claim.name", Type: text, Default: "sub"},
		{Name: "sasl.oauthbearer.token.endpoint.url", Type: text},
	}
	for i := range keys {
		keys[i].State, keys[i].Note = OfClients, ofClients
	}
	return keys
}
