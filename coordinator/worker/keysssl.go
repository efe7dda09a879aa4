package worker

import "github.com/ferry-connect/ferry/connectors/sdk/configdef"

// sslKeys are about TLS, for Kafka's clients and, but where listeners.https. keys are set, for the listeners of the REST API.
func sslKeys() []Key {
	const (
		both   = "of listeners and of the worker's own clients"
		inline = "PEM in place of a file; " + both
		ofGo   = "what Go does is the default; others are refused"
		aClass = "a class of a JVM; refused where TLS is used"
	)
	text, secret := configdef.TypeString, configdef.TypePassword
	return []Key{
		{Name: "ssl.client.auth", Type: text, Default: "none", Validator: configdef.ValidString("required", "requested", "none"), State: Honoured,
			Note: "of listeners"},
		{Name: "ssl.keystore.type", Type: text, Default: "JKS", State: Honoured, Note: "JKS, PKCS12 or PEM; " + both},
		{Name: "ssl.keystore.location", Type: text, State: Honoured, Note: both},
		{Name: "ssl.keystore.password", Type: secret, State: Honoured, Note: both},
		{Name: "ssl.keystore.key", Type: secret, State: Honoured, Note: inline},
		{Name: "ssl.keystore.certificate.chain", Type: secret, State: Honoured, Note: inline},
		{Name: "ssl.key.password", Type: secret, State: Honoured, Note: both},
		{Name: "ssl.truststore.type", Type: text, Default: "JKS", State: Honoured, Note: "JKS, PKCS12 or PEM; " + both},
		{Name: "ssl.truststore.location", Type: text, State: Honoured, Note: both},
		{Name: "ssl.truststore.password", Type: secret, State: Honoured, Note: both},
		{Name: "ssl.truststore.certificates", Type: secret, State: Honoured, Note: inline},
		{Name: "ssl.enabled.protocols", Type: configdef.TypeList, Default: "TLSv1.2,TLSv1.3", Validator: configdef.AnyNonDuplicateValues(true, false),
			State: Honoured, Note: "without a gap between them; " + both},
		{Name: "ssl.protocol", Type: text, Default: "TLSv1.3", State: Meaningless, Note: "ssl.enabled.protocols decides"},
		{Name: "ssl.cipher.suites", Type: configdef.TypeList, Default: "", Validator: configdef.AnyNonDuplicateValues(true, false), State: Honoured, Note: both},
		{Name: "ssl.endpoint.identification.algorithm", Type: text, Default: "https", State: OfClients, Note: ofClients},
		{Name: "ssl.engine.factory.class", Type: configdef.TypeClass, State: Refused, Note: aClass},
		{Name: "ssl.provider", Type: text, State: Refused, Note: aClass},
		{Name: "ssl.secure.random.implementation", Type: text, State: Meaningless, Note: "random numbers are the system's"},
		{Name: "ssl.keymanager.algorithm", Type: text, Default: "SunX509", State: Meaningless, Note: ofGo},
		{Name: "ssl.trustmanager.algorithm", Type: text, Default: "PKIX", State: Meaningless, Note: ofGo},
	}
}
