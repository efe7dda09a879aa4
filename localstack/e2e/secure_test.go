package e2e_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ferry-connect/ferry/connectors/sdk/kafkaclient/security/securitytest"
	"github.com/ferry-connect/ferry/scripts/servers/servers"
)

const modules = "org.apache.kafka.common.security."

// password of every store and user here.
const password = "pass-w0rd"

// issuer gives signed tokens to whoever knows its client's secret, and its key to brokers.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	i := &issuer{key: key}
	encode := base64.RawURLEncoding.EncodeToString
	mux := http.NewServeMux()
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "k", "n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "ferry" || secret != password {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"access_token": i.token(t)})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) token(t *testing.T) string {
	encode := base64.RawURLEncoding.EncodeToString
	claims, err := json.Marshal(map[string]any{"sub": "ferry", "aud": "kafka", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()})
	check(t, err)
	text := encode([]byte(`{"alg":"RS256","kid":"k"}`)) + "." + encode(claims)
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, i.key, crypto.SHA256, digest[:])
	check(t, err)
	return text + "." + encode(signature)
}

// secured is a listener, and what a worker has to say to be let in.
type secured struct {
	name     string
	listener servers.Listener
	worker   map[string]string
}

// securedListeners are one of each kind that clients meet.
func securedListeners(t *testing.T, ca *securitytest.Authority, tokens *issuer) []secured {
	client := ca.Issue("ferry")
	jksTrust := map[string]string{"ssl.truststore.location": securitytest.File(t, "trust.jks", ca.Own.TrustJKS(password)), "ssl.truststore.password": password}
	p12Trust := map[string]string{"ssl.truststore.type": "PKCS12", "ssl.truststore.location": securitytest.File(t, "trust.p12", ca.Own.TrustPKCS12(password)), "ssl.truststore.password": password}
	pemTrust := map[string]string{"ssl.truststore.type": "PEM", "ssl.truststore.certificates": strings.ReplaceAll(ca.Own.ChainPEM(), "\n", `\n`)}
	login := func(protocol, mechanism, jaas string, more ...map[string]string) map[string]string {
		m := map[string]string{"security.protocol": protocol, "sasl.mechanism": mechanism, "sasl.jaas.config": modules + jaas}
		for _, add := range more {
			maps.Copy(m, add)
		}
		return m
	}
	user := ` required username="ferry" password="` + password + `";`
	mutual := map[string]string{"security.protocol": "SSL", "ssl.keystore.location": securitytest.File(t, "own.jks", client.JKS(password, password)), "ssl.keystore.password": password}
	maps.Copy(mutual, jksTrust)
	return []secured{
		{"SSL with certificates of clients", servers.Listener{Protocol: "SSL", Properties: []string{"ssl.client.auth=required"}}, mutual},
		{"SCRAM over SSL", servers.Listener{Protocol: "SASL_SSL", Properties: []string{"sasl.enabled.mechanisms=SCRAM-SHA-512",
			"scram-sha-512.sasl.jaas.config=" + modules + "scram.ScramLoginModule required;"}},
			login("SASL_SSL", "SCRAM-SHA-512", "scram.ScramLoginModule"+user, p12Trust)},
		{"PLAIN over SSL", servers.Listener{Protocol: "SASL_SSL", Properties: []string{"sasl.enabled.mechanisms=PLAIN",
			`plain.sasl.jaas.config=` + modules + `plain.PlainLoginModule required user_ferry="` + password + `";`}},
			login("SASL_SSL", "PLAIN", "plain.PlainLoginModule"+user, pemTrust)},
		{"OAUTHBEARER by client credentials over SSL", servers.Listener{Protocol: "SASL_SSL", Properties: []string{"sasl.enabled.mechanisms=OAUTHBEARER",
			"oauthbearer.sasl.jaas.config=" + modules + "oauthbearer.OAuthBearerLoginModule required;",
			"oauthbearer.sasl.server.callback.handler.class=" + modules + "oauthbearer.OAuthBearerValidatorCallbackHandler",
			"sasl.oauthbearer.jwks.endpoint.url=" + tokens.URL + "/keys", "sasl.oauthbearer.expected.audience=kafka"}},
			login("SASL_SSL", "OAUTHBEARER", `oauthbearer.OAuthBearerLoginModule required clientId="ferry" clientSecret="`+password+`";`, pemTrust, map[string]string{
				"sasl.login.callback.handler.class": modules + "oauthbearer.OAuthBearerLoginCallbackHandler", "sasl.oauthbearer.token.endpoint.url": tokens.URL + "/token"})},
		{"OAUTHBEARER without signatures", servers.Listener{Protocol: "SASL_PLAINTEXT", Properties: []string{"sasl.enabled.mechanisms=OAUTHBEARER",
			"oauthbearer.sasl.jaas.config=" + modules + "oauthbearer.OAuthBearerLoginModule required;"}},
			login("SASL_PLAINTEXT", "OAUTHBEARER", `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="ferry";`)},
	}
}

// The worker's own clients and those of a source and a sink, with a real broker that lets nobody in who does not say who he is.
func TestConnectorsRunThroughEveryKindOfSecuredListener(t *testing.T) {
	// given a broker with a listener of each kind
	ca, tokens := securitytest.NewAuthority(t, "ca"), newIssuer(t)
	kinds := securedListeners(t, ca, tokens)
	listeners := make([]servers.Listener, len(kinds))
	for i, k := range kinds {
		listeners[i] = k.listener
	}
	addrs, more, err := servers.Listeners(listeners...)
	check(t, err)
	broker := servers.Kafka(t, more, servers.FormatArgs("--add-scram", "SCRAM-SHA-512=[name=ferry,password="+password+"]", "--add-scram", "SCRAM-SHA-512=[name=own,password="+password+"]"),
		servers.JVM("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls="+tokens.URL+"/keys"),
		servers.Properties("ssl.keystore.type=PKCS12", "ssl.keystore.location="+securitytest.File(t, "broker.p12", ca.Issue("broker", "127.0.0.1").PKCS12(password)),
			"ssl.keystore.password="+password, "ssl.key.password="+password, "ssl.truststore.type=PKCS12",
			"ssl.truststore.location="+securitytest.File(t, "trust.p12", ca.Own.TrustPKCS12(password)), "ssl.truststore.password="+password))
	content := newText(1, 1000, unixEnds())
	for i, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			// when a worker, a source and a sink go through it
			secure := newCluster(addrs[i], "secure")
			open := secure
			open.bootstrap = broker.Addr
			c := newCopy(t, open, content)
			var lines []string
			for _, key := range slices.Sorted(maps.Keys(k.worker)) {
				lines = append(lines, fmt.Sprintf("%s=%s", key, strings.ReplaceAll(k.worker[key], `\`, `\\`)))
			}
			f := secure.start(t, lines...)
			c.create(t, api{f.rest})
			if strings.HasPrefix(k.name, "SCRAM") {
				checkOwnLogins(t, api{f.rest}, c)
			}

			// then every line arrives, and nothing that was written tells the password
			await(t, "the second file is as long as the first", func() bool { return size(t, c.to) >= int64(len(content.raw)) })
			f.stop(t)
			if got := read(t, c.to); got != content.raw {
				t.Errorf("the second file has %d bytes, want %d", len(got), len(content.raw))
			}
			if strings.Contains(f.tail(), password) {
				t.Error("ferry wrote the password into its log")
			}
		})
	}
}

// checkOwnLogins runs connectors with a login of their own beside that of the worker, one that brokers know and one that they do not.
func checkOwnLogins(t *testing.T, a api, c *fileCopy) {
	t.Helper()
	sink := func(name, secret string) (path string) {
		path = filepath.Join(t.TempDir(), "own.txt")
		config := fileSink(path, c.topic)
		config["consumer.override.sasl.jaas.config"] = fmt.Sprintf(`%sscram.ScramLoginModule required username="own" password="%s";`, modules, secret)
		a.create(t, c.sinkName+name, config)
		return path
	}
	path := sink("-own", password)
	await(t, "a sink with a login of its own has read all", func() bool { return size(t, path) >= int64(len(c.content.raw)) })
	sink("-wrong", "an"+password)
	if trace := a.awaitFailure(t, c.sinkName+"-wrong"); !strings.Contains(trace, "SaslAuthenticationException") || strings.Contains(trace, password) {
		t.Errorf("a sink with a wrong password failed with %s", trace)
	}
}
